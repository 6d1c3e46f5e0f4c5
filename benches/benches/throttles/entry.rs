//! The way in while nobody has to wait: the rate is so high that every turn has come.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use altlocks::{DynamicThrottle, Outcome};
use altlocks_benches::throttles::{HandWritten, Throttle};
use altlocks_benches::{bench, finish, group, runtime};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use governor::Quota;
use request_rate_limiter::algorithms::Fixed;
use request_rate_limiter::{DefaultRateLimiter, RateLimiter as _};
use tower::limit::RateLimit;
use tower::limit::rate::Rate;
use tower::{Service, ServiceExt, service_fn};

use super::bare::Word;

/// The gap of 3 1/3 ns is no whole number, so that slots are drawn at random as those of all lower rates are.
const RATE: f64 = 3e8;
/// As high, and with a gap that is a whole number; it is the unit of most clocks.
const PER_SECOND: u32 = 1_000_000_000;

pub(crate) fn rows(criterion: &mut Criterion, threads: usize) {
    let mut group = group(criterion, "throttle: entry without a wait", threads);
    ours(&mut Rows { group: &mut group, threads });
    peers(&mut Rows { group: &mut group, threads });
    group.finish();
}

struct Rows<'a, 'b> {
    group: &'a mut BenchmarkGroup<'b, WallTime>,
    threads: usize,
}

impl Rows<'_, '_> {
    fn waiting<F: Future>(&mut self, peer: &str, enter: impl Fn() -> F + Sync) {
        bench(self.group, peer, self.threads, |n| {
            let _context = runtime().enter();
            finish(async {
                for _ in 0..n {
                    drop(enter().await);
                }
            });
        });
    }

    fn trying(&mut self, peer: &str, enter: impl Fn() -> bool + Sync) {
        bench(self.group, peer, self.threads, |n| {
            let admitted = (0..n).filter(|_| enter()).count() as u64;
            // Who is stopped between its look at the clock and its swap is behind the others' time.
            assert!(n - admitted <= 10 + n / 100, "{peer}: {admitted} of {n}");
        });
    }
}

fn ours(rows: &mut Rows<'_, '_>) {
    let throttle = DynamicThrottle::new(RATE);
    rows.waiting("altlocks", || throttle.enter());
    rows.trying("altlocks, try_enter", || throttle.try_enter().is_some());
    rows.waiting("altlocks, enter and record", || async { throttle.enter().await.record(Outcome::Success) });
    let throttle = DynamicThrottle::builder(RATE).quanta().build();
    rows.waiting("altlocks, quanta", || throttle.enter());
    rows.trying("altlocks, quanta, try_enter", || throttle.try_enter().is_some());
    // As the peers are: nothing is drawn at random where there is nothing to draw.
    let throttle = DynamicThrottle::builder(PER_SECOND.into()).jitter(0.0).build();
    rows.waiting("altlocks, no jitter", || throttle.enter());
    let throttle = DynamicThrottle::builder(PER_SECOND.into()).jitter(0.0).quanta().build();
    rows.waiting("altlocks, quanta, no jitter", || throttle.enter());
    rows.trying("altlocks, quanta, no jitter, try_enter", || throttle.try_enter().is_some());
}

fn peers(rows: &mut Rows<'_, '_>) {
    // A burst, as governor knows no other way to forgive that clocks of two threads differ: what altlocks does by its slack.
    let governor = governor::RateLimiter::direct(
        Quota::with_period(Duration::from_nanos(1))
            .expect("not zero")
            .allow_burst(NonZeroU32::new(2_000_000).expect("some")),
    );
    rows.trying("governor check", || governor.check().is_ok());
    rows.waiting("governor until_ready", || governor.until_ready());

    let leaky = leaky_bucket::RateLimiter::builder()
        .interval(Duration::from_millis(1))
        .refill(PER_SECOND as usize / 1000)
        .initial(PER_SECOND as usize)
        .max(PER_SECOND as usize)
        .build();
    rows.waiting("leaky-bucket acquire_one", || leaky.acquire_one());
    rows.trying("leaky-bucket try_acquire", || leaky.try_acquire(1));

    let ratelimit = ratelimit::Ratelimiter::builder(PER_SECOND.into()).initial_available(PER_SECOND.into()).build();
    let ratelimit = ratelimit.expect("settings within bounds");
    rows.trying("ratelimit try_wait", || ratelimit.try_wait().is_ok());

    // A burst of one, or it would look at the clock once in a second only.
    let limiter = async_rate_limiter::RateLimiter::new(PER_SECOND as usize);
    limiter.burst(1);
    rows.waiting("async-rate-limiter acquire", || limiter.acquire());

    let interval = async_throttle::RateLimiter::new(Duration::from_nanos(1));
    rows.waiting("async-throttle throttle", || interval.enter());

    // Its bucket is full at first, and so deep that it does not look at the clock to fill it.
    let adaptive = DefaultRateLimiter::new(Fixed::new(PER_SECOND.into()));
    rows.waiting("request-rate-limiter acquire", || adaptive.acquire());

    let locked = HandWritten::of(Duration::from_nanos(1));
    rows.waiting("hand-written tokio Mutex<Instant>", || locked.enter());

    let word = Word::new();
    rows.trying("bare clock read + CAS", || {
        word.enter();
        true
    });

    if rows.threads == 1 {
        // It has one owner: to share it takes a channel in front, which is another thing.
        bench(rows.group, "tower RateLimit", rows.threads, |n| {
            let answering = service_fn(|()| std::future::ready(Ok::<_, std::convert::Infallible>(())));
            let mut service = RateLimit::new(answering, Rate::new(u64::MAX, Duration::from_secs(1)));
            finish(async {
                for _ in 0..n {
                    black_box(service.ready().await.expect("infallible").call(()).await).expect("infallible");
                }
            });
        });
    }
}
