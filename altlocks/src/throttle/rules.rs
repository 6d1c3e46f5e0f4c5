//! The numbers that a throttle follows, and what is wrong with the wrong ones.

use std::time::Duration;

use super::adapt::Adaptation;
use crate::InvalidParameter;

#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) init_rate: f64,
    /// The bounds, if given: else wide enough for `init_rate`.
    pub(super) min_rate: Option<f64>,
    pub(super) max_rate: Option<f64>,
    /// The window, if given: else as the adaptation has it.
    pub(super) window: Option<u32>,
    pub(super) window_time: Option<Duration>,
    pub(super) ubound: f64,
    pub(super) lbound: f64,
    pub(super) ufactor: f64,
    pub(super) lfactor: f64,
    pub(super) jitter: f64,
    pub(super) adaptation: Adaptation,
}

const MIN_RATE: f64 = 0.01;
const MAX_RATE: f64 = 100.0;

impl Rules {
    pub(super) const fn new(init_rate: f64) -> Self {
        Self {
            init_rate,
            min_rate: None,
            max_rate: None,
            window: None,
            window_time: None,
            ubound: 0.75,
            lbound: 0.25,
            ufactor: 1.25,
            lfactor: 0.75,
            jitter: 0.2,
            adaptation: Adaptation::Ratio,
        }
    }

    pub(super) const fn min_rate(&self) -> f64 {
        match self.min_rate {
            Some(rate) => rate,
            None => MIN_RATE.min(self.init_rate),
        }
    }

    pub(super) const fn max_rate(&self) -> f64 {
        match self.max_rate {
            Some(rate) => rate,
            None => MAX_RATE.max(self.init_rate),
        }
    }

    pub(super) const fn clamp(&self, rate: f64) -> f64 {
        rate.max(self.min_rate()).min(self.max_rate())
    }

    /// How many results close a window.
    pub(super) const fn window(&self) -> u32 {
        match (self.window, self.adaptation) {
            (Some(window), _) => window,
            (None, Adaptation::Proportional) => 20,
            (None, Adaptation::Ratio | Adaptation::Fixed) => 100,
        }
    }

    /// After how long the next result closes a window.
    pub(super) const fn window_time(&self) -> Option<Duration> {
        match (self.window_time, self.adaptation) {
            (None, Adaptation::Proportional) => Some(Duration::from_millis(500)),
            (given, _) => given,
        }
    }

    pub(super) const fn check(&self) -> Result<(), InvalidParameter> {
        const fn refuse(parameter: &'static str, rule: &'static str) -> Result<(), InvalidParameter> {
            Err(InvalidParameter::new(parameter, rule))
        }
        if !is_rate(self.init_rate) {
            refuse("init_rate", "init_rate must be finite and above 0")
        } else if !is_rate(self.min_rate()) {
            refuse("min_rate", "min_rate must be finite and above 0")
        } else if !is_rate(self.max_rate()) {
            refuse("max_rate", "max_rate must be finite and above 0")
        } else if self.min_rate() > self.max_rate() {
            refuse("min_rate", "min_rate must not be above max_rate")
        } else if self.init_rate < self.min_rate() {
            refuse("init_rate", "init_rate must not be below min_rate")
        } else if self.init_rate > self.max_rate() {
            refuse("init_rate", "init_rate must not be above max_rate")
        } else if matches!(self.window, Some(0)) {
            refuse("window", "window must be at least 1")
        } else if matches!(self.window_time, Some(time) if time.is_zero()) {
            refuse("window_time", "window_time must be longer than zero")
        } else if !(self.ubound >= 0.0 && self.ubound <= 1.0) {
            refuse("ubound", "ubound must be at least 0 and at most 1")
        } else if !(self.lbound >= 0.0 && self.lbound <= 1.0) {
            refuse("lbound", "lbound must be at least 0 and at most 1")
        } else if self.ubound < self.lbound {
            refuse("ubound", "ubound must not be below lbound")
        } else if !(self.ufactor >= 1.0 && self.ufactor.is_finite()) {
            refuse("ufactor", "ufactor must be finite and at least 1")
        } else if !(self.lfactor > 0.0 && self.lfactor <= 1.0) {
            refuse("lfactor", "lfactor must be above 0 and at most 1")
        } else if !is_jitter(self.jitter) {
            refuse("jitter", JITTER_RULE)
        } else {
            Ok(())
        }
    }
}

pub(super) const JITTER_RULE: &str = "jitter must be at least 0 and below 1";

pub(super) const fn is_rate(rate: f64) -> bool {
    rate > 0.0 && rate.is_finite()
}

pub(super) const fn is_jitter(jitter: f64) -> bool {
    jitter >= 0.0 && jitter < 1.0
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
