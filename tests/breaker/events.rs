use std::sync::Mutex;
use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, State, Transition};
use tokio::time::advance;

use super::{RESET, admitted, fail, logging, succeed, trip};
use crate::support::{log, logged, panics};

#[tokio::test(start_paused = true)]
async fn every_change_of_state_is_reported_once_and_in_order() {
    let breaker = logging("b").max_half_open_calls(1).build();
    assert_eq!(logged(), [""; 0], "no event at creation");
    trip(&breaker);
    advance(RESET).await;
    fail(&breaker);
    advance(RESET).await;
    succeed(&breaker);
    assert_eq!(
        logged(),
        ["Closed -> Open", "Open -> HalfOpen", "HalfOpen -> Open", "Open -> HalfOpen", "HalfOpen -> Closed",]
    );
}

#[test]
fn the_hook_sees_the_new_state_and_may_call_any_method() {
    fn hook(breaker: &CircuitBreaker, transition: Transition) {
        log(format!("{:?} -> {:?}", transition.from, transition.to));
        assert_eq!(breaker.name(), "b");
        assert!(format!("{breaker:?}").contains(&format!("{:?}", breaker.state())));
        assert_eq!((breaker.fails(), breaker.retry_after().is_some()), (0, transition.to == State::Open));
        if transition.to == State::Open {
            assert_eq!(breaker.state(), State::Open);
            assert!(breaker.try_acquire().is_err());
            breaker.reset();
            assert_eq!(breaker.state(), State::Closed);
            succeed(breaker);
            log("the hook returns");
        }
    }
    let breaker = CircuitBreaker::builder("b").max_fails(1).on_transition(hook).build();
    fail(&breaker);
    assert_eq!(logged(), ["Closed -> Open", "the hook returns", "Open -> Closed"], "reported after it returned");
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_hook_that_panics_harms_no_one() {
    fn hook(_: &CircuitBreaker, transition: Transition) {
        log(format!("{:?} -> {:?}", transition.from, transition.to));
        panic!("the hook's")
    }
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(Duration::ZERO).on_transition(hook).build();
    let harmed = panics(|| {
        fail(&breaker);
        succeed(&breaker);
    });
    assert!(!harmed);
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(logged(), ["Closed -> Open", "Open -> HalfOpen", "HalfOpen -> Closed"]);
}

#[test]
fn nor_does_what_it_panics_with() {
    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("the payload's")
        }
    }

    fn hook(_: &CircuitBreaker, _: Transition) {
        std::panic::panic_any(Payload)
    }
    let breaker = CircuitBreaker::builder("b").max_fails(1).on_transition(hook).build();
    assert!(!panics(|| fail(&breaker)));
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn a_hook_that_panics_while_its_caller_unwinds_does_not_abort() {
    fn hook(_: &CircuitBreaker, _: Transition) {
        panic!("the hook's")
    }
    let breaker = CircuitBreaker::builder("b").max_fails(1).on_transition(hook).build();
    let panicked = panics(|| {
        let _permit = admitted(&breaker);
        panic!("the caller's")
    });
    assert!(panicked);
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn the_order_of_events_is_the_order_of_transitions_under_threads() {
    static SEEN: Mutex<Vec<(State, State)>> = Mutex::new(Vec::new());
    fn hook(_: &CircuitBreaker, transition: Transition) {
        SEEN.lock().unwrap().push((transition.from, transition.to));
    }
    let breaker = CircuitBreaker::builder("b")
        .max_fails(1)
        .max_half_open_calls(1)
        .reset(Duration::ZERO)
        .on_transition(hook)
        .build();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let breaker = &breaker;
            scope.spawn(move || {
                for step in 0..5_000_u32 {
                    match breaker.try_acquire() {
                        Ok(permit) if (thread + step) % 2 == 0 => permit.record(Outcome::Success),
                        Ok(permit) => permit.record(Outcome::Failure),
                        Err(_) => {}
                    }
                    if step % 97 == 0 {
                        breaker.reset();
                    }
                }
            });
        }
    });
    let seen = SEEN.lock().unwrap();
    assert!(seen.len() > 100, "{}", seen.len());
    let mut state = State::Closed;
    for (from, to) in seen.iter() {
        assert_eq!(*from, state, "each begins where the last one ended");
        assert_ne!(from, to);
        state = *to;
    }
    assert_eq!(state, breaker.state());
}
