//! The shell under every interleaving of a few threads. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`.
//!
//! What each model dies of, tried by hand:
//!
//! | mutation | models that die |
//! |---|---|
//! | `transact` reads the word before it takes the lock, and publishes without comparing | `expiry_admits_one`, |
//! | | `the_trip_is_reported_once`, `no_success_of_a_trial_…`, `changes_at_once_…`, `a_success_against_a_trip_…`, |
//! | | `a_late_result_…`, `a_late_drop_…` |
//! | `transact` takes a swap that failed for done | `a_success_against_a_trip_…`, `a_late_result_…` |
//! | `transact` tells a change though its swap failed | `a_success_against_a_trip_…` |
//! | `transact` releases the lock while it swaps | `no_success_of_a_trial_…`, `changes_at_once_…` |
//! | `transact` releases the lock while it decides | `no_success_of_a_trial_…`, `a_late_drop_…` |
//! | `until` is stored after the word | `who_is_refused_during_a_trip_…` |
//! | the word is loaded relaxed, or published relaxed | `who_is_refused_during_a_trip_…` |
//! | `until` is loaded relaxed | `who_is_refused_as_by_…`, `the_time_to_wait_…` |
//! | `admit_timed` refuses without a second look at the word | `who_is_refused_as_by_…` |
//! | `retry_after` answers without a second look at the word | `the_time_to_wait_…` |
//! | `admit_timed` lets in, without the lock, whom nothing refuses | `expiry_admits_one`, `no_success_of_a_trial_…`, |
//! | | `a_trial_that_is_dropped_…`, `a_late_drop_…` |
//! | `swap` stores instead of comparing | `no_failure_is_lost`, `a_success_against_a_trip_…`, `a_late_result_…` |
//! | `settle` gives up where its swap fails | `no_failure_is_lost` |
//! | a success is absorbed though something is counted | `no_success_of_a_trial_…` |
//! | the kernel's `settle` does not compare the ticket | `a_late_drop_…` |
//! | `Word::settled` does not compare the ticket | `a_late_result_…` |
//! | `Word::next` begins no generation | `a_late_result_…`, `a_late_drop_…` |
//! | a permit that is dropped frees nothing | `a_trial_that_is_dropped_…` |
//! | `report` tells one change only | `the_trip_is_reported_once`, `changes_at_once_…`, `a_success_against_a_trip_…` |
//! | every caller reports, or the turn ends before the last report | `changes_at_once_…` |

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Duration;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use tokio::time::Instant;

use super::{CircuitBreaker, CircuitBreakerError, Outcome, State, Transition};

// The threads of a model are coroutines of one thread, and each model has a thread of its own.
thread_local! {
    /// Set by a model before its threads start; none of them moves it.
    static SECONDS: Cell<u64> = const { Cell::new(0) };
    static REPORTS: Cell<u32> = const { Cell::new(0) };
    /// What the last report says that the circuit is.
    static REPORTED: Cell<State> = const { Cell::new(State::Closed) };
    static IN_ORDER: Cell<bool> = const { Cell::new(true) };
    /// loom tries other schedules where threads write to one atomic; where they take one mutex it leaves most of them out.
    static STEPS: Cell<Option<&'static AtomicUsize>> = const { Cell::new(None) };
    static ADMITTED: Cell<u32> = const { Cell::new(0) };
}

fn clock() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now) + Duration::from_secs(SECONDS.get())
}

const RESET: Duration = Duration::from_secs(10);

fn breaker(max_fails: u32) -> &'static CircuitBreaker {
    breaker_with_trials(max_fails, 1)
}

/// All trials have to succeed.
fn breaker_with_trials(max_fails: u32, trials: u32) -> &'static CircuitBreaker {
    SECONDS.set(0);
    ADMITTED.set(0);
    REPORTED.set(State::Closed);
    IN_ORDER.set(true);
    STEPS.set(Some(Box::leak(Box::new(AtomicUsize::new(0)))));
    let builder = CircuitBreaker::builder("model").max_fails(max_fails).reset(RESET).timer(clock);
    let builder = builder.max_half_open_calls(trials).success_threshold(trials);
    let breaker = builder.on_transition(report).build();
    // Touches every cell, so that all are made before the threads start.
    breaker.force_open();
    breaker.reset();
    REPORTS.set(0);
    // Threads and what they hold are to outlive the closure that starts them.
    Box::leak(Box::new(breaker))
}

fn report(_: &CircuitBreaker, Transition { from, to }: Transition) {
    // Foreign code takes its time: others may come between here.
    STEPS.get().expect("made with the breaker").fetch_add(1, Ordering::Relaxed);
    // A panic would go no further than to here.
    IN_ORDER.set(REPORTED.replace(to) == from && IN_ORDER.get());
    REPORTS.set(REPORTS.get() + 1);
}

fn fail(breaker: &CircuitBreaker) {
    if let Ok(permit) = breaker.try_acquire() {
        permit.record(Outcome::Failure);
    }
}

/// Runs the two at once.
fn race(breaker: &'static CircuitBreaker, sides: [fn(&CircuitBreaker); 2]) {
    let threads = sides.map(|side| thread::spawn(move || side(breaker)));
    for thread in threads {
        thread.join().expect("no panic");
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
        fail(breaker);
        SECONDS.set(10);
        race(breaker, [call, call]);
        assert_eq!(ADMITTED.get(), 1);
        assert_eq!(breaker.state(), State::HalfOpen);
    });
}

#[test]
fn no_failure_is_lost() {
    loom::model(|| {
        let breaker = breaker(4);
        race(
            breaker,
            [fail, |breaker| {
                fail(breaker);
                fail(breaker);
            }],
        );
        assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 3));
        fail(breaker);
        assert_eq!(breaker.state(), State::Open);
    });
}

#[test]
fn the_trip_is_reported_once() {
    loom::model(|| {
        let breaker = breaker(2);
        fail(breaker);
        race(breaker, [fail, fail]);
        assert_eq!((breaker.state(), REPORTS.get()), (State::Open, 1));
    });
}

#[test]
fn a_success_against_a_trip_is_one_after_the_other() {
    loom::model(|| {
        let breaker = breaker(2);
        fail(breaker);
        race(
            breaker,
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
fn who_is_refused_during_a_trip_is_told_the_time_of_this_trip() {
    loom::model(|| {
        let breaker = breaker(1);
        race(
            breaker,
            [fail, |breaker| match breaker.try_acquire() {
                Ok(permit) => permit.record(Outcome::Ignored),
                Err(refusal) => assert_eq!(refusal.retry_after(), Some(RESET)),
            }],
        );
        assert_eq!(breaker.state(), State::Open);
    });
}

/// The circuit opens once more while a call that found it open looks at the time until which it is.
#[test]
fn who_is_refused_as_by_an_open_circuit_finds_it_open() {
    let mut model = loom::model::Builder::new();
    // Every schedule with up to three preemptions; what it dies of takes two.
    model.preemption_bound = Some(3);
    model.check(|| {
        let breaker = breaker(1);
        fail(breaker);
        SECONDS.set(10);
        race(
            breaker,
            [fail, |breaker| match breaker.try_acquire() {
                Ok(trial) => trial.record(Outcome::Ignored),
                Err(CircuitBreakerError::HalfOpen { .. }) => {}
                Err(_) => assert_eq!(breaker.state(), State::Open),
            }],
        );
    });
}

#[test]
fn the_time_to_wait_is_that_of_a_circuit_that_is_open() {
    loom::model(|| {
        let breaker = breaker(1);
        fail(breaker);
        SECONDS.set(10);
        race(
            breaker,
            [fail, |breaker| {
                let wait = breaker.retry_after().unwrap_or_default();
                assert!(wait.is_zero() || breaker.state() == State::Open);
            }],
        );
    });
}

#[test]
fn no_success_of_a_trial_is_lost() {
    loom::model(|| {
        let breaker = breaker_with_trials(1, 2);
        fail(breaker);
        SECONDS.set(10);
        let trials = [(), ()]
            .map(|()| thread::spawn(move || breaker.try_acquire().map(|trial| trial.record(Outcome::Success)).is_ok()));
        assert!(trials.map(|trial| trial.join().unwrap()).iter().all(|admitted| *admitted));
        assert_eq!(breaker.state(), State::Closed);
    });
}

#[test]
fn changes_at_once_are_all_reported_in_order() {
    loom::model(|| {
        let breaker = breaker(1);
        race(
            breaker,
            [CircuitBreaker::force_open, |breaker| {
                breaker.reset();
                breaker.force_open();
                breaker.reset();
            }],
        );
        assert!(IN_ORDER.get() && REPORTED.get() == breaker.state());
    });
}

#[test]
fn a_late_result_changes_nothing_of_a_new_generation() {
    for outcome in [Outcome::Success, Outcome::Failure] {
        loom::model(move || {
            let breaker = breaker(3);
            let late = breaker.try_acquire().unwrap();
            let result = thread::spawn(move || late.record(outcome));
            breaker.reset();
            fail(breaker);
            result.join().unwrap();
            assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 1));
        });
    }
}

#[test]
fn a_trial_that_is_dropped_is_free_again_for_one() {
    loom::model(|| {
        let breaker = breaker(1);
        fail(breaker);
        SECONDS.set(10);
        let dropped = breaker.try_acquire().unwrap();
        let dropping = thread::spawn(move || drop(dropped));
        let call = || breaker.try_acquire().map(std::mem::forget).is_ok();
        let early = call();
        dropping.join().unwrap();
        assert_ne!(early, call());
        assert!(!call());
    });
}

#[test]
fn a_late_drop_frees_nothing_of_a_new_round() {
    loom::model(|| {
        let breaker = breaker(1);
        fail(breaker);
        SECONDS.set(10);
        let hung = breaker.try_acquire().unwrap();
        // The end of the lease: the next call begins a new round.
        SECONDS.set(20);
        let other = thread::spawn(move || breaker.try_acquire().map(std::mem::forget).is_ok());
        drop(hung);
        assert!(other.join().unwrap());
        assert!(breaker.try_acquire().is_err(), "its one trial is taken");
    });
}
