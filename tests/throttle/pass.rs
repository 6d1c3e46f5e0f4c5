//! How an admitted call ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use altlocks::{Adaptation, Classify, DynamicThrottle, Outcome, Pass};
use tokio::time::advance;

use super::{Call, even, ms};

fn counted(throttle: &DynamicThrottle) -> (u32, u32) {
    (throttle.successes(), throttle.fails())
}

fn fast() -> DynamicThrottle {
    DynamicThrottle::builder(1e12).max_rate(1e12).adaptation(Adaptation::Fixed).build()
}

async fn pass_of(throttle: &DynamicThrottle) -> Pass<'_> {
    throttle.enter().await
}

#[tokio::test(start_paused = true)]
async fn record_counts_and_a_dropped_pass_is_ignored() {
    let throttle = fast();
    pass_of(&throttle).await.record(Outcome::Success);
    pass_of(&throttle).await.record(Outcome::Failure);
    pass_of(&throttle).await.record(Outcome::Ignored);
    drop(pass_of(&throttle).await);
    assert_eq!(counted(&throttle), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_pass_dropped_while_panicking_is_a_failure() {
    let throttle = fast();
    let pass = pass_of(&throttle).await;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _pass = pass;
        panic!("the body failed");
    }));
    assert!(panicked.is_err());
    assert_eq!(counted(&throttle), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_pass_does_not_give_its_slot_back() {
    let throttle = even(10.0);
    drop(pass_of(&throttle).await);
    assert!(throttle.try_enter().is_none());
}

#[tokio::test(start_paused = true)]
async fn call_records_by_classify() {
    struct Reply(Outcome);
    impl Classify for Reply {
        fn outcome(&self) -> Outcome {
            self.0
        }
    }
    let throttle = fast();
    assert_eq!(throttle.call(async { Ok::<_, ()>(1) }).await, Ok(1));
    assert_eq!(throttle.call(async { Err::<(), _>(2) }).await, Err(2));
    assert_eq!(throttle.call(async { Some(3) }).await, Some(3));
    assert_eq!(throttle.call(async { None::<()> }).await, None);
    throttle.call(async { Reply(Outcome::Ignored) }).await;
    throttle.call(async { Reply(Outcome::Success) }).await;
    assert_eq!(counted(&throttle), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn call_waits_for_its_slot_before_it_runs_anything() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let mut call = Call::new(throttle.call(async { Some(tokio::time::Instant::now()) }));
    let start = tokio::time::Instant::now();
    call.poll();
    advance(ms(100)).await;
    assert!(call.is_rung() && call.poll());
    assert_eq!(call.output.and_then(|(ran, _)| ran), Some(start + ms(100)));
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_it_waits_leaves_the_queue_and_one_dropped_later_is_ignored() {
    let throttle = even(10.0);
    let mut running = Call::new(throttle.call(std::future::pending::<Option<()>>()));
    let mut waiting = Call::new(throttle.call(async { Some(()) }));
    let mut behind = [Call::new(throttle.call(async { Some(()) }))];
    running.poll();
    waiting.poll();
    behind[0].poll();
    running.cancel();
    waiting.cancel();
    assert_eq!(counted(&throttle), (0, 0));
    super::pass(ms(100), &mut behind).await;
    assert!(behind[0].is_ready());
    assert_eq!(counted(&throttle), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_body_is_a_failure_and_goes_on_to_the_caller() {
    let throttle = fast();
    let mut call = Call::new(throttle.call(async {
        assert!(throttle.rate() < 0.0, "the body failed");
        Some(())
    }));
    let panicked = catch_unwind(AssertUnwindSafe(|| call.poll()));
    assert!(panicked.is_err());
    drop(call);
    assert_eq!(counted(&throttle), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_classifier_leaves_the_throttle_usable() {
    struct Broken;
    impl Classify for Broken {
        fn outcome(&self) -> Outcome {
            panic!("the classifier failed")
        }
    }
    let throttle = even(10.0);
    let mut call = Call::new(throttle.call(async { Broken }));
    assert!(catch_unwind(AssertUnwindSafe(|| call.poll())).is_err());
    drop(call);
    assert_eq!(counted(&throttle), (0, 1));
    advance(Duration::from_millis(100)).await;
    assert!(throttle.try_enter().is_some());
}
