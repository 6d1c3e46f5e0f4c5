//! What can happen to a call from outside: it is dropped at any poll or after any time, it is polled for nothing, it
//! panics.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, set_hook, take_hook};
use std::task::Poll;
use std::time::Duration;

use fastrand::Rng;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::verdict;

/// What a panic carries that belongs to the play.
struct Expected;

/// Panics that belong to the play are not reported; all others are.
pub(crate) fn silence_the_expected() {
    let report = take_hook();
    set_hook(Box::new(move |info| {
        if !info.payload().is::<Expected>() {
            report(info);
        }
    }));
}

/// What became of a call.
pub(crate) enum End<T> {
    Returned(T),
    Cancelled,
    Panicked,
}

/// When a call is dropped.
enum Fate {
    Spared,
    /// At the poll of this number, all of which come at once.
    AfterPolls(u8),
    After(Duration),
}

impl Fate {
    fn draw(luck: &mut Rng) -> Self {
        match luck.u8(..16) {
            0 => Self::AfterPolls(luck.u8(1..4)),
            1 => Self::After(Duration::from_micros(luck.u64(..5000))),
            _ => Self::Spared,
        }
    }
}

/// Runs a call that may be cancelled, at random, and may panic.
pub(crate) async fn run<F: Future>(luck: &mut Rng, call: F) -> End<F::Output> {
    let fate = Fate::draw(luck);
    let mut call = Box::pin(call);
    let mut polls = 0;
    let polled = poll_fn(|cx| {
        if matches!(fate, Fate::AfterPolls(last) if polls == last) {
            return Poll::Ready(End::Cancelled);
        }
        polls = polls.wrapping_add(1);
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(End::Returned(output)),
            Ok(Poll::Pending) => {
                if matches!(fate, Fate::AfterPolls(_)) {
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
            Err(payload) => {
                verdict::require(payload.is::<Expected>(), || "a panic that nobody expected".to_owned());
                Poll::Ready(End::Panicked)
            }
        }
    });
    match fate {
        Fate::After(time) => timeout(time, polled).await.unwrap_or(End::Cancelled),
        Fate::Spared | Fate::AfterPolls(_) => polled.await,
    }
}

/// What goes on in a call: pauses, mostly short ones, and now and then a panic.
pub(crate) async fn work(luck: &mut Rng) {
    for _ in 0..luck.u8(..4) {
        yield_now().await;
    }
    if luck.u8(..) == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    if luck.u8(..64) == 0 {
        panic_any(Expected);
    }
}
