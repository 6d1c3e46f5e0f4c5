//! Results that cross a transition.

use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, Permit, State};
use tokio::time::advance;

use super::{RESET, admitted, fail, logging, succeed, trip};
use crate::support::logged;

const ALL: [Outcome; 3] = [Outcome::Success, Outcome::Failure, Outcome::Ignored];

fn breaker() -> CircuitBreaker {
    logging("b").max_half_open_calls(2).build()
}

async fn half_open(breaker: &CircuitBreaker) -> Permit<'_> {
    trip(breaker);
    advance(RESET).await;
    admitted(breaker)
}

#[tokio::test(start_paused = true)]
async fn results_of_the_closed_era_change_nothing_once_it_is_open() {
    for outcome in ALL {
        let breaker = breaker();
        let late = admitted(&breaker);
        trip(&breaker);
        advance(Duration::from_secs(4)).await;
        logged();
        late.record(outcome);
        assert_eq!((breaker.state(), breaker.fails()), (State::Open, 0));
        assert_eq!(breaker.retry_after(), Some(Duration::from_secs(6)), "no extension");
        assert_eq!(logged(), [""; 0], "no event");
    }
}

#[tokio::test(start_paused = true)]
async fn results_of_the_closed_era_change_nothing_once_it_is_half_open() {
    for outcome in ALL {
        let breaker = breaker();
        let late = admitted(&breaker);
        let trial = half_open(&breaker).await;
        logged();
        late.record(outcome);
        assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 0));
        let other = admitted(&breaker);
        assert!(breaker.try_acquire().is_err(), "no trial was freed");
        assert_eq!(logged(), [""; 0]);
        trial.record(Outcome::Success);
        assert_eq!(breaker.state(), State::Closed);
        drop(other);
    }
}

#[tokio::test(start_paused = true)]
async fn a_trial_of_round_one_that_ends_in_round_two_counts_neither_result_nor_slot() {
    for outcome in ALL {
        let breaker = breaker();
        let late = half_open(&breaker).await;
        fail(&breaker);
        // A failed and a given-up trial: the round is over only by force here.
        breaker.force_open();
        breaker.reset();
        let _trial = half_open(&breaker).await;
        logged();
        late.record(outcome);
        assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 0));
        let _other = admitted(&breaker);
        assert!(breaker.try_acquire().is_err());
        assert_eq!(logged(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_ends_after_its_round_reopened_changes_nothing() {
    for outcome in ALL {
        let breaker = logging("b").max_half_open_calls(2).max_half_open_fails(1).build();
        let late = half_open(&breaker).await;
        fail(&breaker);
        assert_eq!(breaker.state(), State::Open);
        advance(Duration::from_secs(1)).await;
        logged();
        late.record(outcome);
        assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, Some(Duration::from_secs(9))));
        assert_eq!(logged(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_in_flight_over_open_and_half_open_does_not_count_when_it_is_closed_again() {
    let breaker = breaker();
    let (late, late_too) = (admitted(&breaker), admitted(&breaker));
    half_open(&breaker).await.record(Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
    late.record(Outcome::Failure);
    assert_eq!(breaker.fails(), 0);
    fail(&breaker);
    late_too.record(Outcome::Success);
    assert_eq!(breaker.fails(), 1, "nor does it end the run");
}

#[tokio::test(start_paused = true)]
async fn a_call_in_flight_over_a_reset_does_not_count() {
    let breaker = breaker();
    let (late, late_too) = (admitted(&breaker), admitted(&breaker));
    breaker.reset();
    late.record(Outcome::Failure);
    assert_eq!(breaker.fails(), 0);
    fail(&breaker);
    late_too.record(Outcome::Success);
    assert_eq!(breaker.fails(), 1);
}

#[tokio::test(start_paused = true)]
async fn late_drops_never_free_the_slot_of_another_nor_underflow() {
    let breaker = breaker();
    let closed_era: Vec<_> = (0..50).map(|_| admitted(&breaker)).collect();
    let first = half_open(&breaker).await;
    let second = admitted(&breaker);
    drop(closed_era);
    assert!(breaker.try_acquire().is_err());
    breaker.reset();
    trip(&breaker);
    advance(RESET).await;
    let (_third, _fourth) = (admitted(&breaker), admitted(&breaker));
    drop(first);
    second.record(Outcome::Ignored);
    assert!(breaker.try_acquire().is_err());
    assert_eq!(breaker.fails(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_result_gets_back_to_its_own_caller() {
    let breaker = breaker();
    let mut call = Box::pin(breaker.call(async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok::<_, super::ApiError>("mine")
    }));
    assert!(crate::support::poll(call.as_mut()).is_pending());
    trip(&breaker);
    assert_eq!(call.await, Ok("mine"));
    assert_eq!(breaker.state(), State::Open);
    succeed_after_reset(&breaker).await;
}

async fn succeed_after_reset(breaker: &CircuitBreaker) {
    advance(RESET).await;
    succeed(breaker);
    assert_eq!(breaker.state(), State::Closed);
}
