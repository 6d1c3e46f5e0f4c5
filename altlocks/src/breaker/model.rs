//! The shell under every interleaving of a few threads. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`.
//!
//! What each model dies of, tried by hand:
//!
//! | mutation | models that die |
//! |---|---|
//! | `transact` reads the word before it takes the lock, and publishes without comparing | `expiry_admits_one`, |
//! | | `the_trip_is_reported_once`, `a_late_drop_…`, `a_success_against_a_trip_…` |
//! | `swap` stores instead of comparing | `no_failure_is_lost`, `a_success_against_a_trip_…` |
//! | the kernel's `settle` does not compare the ticket | `a_late_drop_frees_nothing_of_a_new_round` |

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Duration;

use loom::sync::Arc;
use loom::thread;
use tokio::time::Instant;

use super::{CircuitBreaker, Outcome, State};

// The threads of a model are coroutines of one thread, and each model has a thread of its own.
thread_local! {
    /// Set by a model before its threads start; none of them moves it.
    static SECONDS: Cell<u64> = const { Cell::new(0) };
    static REPORTS: Cell<u32> = const { Cell::new(0) };
    static ADMITTED: Cell<u32> = const { Cell::new(0) };
}

fn clock() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now) + Duration::from_secs(SECONDS.get())
}

fn breaker(max_fails: u32) -> Arc<CircuitBreaker> {
    SECONDS.set(0);
    ADMITTED.set(0);
    let builder = CircuitBreaker::builder("model").max_fails(max_fails).max_half_open_calls(1);
    let builder = builder.reset(Duration::from_secs(10)).timer(clock);
    let breaker = builder.on_transition(|_, _| REPORTS.set(REPORTS.get() + 1)).build();
    // Touches every cell, so that all are made before the threads start.
    breaker.force_open();
    breaker.reset();
    REPORTS.set(0);
    Arc::new(breaker)
}

fn fail(breaker: &CircuitBreaker) {
    if let Ok(permit) = breaker.try_acquire() {
        permit.record(Outcome::Failure);
    }
}

/// Runs the two at once.
fn race(breaker: &Arc<CircuitBreaker>, sides: [fn(&CircuitBreaker); 2]) {
    let threads = sides.map(|side| {
        let breaker = Arc::clone(breaker);
        thread::spawn(move || side(&breaker))
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn expiry_admits_one() {
    fn call(breaker: &CircuitBreaker) {
        if let Ok(trial) = breaker.try_acquire() {
            assert!(trial.is_trial());
            ADMITTED.set(ADMITTED.get() + 1);
            std::mem::forget(trial);
        }
    }
    loom::model(|| {
        let breaker = breaker(1);
        fail(&breaker);
        SECONDS.set(10);
        race(&breaker, [call, call]);
        assert_eq!(ADMITTED.get(), 1);
        assert_eq!(breaker.state(), State::HalfOpen);
    });
}

#[test]
fn no_failure_is_lost() {
    loom::model(|| {
        let breaker = breaker(4);
        race(
            &breaker,
            [fail, |breaker| {
                fail(breaker);
                fail(breaker);
            }],
        );
        assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 3));
        fail(&breaker);
        assert_eq!(breaker.state(), State::Open);
    });
}

#[test]
fn the_trip_is_reported_once() {
    loom::model(|| {
        let breaker = breaker(2);
        fail(&breaker);
        race(&breaker, [fail, fail]);
        assert_eq!((breaker.state(), REPORTS.get()), (State::Open, 1));
    });
}

#[test]
fn a_success_against_a_trip_is_one_after_the_other() {
    loom::model(|| {
        let breaker = breaker(2);
        fail(&breaker);
        race(
            &breaker,
            [fail, |breaker| {
                if let Ok(permit) = breaker.try_acquire() {
                    permit.record(Outcome::Success);
                }
            }],
        );
        match breaker.state() {
            State::Open => assert_eq!(REPORTS.get(), 1),
            State::Closed => assert!(breaker.fails() <= 1 && REPORTS.get() == 0),
            State::HalfOpen => unreachable!("no time passes"),
        }
    });
}

#[test]
fn a_late_drop_frees_nothing_of_a_new_round() {
    loom::model(|| {
        let breaker = breaker(1);
        fail(&breaker);
        SECONDS.set(10);
        let hung = breaker.try_acquire().unwrap();
        // The end of the lease: the next call begins a new round.
        SECONDS.set(20);
        let other = {
            let breaker = Arc::clone(&breaker);
            thread::spawn(move || breaker.try_acquire().map(std::mem::forget).is_ok())
        };
        drop(hung);
        assert!(other.join().unwrap());
        assert!(breaker.try_acquire().is_err(), "its one trial is taken");
    });
}
