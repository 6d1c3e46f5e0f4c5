//! What the results of calls make of the rate.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, DynamicThrottleBuilder, Outcome};
use tokio::time::advance;

use super::ms;

/// Fast enough for a test to get its passes one after the other.
const FAST: f64 = 1e6;

fn ratio(window: u32) -> DynamicThrottleBuilder {
    DynamicThrottle::builder(FAST).max_rate(1e9).window(window)
}

fn record(throttle: &DynamicThrottle, outcomes: &[Outcome]) {
    for &outcome in outcomes {
        pass_of(throttle).record(outcome);
    }
}

/// A pass, however long it takes.
fn pass_of(throttle: &DynamicThrottle) -> altlocks::Pass<'_> {
    loop {
        if let Some(pass) = throttle.try_enter() {
            return pass;
        }
        std::hint::spin_loop();
    }
}

use Outcome::{Failure as F, Ignored as I, Success as S};

#[test]
fn above_the_upper_bound_the_rate_is_multiplied_at_the_last_call_of_the_window() {
    let throttle = ratio(4).build();
    record(&throttle, &[S, S, S]);
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST, 3, 0));
    record(&throttle, &[S]);
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST * 1.25, 0, 0));
}

#[test]
fn below_the_lower_bound_the_rate_is_multiplied_at_the_last_call_of_the_window() {
    let throttle = ratio(4).build();
    record(&throttle, &[F, F, F, F]);
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST * 0.75, 0, 0));
}

#[test]
fn a_ratio_equal_to_a_bound_changes_nothing() {
    for outcomes in [[S, S, S, F], [S, F, F, F], [S, S, F, F]] {
        let throttle = ratio(4).build();
        record(&throttle, &outcomes);
        assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST, 0, 0), "{outcomes:?}");
    }
}

#[test]
fn bounds_and_factors_are_as_given() {
    let throttle = ratio(10).ubound(0.6).lbound(0.5).ufactor(2.0).lfactor(0.1).build();
    record(&throttle, &[S, S, S, S, S, S, S, F, F, F]);
    assert_eq!(throttle.rate(), FAST * 2.0);
    record(&throttle, &[S, S, S, S, F, F, F, F, F, F]);
    assert_eq!(throttle.rate(), FAST * 2.0 * 0.1);
}

#[test]
fn the_rate_is_clamped() {
    let throttle = ratio(1).min_rate(FAST * 0.9).max_rate(FAST * 1.1).build();
    record(&throttle, &[S, S, S]);
    assert_eq!(throttle.rate(), FAST * 1.1);
    record(&throttle, &[F, F, F]);
    assert_eq!(throttle.rate(), FAST * 0.9);
}

#[test]
fn the_default_window_is_a_hundred_calls_and_no_time() {
    let throttle = DynamicThrottle::builder(FAST).max_rate(1e9).build();
    record(&throttle, &[S; 99]);
    assert_eq!((throttle.rate(), throttle.successes()), (FAST, 99));
    record(&throttle, &[S]);
    assert_eq!((throttle.rate(), throttle.successes()), (FAST * 1.25, 0));
}

#[test]
fn ignored_calls_do_not_count() {
    let throttle = ratio(3).build();
    record(&throttle, &[S, I, I, I, I, I, S]);
    drop(pass_of(&throttle));
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST, 2, 0));
}

#[test]
fn reset_clears_the_counts_and_not_the_rate() {
    let throttle = ratio(4).build();
    record(&throttle, &[S, S, S, S, S, S, F]);
    assert_eq!((throttle.successes(), throttle.fails()), (2, 1));
    throttle.reset();
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST * 1.25, 0, 0));
    record(&throttle, &[S, S, S]);
    assert_eq!(throttle.rate(), FAST * 1.25);
}

#[tokio::test(start_paused = true)]
async fn reset_leaves_the_queue() {
    let throttle = super::even(100.0);
    let mut calls = super::queue_up(&throttle, 3);
    throttle.reset();
    assert_eq!(super::pass(ms(20), &mut calls).await, [1, 2]);
}

#[test]
fn calls_admitted_under_an_earlier_rate_do_not_count() {
    let throttle = ratio(4).build();
    let (early, another) = (pass_of(&throttle), pass_of(&throttle));
    record(&throttle, &[S, S, S, S]);
    assert_eq!(throttle.rate(), FAST * 1.25);
    early.record(F);
    assert_eq!((throttle.successes(), throttle.fails()), (0, 0));
    throttle.set_rate(FAST).expect("a rate");
    another.record(S);
    assert_eq!((throttle.successes(), throttle.fails()), (0, 0), "the same rate again is another epoch");
}

#[test]
fn a_rate_that_is_set_begins_a_window() {
    let throttle = ratio(4).build();
    record(&throttle, &[F, F, F]);
    throttle.set_rate(FAST * 2.0).expect("a rate");
    assert_eq!((throttle.successes(), throttle.fails()), (0, 0));
    record(&throttle, &[S, S, S]);
    assert_eq!(throttle.rate(), FAST * 2.0);
    record(&throttle, &[S]);
    assert_eq!(throttle.rate(), FAST * 2.5);
}

#[test]
fn where_a_window_changes_no_rate_calls_in_flight_count_in_the_next() {
    let throttle = ratio(2).build();
    let in_flight = pass_of(&throttle);
    record(&throttle, &[S, F]);
    assert_eq!(throttle.rate(), FAST);
    in_flight.record(S);
    assert_eq!(throttle.successes(), 1);
    // Nor is there a change at the bound.
    let throttle = ratio(2).max_rate(FAST).build();
    let in_flight = pass_of(&throttle);
    record(&throttle, &[S, S]);
    in_flight.record(F);
    assert_eq!((throttle.rate(), throttle.fails()), (FAST, 1));
}

#[tokio::test(start_paused = true)]
async fn a_window_closes_with_the_first_result_after_its_time() {
    let throttle = super::even_builder(100.0).adaptation(Adaptation::Ratio).window_time(ms(1000)).build();
    throttle.enter().await.record(S);
    advance(ms(999)).await;
    throttle.enter().await.record(S);
    assert_eq!((throttle.rate(), throttle.successes()), (100.0, 2));
    advance(ms(1)).await;
    assert_eq!(throttle.rate(), 100.0, "time alone closes no window");
    throttle.enter().await.record(S);
    assert_eq!((throttle.rate(), throttle.successes()), (125.0, 0));
    advance(ms(999)).await;
    throttle.enter().await.record(F);
    assert_eq!((throttle.rate(), throttle.fails()), (125.0, 1), "the next opened when that one closed");
    advance(ms(1)).await;
    throttle.enter().await.record(F);
    assert_eq!((throttle.rate(), throttle.fails()), (93.75, 0));
}

#[tokio::test(start_paused = true)]
async fn a_window_with_a_time_closes_by_number_too() {
    let throttle = super::even_builder(100.0).adaptation(Adaptation::Ratio).window(3).window_time(ms(1000)).build();
    for _ in 0..3 {
        throttle.enter().await.record(S);
    }
    assert_eq!(throttle.rate(), 125.0);
}

#[test]
fn a_fixed_rate_stays_and_its_counts_begin_anew() {
    let throttle = ratio(3).adaptation(Adaptation::Fixed).build();
    record(&throttle, &[F, F, S, S]);
    assert_eq!((throttle.rate(), throttle.successes(), throttle.fails()), (FAST, 1, 0));
}

#[test]
fn many_threads_make_one_decision_a_window_and_counts_never_exceed_it() {
    const THREADS: u32 = 4;
    const EACH: u32 = 500;
    let throttle = ratio(100).adaptation(Adaptation::Ratio).ubound(1.0).lbound(0.0).build();
    let (start, running) = (Barrier::new(THREADS as usize + 1), AtomicU32::new(THREADS));
    let seen = std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..EACH {
                    pass_of(&throttle).record(S);
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        start.wait();
        let mut most = 0;
        while running.load(Ordering::Relaxed) > 0 {
            most = most.max(throttle.successes() + throttle.fails());
        }
        most
    });
    assert!(seen < 100, "{seen} counted in a window of 100");
    assert_eq!((throttle.successes(), throttle.rate()), (THREADS * EACH % 100, FAST));
}

#[test]
fn many_threads_take_every_step_of_the_rate_once() {
    const WINDOWS: i32 = 20;
    let throttle = DynamicThrottle::builder(FAST).max_rate(1e300).window(10).ufactor(2.0).build();
    // All admitted at a rate that is still in force when they end, or they would not count: in step, window by window.
    for window in 0..WINDOWS {
        let passes: Vec<_> = (0..10).map(|_| pass_of(&throttle)).collect();
        std::thread::scope(|scope| {
            for pass in passes {
                scope.spawn(|| pass.record(S));
            }
        });
        assert_eq!(throttle.rate(), FAST * 2_f64.powi(window + 1));
    }
}

#[test]
fn the_default_bounds_widen_to_hold_the_first_rate() {
    let fast = DynamicThrottle::new(250.0);
    fast.set_rate(1e9).expect("a rate");
    assert_eq!(fast.rate(), 250.0);
    fast.set_rate(1e-9).expect("a rate");
    assert_eq!(fast.rate(), 0.01);
    let slow = DynamicThrottle::new(0.001);
    slow.set_rate(1e-9).expect("a rate");
    assert_eq!(slow.rate(), 0.001);
    slow.set_rate(1e9).expect("a rate");
    assert_eq!(slow.rate(), 100.0);
}

#[tokio::test(start_paused = true)]
async fn proportional_closes_a_window_after_twenty_calls_or_half_a_second() {
    let throttle = DynamicThrottle::builder(10.0).jitter(0.0).adaptation(Adaptation::Proportional).build();
    // At 10/s half a second is sooner.
    let mut counts = Vec::new();
    for _ in 0..6 {
        throttle.enter().await.record(S);
        counts.push(throttle.successes());
    }
    assert_eq!(counts, [1, 2, 3, 4, 5, 0]);
    throttle.set_rate(100.0).expect("a rate");
    for _ in 0..19 {
        throttle.enter().await.record(S);
    }
    assert_eq!(throttle.successes(), 19);
    throttle.enter().await.record(S);
    assert_eq!(throttle.successes(), 0);
}

#[tokio::test(start_paused = true)]
async fn proportional_halves_the_rate_when_all_fail_and_goes_on_probing() {
    let throttle = DynamicThrottle::builder(64.0).jitter(0.0).adaptation(Adaptation::Proportional).build();
    for _ in 0..3 {
        throttle.enter().await.record(F);
    }
    assert_eq!(throttle.rate(), 32.0, "three failures and nothing else close a window early");
    for _ in 0..60 {
        throttle.enter().await.record(F);
    }
    assert_eq!(throttle.rate(), 0.5, "twice a second it is found out whether the callee is back");
}

#[tokio::test(start_paused = true)]
async fn proportional_cuts_to_the_share_that_succeeds() {
    let throttle =
        DynamicThrottle::builder(80.0).max_rate(80.0).jitter(0.0).adaptation(Adaptation::Proportional).build();
    // Every fourth fails.
    for call in 0..20 {
        throttle.enter().await.record(if call % 4 == 3 { F } else { S });
    }
    assert_eq!(throttle.rate(), 60.0);
}

#[tokio::test(start_paused = true)]
async fn proportional_bears_a_few_failures() {
    let throttle =
        DynamicThrottle::builder(80.0).max_rate(80.0).jitter(0.0).adaptation(Adaptation::Proportional).build();
    for call in 0..2000 {
        throttle.enter().await.record(if call % 25 == 24 { F } else { S });
    }
    assert_eq!(throttle.rate(), 80.0);
}

#[tokio::test(start_paused = true)]
async fn proportional_stays_within_its_bounds() {
    let throttle =
        DynamicThrottle::builder(10.0).min_rate(8.0).max_rate(12.0).adaptation(Adaptation::Proportional).build();
    for _ in 0..100 {
        throttle.enter().await.record(S);
    }
    assert_eq!(throttle.rate(), 12.0);
    for _ in 0..100 {
        throttle.enter().await.record(F);
    }
    assert_eq!(throttle.rate(), 8.0);
}

#[tokio::test(start_paused = true)]
async fn a_window_time_of_ones_own_goes_with_proportional() {
    let throttle = DynamicThrottle::builder(10.0)
        .jitter(0.0)
        .adaptation(Adaptation::Proportional)
        .window_time(Duration::from_secs(60))
        .build();
    for _ in 0..19 {
        throttle.enter().await.record(S);
    }
    assert_eq!(throttle.successes(), 19);
}
