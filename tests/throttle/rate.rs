//! How many calls enter, and how far apart.

use std::sync::Arc;
use std::time::Duration;

use altlocks::DynamicThrottle;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use super::{Call, even, even_builder, ms, pass, poll_rung, queue_up};

/// When saturating callers entered, for so long.
async fn admissions(throttle: DynamicThrottle, callers: usize, time: Duration) -> Vec<Instant> {
    let throttle = Arc::new(throttle);
    let end = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let throttle = Arc::clone(&throttle);
        tasks.spawn(async move {
            let mut entered = Vec::new();
            loop {
                drop(throttle.enter().await);
                let now = Instant::now();
                if now >= end {
                    return entered;
                }
                entered.push(now);
            }
        });
    }
    let mut entered = tasks.join_all().await.concat();
    entered.sort_unstable();
    entered
}

const RATES: [f64; 5] = [7.0, 100.0, 997.0, 3000.0, 123_456.0];

async fn get_the_rate(callers: usize) {
    for rate in RATES {
        let admitted = admissions(even(rate), callers, Duration::from_secs(5)).await.len() as f64;
        let due = 5.0 * rate;
        assert!((admitted - due).abs() <= (due * 0.001).max(1.0), "{admitted} of {due} by {callers} callers");
    }
}

#[tokio::test(start_paused = true)]
async fn one_saturating_caller_gets_the_rate() {
    get_the_rate(1).await;
}

#[tokio::test(start_paused = true)]
async fn ten_saturating_callers_get_the_rate() {
    get_the_rate(10).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_saturating_callers_get_the_rate() {
    get_the_rate(1000).await;
}

/// In real time: never more than the rate, and half a percent less at most. What a busy machine takes from the callers is
/// not the throttle's loss, so there are attempts until it is left alone for a while.
#[tokio::test]
async fn saturating_callers_get_the_rate_in_real_time() {
    for rate in RATES {
        let mut best = 0.0_f64;
        for _ in 0..30 {
            let entered = admissions(even(rate), 10, ms(400)).await;
            let (Some(first), Some(last)) = (entered.first(), entered.last()) else { panic!("nobody entered") };
            let measured = (entered.len() - 1) as f64 / (*last - *first).as_secs_f64();
            assert!(measured <= rate * 1.001, "{measured} of {rate}");
            best = best.max(measured);
            if best >= rate * 0.995 {
                break;
            }
        }
        assert!(best >= rate * 0.995, "{best} of {rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_call_enters_at_once_and_the_second_a_gap_later() {
    for rate in [0.5, 7.0, 100.0, 900.0] {
        let throttle = even(rate);
        let start = Instant::now();
        drop(throttle.enter().await);
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(throttle.enter().await);
        let (waited, gap) = (start.elapsed(), Duration::from_secs_f64(1.0 / rate));
        assert!(waited >= gap && waited <= gap + ms(1), "{waited:?} for {gap:?}");
    }
}

/// Polls waiters after pauses of any length, and returns how far apart they were admitted.
async fn gaps_under_pauses(throttle: &DynamicThrottle, mean_pause: f64) -> Vec<Duration> {
    let mut calls = queue_up(throttle, 300);
    let mut luck = fastrand::Rng::with_seed(7);
    let start = Instant::now();
    while calls.iter().any(|call| !call.is_ready()) {
        // Exponential: mostly short, sometimes many gaps long.
        advance(ms(1) + ms((-luck.f64().ln() * mean_pause) as u64)).await;
        poll_rung(&mut calls);
    }
    let times: Vec<_> = calls.iter().filter_map(|call| call.ready_after(start)).collect();
    times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

#[tokio::test(start_paused = true)]
async fn from_four_milliseconds_on_admissions_are_half_a_gap_apart_however_late_they_are() {
    for gap in [4.0, 5.0, 10.0, 40.0] {
        for mean_pause in [0.5, 3.0, 30.0] {
            for throttle in [even(1e3 / gap), even_builder(1e3 / gap).jitter(0.2).build()] {
                let gaps = gaps_under_pauses(&throttle, mean_pause).await;
                let least = gaps.iter().min().expect("many gaps");
                assert!(least.as_secs_f64() * 1e3 >= gap / 2.0, "{least:?} of {gap} ms, pauses of {mean_pause} ms");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn up_to_two_milliseconds_of_lateness_lose_no_rate() {
    for rate in [7.0, 100.0, 249.0, 997.0, 3000.0] {
        let throttle = even(rate);
        let count = 200;
        let mut calls = queue_up(&throttle, count);
        let start = Instant::now();
        // The timer's tick and a millisecond on top, each time.
        while calls.iter().any(|call| !call.is_ready()) {
            advance(ms(1)).await;
            if calls.iter().any(Call::is_rung) {
                tokio::time::sleep(Duration::from_micros(500)).await;
                poll_rung(&mut calls);
            }
        }
        let all = Duration::from_secs_f64((count - 1) as f64 / rate);
        assert!(start.elapsed() <= all + ms(4), "{:?} instead of {all:?} at {rate}", start.elapsed());
    }
}

/// How many enter within a time, if as many try as can.
async fn admitted_within(throttle: &DynamicThrottle, time: Duration) -> usize {
    let end = Instant::now() + time;
    let mut count = 0;
    loop {
        while throttle.try_enter().is_some() {
            count += 1;
        }
        if Instant::now() >= end {
            return count;
        }
        advance(Duration::from_micros(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_idling_is_not_made_up_for() {
    for rate in [7.0, 100.0, 1000.0, 10_000.0] {
        let throttle = even(rate);
        drop(throttle.try_enter());
        advance(Duration::from_secs(3600)).await;
        let admitted = admitted_within(&throttle, ms(100)).await;
        assert!(admitted as f64 <= 1.0 + 0.1 * rate, "{admitted} in 100 ms at {rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_a_blocked_runtime_is_not_made_up_for() {
    for rate in [7.0, 100.0, 1000.0, 10_000.0] {
        let throttle = even(rate);
        let mut calls = queue_up(&throttle, 2000);
        advance(Duration::from_secs(3600)).await;
        let at_once = poll_rung(&mut calls).len();
        assert!(at_once as f64 <= 1.0 + 0.002 * rate, "{at_once} at once at {rate}");
        let admitted = at_once + pass(ms(100), &mut calls).await.len();
        assert!(admitted as f64 <= (1.0 + 0.102 * rate).round(), "{admitted} in 100 ms at {rate}");
        assert!(admitted as f64 >= 0.1 * rate, "{admitted} in 100 ms at {rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_raise_after_idling_lets_in_what_the_slack_allows() {
    for idle in [Duration::from_secs(3600), ms(1001), ms(1002), ms(1), Duration::ZERO] {
        let throttle = even(1.0);
        drop(throttle.try_enter());
        advance(idle).await;
        throttle.set_rate(1000.0).expect("a rate above 0");
        let admitted = admitted_within(&throttle, Duration::ZERO).await;
        assert!(admitted <= 3, "{admitted} at once after {idle:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn extreme_rates_neither_panic_nor_spin_nor_overflow() {
    for rate in [1e-12, 1e9, 1e300] {
        let throttle = even_builder(rate).jitter(0.5).build();
        let mut calls = queue_up(&throttle, 20);
        pass(ms(20), &mut calls).await;
        assert!(calls[0].is_ready());
        // At 1e-12 the second waits for ages; at the others nobody does.
        let ready = calls.iter().filter(|call| call.is_ready()).count();
        assert_eq!(ready, if rate < 1.0 { 1 } else { 20 });
        let polls = calls.iter().map(|call| call.polls).max();
        assert!(polls <= Some(4), "{polls:?} polls at {rate}");
        let timeout = throttle.enter_timeout(Duration::MAX);
        let mut timeout = [Call::new(timeout)];
        timeout[0].poll();
        assert_eq!(timeout[0].is_ready(), rate > 1.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_can_change_from_one_extreme_to_the_other() {
    let throttle = even(1e-12);
    let mut calls = queue_up(&throttle, 3);
    for rate in [1e300, 1e-12, 1e9, 1e-300, 100.0] {
        throttle.set_rate(rate).expect("a rate above 0");
        pass(ms(3), &mut calls).await;
        let fresh = queue_up(&throttle, 3);
        calls.extend(fresh);
        pass(ms(1), &mut calls).await;
    }
    pass(ms(200), &mut calls).await;
    assert!(calls.iter().all(Call::is_ready), "at 100/s everybody gets in");
}
