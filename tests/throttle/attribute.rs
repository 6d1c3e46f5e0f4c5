//! What `#[throttle(..)]` makes of a function.

use std::time::Duration;

use altlocks::{
    CircuitBreaker, CircuitBreakerError, DynamicThrottle, State, ThrottleTimeout, circuit_breaker, registry, throttle,
};
use tokio::time::{Instant, advance, sleep};

use crate::support::{log, logged, poll};

#[derive(Debug, PartialEq)]
enum ApiError {
    Timeout,
    NotFound,
    Late(ThrottleTimeout),
    Refused(CircuitBreakerError),
}

impl From<ThrottleTimeout> for ApiError {
    fn from(refusal: ThrottleTimeout) -> Self {
        Self::Late(refusal)
    }
}

impl From<CircuitBreakerError> for ApiError {
    fn from(refusal: CircuitBreakerError) -> Self {
        Self::Refused(refusal)
    }
}

#[throttle(rate = 10, jitter = 0.0)]
async fn own(n: u32) -> u32 {
    n
}

#[tokio::test(start_paused = true)]
async fn calls_are_paced_whatever_the_function_returns() {
    let begun = Instant::now();
    for n in 0..5 {
        assert_eq!(own(n).await, n);
    }
    assert_eq!(begun.elapsed(), Duration::from_millis(400));
    let own = registry::throttle("behaviour::throttle::attribute::own").unwrap();
    assert_eq!((own.successes(), own.fails()), (5, 0), "a value that tells no outcome is a success");
}

static COUNTED: DynamicThrottle = DynamicThrottle::builder(1000.0).max_rate(1000.0).window(1000).build();

#[throttle(throttle = COUNTED)]
async fn by_type(result: Result<u32, ApiError>) -> Result<u32, ApiError> {
    let value = result?;
    Ok(value)
}

#[throttle(throttle = COUNTED)]
async fn option(value: Option<u32>) -> Option<u32> {
    value
}

#[throttle(throttle = COUNTED, fail_on = ApiError::Timeout)]
async fn fail_on(error: ApiError) -> Result<(), ApiError> {
    Err(error)
}

#[throttle(throttle = COUNTED, fail_if = |status| *status >= 500)]
async fn fail_if(status: u16) -> u16 {
    status
}

#[throttle(throttle = COUNTED)]
async fn nothing() {}

#[throttle(throttle = COUNTED)]
async fn generic<T>(value: T) -> T {
    value
}

#[tokio::test(start_paused = true)]
async fn results_and_options_are_classified_by_type_and_others_by_fail_if() {
    let counts = || (COUNTED.successes(), COUNTED.fails());
    assert_eq!(by_type(Ok(1)).await, Ok(1));
    assert_eq!(counts(), (1, 0));
    assert_eq!(by_type(Err(ApiError::NotFound)).await, Err(ApiError::NotFound));
    assert_eq!(counts(), (1, 1));
    assert_eq!((option(Some(1)).await, option(None).await), (Some(1), None));
    assert_eq!(counts(), (2, 2));
    assert_eq!(fail_on(ApiError::Timeout).await, Err(ApiError::Timeout));
    assert_eq!(fail_on(ApiError::NotFound).await, Err(ApiError::NotFound));
    assert_eq!(counts(), (2, 3), "an error that does not match is ignored");
    assert_eq!((fail_if(503).await, fail_if(404).await), (503, 404));
    assert_eq!(counts(), (3, 4));
    nothing().await;
    assert_eq!(generic("t").await, "t");
    assert_eq!(counts(), (5, 4));
}

#[throttle(rate = 1.0, jitter = 0.0, timeout = "1500ms")]
async fn in_time() -> Result<(), ApiError> {
    log("the body runs");
    Ok(())
}

#[throttle(rate = 1.0, jitter = 0.0, timeout = Duration::ZERO, fallback = |refusal: ThrottleTimeout| refusal.retry_after().as_secs())]
async fn or_else() -> u64 {
    0
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_wait_longer_than_timeout_is_refused_at_once() {
    let begun = Instant::now();
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(in_time())).collect();
    assert!(poll(calls[0].as_mut()).is_ready());
    assert!(poll(calls[1].as_mut()).is_pending());
    let refused = calls.remove(2).await;
    assert!(matches!(refused, Err(ApiError::Late(late)) if late.name() == "behaviour::throttle::attribute::in_time"));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(calls.remove(1).await, Ok(()));
    assert_eq!((logged().len(), begun.elapsed()), (2, Duration::from_secs(1)));
    assert_eq!((or_else().await, or_else().await), (0, 1));
}

#[throttle(name = "shared pace", rate = 4.0, jitter = 0.0, adaptation = altlocks::Adaptation::Fixed)]
async fn gives_the_rate() {}

#[throttle(name = "shared pace")]
async fn joins() {}

#[tokio::test(start_paused = true)]
async fn functions_of_one_name_share_the_pace() {
    let begun = Instant::now();
    joins().await;
    gives_the_rate().await;
    joins().await;
    elsewhere::the_same_again().await;
    assert_eq!(begun.elapsed(), Duration::from_millis(750));
    assert_eq!(registry::throttles().filter(|throttle| throttle.name() == "shared pace").count(), 1);
    assert!((registry::throttle("shared pace").unwrap().rate() - 4.0).abs() < f64::EPSILON);
}

mod elsewhere {
    use altlocks::{Adaptation::Fixed, throttle};

    #[throttle(name = "shared pace", rate = 2.0 * 2.0, jitter = 0, adaptation = Fixed)]
    pub(super) async fn the_same_again() {}
}

#[throttle(name = "nobody's rate")]
async fn without_a_rate() {}

#[tokio::test(start_paused = true)]
async fn a_name_without_a_rate_is_told() {
    let conflicts = registry::verify().unwrap_err();
    let conflict = conflicts.iter().find(|conflict| conflict.name() == "nobody's rate").unwrap();
    let text = conflict.to_string();
    assert!(
        text.starts_with("throttle `nobody's rate` has no `rate`, which one of its functions has to give: "),
        "{text}"
    );
    assert!(text.contains("attribute.rs:"));
    let panicked = tokio::spawn(without_a_rate()).await.unwrap_err().into_panic();
    assert_eq!(panicked.downcast_ref::<String>(), Some(&text));
}

#[throttle(rate = 2.0, jitter = 0.0)]
async fn cancelled(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn a_waiting_call_that_is_dropped_leaves_its_turn_to_the_next() {
    let begun = Instant::now();
    cancelled(0).await;
    let mut waiting = [Box::pin(cancelled(0)), Box::pin(cancelled(0))];
    assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
    let [first, second] = waiting;
    drop(first);
    second.await;
    assert_eq!(begun.elapsed(), Duration::from_millis(500));
    let throttle = registry::throttle("behaviour::throttle::attribute::cancelled").unwrap();
    assert_eq!((throttle.successes(), throttle.fails()), (2, 0), "a dropped call counts for nothing");
}

#[throttle(rate = 1000.0, jitter = 0.0)]
async fn panics() {
    panic!("the body's")
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure() {
    assert!(tokio::spawn(panics()).await.unwrap_err().is_panic());
    let throttle = registry::throttle("behaviour::throttle::attribute::panics").unwrap();
    assert_eq!((throttle.successes(), throttle.fails()), (0, 1));
}

static PACE: DynamicThrottle = DynamicThrottle::builder(1.0).jitter(0.0).build();
static CIRCUIT: CircuitBreaker =
    CircuitBreaker::builder("circuit").max_fails(1).reset(Duration::from_secs(10)).max_half_open_calls(1).build();

#[throttle(throttle = PACE)]
#[circuit_breaker(breaker = CIRCUIT)]
async fn pace_first(fail: bool) -> Result<(), ApiError> {
    if fail { Err(ApiError::Timeout) } else { Ok(()) }
}

#[circuit_breaker(breaker = CIRCUIT)]
#[throttle(throttle = PACE)]
async fn circuit_first(fail: bool) -> Result<(), ApiError> {
    if fail { Err(ApiError::Timeout) } else { Ok(()) }
}

#[circuit_breaker(breaker = CIRCUIT)]
#[throttle(throttle = PACE, timeout = "1ms")]
async fn circuit_then_late() -> Result<(), ApiError> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn stacked_with_a_circuit_breaker_the_one_written_first_is_asked_first() {
    let counts = || (PACE.successes(), PACE.fails());
    assert_eq!(circuit_first(true).await, Err(ApiError::Timeout));
    assert_eq!((counts(), CIRCUIT.state()), ((0, 1), State::Open));

    // Refused before the throttle is asked: no waiting.
    let begun = Instant::now();
    assert!(matches!(circuit_first(false).await, Err(ApiError::Refused(_))));
    assert_eq!(begun.elapsed(), Duration::ZERO);

    // Asked behind the throttle: waits its turn to be refused, and the throttle ignores that.
    assert!(matches!(pace_first(false).await, Err(ApiError::Refused(_))));
    assert_eq!((begun.elapsed(), counts()), (Duration::from_secs(1), (0, 1)));

    // Refused by the throttle, the call is ignored by the circuit: its trial is free again.
    advance(Duration::from_secs(9)).await;
    PACE.enter().await.record(altlocks::Outcome::Ignored);
    assert!(matches!(circuit_then_late().await, Err(ApiError::Late(_))));
    assert_eq!((CIRCUIT.state(), CIRCUIT.fails()), (State::HalfOpen, 0));
    assert_eq!(circuit_first(false).await, Ok(()));
    assert_eq!(CIRCUIT.state(), State::Closed);
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn the_future_is_send_and_a_waiter_shares_the_room_of_the_body() {
    async fn bare() {
        sleep(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    #[throttle(rate = 1.0)]
    async fn wrapped() {
        sleep(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    let (bare, wrapped) = (size_of_val(&bare()), size_of_val(&assert_send(wrapped())));
    assert!(wrapped <= bare.max(192) + 48, "{wrapped} where the bare one has {bare}");
}
