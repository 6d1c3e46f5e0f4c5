use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerError, State};
use tokio::time::{advance, sleep};

use super::{RESET, admitted, fail, is_open, succeed, trip};
use crate::support::hand_clock;

const NANOSECOND: Duration = Duration::from_nanos(1);

fn open() -> CircuitBreaker {
    let breaker = CircuitBreaker::builder("b").reset(RESET).build();
    trip(&breaker);
    breaker
}

#[tokio::test(start_paused = true)]
async fn a_nanosecond_before_the_reset_a_call_is_refused_and_at_it_admitted() {
    let breaker = open();
    advance(RESET - NANOSECOND).await;
    let refusal = breaker.try_acquire().unwrap_err();
    assert_eq!(refusal, breaker.try_acquire().unwrap_err());
    assert_eq!(refusal.retry_after(), Some(NANOSECOND));
    advance(NANOSECOND).await;
    assert!(admitted(&breaker).is_trial());
}

#[tokio::test(start_paused = true)]
async fn sleeping_exactly_retry_after_suffices() {
    for already in [0, 1, 999_999, 1_000_000, 1_234_567_891] {
        let breaker = open();
        advance(Duration::from_nanos(already)).await;
        let wait = breaker.try_acquire().unwrap_err().retry_after().unwrap();
        sleep(wait).await;
        succeed(&breaker);
        assert_eq!(breaker.state(), State::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_reset_of_zero_the_next_call_is_a_trial() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(Duration::ZERO).build();
    fail(&breaker);
    assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, Some(Duration::ZERO)));
    assert!(admitted(&breaker).is_trial());
}

#[tokio::test(start_paused = true)]
async fn a_reset_of_all_time_saturates() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(Duration::MAX).jitter(0.9).build();
    fail(&breaker);
    advance(Duration::from_secs(100 * 365 * 86_400)).await;
    let refusal = breaker.try_acquire().unwrap_err();
    assert!(is_open(&refusal) && refusal.retry_after().unwrap() > Duration::from_secs(365 * 86_400));
}

#[tokio::test(start_paused = true)]
async fn a_back_off_past_the_range_saturates() {
    let breaker =
        CircuitBreaker::builder("b").max_fails(1).max_half_open_calls(1).reset(NANOSECOND).backoff(1e9).build();
    fail(&breaker);
    for seconds in [1e-9, 1.0, 1e9] {
        let wait = breaker.retry_after().unwrap();
        assert!((wait.as_secs_f64() / seconds - 1.0).abs() < 1e-12, "{wait:?}");
        advance(wait).await;
        fail(&breaker);
    }
    assert_eq!(breaker.retry_after(), Some(Duration::MAX));
    assert!(breaker.try_acquire().is_err());
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_never_negative_and_none_where_time_decides_nothing() {
    let breaker = CircuitBreaker::builder("b").reset(RESET).max_half_open_calls(1).build();
    assert_eq!(breaker.retry_after(), None);
    trip(&breaker);
    assert_eq!(breaker.retry_after(), Some(RESET));
    advance(RESET * 3).await;
    assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, Some(Duration::ZERO)));
    let trial = admitted(&breaker);
    assert_eq!(breaker.retry_after(), None);
    let refusal = breaker.try_acquire().unwrap_err();
    assert!(matches!(refusal, CircuitBreakerError::HalfOpen { max_half_open_calls: 1, .. }));
    assert_eq!(refusal.retry_after(), None);
    drop(trial);
    breaker.force_open();
    assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, None));
    assert!(matches!(breaker.try_acquire(), Err(CircuitBreakerError::Open { retry_after: None, .. })));
}

#[test]
fn the_clock_is_the_one_given() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(RESET).timer(hand_clock).build();
    fail(&breaker);
    crate::support::advance(RESET - NANOSECOND);
    assert_eq!(breaker.retry_after(), Some(NANOSECOND));
    crate::support::advance(NANOSECOND);
    assert!(admitted(&breaker).is_trial());
}

#[test]
fn no_clock_is_read_while_the_circuit_is_closed() {
    fn no_clock() -> tokio::time::Instant {
        panic!("the clock was read")
    }
    let breaker = CircuitBreaker::builder("b").timer(no_clock).build();
    succeed(&breaker);
    fail(&breaker);
    fail(&breaker);
    succeed(&breaker);
    drop(admitted(&breaker));
    breaker.force_open();
    assert!(breaker.try_acquire().is_err());
    breaker.reset();
    assert_eq!((breaker.state(), breaker.fails(), breaker.retry_after()), (State::Closed, 0, None));
}

#[tokio::test(start_paused = true)]
async fn the_back_off_grows_with_every_reopening_in_a_row_and_a_close_starts_anew() {
    let second = Duration::from_secs(1);
    let breaker = CircuitBreaker::builder("b")
        .max_fails(1)
        .max_half_open_calls(1)
        .reset(second)
        .backoff(2.0)
        .max_reset(second * 5)
        .build();
    for _ in 0..2 {
        fail(&breaker);
        for expected in [1, 2, 4, 5, 5] {
            assert_eq!(breaker.retry_after(), Some(second * expected));
            advance(second * expected).await;
            fail(&breaker);
        }
        advance(second * 5).await;
        succeed(&breaker);
        assert_eq!(breaker.state(), State::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_stays_in_its_range_and_retry_after_tells_it() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(RESET).jitter(0.5).build();
    let mut resets = Vec::new();
    for _ in 0..500 {
        breaker.reset();
        fail(&breaker);
        let wait = breaker.retry_after().unwrap();
        advance(wait - NANOSECOND).await;
        assert!(breaker.try_acquire().is_err());
        advance(NANOSECOND).await;
        succeed(&breaker);
        resets.push(wait);
    }
    assert!(resets.iter().all(|wait| (RESET / 2..=RESET * 3 / 2).contains(wait)));
    assert!(resets.iter().any(|wait| *wait < RESET * 3 / 4) && resets.iter().any(|wait| *wait > RESET * 5 / 4));
}
