//! The ways to meet: polled by hand, as tasks, and not at all.

use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::Barrier;

/// The futures of the parties, in rooms that are used again and again, so that only the barrier allocates.
#[derive(Debug)]
pub struct Parties<F> {
    rooms: Vec<Pin<Box<Option<F>>>>,
}

impl<F: Future> Parties<F> {
    /// Room for that many.
    #[must_use]
    pub fn new(parties: usize) -> Self {
        Self { rooms: (0..parties).map(|_| Box::pin(None)).collect() }
    }

    /// A party's first poll, or a later one.
    ///
    /// # Panics
    ///
    /// If the party is not there.
    #[inline]
    pub fn poll(&mut self, party: usize, waker: &Waker) -> Poll<F::Output> {
        poll(&mut self.rooms[party], waker)
    }

    /// All go to their rooms, and nobody is polled.
    #[inline]
    pub fn come(&mut self, mut wait: impl FnMut(u64) -> F) {
        for (room, state) in self.rooms.iter_mut().zip(0..) {
            room.as_mut().set(Some(wait(state)));
        }
    }

    /// A meeting: all come and are polled once, then all but the last, who was the one to end it, once more.
    ///
    /// # Panics
    ///
    /// If they do not meet.
    #[inline]
    pub fn meet(&mut self, mut wait: impl FnMut(u64) -> F) {
        for (room, state) in self.rooms.iter_mut().zip(0..) {
            room.as_mut().set(Some(wait(state)));
            drop(black_box(poll(room, Waker::noop())));
        }
        if let Some((_last, others)) = self.rooms.split_last_mut() {
            for room in others {
                assert!(black_box(poll(room, Waker::noop())).is_ready(), "all have come");
            }
        }
    }

    /// All come, are polled once and wait.
    ///
    /// # Panics
    ///
    /// If one of them does not have to.
    pub fn queue(&mut self, mut wait: impl FnMut(u64) -> F) {
        for (room, state) in self.rooms.iter_mut().zip(0..) {
            room.as_mut().set(Some(wait(state)));
            assert!(poll(room, Waker::noop()).is_pending(), "one is missing");
        }
    }

    /// All leave, in the order in which they came.
    #[inline]
    pub fn leave(&mut self) {
        for room in &mut self.rooms {
            room.as_mut().set(None);
        }
    }
}

#[inline]
fn poll<F: Future>(room: &mut Pin<Box<Option<F>>>, waker: &Waker) -> Poll<F::Output> {
    room.as_mut().as_pin_mut().expect("a party").poll(&mut Context::from_waker(waker))
}

/// How long so many meetings take if nothing but the barrier is at work: the wakers do nothing.
#[must_use]
pub fn by_hand<B: Barrier>(parties: usize, meetings: u64) -> Duration {
    let barrier = B::new(parties);
    let mut all = Parties::new(parties);
    // What is kept from one meeting to the next is there from now on.
    all.meet(|state| barrier.wait(state));
    let start = Instant::now();
    for _ in 0..meetings {
        all.meet(|state| barrier.wait(state));
    }
    start.elapsed()
}

/// How long so many meetings take if the parties are tasks: of the one that is spawned last.
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
        let mut all = Parties::new(parties);
        all.queue(|state| barrier.wait(state));
        let start = Instant::now();
        all.leave();
        took += start.elapsed();
    }
    took
}
