//! The way out of a queue, for those who give up.

use std::task::Waker;
use std::time::{Duration, Instant};

use altlocks_benches::throttles::{Throttle, Visit, each};
use altlocks_benches::{Rooms, finish, group};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

const WAITERS: usize = 10_000;

/// All who wait give up, those first who came first, which is the worst order where it matters who is next. It is the way
/// out alone that is timed, not that in.
pub(crate) fn rows(criterion: &mut Criterion) {
    let mut group = group(criterion, "throttle: 10000 cancels in a queue", 1);
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(50));
    each(&mut Rows(&mut group));
    group.finish();
}

struct Rows<'a, 'b>(&'a mut BenchmarkGroup<'b, WallTime>);

impl Visit for Rows<'_, '_> {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        self.0.bench_function(peer, |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let throttle = T::new(1);
                    let mut rooms = Rooms::new(WAITERS);
                    // The first does not wait.
                    drop(finish(throttle.enter()));
                    rooms.queue(Waker::noop(), |_| throttle.enter());
                    let start = Instant::now();
                    rooms.leave();
                    took += start.elapsed();
                }
                took
            });
        });
    }
}
