//! What `CircuitBreaker::call` does with the future that it is given.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use altlocks::{CircuitBreaker, State};
use tokio::time::advance;

use super::{ApiError, RESET};
use crate::support::{log, logged, panics, poll};

/// Tells when it is dropped, and what its breaker says then.
struct Told<'a, F>(F, &'a CircuitBreaker);

impl<F: Future + Unpin> Future for Told<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<F> Drop for Told<'_, F> {
    fn drop(&mut self) {
        let others = if self.1.try_acquire().is_ok() { "admitted" } else { "refused" };
        log(format!("dropped: {} fails, others are {others}", self.1.fails()));
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_dropped_before_its_result_is_recorded_and_before_its_trial_is_free() {
    let breaker = CircuitBreaker::builder("b").max_fails(1).reset(RESET).max_half_open_calls(1).build();
    let mut failing = Box::pin(breaker.call(Told(ready(Err::<(), _>(ApiError::Timeout)), &breaker)));
    assert!(poll(failing.as_mut()).is_ready());
    assert_eq!((logged(), breaker.state()), (vec!["dropped: 0 fails, others are admitted".to_owned()], State::Open));

    advance(RESET).await;
    let mut hanging = Box::pin(breaker.call(Told(pending::<Result<(), ApiError>>(), &breaker)));
    assert!(poll(hanging.as_mut()).is_pending());
    drop(hanging);
    assert_eq!(logged(), ["dropped: 0 fails, others are refused"]);
    assert!(breaker.try_acquire().is_ok());
}

#[test]
fn if_it_is_refused_it_is_dropped_unpolled_when_that_is_known() {
    let breaker = CircuitBreaker::new("b");
    breaker.force_open();
    let mut refused = Box::pin(breaker.call(Told(ready(Ok::<(), ApiError>(())), &breaker)));
    assert!(matches!(poll(refused.as_mut()), Poll::Ready(Err(ApiError::Refused(_)))));
    assert_eq!(logged(), ["dropped: 0 fails, others are refused"]);
}

#[test]
fn its_panic_is_a_failure_at_once_and_the_call_has_ended() {
    let breaker = CircuitBreaker::builder("b").max_fails(2).build();
    let mut call = Box::pin(breaker.call(async { panic!("as it is meant to") as Result<(), ApiError> }));
    assert!(panics(|| drop(poll(call.as_mut()))));
    assert_eq!(breaker.fails(), 1, "though the future is still there");
    assert!(panics(|| drop(poll(call.as_mut()))));
    drop(call);
    assert_eq!((breaker.fails(), breaker.state()), (1, State::Closed));
}

#[test]
fn it_is_kept_once() {
    let breaker = CircuitBreaker::new("b");
    let op = |bytes: [u8; 256]| async move {
        tokio::task::yield_now().await;
        Ok::<_, ApiError>(bytes[3])
    };
    assert!(size_of_val(&breaker.call(op([0; 256]))) <= size_of_val(&op([0; 256])) + 40);
}
