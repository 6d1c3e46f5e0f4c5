//! A new rate or jitter, while others wait and while nobody does.

use std::time::Duration;

use altlocks::DynamicThrottle;
use tokio::time::{Instant, advance};

use super::{Call, even, even_builder, ms, pass, queue_up};

fn set(throttle: &DynamicThrottle, rate: f64) {
    throttle.set_rate(rate).expect("a rate above 0");
}

#[tokio::test(start_paused = true)]
async fn a_new_rate_keeps_the_share_of_the_gap_that_is_over() {
    let throttle = even(0.01);
    let mut calls = queue_up(&throttle, 3);
    advance(Duration::from_secs(50)).await;
    let start = Instant::now();
    set(&throttle, 100.0);
    pass(ms(20), &mut calls).await;
    // 50 s of 100 s are over, so 5 ms of 10 ms are.
    assert_eq!(calls[1].ready_after(start), Some(ms(5)));
    assert_eq!(calls[2].ready_after(start), Some(ms(15)));
}

#[tokio::test(start_paused = true)]
async fn a_lower_rate_applies_to_those_who_wait() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 3);
    advance(ms(4)).await;
    let start = Instant::now();
    set(&throttle, 1.0);
    pass(ms(2000), &mut calls).await;
    assert_eq!(calls[1].ready_after(start), Some(ms(600)));
    assert_eq!(calls[2].ready_after(start), Some(ms(1600)));
}

#[tokio::test(start_paused = true)]
async fn many_changes_add_up_to_the_whole_gap() {
    let throttle = even(1.0);
    let mut calls = queue_up(&throttle, 2);
    let mut share = 0.0;
    for rate in [2.0, 0.5, 10.0, 1.0, 4.0, 3.0, 0.7] {
        set(&throttle, rate);
        pass(ms(70), &mut calls).await;
        share += 0.07 * rate;
        assert_eq!(calls[1].is_ready(), share >= 1.0, "{share} of the gap at {rate}");
    }
    assert!(calls[1].is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_raise_with_many_waiting_is_no_burst() {
    let throttle = even(0.01);
    let mut calls = queue_up(&throttle, 1000);
    advance(Duration::from_secs(99)).await;
    set(&throttle, 1000.0);
    let passed = pass(ms(100), &mut calls).await.len();
    assert!((98..=101).contains(&passed), "{passed} in 100 ms");
}

#[tokio::test(start_paused = true)]
async fn the_order_survives_changes() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 200);
    let mut order = Vec::new();
    for rate in [100.0, 3000.0, 7.0, 997.0, 50.0, 10_000.0] {
        set(&throttle, rate);
        order.extend(pass(ms(30), &mut calls).await);
    }
    assert_eq!(order, (1..200).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_new_rate_applies_to_the_gap_that_runs_with_nobody_waiting() {
    let throttle = even(0.01);
    drop(throttle.try_enter());
    advance(Duration::from_secs(50)).await;
    set(&throttle, 100.0);
    advance(ms(4)).await;
    assert!(throttle.try_enter().is_none());
    advance(ms(1)).await;
    assert!(throttle.try_enter().is_some());
}

#[tokio::test(start_paused = true)]
async fn the_same_rate_again_is_no_change() {
    let throttle = even(10.0);
    throttle.enter().await.record(altlocks::Outcome::Success);
    let mut calls = queue_up(&throttle, 1);
    set(&throttle, 10.0);
    assert_eq!(throttle.successes(), 1, "the window goes on");
    assert!(!calls[0].is_rung());
    pass(ms(100), &mut calls).await;
    assert!(calls[0].is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_lower_rate_refuses_at_once_those_whose_time_it_exceeds() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let mut calls: Vec<_> =
        [100, 200, 2000, 450].map(|wait| Call::new(throttle.enter_timeout(ms(wait)))).into_iter().collect();
    for call in &mut calls {
        assert!(!call.poll());
    }
    let start = Instant::now();
    set(&throttle, 2.0);
    let mut ready = pass(ms(0), &mut calls).await;
    ready.sort_unstable();
    // The slots are now at 500 ms, 1000 ms and so on; who is refused leaves its place to those behind.
    assert_eq!(ready, [0, 1, 3]);
    assert!(calls.iter().filter_map(|call| call.output.as_ref()).all(|(output, _)| output.is_err()));
    pass(ms(500), &mut calls).await;
    assert_eq!(calls[2].ready_after(start), Some(ms(500)));
}

#[tokio::test(start_paused = true)]
async fn a_raise_keeps_those_whose_time_is_short_enough() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let mut calls = [Call::new(throttle.enter_timeout(ms(150)))];
    calls[0].poll();
    set(&throttle, 20.0);
    pass(ms(50), &mut calls).await;
    assert!(matches!(calls[0].output, Some((Ok(_), _))));
}

#[test]
fn a_rate_is_clamped_to_the_bounds() {
    let throttle = DynamicThrottle::builder(10.0).min_rate(5.0).max_rate(20.0).build();
    set(&throttle, 1e300);
    assert_eq!(throttle.rate(), 20.0);
    set(&throttle, 1e-300);
    assert_eq!(throttle.rate(), 5.0);
    set(&throttle, 7.5);
    assert_eq!(throttle.rate(), 7.5);
}

#[test]
fn a_wrong_rate_changes_nothing_and_says_what_is_wrong() {
    let throttle = DynamicThrottle::new(10.0);
    throttle.try_enter().expect("the first slot").record(altlocks::Outcome::Failure);
    for rate in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0] {
        let error = throttle.set_rate(rate).expect_err("no rate");
        assert_eq!((error.parameter(), error.to_string().as_str()), ("rate", "rate must be finite and above 0"));
    }
    assert_eq!((throttle.rate(), throttle.fails()), (10.0, 1));
}

#[test]
fn a_wrong_jitter_changes_nothing_and_says_what_is_wrong() {
    let throttle = DynamicThrottle::new(10.0);
    for jitter in [f64::NAN, f64::INFINITY, -0.1, 1.0, 2.0] {
        let error = throttle.set_jitter(jitter).expect_err("no jitter");
        let rule = "jitter must be at least 0 and below 1";
        assert_eq!((error.parameter(), error.to_string().as_str()), ("jitter", rule));
    }
    assert_eq!(throttle.jitter(), 0.2);
    throttle.set_jitter(0.0).expect("a jitter");
    assert_eq!(throttle.jitter(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_new_jitter_applies_to_those_who_wait() {
    // Moved by all of it: half a gap late before, half a gap early after.
    let throttle = even_builder(1.0).jitter(0.9).rand(|jitter| if jitter > 0.5 { jitter } else { -jitter }).build();
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 2);
    throttle.set_jitter(0.4).expect("a jitter");
    let drawn = calls[1].ready_after(start);
    assert_eq!(drawn, None);
    pass(ms(1450), &mut calls).await;
    // The slot keeps its draw, the bound is another: 1 s + 0.2 s.
    assert_eq!(calls[1].ready_after(start), Some(ms(1200)));
}
