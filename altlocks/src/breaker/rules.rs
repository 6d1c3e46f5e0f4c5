//! The numbers that the kernel follows, and what is wrong with the wrong ones.

use std::time::Duration;

use crate::InvalidParameter;

#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) max_fails: u32,
    pub(super) reset: Duration,
    pub(super) max_half_open_calls: u32,
    pub(super) success_threshold: u32,
    /// `None`: as many as there are trials.
    pub(super) max_half_open_fails: Option<u32>,
    /// `None`: as long as `reset`.
    pub(super) trial_lease: Option<Duration>,
    pub(super) backoff: f64,
    pub(super) max_reset: Duration,
    pub(super) jitter: f64,
}

/// The lease of a breaker whose `reset` is zero: it has to be some time.
const LEASE_WITHOUT_RESET: Duration = Duration::from_secs(1);

impl Rules {
    pub(super) const DEFAULT: Self = Self {
        max_fails: 3,
        reset: Duration::from_secs(30),
        max_half_open_calls: 5,
        success_threshold: 1,
        max_half_open_fails: None,
        trial_lease: None,
        backoff: 1.0,
        max_reset: Duration::MAX,
        jitter: 0.0,
    };

    pub(super) fn max_half_open_fails(&self) -> u32 {
        self.max_half_open_fails.unwrap_or(self.max_half_open_calls)
    }

    pub(super) fn lease(&self) -> Duration {
        match self.trial_lease {
            Some(lease) => lease,
            None if self.reset.is_zero() => LEASE_WITHOUT_RESET,
            None => self.reset,
        }
    }

    /// How long the circuit stays open at its `reopened`th reopening in a row (0: it was closed before). `draw` is
    /// uniform in `0.0..1.0`.
    pub(super) fn reset_for(&self, reopened: u32, draw: f64) -> Duration {
        let grown = scale(self.reset, self.backoff.powf(f64::from(reopened)));
        scale(grown.min(self.max_reset), 1.0 + self.jitter * (2.0 * draw - 1.0))
    }

    pub(super) const fn check(&self) -> Result<(), InvalidParameter> {
        const fn refuse(parameter: &'static str, rule: &'static str) -> Result<(), InvalidParameter> {
            Err(InvalidParameter::new(parameter, rule))
        }
        if self.max_fails == 0 {
            refuse("max_fails", "max_fails must be at least 1")
        } else if self.max_half_open_calls == 0 {
            refuse("max_half_open_calls", "max_half_open_calls must be at least 1")
        } else if self.success_threshold == 0 {
            refuse("success_threshold", "success_threshold must be at least 1")
        } else if self.success_threshold > self.max_half_open_calls {
            refuse("success_threshold", "success_threshold must not be above max_half_open_calls")
        } else if matches!(self.max_half_open_fails, Some(0)) {
            refuse("max_half_open_fails", "max_half_open_fails must be at least 1")
        } else if matches!(self.trial_lease, Some(lease) if lease.is_zero()) {
            refuse("trial_lease", "trial_lease must be longer than zero")
        } else if !(self.backoff >= 1.0 && self.backoff < f64::INFINITY) {
            refuse("backoff", "backoff must be finite and at least 1")
        } else if !(self.jitter >= 0.0 && self.jitter < 1.0) {
            refuse("jitter", "jitter must be at least 0 and below 1")
        } else {
            Ok(())
        }
    }
}

/// `wait` times `factor`, saturating; exact for a factor of 1, and zero stays zero even if the factor is infinite.
fn scale(wait: Duration, factor: f64) -> Duration {
    if wait.is_zero() || factor.to_bits() == 1.0_f64.to_bits() {
        return wait;
    }
    Duration::try_from_secs_f64(wait.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
