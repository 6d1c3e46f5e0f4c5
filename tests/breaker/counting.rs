use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, State};
use tokio::time::{Instant, advance, sleep};

use super::{ApiError, admitted, end, fail, is_open, logging, succeed, trip};
use crate::support::logged;

#[test]
fn a_success_ends_the_run_of_failures() {
    let breaker = CircuitBreaker::new("b");
    fail(&breaker);
    fail(&breaker);
    succeed(&breaker);
    assert_eq!(breaker.fails(), 0);
    fail(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn the_nth_failure_in_a_row_opens_and_not_the_next() {
    for max_fails in 1..7 {
        let breaker = CircuitBreaker::builder("b").max_fails(max_fails).build();
        for fails in 1..max_fails {
            fail(&breaker);
            assert_eq!((breaker.state(), breaker.fails()), (State::Closed, fails));
        }
        fail(&breaker);
        assert_eq!((breaker.state(), breaker.fails()), (State::Open, 0));
    }
}

#[test]
fn one_failure_opens_where_max_fails_is_one() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).build();
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn the_call_that_trips_returns_its_own_error_and_the_next_caller_gets_open() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).build();
    let tripping: Result<(), _> = breaker.call(async { Err(ApiError::Timeout) }).await;
    assert_eq!(tripping, Err(ApiError::Timeout));
    let next: Result<(), _> = breaker.call(async { Err(ApiError::Timeout) }).await;
    assert!(matches!(next, Err(ApiError::Refused(refusal)) if is_open(&refusal)));
}

#[tokio::test(start_paused = true)]
async fn refused_calls_neither_run_nor_count_nor_extend_the_open_period() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(Duration::from_secs(10)).build();
    trip(&breaker);
    for second in 0..10 {
        let refused: Result<(), _> = breaker.call(async { unreachable!("refused") }).await;
        let left = Duration::from_secs(10 - second);
        assert!(matches!(refused, Err(ApiError::Refused(refusal)) if refusal.retry_after() == Some(left)));
        assert_eq!(breaker.fails(), 0);
        advance(Duration::from_secs(1)).await;
    }
    let trial: Result<_, ApiError> = breaker.call(async { Ok(5) }).await;
    assert_eq!(trial, Ok(5));
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn sixty_four_failing_calls_in_flight_open_once() {
    let breaker = logging("b").build();
    let calls: Vec<_> = (0..64).map(|_| admitted(&breaker)).collect();
    for call in calls {
        call.record(Outcome::Failure);
    }
    assert_eq!(breaker.state(), State::Open);
    assert_eq!(logged(), ["Closed -> Open"]);
}

#[tokio::test(start_paused = true)]
async fn calls_are_not_serialised() {
    let breaker = CircuitBreaker::new("b");
    let begun = Instant::now();
    let call = || {
        breaker.call(async {
            sleep(Duration::from_millis(200)).await;
            Ok::<_, ApiError>(())
        })
    };
    let all = tokio::join!(call(), call(), call(), call(), call());
    assert_eq!(all, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(())));
    assert_eq!(begun.elapsed(), Duration::from_millis(200));
}

#[test]
fn an_ignored_call_neither_counts_nor_ends_the_run() {
    let breaker = CircuitBreaker::new("b");
    fail(&breaker);
    fail(&breaker);
    end(&breaker, Outcome::Ignored);
    assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 2));
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn an_ignored_trial_is_no_trial() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).max_half_open_calls(1).build();
    trip(&breaker);
    advance(Duration::from_secs(30)).await;
    for _ in 0..100 {
        end(&breaker, Outcome::Ignored);
        assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 0));
    }
    succeed(&breaker);
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_the_reset_still_counts_if_nothing_changed_meanwhile() {
    let breaker = CircuitBreaker::builder("b").max_fails(2).build();
    let first = admitted(&breaker);
    advance(Duration::from_secs(3600)).await;
    fail(&breaker);
    first.record(Outcome::Failure);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_is_a_failure_whatever_it_returned() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).slow_call(Duration::from_millis(500)).build();
    let call = |millis| {
        breaker.call(async move {
            sleep(Duration::from_millis(millis)).await;
            Ok::<_, ApiError>(())
        })
    };
    assert_eq!(call(499).await, Ok(()));
    assert_eq!(breaker.state(), State::Closed);
    let cancelled = admitted(&breaker);
    advance(Duration::from_secs(1)).await;
    drop(cancelled);
    assert_eq!(breaker.state(), State::Closed, "a cancelled call returned nothing");
    assert_eq!(call(500).await, Ok(()));
    assert_eq!(breaker.state(), State::Open);
}
