//! The peers, as one waits at them.

use std::sync::{Mutex, PoisonError};

use altlocks::{Arrival, BrokenBarrierError, StatefulBarrier};

use super::Barrier;

impl Barrier for StatefulBarrier<u64> {
    type Met = Result<Arrival<u64>, BrokenBarrierError>;

    fn new(parties: usize) -> Self {
        Self::builder(parties).cyclic().build()
    }

    #[inline]
    fn wait(&self, state: u64) -> impl Future<Output = Self::Met> + Send {
        StatefulBarrier::wait(self, state)
    }
}

impl Barrier for StatefulBarrier<()> {
    type Met = Result<Arrival<()>, BrokenBarrierError>;

    fn new(parties: usize) -> Self {
        Self::builder(parties).cyclic().build()
    }

    #[inline]
    fn wait(&self, _: u64) -> impl Future<Output = Self::Met> + Send {
        StatefulBarrier::wait(self, None)
    }
}

impl Barrier for tokio::sync::Barrier {
    type Met = tokio::sync::BarrierWaitResult;

    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    #[inline]
    fn wait(&self, _: u64) -> impl Future<Output = Self::Met> + Send {
        Self::wait(self)
    }
}

impl Barrier for async_lock::Barrier {
    type Met = async_lock::BarrierWaitResult;

    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    #[inline]
    fn wait(&self, _: u64) -> impl Future<Output = Self::Met> + Send {
        Self::wait(self)
    }
}

impl Barrier for asyncband::barrier::Barrier {
    type Met = asyncband::barrier::BarrierWaitResult;

    fn new(parties: usize) -> Self {
        Self::new(u32::try_from(parties).expect("fewer parties"))
    }

    #[inline]
    fn wait(&self, _: u64) -> impl Future<Output = Self::Met> + Send {
        Self::wait(self)
    }
}

/// What people write to gather: a vector beside the barrier.
///
/// The leader alone takes what was gathered, and on two threads a party of the next round may be quicker than it; to hand
/// it to all, and safely, takes a second meeting. So this is the least that can be written.
#[derive(Debug)]
pub struct TokioAndVec {
    barrier: tokio::sync::Barrier,
    states: Mutex<Vec<u64>>,
}

impl Barrier for TokioAndVec {
    type Met = Option<Vec<u64>>;

    fn new(parties: usize) -> Self {
        Self { barrier: tokio::sync::Barrier::new(parties), states: Mutex::new(Vec::new()) }
    }

    #[inline]
    async fn wait(&self, state: u64) -> Self::Met {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        let met = self.barrier.wait().await;
        met.is_leader().then(|| std::mem::take(&mut *self.states.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
