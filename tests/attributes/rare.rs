//! Shapes that a strict crate has no room for.

use std::time::Duration;

use altlocks::{circuit_breaker, resource_guard, throttle};

use crate::support::poll;

#[circuit_breaker]
async extern "Rust" fn with_an_abi(value: u8) -> Option<u8> {
    Some(value)
}

#[tokio::test]
async fn keywords_before_fn_stay() {
    assert_eq!(with_an_abi(1).await, Some(1));
}

#[throttle(rate = 1e9)]
async fn never() -> ! {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[throttle(rate = 1e9)]
async fn never_by_a_panic() -> ! {
    panic!("the body's")
}

#[resource_guard(fallback = |busy| panic!("{busy}"))]
fn plainly_never() -> ! {
    panic!("the body's")
}

#[tokio::test(start_paused = true)]
async fn a_function_that_does_not_return_does_not() {
    let mut call = Box::pin(async {
        never().await;
    });
    for _ in 0..10 {
        assert!(poll(call.as_mut()).is_pending());
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let panicked = tokio::spawn(async { never_by_a_panic().await }).await.unwrap_err();
    assert!(panicked.is_panic());
    assert!(std::panic::catch_unwind(|| plainly_never()).is_err());
}
