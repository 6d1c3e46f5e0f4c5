//! Why a call did not enter, and why a setting was not taken.

use std::time::Duration;

use crate::{InvalidParameter, Name};

/// A throttle had no slot for the call within the time that it would wait.
///
/// Returned by [`DynamicThrottle::enter_timeout`](crate::DynamicThrottle::enter_timeout). Making one allocates nothing.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use altlocks::DynamicThrottle;
///
/// static SEARCH: DynamicThrottle = DynamicThrottle::builder(0.5).name("search-api").jitter(0.0).build();
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// drop(SEARCH.try_enter()); // takes the slot of the next 2 s
/// let refused = SEARCH.enter_timeout(Duration::from_millis(10)).await.unwrap_err();
/// assert_eq!(refused.name(), "search-api");
/// assert!(refused.retry_after() > Duration::from_secs(1));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("throttle `{name}` has no slot in time, the next one is {retry_after:?} away")]
pub struct ThrottleTimeout {
    name: Name,
    retry_after: Duration,
}

impl ThrottleTimeout {
    pub(super) const fn new(name: Name, retry_after: Duration) -> Self {
        Self { name, retry_after }
    }

    /// The throttle that refused.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the slot that the call was offered is due at the latest, counted from the refusal; `Duration::MAX` if that is
    /// beyond what time can hold. Others may take it, and
    /// the rate may change.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

/// A rate or a jitter is out of its range; its text names which and the range.
///
/// Returned by [`DynamicThrottle::set_rate`](crate::DynamicThrottle::set_rate) and
/// [`DynamicThrottle::set_jitter`](crate::DynamicThrottle::set_jitter), which then have changed nothing.
///
/// # Examples
///
/// ```
/// use altlocks::DynamicThrottle;
///
/// let throttle = DynamicThrottle::new(10.0);
/// let error = throttle.set_rate(f64::NAN).unwrap_err();
/// assert_eq!(error.parameter(), "rate");
/// assert_eq!(error.to_string(), "rate must be finite and above 0");
/// assert_eq!(throttle.rate(), 10.0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(transparent)]
pub struct InvalidRate(InvalidParameter);

impl InvalidRate {
    pub(super) const fn new(parameter: &'static str, rule: &'static str) -> Self {
        Self(InvalidParameter::new(parameter, rule))
    }

    /// The parameter: `rate` or `jitter`.
    #[must_use]
    pub const fn parameter(&self) -> &'static str {
        self.0.parameter()
    }
}
