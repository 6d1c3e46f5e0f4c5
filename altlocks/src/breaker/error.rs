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
        self.0.map_or(Ok(()), |wait| write!(f, ", retry after {wait:?}"))
    }
}
