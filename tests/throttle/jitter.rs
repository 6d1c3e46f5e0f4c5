//! Jitter moves a call within its gap, and adds up to nothing.

use std::cell::Cell;

use tokio::time::{Instant, advance};

use super::{even_builder, ms, pass, queue_up};

/// The times at which so many entered, in gaps of a second: long enough for the timer's tick to be nothing.
async fn times(throttle: &altlocks::DynamicThrottle, count: usize) -> Vec<f64> {
    let start = Instant::now();
    let mut times = Vec::new();
    for _ in 0..count {
        drop(throttle.enter().await);
        times.push(start.elapsed().as_secs_f64());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn each_gap_is_within_its_bounds_and_the_mean_is_exact() {
    for jitter in [0.0, 0.05, 0.2, 0.5, 0.99] {
        let throttle = even_builder(1.0).jitter(jitter).build();
        let times = times(&throttle, 10_001).await;
        for pair in times.windows(2) {
            let gap = pair[1] - pair[0];
            let tick = 0.001;
            assert!(gap >= 1.0 - jitter - tick && gap <= 1.0 + jitter + tick, "{gap} with {jitter}");
        }
        let mean = (times[10_000] - times[0]) / 10_000.0;
        assert!((mean - 1.0).abs() <= 0.002, "{mean} with {jitter}");
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_does_not_add_up() {
    let throttle = even_builder(1.0).jitter(0.8).build();
    let times = times(&throttle, 10_000).await;
    for (slot, time) in times.iter().enumerate() {
        let moved = time - slot as f64;
        assert!(moved.abs() <= 0.402, "slot {slot} was moved by {moved}");
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_is_spread_over_all_of_its_range() {
    let throttle = even_builder(1.0).jitter(0.4).build();
    let moved: Vec<f64> =
        times(&throttle, 2000).await.iter().enumerate().map(|(slot, time)| time - slot as f64).collect();
    for tenth in 0..10 {
        let (from, to) = (-0.2 + 0.04 * f64::from(tenth), -0.16 + 0.04 * f64::from(tenth));
        let share = moved.iter().filter(|&&moved| moved >= from && moved < to).count() as f64 / 2000.0;
        assert!((share - 0.1).abs() < 0.04, "{share} from {from} to {to}");
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_keeps_the_rate_of_short_gaps_too() {
    for rate in [100.0, 997.0, 3000.0] {
        for jitter in [0.2, 0.5, 0.9] {
            let throttle = even_builder(rate).jitter(jitter).build();
            let time = *times(&throttle, 10_001).await.last().expect("many");
            let mean = time / 10_000.0 * rate;
            assert!((mean - 1.0).abs() <= 0.002, "{mean} of a gap at {rate} with {jitter}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rand_is_called_with_the_jitter_once_for_each_slot() {
    thread_local! {
        static CALLS: Cell<u32> = const { Cell::new(0) };
    }
    let throttle = even_builder(10.0)
        .jitter(0.5)
        .rand(|jitter| {
            assert_eq!(jitter, 0.5);
            CALLS.set(CALLS.get() + 1);
            if CALLS.get().is_multiple_of(2) { jitter } else { -jitter }
        })
        .build();
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 6);
    for _ in 0..600 {
        advance(ms(1)).await;
        assert!(throttle.try_enter().is_none() || calls.iter().all(super::Call::is_ready));
        pass(ms(0), &mut calls).await;
    }
    let times: Vec<_> = calls.iter().filter_map(|call| call.ready_after(start)).collect();
    // The first slot is never late, whatever is drawn for it. Then they are moved by T/4: late, early, late ...
    assert_eq!(times, [0, 125, 175, 325, 375, 525].map(ms));
    assert!(CALLS.get() <= 8, "{} draws for 6 slots and those after", CALLS.get());
}

#[tokio::test(start_paused = true)]
async fn what_rand_draws_beyond_its_bounds_is_cut() {
    for (rand, expected) in [
        ((|_| 100.0) as fn(f64) -> f64, 125),
        (|_| -100.0, 75),
        (|_| f64::NAN, 100),
        (|_| f64::INFINITY, 125),
        (|_| panic!("a panic of rand is taken as 0"), 100),
    ] {
        let throttle = even_builder(10.0).jitter(0.5).rand(rand).build();
        let start = Instant::now();
        drop(throttle.enter().await);
        drop(throttle.enter().await);
        assert_eq!(start.elapsed(), ms(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn without_jitter_rand_is_not_called() {
    let throttle = even_builder(10.0).rand(|_| panic!("not to be called")).build();
    let mut calls = queue_up(&throttle, 5);
    pass(ms(400), &mut calls).await;
    assert!(calls.iter().all(super::Call::is_ready));
}

#[tokio::test(start_paused = true)]
async fn rand_may_ask_the_throttle() {
    static THROTTLE: altlocks::DynamicThrottle = altlocks::DynamicThrottle::builder(100.0)
        .jitter(0.5)
        .rand(|jitter| if THROTTLE.rate() > 0.0 && THROTTLE.fails() == 0 { jitter } else { 0.0 })
        .build();
    let mut calls = queue_up(&THROTTLE, 5);
    pass(ms(80), &mut calls).await;
    assert!(calls.iter().all(super::Call::is_ready));
}
