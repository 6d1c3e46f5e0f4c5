use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, State};
use tokio::time::advance;

use super::{RESET, admitted, fail, logging, trip};
use crate::support::logged;

/// A breaker in each state, with its reset far away where it is open.
async fn in_every_state() -> [CircuitBreaker; 4] {
    let [closed, open, half_open, forced] = [(); 4].map(|()| logging("b").build());
    fail(&closed);
    trip(&half_open);
    advance(RESET).await;
    admitted(&half_open).record(Outcome::Failure);
    trip(&open);
    forced.force_open();
    logged();
    [closed, open, half_open, forced]
}

#[tokio::test(start_paused = true)]
async fn forced_open_holds_over_any_time_and_any_late_result_until_reset() {
    let breaker = logging("b").build();
    let late = [Outcome::Success, Outcome::Failure, Outcome::Ignored].map(|outcome| (admitted(&breaker), outcome));
    breaker.force_open();
    for (permit, outcome) in late {
        permit.record(outcome);
        assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, None));
    }
    advance(Duration::from_secs(100 * 365 * 86_400)).await;
    assert!(breaker.try_acquire().is_err());
    breaker.reset();
    assert!(!admitted(&breaker).is_trial());
    assert_eq!(logged(), ["Closed -> Open", "Open -> Closed"]);
}

#[tokio::test(start_paused = true)]
async fn force_open_works_from_every_state_and_reports_only_changes() {
    for breaker in in_every_state().await {
        let was_open = breaker.state() == State::Open;
        breaker.force_open();
        breaker.force_open();
        assert_eq!((breaker.state(), breaker.retry_after(), breaker.fails()), (State::Open, None, 0));
        assert_eq!(logged().len(), usize::from(!was_open));
    }
}

#[tokio::test(start_paused = true)]
async fn reset_works_from_every_state_and_twice_is_one_event() {
    for breaker in in_every_state().await {
        let was_closed = breaker.state() == State::Closed;
        breaker.reset();
        breaker.reset();
        assert_eq!((breaker.state(), breaker.fails(), breaker.retry_after()), (State::Closed, 0, None));
        assert_eq!(logged().len(), usize::from(!was_closed));
        fail(&breaker);
        fail(&breaker);
        assert_eq!(breaker.state(), State::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_queries_change_nothing() {
    for breaker in in_every_state().await {
        advance(RESET * 2).await;
        let seen = || (breaker.state(), breaker.fails(), breaker.retry_after(), breaker.name().to_owned());
        let before = seen();
        for _ in 0..1000 {
            assert_eq!(seen(), before);
            assert!(!format!("{breaker:?}").is_empty());
        }
        assert_eq!(logged(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_states_have_the_numbers_of_the_dashboards() {
    assert_eq!([State::Closed, State::HalfOpen, State::Open].map(|state| state as u8), [0, 1, 2]);
    let numbers = in_every_state().await.map(|breaker| breaker.state() as u8);
    assert_eq!(numbers, [0, 2, 1, 2]);
}
