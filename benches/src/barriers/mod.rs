//! Barriers: the peers, and the ways to meet at them.

mod meetings;
mod peers;

pub use self::meetings::{by_hand, cancelled, meet, on_runtime};
pub use self::peers::TokioAndVec;

use altlocks::StatefulBarrier;

/// A barrier that parties meet at again and again.
pub trait Barrier: Send + Sync + 'static {
    /// What a party leaves with.
    type Met: Send + 'static;

    /// For that many parties.
    fn new(parties: usize) -> Self;

    /// A party arrives at the first poll; those that gather take its state along.
    fn wait(&self, state: u64) -> impl Future<Output = Self::Met> + Send;
}

/// Something to be done with each peer.
pub trait Visit {
    /// A peer's turn.
    fn visit<B: Barrier>(&mut self, peer: &'static str);
}

/// Shows a visitor every peer.
pub fn each(visitor: &mut impl Visit) {
    visitor.visit::<StatefulBarrier<u64>>("altlocks");
    visitor.visit::<StatefulBarrier<()>>("altlocks, without states");
    visitor.visit::<tokio::sync::Barrier>("tokio Barrier");
    visitor.visit::<TokioAndVec>("tokio Barrier + Mutex<Vec>");
    visitor.visit::<async_lock::Barrier>("async-lock Barrier");
    visitor.visit::<asyncband::barrier::Barrier>("asyncband Barrier");
}
