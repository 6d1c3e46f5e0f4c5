//! How many calls a throttle may have let in by now, and how many it has to: the integral of its rate, with bounds.
//!
//! **Never more**, from any moment on to any later one, than one at once, the integral, and what may be caught up with: a
//! throttle is behind its schedule by 2 ms at most at rates above 250/s (by 10 ms at any), and owes 10 ms of lateness at
//! most. That is time, so it is worth more calls once the rate is raised: each raise allows so much of the difference.
//! While a rate is being set, both count. Who was let in before a moment may be counted after it, as many as wait at once.
//!
//! **Never less**, where somebody always waits and says when it looked ([`Looks`]), than the integral without the time
//! that was lost. What a throttle may lose follows from when its queue was served, so no machine is too busy for this
//! bound: see there. What is left is a call for the slot that comes, and one for jitter.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::station::Count;
use crate::verdict::require;

/// What may be caught up with: the schedule's lateness, and what is owed. A raise finds the former as it was before.
const BEHIND: f64 = 0.012;
const BEHIND_BEFORE_A_RAISE: f64 = 0.020;

/// Calls that are due when somebody looked, and have not been let in: the one that jitter put off, and one of which the
/// gap is rounded.
const DUE: f64 = 2.0;

/// As late as this a call loses no time, at a jitter of up to 0.2 and rates of 2500/s or more.
const SLACK: Duration = Duration::from_micros(1900);
/// As late as this what is lost beyond [`SLACK`] is owed; and no more than this is.
const OWED: Duration = Duration::from_millis(10);
/// The longest gap of a throttle that is looked at like this, with its jitter.
const GAP: Duration = Duration::from_micros(500);
/// Of a call no later than this, the slack that is left pays back all of the time since the one before it.
const PAYING: Duration = Duration::from_micros(700);

/// When the queue of a throttle was served, by one who always has calls in it, and what may have been lost between.
///
/// Whoever polls a waiting call serves all whose slots are due. So a slot that was served by one look and not by the one
/// before was late by the time between the two, at most. Up to the slack that loses nothing; up to 10 ms, what exceeds
/// the slack is owed, up to 10 ms of it, and paid back while calls are in time again; beyond, it is lost. A debt, too, may
/// lapse when there is a stall.
pub(crate) struct Looks(Mutex<Lateness>);

#[derive(Clone, Copy)]
struct Lateness {
    /// When somebody looked for the first time, until when there were no calls.
    first: Option<Instant>,
    /// Slots that were due then are served and counted.
    served: Option<Instant>,
    /// For how long looks have followed each other closely enough to pay back.
    steady: Duration,
    owed: Duration,
    lost: Duration,
}

impl Looks {
    pub(crate) const fn new() -> Self {
        let none = Duration::ZERO;
        Self(Mutex::new(Lateness { first: None, served: None, steady: none, owed: none, lost: none }))
    }

    /// A look began, and had served the queue; whoever it found let in is counted.
    pub(crate) fn add(&self, began: Instant, served: Instant) {
        let mut lateness = self.lock();
        let late = lateness.served.map_or(Duration::ZERO, |before| served - before);
        lateness.add(late);
        lateness.first.get_or_insert(served);
        lateness.served = Some(began);
    }

    fn get(&self) -> Lateness {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Lateness> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lateness {
    /// Some slots were served, so late at the most.
    fn add(&mut self, late: Duration) {
        let excess = late.saturating_sub(SLACK);
        if late > PAYING {
            self.steady = Duration::ZERO;
        } else {
            // The first to be paid is the time from one call to the next, a gap later at the most.
            self.steady += late;
            self.owed = self.owed.saturating_sub(late.min(self.steady.saturating_sub(GAP)));
        }
        if late > OWED {
            self.lost += excess + std::mem::take(&mut self.owed);
        } else {
            let owed = self.owed + excess;
            self.owed = owed.min(OWED);
            self.lost += owed.saturating_sub(OWED);
        }
    }

    /// By how much the schedule may be behind at a moment: what is owed, and what was not served since the last look.
    fn behind(&self, began: Instant, at: Instant) -> f64 {
        (self.owed + at.saturating_duration_since(self.served.unwrap_or(began))).as_secs_f64()
    }

    /// What was lost since then.
    fn lost(&self, began: Instant) -> Duration {
        self.lost + self.first.map_or(Duration::ZERO, |first| first - began)
    }
}

pub(crate) struct Budget {
    name: &'static str,
    /// Where there are none, nothing has to be let in.
    looks: Option<&'static Looks>,
    /// How many may have been let in without being counted yet.
    uncounted: f64,
    rate: f64,
    began: Instant,
    since: Instant,
    admitted: f64,
    integral: f64,
    /// What may be added to the integral, for raises.
    more: f64,
    /// The least by which the count was above that.
    floor: f64,
    /// The time that was lost until the last check, and what it was worth in calls.
    lost: Duration,
    less: f64,
    /// How many more, and how many fewer, were let in than the integral says, at the most.
    above: f64,
    below: f64,
}

impl Budget {
    pub(crate) fn new(name: &'static str, rate: f64, looks: Option<&'static Looks>, uncounted: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let uncounted = uncounted as f64;
        let began = Instant::now();
        Self {
            name,
            looks,
            uncounted,
            rate,
            began,
            since: began,
            admitted: 0.0,
            integral: 0.0,
            more: 0.0,
            floor: 0.0,
            lost: Duration::ZERO,
            less: 0.0,
            above: 0.0,
            below: 0.0,
        }
    }

    /// So many have been let in by now.
    pub(crate) fn check(&mut self, admitted: &Count) {
        // Looked at first: what is paid back later may not be counted. Slots of before the count are the least that are in
        // it, those of after it the most.
        let lateness = self.looks.map(Looks::get);
        self.advance();
        let (before, at) = (self.integral, self.since);
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53")]
        let admitted = admitted.get() as f64;
        self.advance();
        self.admitted = admitted;

        let (name, rate) = (self.name, self.rate);
        let above = admitted - self.integral - self.more - self.floor;
        let most = 1.0 + BEHIND * rate + self.uncounted;
        require(above <= most, || {
            format!("{name}: {above:.1} more let in than the integral from some moment on, of {most:.1} that may be")
        });
        self.above = self.above.max(above);
        self.floor = self.floor.min(admitted - before - self.more);

        if let Some(lateness) = lateness {
            self.lose(&lateness);
            let below = before - self.less - lateness.behind(self.began, at) * rate - admitted;
            require(below <= DUE, || {
                format!("{name}: {admitted} let in, {below:.1} fewer than the integral without what may be lost")
            });
            self.below = self.below.max(below);
        }
    }

    /// Time that was lost is lost at the rate that it was lost at.
    fn lose(&mut self, lateness: &Lateness) {
        let lost = lateness.lost(self.began);
        self.less += lost.saturating_sub(self.lost).as_secs_f64() * self.rate;
        self.lost = lost;
    }

    /// Sets another rate, right after a check.
    pub(crate) fn change(&mut self, rate: f64, set: impl FnOnce()) {
        let lateness = self.looks.map(Looks::get);
        self.advance();
        set();
        let (change, before) = (rate - self.rate, self.since);
        self.advance();
        // While it was being set, both counted.
        let took = (self.since - before).as_secs_f64();
        // What was caught up with at the higher of two rates was within the bound of that.
        self.more += rate * took + BEHIND_BEFORE_A_RAISE * change.max(0.0) + BEHIND * (-change).max(0.0);
        if let Some(lateness) = lateness {
            self.lose(&lateness);
            // What is behind is time, so at a lower rate fewer calls.
            self.less += (took + lateness.behind(self.began, self.since)) * (-change).max(0.0);
        }
        self.rate = rate;
    }

    /// The integral up to now.
    fn advance(&mut self) {
        let now = Instant::now();
        self.integral += self.rate * (now - self.since).as_secs_f64();
        self.since = now;
    }

    /// What was let in of the integral, and how much of it may have been lost.
    pub(crate) fn shares(&self) -> String {
        let [share, lost] = [self.admitted, self.less].map(|calls| 100.0 * calls / self.integral);
        format!("{share:.2} % of the rate ({lost:.2} % may be lost, {:.1} below)", self.below.max(0.0))
    }

    /// How many more were let in than the integral says, at the most.
    pub(crate) fn above(&self) -> f64 {
        self.above.ceil()
    }
}
