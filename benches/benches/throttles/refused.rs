//! A call that asks whether its turn has come, and it has not.

use std::time::Duration;

use altlocks::DynamicThrottle;
use altlocks_benches::throttles::HandWritten;
use altlocks_benches::{bench, group};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use governor::Quota;

use super::bare::Word;

/// Of the peers that can be asked, each at one call in a second, the least that all of them know.
pub(crate) fn rows(criterion: &mut Criterion, threads: usize) {
    let mut group = group(criterion, "throttle: refused", threads);
    let throttle = DynamicThrottle::new(1.0);
    row(&mut group, "altlocks", threads, || throttle.try_enter().is_some());
    let throttle = DynamicThrottle::builder(1.0).quanta().build();
    row(&mut group, "altlocks, quanta", threads, || throttle.try_enter().is_some());

    let second = Duration::from_secs(1);
    let governor = governor::RateLimiter::direct(Quota::with_period(second).expect("not zero"));
    row(&mut group, "governor check", threads, || governor.check().is_ok());
    let leaky = leaky_bucket::RateLimiter::builder().interval(second).initial(0).max(1).build();
    row(&mut group, "leaky-bucket try_acquire", threads, || leaky.try_acquire(1));
    let ratelimit = ratelimit::Ratelimiter::new(1);
    row(&mut group, "ratelimit try_wait", threads, || ratelimit.try_wait().is_ok());
    let limiter = async_rate_limiter::RateLimiter::new(1);
    limiter.burst(1);
    row(&mut group, "async-rate-limiter try_acquire", threads, || limiter.try_acquire().is_ok());
    let locked = HandWritten::of(second);
    row(&mut group, "hand-written tokio Mutex<Instant>", threads, || locked.try_enter());
    let word = Word::never();
    row(&mut group, "bare clock read + load", threads, || word.is_due());
    group.finish();
}

fn row(group: &mut BenchmarkGroup<'_, WallTime>, peer: &str, threads: usize, enter: impl Fn() -> bool + Sync) {
    bench(group, peer, threads, |n| {
        let admitted = (0..n).filter(|_| enter()).count();
        // One at first, and one in each second that the samples take.
        assert!(admitted < 10, "{peer}: {admitted} of {n}");
    });
}
