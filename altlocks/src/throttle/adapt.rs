//! The kernel of adaptation: what a result does to the rate.

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
    /// Finds the rate that the callee can serve and stays near it. See the numbers in the documentation of the builder.
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
}

impl Window {
    pub(super) const fn new(rate: f64) -> Self {
        Self { rate, epoch: 0, successes: 0, fails: 0, opened: Moment::BEFORE_ALL }
    }

    /// The rate is set. What was counted at another one counts no longer; the same again is no change.
    pub(super) fn with_rate(self, rate: f64, now: Moment) -> Self {
        if rate.to_bits() == self.rate.to_bits() {
            return self;
        }
        Self { rate, epoch: self.epoch + 1, ..self.opened(now) }
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
        if full || over { self.close(now, rules) } else { self }
    }

    fn close(self, now: Moment, rules: &Rules) -> Self {
        let rate = match rules.adaptation {
            Adaptation::Fixed | Adaptation::Proportional => self.rate,
            Adaptation::Ratio => self.by_ratio(rules),
        };
        self.opened(now).with_rate(rules.clamp(rate), now)
    }

    /// The seed's rule.
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
