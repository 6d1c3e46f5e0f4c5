//! Barriers, side by side: how long a meeting takes.

use std::time::Duration;

use altlocks_benches::barriers::{Barrier, Visit, by_hand, cancelled, each, on_runtime};
use altlocks_benches::{criterion, group};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use tokio::runtime::{Builder, Runtime};

const PARTIES: [usize; 6] = [1, 2, 8, 64, 1024, 100_000];

fn main() {
    let mut criterion = criterion();
    let one = Builder::new_current_thread().build().expect("a runtime");
    let two = Builder::new_multi_thread().worker_threads(2).build().expect("two threads");
    for parties in PARTIES {
        rows(&mut criterion, parties, "polled by hand", 1, Way::ByHand);
        rows(&mut criterion, parties, "tasks", 1, Way::Tasks(&one));
        // A party that meets itself needs one thread.
        if parties > 1 {
            rows(&mut criterion, parties, "tasks", 2, Way::Tasks(&two));
        }
    }
    for parties in [64, 1024, 100_000] {
        rows(&mut criterion, parties, "all who wait are cancelled", 1, Way::Cancelled);
    }
    criterion.final_summary();
}

/// What is timed.
#[derive(Clone, Copy)]
enum Way<'a> {
    ByHand,
    Tasks(&'a Runtime),
    Cancelled,
}

fn rows(criterion: &mut Criterion, parties: usize, case: &str, threads: usize, way: Way<'_>) {
    let mut group = group(criterion, &format!("barrier: n = {parties}, {case}"), threads);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(500)).sample_size(20);
    if parties > 10_000 {
        // As few as the harness takes, since a meeting takes up to a tenth of a second.
        group.warm_up_time(Duration::from_millis(1)).sample_size(10).sampling_mode(SamplingMode::Flat);
    }
    each(&mut Rows { group: &mut group, parties, way });
    group.finish();
}

struct Rows<'a, 'b> {
    group: &'a mut BenchmarkGroup<'b, WallTime>,
    parties: usize,
    way: Way<'a>,
}

impl Visit for Rows<'_, '_> {
    fn visit<B: Barrier>(&mut self, peer: &'static str) {
        let (parties, way) = (self.parties, self.way);
        self.group.bench_function(peer, |bencher| {
            bencher.iter_custom(|n| match way {
                Way::ByHand => by_hand::<B>(parties, n),
                Way::Tasks(runtime) => on_runtime::<B>(runtime, parties, n),
                Way::Cancelled => cancelled::<B>(parties, n),
            });
        });
    }
}
