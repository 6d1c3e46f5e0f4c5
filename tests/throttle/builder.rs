//! Settings, and what is refused.

use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, DynamicThrottleBuilder};
use tokio::time::{Instant, advance};

use super::ms;

fn base() -> DynamicThrottleBuilder {
    DynamicThrottle::builder(10.0)
}

#[test]
fn what_is_out_of_range_or_contradicts_is_refused_by_name() {
    let mut wrong: Vec<(&str, DynamicThrottleBuilder)> = Vec::new();
    for rate in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0] {
        wrong.push(("init_rate", DynamicThrottle::builder(rate)));
        wrong.push(("min_rate", base().min_rate(rate)));
        wrong.push(("max_rate", base().max_rate(rate)));
    }
    wrong.push(("min_rate", base().min_rate(30.0).max_rate(20.0)));
    wrong.push(("init_rate", base().min_rate(11.0)));
    wrong.push(("init_rate", base().max_rate(9.0)));
    wrong.push(("init_rate", DynamicThrottle::builder(200.0).max_rate(100.0)));
    wrong.push(("window", base().window(0)));
    wrong.push(("window_time", base().window_time(Duration::ZERO)));
    for bound in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
        wrong.push(("ubound", base().ubound(bound)));
        wrong.push(("lbound", base().lbound(bound)));
    }
    wrong.push(("ubound", base().ubound(0.4).lbound(0.5)));
    for factor in [f64::NAN, f64::INFINITY, 0.0, -1.0, 0.9] {
        wrong.push(("ufactor", base().ufactor(factor)));
    }
    for factor in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1.1] {
        wrong.push(("lfactor", base().lfactor(factor)));
    }
    for jitter in [f64::NAN, f64::INFINITY, -0.1, 1.0] {
        wrong.push(("jitter", base().jitter(jitter)));
    }
    wrong.push(("name", base().name("")));
    wrong.push(("name", base().named("")));
    for (parameter, builder) in wrong {
        let text = format!("{builder:?}");
        let error = builder.clone().try_build().expect_err(&text);
        assert_eq!(error.parameter(), parameter, "{text}");
        assert!(error.to_string().starts_with(parameter), "{error}");
        let panic = std::panic::catch_unwind(|| builder.build()).expect_err(&text);
        let message = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        assert_eq!(message, Some(error.to_string().as_str()));
    }
}

#[test]
fn the_bounds_themselves_are_accepted() {
    for builder in [
        base().min_rate(10.0).max_rate(10.0),
        base().ubound(1.0).lbound(0.0),
        base().ubound(0.5).lbound(0.5),
        base().ufactor(1.0).lfactor(1.0),
        base().jitter(0.0),
        base().jitter(1.0 - f64::EPSILON),
        base().window(1).window_time(Duration::from_nanos(1)),
        base().window(u32::MAX).window_time(Duration::MAX),
        DynamicThrottle::builder(f64::MIN_POSITIVE),
        DynamicThrottle::builder(f64::MAX),
    ] {
        builder.try_build().expect("within the bounds");
    }
}

#[test]
fn a_throttle_stands_in_a_static_with_every_setting() {
    static THROTTLE: DynamicThrottle = DynamicThrottle::builder(20.0)
        .name("search-api")
        .min_rate(1.0)
        .max_rate(40.0)
        .window(50)
        .window_time(Duration::from_secs(5))
        .ubound(0.9)
        .lbound(0.5)
        .ufactor(1.1)
        .lfactor(0.5)
        .jitter(0.1)
        .adaptation(Adaptation::Ratio)
        .timer(Instant::now)
        .rand(|jitter| jitter / 2.0)
        .build();
    assert_eq!((THROTTLE.name(), THROTTLE.rate(), THROTTLE.jitter()), ("search-api", 20.0, 0.1));
    assert_eq!((THROTTLE.successes(), THROTTLE.fails()), (0, 0));
}

#[test]
fn a_new_throttle_has_the_defaults() {
    static THROTTLE: DynamicThrottle = DynamicThrottle::new(5.0);
    assert_eq!((THROTTLE.name(), THROTTLE.rate(), THROTTLE.jitter()), ("throttle", 5.0, 0.2));
    let shown = format!("{THROTTLE:?}");
    assert!(shown.contains("throttle") && shown.contains("rate: 5.0"), "{shown}");
}

#[test]
fn a_name_can_be_made_at_run_time() {
    let throttle = base().named(format!("tenant-{}", 3)).build();
    assert_eq!(throttle.name(), "tenant-3");
}

#[tokio::test(start_paused = true)]
async fn ctime_is_the_time_of_the_timer() {
    fn ahead() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }
    let throttle = base().timer(ahead).build();
    assert_eq!(throttle.ctime(), Instant::now() + Duration::from_secs(60));
    advance(ms(5)).await;
    assert_eq!(throttle.ctime(), Instant::now() + Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn the_timer_rules_the_schedule() {
    /// Half as fast as tokio's.
    fn slow() -> Instant {
        thread_local! {
            static START: Instant = Instant::now();
        }
        START.with(|start| *start + start.elapsed() / 2)
    }
    let throttle = super::even_builder(10.0).timer(slow).build();
    drop(throttle.try_enter());
    let start = Instant::now();
    let mut calls = super::queue_up(&throttle, 2);
    super::pass(ms(450), &mut calls).await;
    let times: Vec<_> = calls.iter().filter_map(|call| call.ready_after(start)).collect();
    assert!(times[0] >= ms(200) && times[0] <= ms(202), "{times:?}");
    assert!(times[1] >= ms(400) && times[1] <= ms(402), "{times:?}");
    let polls: u32 = calls.iter().map(|call| call.polls).sum();
    assert!(polls < 40, "{polls} polls: it does not spin");
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_stands_still_makes_nobody_spin() {
    fn frozen() -> Instant {
        thread_local! {
            static START: Instant = Instant::now();
        }
        START.with(|start| *start)
    }
    let throttle = super::even_builder(100.0).timer(frozen).build();
    let mut calls = super::queue_up(&throttle, 3);
    super::pass(ms(1000), &mut calls).await;
    assert!(!calls[1].is_ready());
    assert!(calls[1].polls <= 102, "{} polls in a second", calls[1].polls);
}

#[test]
fn the_time_stamp_counter_is_a_clock_like_any_other() {
    static BY_COUNTER: DynamicThrottle = DynamicThrottle::builder(0.01).quanta().build();
    let before = BY_COUNTER.ctime();
    assert!(BY_COUNTER.try_enter().is_some() && BY_COUNTER.try_enter().is_none());
    assert!(BY_COUNTER.ctime() >= before);
}
