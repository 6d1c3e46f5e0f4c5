//! The futures of a party: borrowed and owned are one, but for how they hold the barrier.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::arrival::Generation;
use super::seats::Seat;
use super::{Arrival, Arriving, BrokenBarrierError, StatefulBarrier};
use crate::sync::Shared;

/// A party that waits at a [`StatefulBarrier`]; made by [`StatefulBarrier::wait`].
///
/// The first poll is the arrival.
///
/// # Panics
///
/// When polled after it was ready.
///
/// # Cancel safety
///
/// Dropped before the meeting, the party has not been there: its position and its state are gone, and one more party
/// has to arrive. Dropped after it, the others keep its state.
#[must_use = "a party arrives when its future is polled"]
pub struct Wait<'a, T>(Visit<&'a StatefulBarrier<T>, T>);

/// A party that waits at a [`StatefulBarrier`] which it owns; made by [`StatefulBarrier::wait_owned`].
///
/// The first poll is the arrival.
///
/// # Panics
///
/// When polled after it was ready.
///
/// # Cancel safety
///
/// As that of [`Wait`].
#[must_use = "a party arrives when its future is polled"]
pub struct OwnedWait<T>(Visit<Arc<StatefulBarrier<T>>, T>);

impl<'a, T> Wait<'a, T> {
    pub(super) const fn new(barrier: &'a StatefulBarrier<T>, state: Option<T>) -> Self {
        Self(Visit { barrier, stage: Stage::Coming(state) })
    }

    /// Ends the wait: breaks the barrier if the party is still waiting.
    pub(super) fn time_out(mut self) -> Result<Arrival<T>, BrokenBarrierError> {
        self.0.time_out()
    }
}

impl<T> OwnedWait<T> {
    pub(super) const fn new(barrier: Arc<StatefulBarrier<T>>, state: Option<T>) -> Self {
        Self(Visit { barrier, stage: Stage::Coming(state) })
    }

    #[cfg(all(test, altlocks_loom))]
    pub(super) fn time_out(mut self) -> Result<Arrival<T>, BrokenBarrierError> {
        self.0.time_out()
    }
}

impl<T> Future for Wait<'_, T> {
    type Output = Result<Arrival<T>, BrokenBarrierError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl<T> Future for OwnedWait<T> {
    type Output = Result<Arrival<T>, BrokenBarrierError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f, "Wait")
    }
}

impl<T> fmt::Debug for OwnedWait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f, "OwnedWait")
    }
}

/// A party's way through the barrier.
struct Visit<B: Deref<Target = StatefulBarrier<T>>, T> {
    barrier: B,
    stage: Stage<T>,
}

enum Stage<T> {
    /// Not polled yet: no arrival.
    Coming(Option<T>),
    /// Has arrived; the generation's verdict tells what comes of it.
    Present(Shared<Generation<T>>, Seat),
    Left,
}

/// The state is moved to the barrier, never pinned.
impl<B: Deref<Target = StatefulBarrier<T>>, T> Unpin for Visit<B, T> {}

impl<B: Deref<Target = StatefulBarrier<T>>, T> Visit<B, T> {
    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrival<T>, BrokenBarrierError>> {
        match &mut self.stage {
            Stage::Coming(state) => {
                // Taken out alone: the future was written a moment ago, and to load all of it as one waits for that.
                let state = state.take();
                self.stage = Stage::Left;
                self.arrive(state, cx)
            }
            Stage::Present(generation, seat)
                if generation.verdict().is_none() && self.barrier.stay(generation, *seat, cx.waker()) =>
            {
                Poll::Pending
            }
            Stage::Present(..) | Stage::Left => Poll::Ready(self.conclude()),
        }
    }

    // Out of the way of `poll`, which is then short enough to be part of the caller: on a resume nothing is copied.
    #[inline(never)]
    fn arrive(&mut self, state: Option<T>, cx: &mut Context<'_>) -> Poll<Result<Arrival<T>, BrokenBarrierError>> {
        match self.barrier.arrive(state, cx.waker()) {
            Arriving::Present(generation, seat) => {
                self.stage = Stage::Present(generation, seat);
                Poll::Pending
            }
            Arriving::Unreachable(generation, seat) => {
                self.stage = Stage::Present(generation, seat);
                self.poll(cx)
            }
            Arriving::Last(arrival) => Poll::Ready(Ok(arrival)),
            Arriving::Refused(error) => Poll::Ready(Err(error)),
        }
    }

    #[inline]
    fn conclude(&mut self) -> Result<Arrival<T>, BrokenBarrierError> {
        match std::mem::replace(&mut self.stage, Stage::Left) {
            Stage::Present(generation, seat) => self.barrier.conclude(generation, seat),
            Stage::Coming(_) | Stage::Left => panic!("a wait was polled after it was ready"),
        }
    }

    fn time_out(&mut self) -> Result<Arrival<T>, BrokenBarrierError> {
        if let Stage::Present(generation, seat) = &self.stage
            && self.barrier.time_out(generation, *seat)
        {
            self.stage = Stage::Left;
            return Err(BrokenBarrierError::elapsed(self.barrier.name.clone()));
        }
        self.conclude()
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Coming(_) => "not arrived",
            Stage::Present(generation, _) if generation.verdict().is_none() => "waiting",
            Stage::Present(..) => "about to leave",
            Stage::Left => "left",
        };
        f.debug_struct(name).field("barrier", &self.barrier.name()).field("stage", &stage).finish_non_exhaustive()
    }
}

impl<B: Deref<Target = StatefulBarrier<T>>, T> Drop for Visit<B, T> {
    fn drop(&mut self) {
        if let Stage::Present(generation, seat) = &self.stage
            && generation.verdict().is_none()
        {
            self.barrier.withdraw(generation, *seat);
        }
    }
}
