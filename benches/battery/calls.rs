//! Calls whose bodies do as they are told, polled by hand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;

/// The error of a body, and of a refused call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("failed")]
    Failed,
    #[error("refused")]
    Refused,
}

/// What a breaker is put around.
pub(crate) type Body = Pin<Box<dyn Future<Output = Result<(), CallError>> + Send>>;

/// What became of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Made,
    Refused,
}

/// A call through a breaker.
pub(crate) type Call<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

pub(crate) fn succeeds() -> Body {
    Box::pin(std::future::ready(Ok(())))
}

pub(crate) fn fails() -> Body {
    Box::pin(std::future::ready(Err(CallError::Failed)))
}

pub(crate) fn panics() -> Body {
    Box::pin(async { panic!("as it was told to") })
}

/// The other end of a body that runs until it is told what to return.
pub(crate) struct Remote {
    began: Arc<AtomicBool>,
    end: oneshot::Sender<Result<(), CallError>>,
}

impl Remote {
    /// Whether the body has begun, so that the call was admitted.
    pub(crate) fn began(&self) -> bool {
        self.began.load(Ordering::Relaxed)
    }

    /// To be called while the call is there to hear of it.
    pub(crate) fn end(self, result: Result<(), CallError>) {
        self.end.send(result).expect("the call is in flight");
    }
}

/// A body that waits.
pub(crate) fn waits() -> (Body, Remote) {
    let began = Arc::new(AtomicBool::new(false));
    let (end, told) = oneshot::channel();
    let flag = Arc::clone(&began);
    let body = Box::pin(async move {
        flag.store(true, Ordering::Relaxed);
        told.await.unwrap_or(Err(CallError::Failed))
    });
    (body, Remote { began, end })
}

pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls once, whatever comes of it.
pub(crate) fn step(call: &mut Call<'_>) {
    let (Poll::Ready(_) | Poll::Pending) = poll(call.as_mut());
}

/// The answer of a call that has nothing to wait for.
pub(crate) fn answer(mut call: Call<'_>) -> Answer {
    match poll(call.as_mut()) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a call with nothing to wait for was pending"),
    }
}

/// The answer of a call that may panic; `None` if it did.
pub(crate) fn survived(call: Call<'_>) -> Option<Answer> {
    catch_unwind(AssertUnwindSafe(|| answer(call))).ok()
}
