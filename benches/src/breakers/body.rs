//! The function that breakers protect, and it alone.
//!
//! What a breaker costs is the difference between a call through it and [`bare`]. [`work`] is not inlined, so both run the
//! same instructions for it, and a compiler that sees through one cannot fold the work into the loop of the other; inputs
//! and results pass through `black_box`. What is left to differ is what stands around the work. That the poll of `bare` is
//! inlined into its caller and that of a wrapped function may not be is one of the differences, and counts.
//!
//! The result is two words, which a poll hands back in registers, for the peers as for altlocks. A larger one goes through
//! memory, and a processor that has just written it in other pieces than it reads waits for some ten nanoseconds. A function
//! pays that as soon as its poll is not inlined, whatever is put on it, so [`detailed`] and its likes have a group of their
//! own, with a bare function that is not inlined either.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use altlocks::CircuitBreakerError;
use tokio::time::Instant;

use super::{Caller, Refusal};

/// An error that says what happened and no more. A word, so that a result is a tag and a word.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The work failed.
    #[error("failed")]
    Failed,
    /// The call was not made.
    #[error("refused")]
    Refused,
}

impl From<CircuitBreakerError> for CallError {
    fn from(_: CircuitBreakerError) -> Self {
        Self::Refused
    }
}

impl Refusal for CallError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

/// An error that keeps the refusal, with the name of the breaker and when to try again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Detailed {
    /// The work failed.
    #[error("failed")]
    Failed,
    /// The call was not made.
    #[error(transparent)]
    Refused(#[from] CircuitBreakerError),
}

impl From<CallError> for Detailed {
    fn from(_: CallError) -> Self {
        Self::Failed
    }
}

impl Refusal for Detailed {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// Fails on 0.
///
/// # Errors
///
/// Then.
#[inline(never)]
pub(crate) fn work(input: u64) -> Result<u64, CallError> {
    if input == 0 { Err(CallError::Failed) } else { Ok(input.wrapping_mul(3)) }
}

/// The work with nothing around it.
pub(super) async fn bare(input: u64) -> Result<u64, CallError> {
    work(input)
}

/// The attribute that everyone knows, with nobody listening.
#[tracing::instrument]
pub(super) async fn instrumented(input: u64) -> Result<u64, CallError> {
    work(input)
}

/// What a refusal cannot do without, if it is to end by itself.
pub(super) async fn clock_read(_: u64) -> Result<u64, CallError> {
    black_box(Instant::now());
    Err(CallError::Refused)
}

/// [`bare`] with the larger result.
pub(super) async fn detailed(input: u64) -> Result<u64, Detailed> {
    Ok(work(input)?)
}

/// [`instrumented`] with the larger result.
#[tracing::instrument]
pub(super) async fn detailed_instrumented(input: u64) -> Result<u64, Detailed> {
    Ok(work(input)?)
}

/// [`detailed`], polled by a call.
pub(super) async fn detailed_called(input: u64) -> Result<u64, Detailed> {
    #[inline(never)]
    fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        future.poll(context)
    }

    let mut future = pin!(detailed(input));
    poll_fn(|context| poll(future.as_mut(), context)).await
}

/// Calls of a function.
#[derive(Clone)]
pub(super) struct Function<F>(pub(super) F);

impl<F, R, E> Caller for Function<F>
where
    F: Fn(u64) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<u64, E>>,
    E: Refusal,
{
    type Answer = R::Output;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        (self.0)(input)
    }
}
