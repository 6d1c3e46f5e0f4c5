use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Outcome, State};
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};

use super::{ApiError, RESET, admitted, fail, logging, succeed, trip};
use crate::support::{logged, panics};

/// Open, and its reset has passed.
async fn ready(builder: CircuitBreakerBuilder) -> CircuitBreaker {
    let breaker = builder.reset(RESET).build();
    trip(&breaker);
    advance(RESET).await;
    breaker
}

fn three_trials() -> CircuitBreakerBuilder {
    CircuitBreaker::builder("b").max_half_open_calls(3)
}

#[tokio::test(start_paused = true)]
async fn the_call_that_makes_it_half_open_is_trial_one_and_can_close_it() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(1)).await;
    let bodies = AtomicU32::new(0);
    let trial: Result<_, ApiError> = breaker
        .call(async {
            assert_eq!(breaker.state(), State::HalfOpen);
            assert!(breaker.try_acquire().is_err(), "the one trial is this call");
            bodies.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .await;
    assert_eq!(trial, Ok(()));
    assert_eq!((bodies.into_inner(), breaker.state()), (1, State::Closed));
}

#[tokio::test(start_paused = true)]
async fn of_sixty_four_callers_released_at_expiry_exactly_the_trials_run() {
    for trials in [1, 2, 5, 63] {
        let breaker = Arc::new(CircuitBreaker::builder("b").reset(RESET).max_half_open_calls(trials).build());
        trip(&breaker);
        let bodies = Arc::new(AtomicU32::new(0));
        let mut callers = JoinSet::new();
        for _ in 0..64 {
            let (breaker, bodies) = (Arc::clone(&breaker), Arc::clone(&bodies));
            callers.spawn(async move {
                sleep(RESET).await;
                let body = async {
                    bodies.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(1)).await;
                    Ok(())
                };
                breaker.call(body).await as Result<(), ApiError>
            });
        }
        let served = callers.join_all().await.into_iter().flatten().count();
        assert_eq!(bodies.load(Ordering::Relaxed), trials);
        assert_eq!(served, trials as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn enough_successes_close_it() {
    let breaker = ready(three_trials().success_threshold(2)).await;
    succeed(&breaker);
    assert_eq!(breaker.state(), State::HalfOpen);
    succeed(&breaker);
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn trials_done_and_in_flight_are_counted_together() {
    let breaker = ready(three_trials().success_threshold(3)).await;
    succeed(&breaker);
    let second = admitted(&breaker);
    let third = admitted(&breaker);
    assert!(breaker.try_acquire().is_err());
    second.record(Outcome::Success);
    assert!(breaker.try_acquire().is_err());
    third.record(Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn it_reopens_when_enough_trials_failed() {
    let breaker = ready(three_trials().max_half_open_fails(2)).await;
    fail(&breaker);
    assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 1));
    fail(&breaker);
    assert_eq!((breaker.state(), breaker.fails()), (State::Open, 0));
}

#[tokio::test(start_paused = true)]
async fn it_reopens_when_all_trials_failed_unless_told_otherwise() {
    let breaker = ready(three_trials()).await;
    fail(&breaker);
    fail(&breaker);
    assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 2));
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn it_reopens_when_the_success_threshold_is_out_of_reach() {
    let breaker = ready(three_trials().success_threshold(2)).await;
    fail(&breaker);
    assert_eq!(breaker.state(), State::HalfOpen);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_circuit_closed_by_trials_needs_all_of_max_fails_again() {
    let breaker = ready(three_trials()).await;
    fail(&breaker);
    succeed(&breaker);
    assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 0));
    fail(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn reopening_starts_a_full_fresh_reset() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(1)).await;
    let trial = admitted(&breaker);
    advance(Duration::from_secs(7)).await;
    trial.record(Outcome::Failure);
    assert_eq!(breaker.retry_after(), Some(RESET));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_trial_is_free_at_once() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(1)).await;
    let trial = admitted(&breaker);
    assert!(breaker.try_acquire().is_err());
    drop(trial);
    assert!(admitted(&breaker).is_trial());
}

#[tokio::test(start_paused = true)]
async fn a_panicking_trial_is_a_failure() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(1)).await;
    let panicked = panics(|| {
        let _trial = admitted(&breaker);
        panic!("the trial's")
    });
    assert!(panicked);
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_never_ends_is_given_up_after_the_lease() {
    let lease = Duration::from_secs(4);
    let breaker = ready(logging("b").max_half_open_calls(2).trial_lease(lease)).await;
    let hung = admitted(&breaker);
    advance(Duration::from_secs(3)).await;
    let hung_too = admitted(&breaker);
    advance(lease - Duration::from_nanos(1)).await;
    assert!(matches!(breaker.try_acquire(), Err(CircuitBreakerError::HalfOpen { .. })), "counted from the last one");
    advance(Duration::from_nanos(1)).await;
    let fresh = admitted(&breaker);
    let fresh_too = admitted(&breaker);
    assert!(fresh.is_trial() && breaker.try_acquire().is_err());
    // What the given-up ones do now changes nothing: neither result nor slot.
    hung.record(Outcome::Success);
    drop(hung_too);
    assert_eq!(breaker.state(), State::HalfOpen);
    assert!(breaker.try_acquire().is_err());
    fresh.record(Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
    drop(fresh_too);
    assert_eq!(logged(), ["Closed -> Open", "Open -> HalfOpen", "HalfOpen -> Closed"], "a new round is no transition");
}

#[tokio::test(start_paused = true)]
async fn the_lease_gives_up_no_round_that_has_a_trial_left() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(2).trial_lease(Duration::from_secs(1))).await;
    let slow = admitted(&breaker);
    advance(Duration::from_secs(100)).await;
    drop(admitted(&breaker));
    slow.record(Outcome::Success);
    assert_eq!(breaker.state(), State::Closed, "its round was still on");
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_the_reset_and_a_second_where_that_is_zero() {
    for (reset, lease) in [(RESET, RESET), (Duration::ZERO, Duration::from_secs(1))] {
        let breaker = CircuitBreaker::builder("b").max_fails(1).max_half_open_calls(1).reset(reset).build();
        fail(&breaker);
        advance(reset).await;
        let hung = admitted(&breaker);
        advance(lease - Duration::from_nanos(1)).await;
        assert!(breaker.try_acquire().is_err());
        advance(Duration::from_nanos(1)).await;
        succeed(&breaker);
        assert_eq!(breaker.state(), State::Closed);
        drop(hung);
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_trials_there_can_be_are_as_many() {
    let breaker = ready(CircuitBreaker::builder("b").max_half_open_calls(u32::MAX).success_threshold(u32::MAX)).await;
    for _ in 0..10_000 {
        succeed(&breaker);
    }
    assert_eq!(breaker.state(), State::HalfOpen);
    fail(&breaker);
    assert_eq!(breaker.state(), State::Open, "one failure puts the threshold out of reach");
}
