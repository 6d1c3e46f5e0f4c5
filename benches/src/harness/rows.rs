//! The rows of a case.

use std::time::Duration;

use crate::time;

/// How long it takes to do something n times.
type Time<'a> = Box<dyn Fn(u64) -> Duration + 'a>;

/// Peers on the same case, so many threads at once.
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Rows<'a> {
    case: String,
    threads: usize,
    effort: Effort,
    timed: Vec<(&'static str, Time<'a>)>,
}

/// How long what is timed takes, and so how often it can be repeated: short, so that the whole suite is run rather than
/// read about; the medians tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// Nanoseconds.
    Calls,
    /// Microseconds.
    Meetings,
    /// Up to a tenth of a second.
    Crowds,
}

impl<'a> Rows<'a> {
    /// None yet.
    #[must_use]
    pub fn new(case: &str, threads: usize, effort: Effort) -> Self {
        let plural = if threads == 1 { "" } else { "s" };
        Self { case: format!("{case}, {threads} thread{plural}"), threads, effort, timed: Vec::new() }
    }

    /// Adds a row: `calls(n)` makes n calls.
    ///
    /// It loops itself, so that a fraction of a nanosecond is not lost in the harness's own loop.
    pub fn calls(&mut self, peer: &'static str, calls: impl Fn(u64) + Sync + 'a) {
        let threads = self.threads;
        self.timed(peer, move |n| time(threads, n, &calls));
    }

    /// Adds a row that has a watch of its own.
    pub fn timed(&mut self, peer: &'static str, time: impl Fn(u64) -> Duration + 'a) {
        self.timed.push((peer, Box::new(time)));
    }

    /// How many threads make calls.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The names of the rows.
    pub fn peers(&self) -> impl Iterator<Item = &'static str> {
        self.timed.iter().map(|(peer, _)| *peer)
    }

    pub(super) fn case(&self) -> &str {
        &self.case
    }

    pub(super) fn effort(&self) -> Effort {
        self.effort
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Time<'a>)> {
        self.timed.iter().map(|(peer, time)| (*peer, time))
    }

    pub(super) fn time(&self, peer: &str) -> &Time<'a> {
        self.iter().find(|row| row.0 == peer).unwrap_or_else(|| panic!("{}: no row {peer}", self.case)).1
    }
}
