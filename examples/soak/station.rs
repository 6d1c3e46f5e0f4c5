//! A primitive under the hammer, and how many calls came to what.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::risk::End;

/// One primitive, its tasks, and what is known of them.
pub(crate) trait Station {
    fn name(&self) -> &'static str;

    fn tally(&self) -> &Tally;

    /// The worst that was seen of what has a bound.
    fn worst(&self) -> String;

    /// Called every now and then, from a thread without tasks.
    fn look(&self) {}

    /// All tasks have ended.
    fn settle(&self) {}
}

#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one, and returns how many that makes.
    pub(crate) fn add(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

/// What calls came to. One that was admitted and then cancelled counts as both.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) admitted: Count,
    refused: Count,
    cancelled: Count,
    panicked: Count,
}

impl Tally {
    pub(crate) const fn new() -> Self {
        Self { admitted: Count::new(), refused: Count::new(), cancelled: Count::new(), panicked: Count::new() }
    }

    /// What a call returned, if it was let.
    pub(crate) fn end<T>(&self, end: End<T>) -> Option<T> {
        match end {
            End::Returned(value) => return Some(value),
            End::Cancelled => self.cancelled.add(),
            End::Panicked => self.panicked.add(),
        };
        None
    }

    /// So many things happened.
    pub(crate) fn calls(&self) -> u64 {
        self.admitted.get() + self.refused.get() + self.cancelled.get()
    }

    pub(crate) fn refuse(&self) {
        self.refused.add();
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.add();
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [admitted, refused, cancelled, panicked] =
            [&self.admitted, &self.refused, &self.cancelled, &self.panicked].map(Count::get);
        write!(f, "{admitted:>11} {refused:>11} {cancelled:>11} {panicked:>11}")
    }
}
