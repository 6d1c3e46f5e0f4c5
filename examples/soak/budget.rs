//! How many calls a throttle may have let in by now, and how many it has to: the integral of its rate, with bounds.
//!
//! **Never more** than one at once at the start, the integral, and what may be caught up with: a throttle is behind its
//! schedule by 10 ms at most (by 2 ms at rates above 250/s), and owes 10 ms of lateness at most. That is time, so it is
//! worth more calls once the rate is raised: each raise allows so much of the difference. While a rate is being set, both
//! count.
//!
//! **Never less**, while somebody always waits and the machine runs us, than nine tenths of it. A throttle promises that to
//! be late by 10 ms loses nothing. So what counts are the moments, from one check to the next, in which none of our threads
//! was ready for 5 ms without being run, and this thread slept no longer than it wanted to. (Where the kernel does not tell
//! the former, on other systems than Linux, nothing is asked.)

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::station::Count;
use crate::verdict::require;

/// What may be caught up with: the schedule's lateness, and what is owed. A raise finds the former as it was before.
const BEHIND: f64 = 0.012;
const BEHIND_BEFORE_A_RAISE: f64 = 0.020;

/// The share of the integral that has to be let in.
const SHARE: f64 = 0.9;
/// What has to be let in may be so late: those who wait for it have to be polled.
const LATE: f64 = 0.1;

/// In a moment that counts no thread waits longer than that for its turn.
const STALL: Duration = Duration::from_millis(5);

/// Whether somebody always waits.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Demand {
    Steady,
    Unsteady,
}

pub(crate) struct Budget {
    name: &'static str,
    demand: Demand,
    rate: f64,
    /// The highest that it was.
    fastest: f64,
    since: Instant,
    stalls: Option<Stalls>,
    whole: Sums,
    /// Of the moments that count.
    counted: Sums,
    /// What may be added to the integral, beside what may be caught up with at this rate.
    more: f64,
    /// How many more were let in than the integral says, at the most.
    above: f64,
}

#[derive(Default)]
struct Sums {
    admitted: f64,
    integral: f64,
}

impl Budget {
    pub(crate) fn new(name: &'static str, rate: f64, demand: Demand) -> Self {
        Self {
            name,
            demand,
            rate,
            fastest: rate,
            since: Instant::now(),
            stalls: Stalls::new(),
            whole: Sums::default(),
            counted: Sums::default(),
            more: 1.0,
            above: 0.0,
        }
    }

    /// So many have been let in by now.
    pub(crate) fn check(&mut self, admitted: &Count) {
        // Counted before the time is read.
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53")]
        let admitted = admitted.get() as f64;
        let entered = admitted - self.whole.admitted;
        self.whole.admitted = admitted;
        let (took, integral) = self.advance();
        let stalled = self.stalls.as_mut().is_none_or(|stalls| stalls.since_asked() > STALL);
        if !stalled && took < crate::ROUND + STALL {
            self.counted.admitted += entered;
            self.counted.integral += integral;
        }

        let (most, name) = (self.whole.integral + self.more + BEHIND * self.rate, self.name);
        require(admitted <= most, || format!("{name}: {admitted} let in, of {most:.1} at the most"));
        self.above = self.above.max(admitted - self.whole.integral);

        let Sums { admitted, integral } = self.counted;
        let least = SHARE * integral - LATE * self.fastest;
        let enough = self.demand == Demand::Unsteady || admitted >= least;
        require(enough, || format!("{name}: {admitted} let in while nothing stalled, of {least:.1} at the least"));
    }

    /// Sets another rate, right after a check.
    pub(crate) fn change(&mut self, rate: f64, set: impl FnOnce()) {
        self.advance();
        set();
        // While it was being set, both counted.
        let (took, _) = self.advance();
        self.more += rate * took.as_secs_f64() + BEHIND_BEFORE_A_RAISE * (rate - self.rate).max(0.0);
        self.rate = rate;
        self.fastest = self.fastest.max(rate);
    }

    /// How long that was, and the integral over it.
    fn advance(&mut self) -> (Duration, f64) {
        let now = Instant::now();
        let took = now - self.since;
        let integral = self.rate * took.as_secs_f64();
        self.since = now;
        self.whole.integral += integral;
        (took, integral)
    }

    /// What was let in of the integral, over the moments that count, and which share of it they are.
    pub(crate) fn shares(&self) -> String {
        let Sums { admitted, integral } = self.counted;
        let (share, counted) = (admitted / integral, integral / self.whole.integral);
        format!("{:.1} % (of {:.0} % of the time)", 100.0 * share, 100.0 * counted)
    }

    /// How many more were let in than the integral says, at the most.
    pub(crate) fn above(&self) -> f64 {
        self.above.ceil()
    }
}

/// How long each of our threads was ready to run, and did not.
struct Stalls(HashMap<OsString, Duration>);

impl Stalls {
    /// `None` if the kernel does not tell.
    fn new() -> Option<Self> {
        let mut stalls = Self(HashMap::new());
        stalls.since_asked();
        (!stalls.0.is_empty()).then_some(stalls)
    }

    /// The longest that one of them waited since this was asked last.
    fn since_asked(&mut self) -> Duration {
        let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let waited = threads.filter_map(|thread| {
            let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            let all = told.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)?;
            let before = self.0.insert(thread.file_name(), all).unwrap_or_default();
            Some(all.saturating_sub(before))
        });
        waited.max().unwrap_or_default()
    }
}
