//! The ways to meet: polled by hand, as tasks, and not at all.

use std::hint::black_box;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::Barrier;
use crate::Rooms;

/// A meeting, polled by hand: all come and are polled once, then all but the last, who was the one to end it, once more.
/// What they leave with is looked at where it stands, since to move it costs more the more it tells.
///
/// # Panics
///
/// If they do not meet.
#[inline]
pub fn meet<F: Future>(rooms: &mut Rooms<F>, parties: usize, mut wait: impl FnMut(u64) -> F) {
    for (room, state) in (0..parties).zip(0..) {
        rooms.come(room, wait(state));
        black_box(&rooms.poll(room, Waker::noop()));
    }
    for room in 0..parties - 1 {
        let polled = rooms.poll(room, Waker::noop());
        assert!(black_box(&polled).is_ready(), "all have come");
    }
}

/// How long so many meetings take if nothing but the barrier is at work: the wakers do nothing.
#[must_use]
pub fn by_hand<B: Barrier>(parties: usize, meetings: u64) -> Duration {
    let barrier = B::new(parties);
    let mut rooms = Rooms::new(parties);
    // What is kept from one meeting to the next is there from now on.
    meet(&mut rooms, parties, |state| barrier.wait(state));
    let start = Instant::now();
    for _ in 0..meetings {
        meet(&mut rooms, parties, |state| barrier.wait(state));
    }
    start.elapsed()
}

/// How long so many meetings take if the parties are tasks, by the watch of one of them.
///
/// # Panics
///
/// If a task does.
#[must_use]
pub fn on_runtime<B: Barrier>(runtime: &Runtime, parties: usize, meetings: u64) -> Duration {
    let barrier = Arc::new(B::new(parties));
    let party = |state| {
        let barrier = Arc::clone(&barrier);
        async move {
            // The first meeting takes as long as it takes to spawn them all.
            drop(barrier.wait(state).await);
            let start = Instant::now();
            for _ in 0..meetings {
                drop(black_box(barrier.wait(state).await));
            }
            start.elapsed()
        }
    };
    runtime.block_on(async {
        let others: Vec<_> = (1..parties as u64).map(|state| tokio::spawn(party(state))).collect();
        let took = tokio::spawn(party(0)).await.expect("a party");
        for other in others {
            other.await.expect("a party");
        }
        took
    })
}

/// How long it takes so many times for all who wait to leave again. One party more would be needed for a meeting, and
/// each time it is another barrier, since to most peers those who have left still count.
#[must_use]
pub fn cancelled<B: Barrier>(parties: usize, times: u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..times {
        let barrier = B::new(parties + 1);
        let mut rooms = Rooms::new(parties);
        rooms.queue(Waker::noop(), |state| barrier.wait(state));
        let start = Instant::now();
        rooms.leave();
        took += start.elapsed();
    }
    took
}
