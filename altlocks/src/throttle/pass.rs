//! An admitted call, until its result is known.

use std::fmt;

use super::DynamicThrottle;
use crate::outcome::Outcome;

/// A call that a [`DynamicThrottle`] let in; made by [`DynamicThrottle::enter`].
///
/// [`record`](Self::record) says what the call came to, which is what the rate adapts to. A pass that is dropped instead
/// is a cancelled call and counts as [`Outcome::Ignored`]; one that is dropped by unwinding counts as
/// [`Outcome::Failure`]. The slot is used in any case: a pass holds nothing that could be given back.
#[must_use = "a pass dropped unrecorded says that the call was not made"]
pub struct Pass<'a> {
    throttle: &'a DynamicThrottle,
    /// At which rate it was admitted: results of an earlier one do not count.
    epoch: u64,
}

impl<'a> Pass<'a> {
    pub(super) const fn new(throttle: &'a DynamicThrottle, epoch: u64) -> Self {
        Self { throttle, epoch }
    }

    /// Tells the throttle what the call came to.
    ///
    /// If the rate has changed since the call was admitted, the result counts for nothing.
    pub fn record(self, outcome: Outcome) {
        let (throttle, epoch) = (self.throttle, self.epoch);
        std::mem::forget(self);
        throttle.settle(epoch, outcome);
    }
}

impl Drop for Pass<'_> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.throttle.settle(self.epoch, Outcome::Failure);
        }
    }
}

impl fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").field("throttle", &self.throttle.name()).finish_non_exhaustive()
    }
}
