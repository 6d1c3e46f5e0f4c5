//! How many calls a throttle may have let in by now, and how many it has to: the integral of its rate, with bounds.
//!
//! **Never more** than one at once at the start, the integral, and what may be caught up with: a throttle is behind its
//! schedule by 10 ms at most (by 2 ms at rates above 250/s), and owes 10 ms of lateness at most. That is time, so it is
//! worth more calls once the rate is raised: each raise allows so much of the difference. While a rate is being set, both
//! count.
//!
//! **Never less**, while somebody always waits, than a share of the integral over the time in which the machine ran us:
//! not counted is how long our threads were ready and did not run, and how late this thread's own sleeps were. (Where
//! the kernel does not tell the former, on other systems than Linux, nothing is asked.)

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

/// Whether somebody always waits.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Demand {
    Steady,
    Unsteady,
}

pub(crate) struct Budget {
    name: &'static str,
    rate: f64,
    since: Instant,
    /// The integral until then.
    integral: f64,
    /// What may be added to it, beside what may be caught up with at this rate.
    more: f64,
    /// The integral over the time in which we ran.
    least: f64,
    waited: Option<Duration>,
    admitted: f64,
    /// How far above the integral they were at the most.
    above: f64,
}

impl Budget {
    pub(crate) fn new(name: &'static str, rate: f64) -> Self {
        let (since, waited) = (Instant::now(), waited());
        Self { name, rate, since, integral: 0.0, more: 1.0, least: 0.0, waited, admitted: 0.0, above: 0.0 }
    }

    /// So many have been let in by now.
    pub(crate) fn check(&mut self, admitted: &Count, demand: Demand) {
        // Counted before the time is read.
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53")]
        let admitted = admitted.get() as f64;
        self.advance();
        let (most, name) = (self.integral + self.more + BEHIND * self.rate, self.name);
        require(admitted <= most, || format!("{name}: {admitted} let in, of {most:.1} at the most"));
        let least = SHARE * self.least - LATE * self.rate;
        require(demand == Demand::Unsteady || admitted >= least, || {
            format!("{name}: {admitted} let in, of {least:.1} at the least")
        });
        self.admitted = admitted;
        self.above = self.above.max(admitted - self.integral);
    }

    /// Sets another rate.
    pub(crate) fn change(&mut self, rate: f64, set: impl FnOnce()) {
        self.advance();
        let before = self.since;
        set();
        self.advance();
        self.more += rate * (self.since - before).as_secs_f64() + BEHIND_BEFORE_A_RAISE * (rate - self.rate).max(0.0);
        self.rate = rate;
    }

    /// What share of the integral was let in, and what share of it has to be.
    pub(crate) fn shares(&self) -> String {
        let [share, least] = [self.admitted, SHARE * self.least].map(|calls| 100.0 * calls / self.integral);
        format!("{share:.1} % (at least {least:.1})")
    }

    /// How many more than the integral.
    pub(crate) fn above(&self) -> f64 {
        self.above.ceil()
    }

    fn advance(&mut self) {
        let (now, waited) = (Instant::now(), waited());
        let took = now - self.since;
        self.since = now;
        self.integral += self.rate * took.as_secs_f64();
        let Some((waited, before)) = waited.zip(self.waited) else { return };
        self.waited = Some(waited);
        let late = took.saturating_sub(crate::ROUND * 5 / 4);
        // Threads that ended took their share along.
        let ran = took.saturating_sub(waited.saturating_sub(before)).saturating_sub(late);
        self.least += self.rate * ran.as_secs_f64();
    }
}

/// How long our threads were ready to run, all together, and did not.
fn waited() -> Option<Duration> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let waited = threads.filter_map(|thread| {
        let told = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        told.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
    });
    waited.reduce(|all, one| all + one)
}
