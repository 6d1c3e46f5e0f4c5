//! The barrier: what meets, meets as a whole.
//!
//! The state that a party brings is a [`Token`] of its visit. So those who meet see of each other what became of them:
//! whether one of them was told that the barrier broke, or had left before others came; and each finds its own token at
//! its own position, so positions are 0..n.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use altlocks::{Arrival, StatefulBarrier};
use fastrand::Rng;
use tokio::task::{JoinSet, yield_now};

use crate::risk::{self, End};
use crate::station::{Count, Station, Tally};
use crate::verdict::{self, require};

const PARTIES: usize = 5;
/// Enough to meet, though some are always about to leave.
const TASKS: usize = 2 * PARTIES + 1;

/// The time, in things that happened.
static TIME: AtomicU64 = AtomicU64::new(1);

fn tick() -> u64 {
    TIME.fetch_add(1, Ordering::SeqCst)
}

/// What became of one party's wait.
#[derive(Default)]
struct Visit {
    /// Somebody met it, and it was told that the barrier broke. Not both.
    met: AtomicBool,
    failed: AtomicBool,
    /// When its wait had been dropped; 0 if it was not.
    gone: AtomicU64,
    token_dropped: AtomicBool,
}

impl Visit {
    fn require_one_end(&self) {
        let both = self.met.load(Ordering::SeqCst) && self.failed.load(Ordering::SeqCst);
        require(!both, || "StatefulBarrier: Ok and Err in one generation".to_owned());
    }
}

/// What a party brings.
struct Token(Arc<Visit>);

/// Tokens made and not dropped.
static TOKENS: AtomicU64 = AtomicU64::new(0);

impl Token {
    fn new(visit: &Arc<Visit>) -> Self {
        TOKENS.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(visit))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        TOKENS.fetch_sub(1, Ordering::SeqCst);
        let again = self.0.token_dropped.swap(true, Ordering::SeqCst);
        require(!again, || "StatefulBarrier: a state is dropped twice".to_owned());
    }
}

pub(crate) struct Barriers {
    tally: Arc<Tally>,
    meetings: Arc<Count>,
    /// One that is cyclic, and one that has to be reset.
    both: [Arc<StatefulBarrier<Token>>; 2],
}

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Barriers {
    let both =
        [StatefulBarrier::builder(PARTIES).cyclic().build(), StatefulBarrier::builder(PARTIES).build()].map(Arc::new);
    let station = Barriers { tally: Arc::default(), meetings: Arc::default(), both };
    for barrier in &station.both {
        for _ in 0..TASKS {
            let party = Party {
                barrier: Arc::clone(barrier),
                tally: Arc::clone(&station.tally),
                meetings: Arc::clone(&station.meetings),
                luck: luck.fork(),
            };
            tasks.spawn(party.come_again_and_again());
        }
    }
    station
}

struct Party {
    barrier: Arc<StatefulBarrier<Token>>,
    tally: Arc<Tally>,
    meetings: Arc<Count>,
    luck: Rng,
}

impl Party {
    async fn come_again_and_again(mut self) {
        while verdict::is_open() {
            let visit = Arc::new(Visit::default());
            let (mut outer, mut inner) = (self.luck.fork(), self.luck.fork());
            let end = risk::run(&mut outer, self.come(&visit, &mut inner)).await;
            if matches!(end, End::Cancelled) {
                visit.gone.store(tick(), Ordering::SeqCst);
            }
            self.tally.end(end);
            match self.luck.u16(..4000) {
                0 => {
                    self.barrier.abort();
                }
                1 => self.barrier.reset(),
                _ => {}
            }
            yield_now().await;
        }
    }

    async fn come(&self, visit: &Arc<Visit>, luck: &mut Rng) {
        let token = Token::new(visit);
        let came = tick();
        let arrival = match luck.u8(..64) {
            0 => self.barrier.wait_timeout(token, Duration::ZERO).await,
            // Long enough not to break most meetings.
            1..8 => self.barrier.wait_timeout(token, Duration::from_millis(20)).await,
            8..16 => self.barrier.wait_owned(token).await,
            _ => self.barrier.wait(token).await,
        };
        if let Ok(arrival) = arrival {
            self.tally.admitted.add();
            meet(&arrival, visit, came);
            if arrival.is_leader() {
                self.meetings.add();
            }
            risk::work(luck).await;
        } else {
            self.tally.refuse();
            visit.failed.store(true, Ordering::SeqCst);
            visit.require_one_end();
        }
        if self.barrier.is_broken() && luck.bool() {
            self.barrier.reset();
        }
    }
}

fn meet(arrival: &Arrival<Token>, own: &Arc<Visit>, came: u64) {
    let (met, position) = (arrival.states().len(), arrival.position());
    require(met == PARTIES, || format!("StatefulBarrier: {met} states of {PARTIES} parties"));
    let is_own = arrival.get(position).is_some_and(|token| Arc::ptr_eq(&token.0, own));
    require(is_own, || format!("StatefulBarrier: another's state at the position {position}"));
    require(arrival.is_leader() == (position + 1 == PARTIES), || format!("StatefulBarrier: a leader at {position}"));
    for Token(visit) in arrival.states() {
        visit.met.store(true, Ordering::SeqCst);
        visit.require_one_end();
        let gone = visit.gone.load(Ordering::SeqCst);
        require(gone == 0 || gone > came, || "StatefulBarrier: met a party that had left before".to_owned());
        require(!visit.token_dropped.load(Ordering::SeqCst), || {
            "StatefulBarrier: a state dropped too early".to_owned()
        });
    }
}

impl Station for Barriers {
    fn name(&self) -> &'static str {
        "barrier"
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn worst(&self) -> String {
        format!("{} meetings, all of {PARTIES}", self.meetings.get())
    }

    fn look(&self) {
        let tokens = TOKENS.load(Ordering::SeqCst);
        // Each task has one, and may have a share in those of a meeting.
        let most = (self.both.len() * TASKS * (1 + PARTIES)) as u64;
        require(tokens <= most, || format!("StatefulBarrier: {tokens} states are left, of {most} at the most"));
        if !verdict::is_open() {
            // Those who wait would wait for others who have gone home.
            for barrier in &self.both {
                barrier.abort();
                barrier.reset();
            }
        }
    }

    fn settle(&self) {
        let tokens = TOKENS.load(Ordering::SeqCst);
        require(tokens == 0, || format!("StatefulBarrier: {tokens} states were never dropped"));
    }
}
