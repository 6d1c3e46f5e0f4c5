//! What a generation came to, and each party's share of it.

use std::fmt;
use std::ops::Deref;

use super::BreakCause;
use super::state::Gathered;
use crate::sync::{Once, Shared};

/// Parties that meet, or fail to, together. Each holds it, so what they came to outlives the barrier and its next
/// generations, and is read without a lock.
pub(super) struct Generation<T>(Once<Verdict<T>>);

/// How a generation ended.
pub(super) enum Verdict<T> {
    Met(Gathered<T>),
    Broken(BreakCause),
}

impl<T> Generation<T> {
    pub(super) fn new() -> Self {
        Self(Once::new())
    }

    /// `None` while the generation gathers.
    #[inline]
    pub(super) fn verdict(&self) -> Option<&Verdict<T>> {
        self.0.get()
    }

    /// Makes it as new, and gives back what it came to.
    pub(super) fn renew(&mut self) -> Option<Verdict<T>> {
        self.0.take()
    }

    #[inline]
    pub(super) fn end(&self, verdict: Verdict<T>) {
        self.0.set(verdict);
    }
}

/// A party has met the others. Reads as the slice of their states.
///
/// All parties of a generation share one buffer; to clone an arrival copies no state.
///
/// # Examples
///
/// ```
/// use altlocks::StatefulBarrier;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let barrier = StatefulBarrier::new(2);
/// let (first, second) = tokio::try_join!(barrier.wait("a"), barrier.wait("b"))?;
/// assert_eq!((first.position(), second.position()), (0, 1));
/// assert!(second.is_leader());
/// assert_eq!(first.states(), ["a", "b"]);
/// assert_eq!(first.len(), 2); // a slice
/// # Ok::<(), altlocks::BrokenBarrierError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Arrival<T> {
    generation: Shared<Generation<T>>,
    position: usize,
}

impl<T> Arrival<T> {
    /// Of a generation whose verdict is that it met.
    pub(super) const fn new(generation: Shared<Generation<T>>, position: usize) -> Self {
        Self { generation, position }
    }

    /// How many of those who met had arrived before this one: each of `0..parties` is one party's.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Whether this party was the last to arrive. One party of each generation is.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.position + 1 == self.gathered().parties
    }

    /// The states of those who met, in the order of their arrival, after what the barrier began with.
    #[must_use]
    pub fn states(&self) -> &[T] {
        &self.gathered().states
    }

    #[cfg(all(test, not(altlocks_loom)))]
    pub(super) fn generation(&self) -> *const Generation<T> {
        Shared::as_ptr(&self.generation)
    }

    fn gathered(&self) -> &Gathered<T> {
        match self.generation.verdict() {
            Some(Verdict::Met(gathered)) => gathered,
            Some(Verdict::Broken(_)) | None => unreachable!("an arrival is made of a generation that met"),
        }
    }
}

impl<T> Deref for Arrival<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.states()
    }
}

impl<T> Clone for Arrival<T> {
    fn clone(&self) -> Self {
        Self { generation: Shared::clone(&self.generation), position: self.position }
    }
}

/// Asks nothing of `T`, so that a result can be unwrapped whatever the states are.
impl<T> fmt::Debug for Arrival<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival")
            .field("position", &self.position)
            .field("states", &self.states().len())
            .finish_non_exhaustive()
    }
}
