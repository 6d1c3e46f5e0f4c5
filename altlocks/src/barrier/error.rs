//! Why a wait failed.

use super::BreakCause;
use crate::Name;

/// A wait at a [`StatefulBarrier`](crate::StatefulBarrier) ended without a meeting.
///
/// Making one allocates nothing.
///
/// # Examples
///
/// ```
/// use altlocks::{BreakCause, StatefulBarrier};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let barrier = StatefulBarrier::<u32>::builder(2).name("round").build();
/// barrier.abort();
/// let error = barrier.wait(1).await.unwrap_err();
/// assert_eq!(error.cause(), BreakCause::Aborted);
/// assert_eq!(error.to_string(), "barrier `round` was aborted");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("barrier `{name}` {}", self.what_happened())]
pub struct BrokenBarrierError {
    name: Name,
    cause: BreakCause,
    elapsed: bool,
}

impl BrokenBarrierError {
    pub(super) const fn new(name: Name, cause: BreakCause) -> Self {
        Self { name, cause, elapsed: false }
    }

    pub(super) const fn elapsed(name: Name) -> Self {
        Self { name, cause: BreakCause::TimedOut, elapsed: true }
    }

    /// What broke the barrier.
    #[must_use]
    pub const fn cause(&self) -> BreakCause {
        self.cause
    }

    /// The barrier.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was this party's own timeout that broke the barrier. The others learn of it by
    /// [`BreakCause::TimedOut`] alone.
    #[must_use]
    pub const fn is_elapsed(&self) -> bool {
        self.elapsed
    }

    const fn what_happened(&self) -> &'static str {
        match self.cause {
            BreakCause::Tripped => "has tripped already",
            BreakCause::Aborted => "was aborted",
            BreakCause::TimedOut if self.elapsed => "was not met in time",
            BreakCause::TimedOut => "was broken by the timeout of another party",
            BreakCause::Reset => "was reset",
        }
    }
}
