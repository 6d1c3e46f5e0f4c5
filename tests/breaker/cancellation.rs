use std::future::pending;
use std::time::Duration;

use altlocks::{CircuitBreaker, State};
use tokio::time::{advance, timeout};

use super::{ApiError, RESET, admitted, fail, succeed, trip};
use crate::support::poll;

#[tokio::test(start_paused = true)]
async fn before_the_first_poll_nothing_happens() {
    let breaker = CircuitBreaker::builder("b").reset(RESET).max_half_open_calls(1).build();
    trip(&breaker);
    advance(RESET).await;
    let call = breaker.call(async { Ok::<_, ApiError>(()) });
    assert_eq!(breaker.state(), State::Open, "admission is at the first poll");
    drop(call);
    assert_eq!(breaker.state(), State::Open);
    succeed(&breaker);
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_closed_neither_counts_nor_ends_the_run() {
    let breaker = CircuitBreaker::new("b");
    fail(&breaker);
    fail(&breaker);
    let mut call = Box::pin(breaker.call(pending::<Result<(), ApiError>>()));
    assert!(poll(call.as_mut()).is_pending());
    drop(call);
    assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 2));
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_half_open_frees_its_trial() {
    let breaker = CircuitBreaker::builder("b").reset(RESET).max_half_open_calls(1).build();
    trip(&breaker);
    advance(RESET).await;
    for _ in 0..50 {
        let call = breaker.call(pending::<Result<(), ApiError>>());
        assert!(timeout(Duration::from_millis(1), call).await.is_err());
        assert_eq!((breaker.state(), breaker.fails()), (State::HalfOpen, 0));
    }
    assert!(admitted(&breaker).is_trial());
}

#[tokio::test(start_paused = true)]
async fn fifty_outer_timeouts_are_not_failures() {
    let breaker = CircuitBreaker::new("b");
    for _ in 0..50 {
        let call = breaker.call(pending::<Result<(), ApiError>>());
        let cancelled = timeout(Duration::from_millis(1), call).await;
        assert!(cancelled.is_err(), "the timeout's own error, not one of the breaker");
    }
    assert_eq!((breaker.state(), breaker.fails()), (State::Closed, 0));
}

#[tokio::test(start_paused = true)]
async fn an_aborted_task_frees_its_trial() {
    static BREAKER: CircuitBreaker = CircuitBreaker::builder("b").reset(RESET).max_half_open_calls(1).build();
    trip(&BREAKER);
    advance(RESET).await;
    let task = tokio::spawn(BREAKER.call(pending::<Result<(), ApiError>>()));
    tokio::task::yield_now().await;
    assert!(BREAKER.try_acquire().is_err());
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    succeed(&BREAKER);
    assert_eq!(BREAKER.state(), State::Closed);
}
