use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerBuilder, State};

use super::{admitted, fail, trip};
use crate::support::panics;

#[test]
fn the_defaults_are_three_fails_thirty_seconds_and_five_trials() {
    let breaker = CircuitBreaker::new("b");
    assert_eq!((breaker.name(), breaker.state(), breaker.fails()), ("b", State::Closed, 0));
    fail(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker);
    let left = breaker.retry_after().unwrap();
    assert!(left <= Duration::from_secs(30) && left > Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn the_default_is_five_trials() {
    let breaker = CircuitBreaker::new("b");
    trip(&breaker);
    tokio::time::advance(Duration::from_secs(30)).await;
    let trials: Vec<_> = (0..5).map(|_| admitted(&breaker)).collect();
    assert!(breaker.try_acquire().is_err());
    drop(trials);
}

#[test]
fn a_breaker_stands_in_a_static() {
    static BREAKER: CircuitBreaker = CircuitBreaker::builder("static")
        .max_fails(7)
        .reset(Duration::from_millis(5))
        .max_half_open_calls(3)
        .success_threshold(2)
        .max_half_open_fails(2)
        .trial_lease(Duration::from_secs(1))
        .backoff(1.5)
        .max_reset(Duration::from_secs(60))
        .jitter(0.25)
        .slow_call(Duration::from_secs(2))
        .timer(tokio::time::Instant::now)
        .on_transition(|_, _| ())
        .build();
    assert_eq!(BREAKER.name(), "static");
}

#[test]
fn a_name_may_be_made_at_run_time() {
    for tenant in 0..3 {
        let breaker = CircuitBreaker::builder("tenant").named(format!("tenant-{tenant}")).build();
        breaker.force_open();
        let refusal = breaker.try_acquire().unwrap_err();
        assert_eq!(refusal.name(), format!("tenant-{tenant}"));
        assert_eq!(refusal.to_string(), format!("circuit breaker `tenant-{tenant}` is open"));
    }
}

#[test]
fn refusals_of_breakers_with_other_names_differ() {
    let refusal = |name: &str| {
        let breaker = CircuitBreaker::builder("b").named(name).build();
        breaker.force_open();
        breaker.try_acquire().unwrap_err()
    };
    assert_eq!(refusal("a"), refusal("a"));
    assert_ne!(refusal("a"), refusal("b"));
}

type Setter = fn(CircuitBreakerBuilder) -> CircuitBreakerBuilder;

const REFUSED: [(&str, Setter); 17] = [
    ("max_fails", |b| b.max_fails(0)),
    ("max_half_open_calls", |b| b.max_half_open_calls(0)),
    ("success_threshold", |b| b.success_threshold(0)),
    ("success_threshold", |b| b.success_threshold(6)),
    ("success_threshold", |b| b.success_threshold(3).max_half_open_calls(2)),
    ("max_half_open_fails", |b| b.max_half_open_fails(0)),
    ("trial_lease", |b| b.trial_lease(Duration::ZERO)),
    ("backoff", |b| b.backoff(0.999)),
    ("backoff", |b| b.backoff(-2.0)),
    ("backoff", |b| b.backoff(f64::NAN)),
    ("backoff", |b| b.backoff(f64::INFINITY)),
    ("jitter", |b| b.jitter(-0.001)),
    ("jitter", |b| b.jitter(1.0)),
    ("jitter", |b| b.jitter(f64::NAN)),
    ("jitter", |b| b.jitter(f64::INFINITY)),
    ("name", |b| b.named("")),
    ("name", |_| CircuitBreaker::builder("")),
];

#[test]
fn a_wrong_value_is_an_error_that_names_its_parameter() {
    for (parameter, wrong) in REFUSED {
        let error = wrong(CircuitBreaker::builder("b")).try_build().unwrap_err();
        assert_eq!(error.parameter(), parameter);
        assert!(error.to_string().starts_with(parameter), "{error}");
    }
}

#[test]
fn build_panics_where_try_build_errs_and_with_the_same_words() {
    for (_, wrong) in REFUSED {
        let words = wrong(CircuitBreaker::builder("b")).try_build().unwrap_err().to_string();
        let build = || drop(wrong(CircuitBreaker::builder("b")).build());
        let payload = std::panic::catch_unwind(build).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>(), Some(&words));
    }
    assert!(panics(|| drop(CircuitBreaker::new(""))));
}

#[test]
fn the_ends_of_the_ranges_are_accepted() {
    let accepted: [Setter; 6] = [
        |b| b.max_fails(1).max_half_open_calls(1).success_threshold(1).max_half_open_fails(1),
        |b| b.max_fails(u32::MAX).max_half_open_calls(u32::MAX).success_threshold(u32::MAX),
        |b| b.reset(Duration::ZERO).max_reset(Duration::ZERO).trial_lease(Duration::from_nanos(1)),
        |b| b.reset(Duration::MAX).max_reset(Duration::MAX).trial_lease(Duration::MAX).slow_call(Duration::MAX),
        |b| b.backoff(1.0).jitter(0.0).slow_call(Duration::ZERO),
        |b| b.backoff(f64::MAX).jitter(0.999_999),
    ];
    for accept in accepted {
        assert!(accept(CircuitBreaker::builder("b")).try_build().is_ok());
    }
}
