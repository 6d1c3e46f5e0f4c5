//! What is counted. Each case makes so many calls, after what is done once.
//!
//! The clock is one of our own that goes by a second a reading: no branch depends on how fast the machine is, nor on the
//! fraction of the second in which it was started. What a real one costs is left out. (That of the feature `quanta`
//! calibrates itself while it is counted, never twice the same.)

use std::hint::black_box;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use altlocks::{
    Adaptation, CircuitBreaker, CircuitBreakerError, DynamicThrottle, Outcome, ResourceGuard, StatefulBarrier,
    UniqueResourceGuard, circuit_breaker, resource_guard, throttle,
};
use tokio::time::Instant;

type Answer = Result<u64, CircuitBreakerError>;

/// A name, and what makes so many calls.
type Case = (&'static str, fn(u64));

pub(crate) const CASES: &[Case] = &[
    ("bare async function", |calls| call(calls, bare)),
    ("closed success: annotated", |calls| call(calls, annotated)),
    ("closed success: annotated, shared by name", |calls| call(calls, named)),
    ("closed success: try_acquire and record", |calls| {
        repeat(calls, || acquired().map(|permit| permit.record(Outcome::Success)).is_ok());
    }),
    ("refusal: annotated", |calls| {
        drop(polled(refused(0)));
        call(calls, refused);
    }),
    ("refusal: try_acquire", |calls| {
        OPEN.force_open();
        repeat(calls, || black_box(&OPEN).try_acquire().is_err());
    }),
    ("throttle entry: try_enter", |calls| repeat(calls, || black_box(&PACE).try_enter().is_some())),
    ("throttle entry: annotated, with its result", |calls| call(calls, throttled)),
    ("guard entry: enter and leave", |calls| repeat(calls, || black_box(&GUARD).enter().is_ok())),
    ("guard entry: refused", |calls| {
        let held = GUARD.enter();
        repeat(calls, || black_box(&GUARD).enter().is_err());
        drop(held);
    }),
    ("guard entry: annotated", |calls| call(calls, guarded)),
    ("guard entry: unique, enter and leave", |calls| {
        let guard = UniqueResourceGuard::of(7);
        repeat(calls, || black_box(&guard).enter().is_ok());
    }),
    ("barrier of two: a meeting, with states", |calls| {
        let barrier = StatefulBarrier::<u64>::builder(2).cyclic().build();
        repeat(calls, || {
            let (mut first, mut second) = (pin!(barrier.wait(1)), pin!(barrier.wait(2)));
            let context = &mut Context::from_waker(Waker::noop());
            first.as_mut().poll(context).is_pending()
                && second.as_mut().poll(context).is_ready()
                && first.as_mut().poll(context).is_ready()
        });
    }),
];

static DEVICE: CircuitBreaker = CircuitBreaker::new("device");
static OPEN: CircuitBreaker = CircuitBreaker::new("open");
static PACE: DynamicThrottle = DynamicThrottle::builder(2.0).adaptation(Adaptation::Fixed).timer(clock).build();
static GUARD: ResourceGuard<u64> = ResourceGuard::new(0);

fn clock() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    static READ: AtomicU64 = AtomicU64::new(0);
    *START.get_or_init(Instant::now) + Duration::from_secs(READ.fetch_add(1, Ordering::Relaxed))
}

#[inline(never)]
fn acquired() -> Result<altlocks::Permit<'static>, CircuitBreakerError> {
    black_box(&DEVICE).try_acquire()
}

async fn bare(value: u64) -> Answer {
    Ok(black_box(value))
}

#[circuit_breaker]
async fn annotated(value: u64) -> Answer {
    Ok(black_box(value))
}

#[circuit_breaker(name = "named")]
async fn named(value: u64) -> Answer {
    Ok(black_box(value))
}

#[circuit_breaker(max_fails = 1, reset = "1000h", timer = clock, fail_if = |_| true)]
async fn refused(value: u64) -> Answer {
    Ok(black_box(value))
}

#[throttle(throttle = PACE)]
async fn throttled(value: u64) -> Answer {
    Ok(black_box(value))
}

#[resource_guard(fallback = |_| Ok(0))]
async fn guarded(value: u64) -> Answer {
    Ok(black_box(value))
}

fn call<F: Future<Output = Answer>>(calls: u64, function: impl Fn(u64) -> F) {
    repeat(calls, || polled(function(black_box(1))).is_ready());
}

fn polled<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn repeat(calls: u64, call: impl Fn() -> bool) {
    for _ in 0..calls {
        assert!(black_box(call()), "what is counted has happened");
    }
}
