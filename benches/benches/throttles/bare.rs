//! What nothing can do without: a look at the clock and a swap of a word.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

/// When the next call may enter, in nanoseconds since an origin.
#[derive(Debug)]
pub(crate) struct Word {
    origin: Instant,
    next: AtomicU64,
}

impl Word {
    /// Due now.
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now(), next: AtomicU64::new(0) }
    }

    /// Due in 500 years.
    pub(crate) fn never() -> Self {
        Self { origin: Instant::now(), next: AtomicU64::new(u64::MAX) }
    }

    /// One look and one swap, by a schedule as simple as can be: a gap of a nanosecond.
    #[inline]
    pub(crate) fn enter(&self) {
        let now = self.now();
        let mut next = self.next.load(Ordering::Acquire);
        while let Err(other) = self.next.compare_exchange(next, next.max(now) + 1, Ordering::AcqRel, Ordering::Acquire)
        {
            next = other;
        }
    }

    /// One look and one load.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.next.load(Ordering::Acquire) <= self.now()
    }

    #[inline]
    fn now(&self) -> u64 {
        let since = Instant::now().duration_since(self.origin);
        since.as_secs() * 1_000_000_000 + u64::from(since.subsec_nanos())
    }
}
