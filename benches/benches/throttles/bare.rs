//! What nothing can do without: a look at the clock and a swap of a word.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

#[inline]
fn now() -> u64 {
    let since = Instant::now().duration_since(*ORIGIN);
    since.as_secs() * 1_000_000_000 + u64::from(since.subsec_nanos())
}

/// When the next call may enter, in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Word(AtomicU64);

impl Word {
    /// One look and one swap, of a schedule as simple as can be: a gap of a nanosecond.
    #[inline]
    pub(crate) fn enter(&self) {
        let now = now();
        let mut next = self.0.load(Ordering::Acquire);
        while let Err(other) = self.0.compare_exchange(next, next.max(now) + 1, Ordering::AcqRel, Ordering::Acquire) {
            next = other;
        }
    }

    /// One look and one load, of a turn that never comes.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.0.load(Ordering::Acquire) <= now()
    }

    /// Due in 500 years.
    pub(crate) fn never() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}
