//! The way in while nobody has to wait: the rate is so high that every turn has come.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use altlocks::{DynamicThrottle, Outcome};
use altlocks_benches::throttles::{HandWritten, Throttle};
use altlocks_benches::{Effort, Harness, Rows, finish, leak, runtime};
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

pub(crate) fn rows(harness: &mut Harness, threads: usize) {
    let mut rows = Rows::new("throttle: entry without a wait", threads, Effort::Calls);
    ours(&mut rows);
    peers(&mut rows);
    harness.each(&rows);
    harness.in_turns(&rows, "altlocks", "bare clock read + CAS");
    harness.in_turns(&rows, "altlocks, quanta", "governor check");
    harness.in_turns(&rows, "altlocks, quanta, no jitter, try_enter", "governor check");
}

fn waiting<T: Sync, F: Future>(
    rows: &mut Rows<'static>,
    peer: &'static str,
    throttle: &'static T,
    enter: impl Fn(&'static T) -> F + Sync + 'static,
) {
    rows.calls(peer, move |n| {
        let _context = runtime().enter();
        finish(async {
            for _ in 0..n {
                drop(enter(throttle).await);
            }
        });
    });
}

fn trying<T: Sync>(
    rows: &mut Rows<'static>,
    peer: &'static str,
    throttle: &'static T,
    enter: impl Fn(&T) -> bool + Sync + 'static,
) {
    rows.calls(peer, move |n| {
        let admitted = (0..n).filter(|_| enter(throttle)).count() as u64;
        // Who is stopped between its look at the clock and its swap is behind the others' time.
        assert!(n - admitted <= 10 + n / 100, "{peer}: {admitted} of {n}");
    });
}

fn ours(rows: &mut Rows<'static>) {
    let throttle = leak(DynamicThrottle::new(RATE));
    waiting(rows, "altlocks", throttle, DynamicThrottle::enter);
    trying(rows, "altlocks, try_enter", throttle, |throttle| throttle.try_enter().is_some());
    waiting(rows, "altlocks, enter and record", throttle, async |throttle: &DynamicThrottle| {
        throttle.enter().await.record(Outcome::Success);
    });
    let throttle = leak(DynamicThrottle::builder(RATE).quanta().build());
    waiting(rows, "altlocks, quanta", throttle, DynamicThrottle::enter);
    trying(rows, "altlocks, quanta, try_enter", throttle, |throttle| throttle.try_enter().is_some());
    // As the peers are: nothing is drawn at random where there is nothing to draw.
    let throttle = leak(DynamicThrottle::builder(PER_SECOND.into()).jitter(0.0).build());
    waiting(rows, "altlocks, no jitter", throttle, DynamicThrottle::enter);
    let throttle = leak(DynamicThrottle::builder(PER_SECOND.into()).jitter(0.0).quanta().build());
    waiting(rows, "altlocks, quanta, no jitter", throttle, DynamicThrottle::enter);
    trying(rows, "altlocks, quanta, no jitter, try_enter", throttle, |throttle| throttle.try_enter().is_some());
}

fn peers(rows: &mut Rows<'static>) {
    // A burst, as governor knows no other way to forgive that clocks of two threads differ: what altlocks does by its slack.
    let governor = leak(governor::RateLimiter::direct(
        Quota::with_period(Duration::from_nanos(1))
            .expect("not zero")
            .allow_burst(NonZeroU32::new(2_000_000).expect("some")),
    ));
    trying(rows, "governor check", governor, |governor| governor.check().is_ok());
    waiting(rows, "governor until_ready", governor, governor::RateLimiter::until_ready);

    let leaky = leak(
        leaky_bucket::RateLimiter::builder()
            .interval(Duration::from_millis(1))
            .refill(PER_SECOND as usize / 1000)
            .initial(PER_SECOND as usize)
            .max(PER_SECOND as usize)
            .build(),
    );
    waiting(rows, "leaky-bucket acquire_one", leaky, leaky_bucket::RateLimiter::acquire_one);
    trying(rows, "leaky-bucket try_acquire", leaky, |leaky| leaky.try_acquire(1));

    let ratelimit = ratelimit::Ratelimiter::builder(PER_SECOND.into()).initial_available(PER_SECOND.into()).build();
    let ratelimit = leak(ratelimit.expect("settings within bounds"));
    trying(rows, "ratelimit try_wait", ratelimit, |ratelimit| ratelimit.try_wait().is_ok());

    // A burst of one, or it would look at the clock once in a second only.
    let limiter = leak(async_rate_limiter::RateLimiter::new(PER_SECOND as usize));
    limiter.burst(1);
    waiting(rows, "async-rate-limiter acquire", limiter, async_rate_limiter::RateLimiter::acquire);

    let interval = leak(async_throttle::RateLimiter::new(Duration::from_nanos(1)));
    waiting(rows, "async-throttle throttle", interval, Throttle::enter);

    // Its bucket is full at first, and so deep that it does not look at the clock to fill it.
    let adaptive = leak(DefaultRateLimiter::new(Fixed::new(PER_SECOND.into())));
    waiting(rows, "request-rate-limiter acquire", adaptive, DefaultRateLimiter::acquire);

    let locked = leak(HandWritten::of(Duration::from_nanos(1)));
    waiting(rows, "hand-written tokio Mutex<Instant>", locked, Throttle::enter);

    trying(rows, "bare clock read + CAS", leak(Word::new()), |word| {
        word.enter();
        true
    });

    if rows.threads() == 1 {
        // It has one owner: to share it takes a channel in front, which is another thing.
        rows.calls("tower RateLimit", |n| {
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
