//! A ratio, as something that criterion measures.

use std::time::Duration;

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// How many times as long as a neighbour. The median of many such ratios stays what it is while a machine is now quick and
/// now slow, which two medians of rows that are timed one after the other do not.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Ratio;

impl Ratio {
    /// Of ours to theirs, each less what is bare; so many times, as criterion divides what it is given by its iterations.
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53")]
    pub(super) fn of([ours, theirs, bare]: [Duration; 3], iterations: u64) -> f64 {
        let [ours, theirs, bare] = [ours, theirs, bare].map(|took| took.as_secs_f64());
        (ours - bare) / (theirs - bare) * iterations as f64
    }
}

impl Measurement for Ratio {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        unreachable!("a ratio takes a loop of its own")
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Ratio {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "×"
    }

    fn scale_throughputs(&self, typical: f64, _: &Throughput, values: &mut [f64]) -> &'static str {
        self.scale_values(typical, values)
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "×"
    }
}
