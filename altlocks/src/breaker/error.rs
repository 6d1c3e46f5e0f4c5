//! Why a call was refused.

use std::time::Duration;

use crate::Name;

/// A circuit breaker did not let a call run.
///
/// Making one allocates nothing.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, CircuitBreakerError};
///
/// let breaker = CircuitBreaker::new("search-api");
/// breaker.force_open();
/// match breaker.try_acquire() {
///     Err(CircuitBreakerError::Open { retry_after: None, .. }) => {} // until `reset()`
///     other => panic!("{other:?}"),
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CircuitBreakerError {
    /// The circuit is open: the callee failed too often.
    #[error("circuit breaker `{name}` is open{}", Retry(*retry_after))]
    Open {
        /// The breaker.
        name: Name,
        /// When a trial is admitted, counted from the refusal; `None` if the circuit was opened by force.
        retry_after: Option<Duration>,
    },
    /// The circuit is half-open, and all its trials are taken.
    #[error("circuit breaker `{name}` is half-open and its {max_half_open_calls} trial calls are taken")]
    HalfOpen {
        /// The breaker.
        name: Name,
        /// How many trials there are.
        max_half_open_calls: u32,
    },
}

impl CircuitBreakerError {
    /// The breaker that refused.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Open { name, .. } | Self::HalfOpen { name, .. } => name,
        }
    }

    /// When a trial is admitted, counted from the refusal; `None` if that is not a matter of time.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Open { retry_after, .. } => *retry_after,
            Self::HalfOpen { .. } => None,
        }
    }
}

/// The end of the text: what the caller can do about it.
struct Retry(Option<Duration>);

impl std::fmt::Display for Retry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// Below this, a wait is shown to the nanosecond; above it, rounded up to it.
        const STEP: Duration = Duration::from_millis(1);
        match self.0 {
            None | Some(Duration::MAX) => Ok(()),
            Some(wait) if wait < STEP => write!(f, ", retry after {wait:?}"),
            Some(wait) => {
                let rounded = wait.checked_add(STEP.saturating_sub(Duration::from_nanos(1))).unwrap_or(wait);
                let past = Duration::from_nanos(u64::from(rounded.subsec_nanos() % 1_000_000));
                write!(f, ", retry after {:?}", rounded.saturating_sub(past))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_told_in_milliseconds_rounded_up_or_not_at_all() {
        let text = |wait| Retry(wait).to_string();
        assert_eq!(text(Some(Duration::from_nanos(29_999_989_540))), ", retry after 30s");
        assert_eq!(text(Some(Duration::from_micros(1_001))), ", retry after 2ms");
        assert_eq!(text(Some(Duration::from_millis(7))), ", retry after 7ms");
        assert_eq!(text(Some(Duration::from_nanos(1))), ", retry after 1ns");
        assert_eq!(text(Some(Duration::MAX)), "");
        assert_eq!(text(None), "");
    }
}
