//! The kernel of adaptation: what a result does to the rate.

use super::proportional::Trend;
use super::rules::Rules;
use crate::moment::Moment;

/// How a [`DynamicThrottle`](crate::DynamicThrottle) makes its rate from the results of its calls.
///
/// Whatever the policy, only calls that were admitted at the present rate count, in windows: a window closes when so many
/// results are in, or with the first result after a time, and the counts begin anew.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Adaptation {
    /// At the end of a window the share of successes decides: above `ubound` the rate is multiplied by `ufactor`, below
    /// `lbound` by `lfactor`, within the bounds it stays. A window is 100 results unless given.
    #[default]
    Ratio,
    /// Finds the rate that the callee can serve, and stays near it. Failures beyond a tolerated share (6 %) cut the rate
    /// to what was served; without them it grows by steps that double from window to window. If every call fails, the
    /// rate is halved down to a trickle (0.5 calls per second, or less), which sees when the callee is back. A window is
    /// 20 results or 500 ms unless given, and ends early if most of at least 3 results are failures.
    ///
    /// In a simulation of changing capacities it makes use of 89 % of what the callee could serve, each failed call
    /// counted against it. The example `closed_loop` shows it at work.
    Proportional,
    /// The rate stays as it is set.
    Fixed,
}

/// The results of the present window, and the rate that they are about.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Window {
    pub(super) rate: f64,
    /// Changes with the rate. A call remembers the one that it was admitted in.
    pub(super) epoch: u64,
    pub(super) successes: u32,
    pub(super) fails: u32,
    /// `BEFORE_ALL`: not yet, it opens with its first result.
    opened: Moment,
    trend: Trend,
}

impl Window {
    pub(super) const fn new(rate: f64) -> Self {
        Self { rate, epoch: 0, successes: 0, fails: 0, opened: Moment::BEFORE_ALL, trend: Trend::NEW }
    }

    /// The rate is set. What was counted at another one counts no longer; the same again is no change.
    pub(super) fn set_rate(self, rate: f64, now: Moment) -> Self {
        if rate.to_bits() == self.rate.to_bits() {
            return self;
        }
        Self { trend: self.trend.interrupted(now), ..self.opened(now).at(rate) }
    }

    /// Nothing counted.
    pub(super) fn opened(self, now: Moment) -> Self {
        Self { successes: 0, fails: 0, opened: now, ..self }
    }

    /// A call of this epoch ends.
    pub(super) fn record(mut self, success: bool, now: Moment, rules: &Rules) -> Self {
        if self.opened == Moment::BEFORE_ALL {
            self.opened = now;
        }
        if success {
            self.successes += 1;
        } else {
            self.fails += 1;
        }
        let full = self.successes + self.fails >= rules.window();
        let over = rules.window_time().is_some_and(|time| now.since(self.opened) >= time);
        let alarming = rules.adaptation == Adaptation::Proportional && Trend::is_alarming(self.successes, self.fails);
        if full || over || alarming { self.close(now, rules) } else { self }
    }

    fn close(self, now: Moment, rules: &Rules) -> Self {
        let (trend, rate) = match rules.adaptation {
            Adaptation::Fixed => (self.trend, self.rate),
            Adaptation::Ratio => (self.trend, self.by_ratio(rules)),
            Adaptation::Proportional => self.trend.close(self.rate, self.successes, self.fails, now, rules),
        };
        Self { trend, ..self.opened(now).at(rules.clamp(rate)) }
    }

    /// A change of the rate begins an epoch. With the same rate again, calls in flight go on counting.
    fn at(self, rate: f64) -> Self {
        let epoch = self.epoch + u64::from(rate.to_bits() != self.rate.to_bits());
        Self { rate, epoch, ..self }
    }

    /// Above the upper bound faster, below the lower bound slower, at a bound neither.
    fn by_ratio(self, rules: &Rules) -> f64 {
        let ratio = f64::from(self.successes) / (f64::from(self.successes) + f64::from(self.fails));
        if ratio > rules.ubound {
            self.rate * rules.ufactor
        } else if ratio < rules.lbound {
            self.rate * rules.lfactor
        } else {
            self.rate
        }
    }
}

#[cfg(test)]
#[path = "adapt_tests.rs"]
mod tests;
