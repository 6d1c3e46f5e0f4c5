//! Rows of peers on the same case, timed one after the other, and in turns.

mod ratio;
mod rows;

use std::time::Duration;

use criterion::measurement::Measurement;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

use self::ratio::Ratio;
pub use self::rows::{Effort, Rows};

/// What follows the name of a case where its rows are timed in turns.
pub const IN_TURNS: &str = ", in turns";

/// What stands between two rows that are timed in turns.
pub const TO: &str = " to ";

/// Two instances of criterion, as it measures one kind of thing at a time. Both obey the arguments of the command line.
#[expect(missing_debug_implementations, reason = "of criterion")]
pub struct Harness {
    spans: Criterion,
    ratios: Criterion<Ratio>,
}

impl Harness {
    /// As told on the command line.
    #[must_use]
    pub fn from_arguments() -> Self {
        let criterion = || Criterion::default().without_plots().nresamples(2000).configure_from_args();
        Self { spans: criterion(), ratios: criterion().with_measurement(Ratio) }
    }

    /// Says what it has to say at the end.
    pub fn end(self) {
        self.spans.final_summary();
        self.ratios.final_summary();
    }

    /// Times all rows, one after the other: a table to look at.
    pub fn each(&mut self, rows: &Rows<'_>) {
        let mut group = self.spans.benchmark_group(rows.case());
        rows.effort().samples(&mut group);
        for (peer, time) in rows.iter() {
            group.bench_function(peer, |bencher| bencher.iter_custom(time));
        }
        group.finish();
    }

    /// Times a row and another one in turns: how many times as long it takes, which is what budgets are about.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn in_turns(&mut self, rows: &Rows<'_>, ours: &str, theirs: &str) {
        self.take_turns(rows, None, ours, theirs);
    }

    /// [`in_turns`](Self::in_turns) with what a third row takes taken off both.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn in_turns_over(&mut self, rows: &Rows<'_>, bare: &str, ours: &str, theirs: &str) {
        self.take_turns(rows, Some(bare), ours, theirs);
    }

    fn take_turns(&mut self, rows: &Rows<'_>, bare: Option<&str>, ours: &str, theirs: &str) {
        let mut group = self.ratios.benchmark_group(format!("{}{IN_TURNS}", rows.case()));
        rows.effort().turns(&mut group);
        // What is little more than nothing is to be told from nothing.
        let often = if bare.is_some() { 16 } else { 1 };
        let sides = [(ours, often), (theirs, 1)].into_iter().chain(bare.map(|bare| (bare, often)));
        let sides = sides.map(|(peer, often)| (rows.time(peer), often)).collect::<Vec<_>>();
        let mut first = 0;
        group.bench_function(format!("{ours}{TO}{theirs}"), |bencher| {
            bencher.iter_custom(|iterations| {
                let n = iterations * rows.effort().batch();
                // Each is the first one at times, as a machine that becomes slower is unfair to whoever comes last.
                first += 1;
                let mut took = [Duration::ZERO; 3];
                for side in (0..sides.len()).map(|side| (side + first) % sides.len()) {
                    let (time, often) = sides[side];
                    took[side] = time(n * u64::from(often)) / often;
                }
                Ratio::of(took, iterations)
            });
        });
        group.finish();
    }
}

impl Effort {
    fn samples<M: Measurement>(self, group: &mut BenchmarkGroup<'_, M>) {
        let (samples, warm_up, time) = match self {
            Self::Calls => (50, 300, 1000),
            Self::Meetings => (20, 100, 500),
            // As few as the harness takes.
            Self::Crowds => (10, 1, 2000),
        };
        set(group, samples, warm_up, time);
        if self == Self::Crowds {
            group.sampling_mode(SamplingMode::Flat);
        }
    }

    /// How often a side does it in what criterion takes for one time. A call is nothing beside the start of a thread, which
    /// would be taken for the time of the call, and samples made too short to mean anything. A crowd is timed by the watch
    /// of one of it, who may be among the first to go on from one meeting and among the last from the next.
    fn batch(self) -> u64 {
        match self {
            Self::Calls => 1000,
            Self::Meetings => 1,
            Self::Crowds => 5,
        }
    }

    fn turns<M: Measurement>(self, group: &mut BenchmarkGroup<'_, M>) {
        let (samples, warm_up, time) = match self {
            Self::Calls => (200, 300, 2000),
            Self::Meetings => (100, 50, 1000),
            Self::Crowds => (20, 1, 1000),
        };
        group.sampling_mode(SamplingMode::Flat);
        set(group, samples, warm_up, time);
    }
}

fn set<M: Measurement>(group: &mut BenchmarkGroup<'_, M>, samples: usize, warm_up: u64, time: u64) {
    let millis = Duration::from_millis;
    group.sample_size(samples).warm_up_time(millis(warm_up)).measurement_time(millis(time));
}
