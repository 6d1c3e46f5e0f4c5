//! The function that breakers protect, and it alone.
//!
//! What a breaker costs is the difference between a call through it and [`bare`]. [`work`] is not inlined, so both run the
//! same instructions for it, and a compiler that sees through one cannot fold the work into the loop of the other; inputs
//! and results pass through `black_box`. What is left to differ is what stands around the work.

use altlocks::CircuitBreakerError;

use super::{Caller, Refusal};

/// The one way to fail.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("failed")]
pub struct Failed;

/// An error as callers of altlocks have it: their own and the refusal. It is larger than what the peers return, whose
/// error types add next to nothing to [`Failed`]; `bare` returns it too, so that the difference shows no advantage.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The work failed.
    #[error(transparent)]
    Failed(#[from] Failed),
    /// The call was not made.
    #[error(transparent)]
    Refused(#[from] CircuitBreakerError),
}

impl Refusal for CallError {
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
pub fn work(input: u64) -> Result<u64, Failed> {
    if input == 0 { Err(Failed) } else { Ok(input.wrapping_mul(3)) }
}

/// The work with nothing around it.
///
/// # Errors
///
/// As [`work`].
pub async fn bare(input: u64) -> Result<u64, CallError> {
    Ok(work(input)?)
}

/// The attribute that everyone knows, with nobody listening.
///
/// # Errors
///
/// As [`work`].
#[tracing::instrument]
pub async fn instrumented(input: u64) -> Result<u64, CallError> {
    Ok(work(input)?)
}

/// Calls of a function.
#[derive(Clone)]
pub(super) struct Function<F>(pub(super) F);

impl<F, R> Caller for Function<F>
where
    F: Fn(u64) -> R + Clone + Send + Sync,
    R: Future<Output = Result<u64, CallError>>,
{
    type Answer = R::Output;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        (self.0)(input)
    }
}
