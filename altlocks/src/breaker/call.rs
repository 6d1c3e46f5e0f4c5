//! A call through a breaker, as a future that is polled where it stands: an `async fn` would move it, and keep room for it
//! twice.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::permit::Admitted;
use super::{CircuitBreaker, CircuitBreakerError};
use crate::outcome::{Classify, FromRefusal};

pin_project! {
    pub(super) struct Call<'a, F> {
        // Absent once it has ended. Dropped before the permit, as what a call does last belongs to it.
        #[pin]
        op: Option<F>,
        stage: Stage<'a>,
    }
}

enum Stage<'a> {
    /// Not polled yet: it asks nothing and is not admitted.
    Coming(&'a CircuitBreaker),
    Running(Admitted<&'a CircuitBreaker>),
    Ended,
}

impl<'a, F> Call<'a, F> {
    #[inline]
    pub(super) const fn new(breaker: &'a CircuitBreaker, op: F) -> Self {
        Self { op: Some(op), stage: Stage::Coming(breaker) }
    }
}

impl<F> Future for Call<'_, F>
where
    F: Future,
    F::Output: Classify + FromRefusal<CircuitBreakerError>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        // Out of its place while the operation runs: a panic drops it here, where it knows itself dropped by a panic.
        let permit = match std::mem::replace(this.stage, Stage::Ended) {
            Stage::Coming(breaker) => match Admitted::ask(breaker) {
                Ok(permit) => permit,
                Err(refusal) => {
                    this.op.set(None);
                    return Poll::Ready(F::Output::from_refusal(refusal));
                }
            },
            Stage::Running(permit) => permit,
            Stage::Ended => panic!("a call was polled after it was ready"),
        };
        let op = this.op.as_mut().as_pin_mut().expect("it is there until the call has ended");
        match op.poll(cx) {
            Poll::Pending => {
                *this.stage = Stage::Running(permit);
                Poll::Pending
            }
            Poll::Ready(output) => {
                this.op.set(None);
                let outcome = output.outcome();
                Poll::Ready(permit.recorded(outcome, output))
            }
        }
    }
}
