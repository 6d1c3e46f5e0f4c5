//! The same promises with real threads.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, State};

use super::{admitted, fail, trip};

const THREADS: u32 = 8;

#[test]
fn at_expiry_no_more_calls_are_admitted_than_there_are_trials() {
    for round in 0..500 {
        let trials = 1 + round % 5;
        let breaker =
            CircuitBreaker::builder("b").max_fails(1).reset(Duration::ZERO).max_half_open_calls(trials).build();
        fail(&breaker);
        let (start, bodies) = (Barrier::new(THREADS as usize), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    if let Ok(trial) = breaker.try_acquire() {
                        bodies.fetch_add(1, Ordering::Relaxed);
                        std::mem::forget(trial);
                    }
                });
            }
        });
        assert_eq!(bodies.into_inner(), trials.min(THREADS));
    }
}

#[test]
fn concurrent_failures_are_all_counted_and_open_it_at_the_last() {
    for _ in 0..500 {
        let breaker = CircuitBreaker::builder("b").max_fails(THREADS * 4).build();
        let start = Barrier::new(THREADS as usize);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (breaker, start) = (&breaker, &start);
                scope.spawn(move || {
                    start.wait();
                    for _ in 0..if thread == 0 { 3 } else { 4 } {
                        fail(breaker);
                    }
                });
            }
        });
        assert_eq!((breaker.state(), breaker.fails()), (State::Closed, THREADS * 4 - 1));
        fail(&breaker);
        assert_eq!(breaker.state(), State::Open);
    }
}

#[test]
fn drops_records_and_resets_from_all_sides_leak_no_trial() {
    let breaker = CircuitBreaker::builder("b").max_fails(2).reset(Duration::ZERO).max_half_open_calls(3).build();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let breaker = &breaker;
            scope.spawn(move || {
                for step in 0..20_000_u32 {
                    let Ok(permit) = breaker.try_acquire() else { continue };
                    match (step ^ thread) % 5 {
                        0 | 1 => permit.record(Outcome::Failure),
                        2 => permit.record(Outcome::Success),
                        3 => permit.record(Outcome::Ignored),
                        _ => drop(permit),
                    }
                    if step % 1009 == 0 {
                        breaker.reset();
                    }
                }
            });
        }
    });
    trip(&breaker);
    let trials: Vec<_> = (0..3).map(|_| admitted(&breaker)).collect();
    assert!(trials.iter().all(altlocks::Permit::is_trial) && breaker.try_acquire().is_err());
}
