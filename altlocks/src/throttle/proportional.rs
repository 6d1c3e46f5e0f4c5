//! The kernel of [`Adaptation::Proportional`](super::Adaptation::Proportional): finds the rate that a callee can serve.
//!
//! A callee at its limit fails a share of the calls, and that share says how far beyond the limit the rate is: at rate r
//! and share q it serves r (1 − q). So the rate is cut to what was served, at once, and then grows in small steps that
//! double as long as nothing fails: near the limit it stays near, and far below it gets away fast. (Additive increase with
//! the cut in proportion to the congestion is DCTCP's idea, RFC 8257; steps that grow with the time since the last cut are
//! CUBIC's, RFC 9438.)
//!
//! A few failures are not a limit. What is above the tolerated share adds up, what is below takes away again (a CUSUM
//! chart, Page 1954), and only a sum beyond doubt is acted on.
//!
//! | at the end of a window        | the rate                                                 | the ceiling         |
//! |-------------------------------|----------------------------------------------------------|---------------------|
//! | all failed, at least 3        | halved, not below the probing rate                       | stays: that is an   |
//! |                               |                                                          | outage, not a limit |
//! | failures beyond doubt         | cut to the share that succeeded, at most halved          | what was served     |
//! | failures in doubt             | stays                                                    | stays               |
//! | no doubt, far below ceiling   | times 3, to just below the ceiling                     | stays               |
//! | no doubt, near or above it    | one step more; the next step is twice as large           | stays               |
//!
//! Every change of the rate begins a new epoch, and the results of calls in flight are not counted in it. That makes the
//! round trip to the callee the beat of it all, however long it is.

use super::rules::Rules;
use crate::moment::Moment;

/// The share of failures that is no sign of a limit.
const TOLERATED: f64 = 0.06;
/// So many failures above the tolerated share are beyond doubt; up to so many there is no doubt.
const BEYOND_DOUBT: f64 = 3.0;
const NO_DOUBT: f64 = 0.5;
/// Fewer results than this say nothing about a share.
const TELLING: f64 = 6.0;
/// More results than this are not kept in mind.
const MEMORY: f64 = 40.0;
/// So many failures and nothing else are an outage.
const OUTAGE: f64 = 3.0;

/// The first step after a cut, as a share of the greatest rate, and at most as a share of the rate.
const STEP: f64 = 0.003;
const STEP_OF_RATE: f64 = 0.03;
/// The step doubles from one change to the next; or each two seconds, where the answers take longer. So often at most.
const DOUBLING_TIME: f64 = 2.0;
const MOST_DOUBLINGS: f64 = 3.0;
/// What the rate is multiplied by at most.
const LEAP: f64 = 3.0;
/// Below this share of the ceiling the rate leaps, up to that share of it.
const FAR: f64 = 0.9;
const NEAR: f64 = 0.95;

/// An outage is probed at this rate, or at this share of the ceiling if that is less: it costs next to nothing, and the
/// end of the outage is seen soon.
const PROBING: f64 = 0.5;
const PROBING_OF_CEILING: f64 = 0.05;

/// What is known of the callee.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Trend {
    /// Results at the present rate, older ones fading.
    seen: f64,
    failed: f64,
    /// Failures above the tolerated share.
    excess: f64,
    /// What the callee could serve when it was last at its limit.
    ceiling: f64,
    /// How often the step has doubled since the last cut.
    doublings: f64,
    /// When the rate was last changed.
    changed: Moment,
}

impl Trend {
    pub(super) const NEW: Self = Self {
        seen: 0.0,
        failed: 0.0,
        excess: 0.0,
        ceiling: f64::INFINITY,
        doublings: 0.0,
        changed: Moment::BEFORE_ALL,
    };

    /// The rate was cut, or set from outside. What the callee can serve has not changed with it.
    pub(super) fn interrupted(self, now: Moment) -> Self {
        Self { ceiling: self.ceiling, changed: now, ..Self::NEW }
    }

    /// Whether a window need not wait for its end: most of it has failed.
    pub(super) const fn is_alarming(successes: u32, fails: u32) -> bool {
        fails >= 3 && fails > successes
    }

    /// A window closes: the next rate, before it is clamped.
    pub(super) fn close(mut self, rate: f64, successes: u32, fails: u32, now: Moment, rules: &Rules) -> (Self, f64) {
        let (fails, results) = (f64::from(fails), f64::from(successes) + f64::from(fails));
        self.seen += results;
        self.failed += fails;
        let all_failed = self.failed >= self.seen;
        if !all_failed {
            self.excess = (self.excess + fails - results * TOLERATED).max(0.0);
        }
        if all_failed && self.failed >= OUTAGE {
            let probing = PROBING.min(self.ceiling * PROBING_OF_CEILING);
            (self.interrupted(now), (rate / 2.0).max(probing).min(rate))
        } else if !all_failed && self.excess > BEYOND_DOUBT && self.seen >= TELLING {
            self.ceiling = rate * (1.0 - self.failed / self.seen);
            (self.interrupted(now), self.ceiling.max(rate / 2.0))
        } else if all_failed || self.excess > NO_DOUBT {
            (self.fade(), rate)
        } else if rate < self.ceiling * FAR {
            (self.grown(0.0, now), (rate * LEAP).min(self.ceiling * NEAR))
        } else if self.seen < TELLING {
            (self, rate)
        } else {
            let round = now.since(self.changed).as_secs_f64() / DOUBLING_TIME;
            (self.grown(round.clamp(1.0, MOST_DOUBLINGS), now), rate + self.step(rate, rules))
        }
    }

    /// A larger rate is seen with fresh eyes, but not without the doubts that there are.
    fn grown(self, doublings: f64, now: Moment) -> Self {
        Self { seen: 0.0, failed: 0.0, doublings: self.doublings + doublings, changed: now, ..self }
    }

    fn step(&self, rate: f64, rules: &Rules) -> f64 {
        let first = (rules.max_rate() * STEP).min(rate * STEP_OF_RATE);
        (first * self.doublings.exp2()).min(rate * (LEAP - 1.0))
    }

    /// While in doubt for long, what was seen long ago counts less and less.
    fn fade(self) -> Self {
        if self.seen < MEMORY { self } else { Self { seen: self.seen / 2.0, failed: self.failed / 2.0, ..self } }
    }
}

#[cfg(test)]
#[path = "proportional_tests.rs"]
mod tests;
