//! What a call came to, and how a refusal reaches the caller.

/// What a finished call means to the primitive that admitted it.
///
/// `Ignored` is neutral in every state of every primitive: as though the call had not been made, and whatever slot it
/// held is free again. A cancelled call is `Ignored`; a call that panics is a `Failure`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// The callee did its work.
    Success,
    /// The callee failed.
    Failure,
    /// Says nothing about the callee: a caller's mistake, a cancellation.
    Ignored,
}

/// A return value that tells its own [`Outcome`]: an `Err` or a `None` is a [`Failure`](Outcome::Failure).
///
/// Implement it for a return type of your own where that type knows better. The attributes' `fail_on` and `fail_if`
/// decide for one function without it.
///
/// # Examples
///
/// ```
/// use altlocks::{Classify, Outcome};
///
/// struct Reply { status: u16 }
///
/// impl Classify for Reply {
///     fn outcome(&self) -> Outcome {
///         match self.status {
///             500.. => Outcome::Failure,
///             400..500 => Outcome::Ignored, // our own mistake says nothing about the server
///             _ => Outcome::Success,
///         }
///     }
/// }
///
/// assert_eq!(Reply { status: 503 }.outcome(), Outcome::Failure);
/// assert_eq!(Err::<(), _>("down").outcome(), Outcome::Failure);
/// assert_eq!(Some(1).outcome(), Outcome::Success);
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing tells whether a `{Self}` is a success or a failure",
    label = "neither a `Result` nor an `Option`, and without `Classify`",
    note = "ways out: return a `Result` or an `Option`; say which values are failures with `fail_if = |value| ..`; \
            or implement `altlocks::Classify` for `{Self}`"
)]
pub trait Classify {
    /// What this value says about the call that returned it.
    fn outcome(&self) -> Outcome;
}

impl<T, E> Classify for Result<T, E> {
    fn outcome(&self) -> Outcome {
        if self.is_ok() { Outcome::Success } else { Outcome::Failure }
    }
}

impl<T> Classify for Option<T> {
    fn outcome(&self) -> Outcome {
        if self.is_some() { Outcome::Success } else { Outcome::Failure }
    }
}

/// A return value that can carry a refusal `R`, the error of a primitive that did not let the call run.
///
/// A `Result<T, E>` can where `E: From<R>`; an `Option` can, as `None`.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, CircuitBreakerError, FromRefusal};
///
/// #[derive(Debug)]
/// enum ApiError { Refused(CircuitBreakerError) }
///
/// impl From<CircuitBreakerError> for ApiError {
///     fn from(refusal: CircuitBreakerError) -> Self { Self::Refused(refusal) }
/// }
///
/// let breaker = CircuitBreaker::new("api");
/// breaker.force_open();
/// let refusal = breaker.try_acquire().unwrap_err();
/// let returned: Result<u32, ApiError> = FromRefusal::from_refusal(refusal);
/// assert_eq!(returned.unwrap_err().to_string(), "circuit breaker `api` is open");
/// # impl std::fmt::Display for ApiError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { let Self::Refused(e) = self; e.fmt(f) }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot carry a refusal (`{R}`)",
    label = "a refused call has no way to return through this type",
    note = "ways out: say what a refused call returns with `fallback = |refusal| ..`; return a `Result` whose error type \
            implements `From<{R}>`; or return an `Option`, whose `None` a refusal becomes"
)]
pub trait FromRefusal<R> {
    /// The value that a refused call returns.
    fn from_refusal(refusal: R) -> Self;
}

// Without `do_not_recommend` the compiler would speak of the error type's missing `From` and never show the note above.
#[diagnostic::do_not_recommend]
impl<T, E: From<R>, R> FromRefusal<R> for Result<T, E> {
    fn from_refusal(refusal: R) -> Self {
        Err(E::from(refusal))
    }
}

impl<T, R> FromRefusal<R> for Option<T> {
    fn from_refusal(_: R) -> Self {
        None
    }
}
