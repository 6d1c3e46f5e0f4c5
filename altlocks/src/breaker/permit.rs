//! An admitted call, until its result is known.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;

use super::state::Ticket;
use super::{CircuitBreaker, CircuitBreakerError, Outcome};
use crate::moment::Moment;

/// A call that a [`CircuitBreaker`] admitted; made by [`CircuitBreaker::try_acquire`].
///
/// [`record`](Self::record) says what the call came to. A permit that is dropped instead is a cancelled call and counts
/// as [`Outcome::Ignored`]; one that is dropped by unwinding counts as [`Outcome::Failure`].
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, Outcome};
///
/// let breaker = CircuitBreaker::builder("device").max_fails(1).build();
/// drop(breaker.try_acquire()?); // as though the call had not been made
/// let permit = breaker.try_acquire()?;
/// assert!(!permit.is_trial());
/// permit.record(Outcome::Failure);
/// assert!(breaker.try_acquire().is_err());
/// # Ok::<(), altlocks::CircuitBreakerError>(())
/// ```
#[must_use = "a permit dropped unrecorded says that the call was not made"]
pub struct Permit<'a>(Admitted<&'a CircuitBreaker>);

impl<'a> Permit<'a> {
    #[inline]
    pub(super) fn ask(breaker: &'a CircuitBreaker) -> Result<Self, CircuitBreakerError> {
        Admitted::ask(breaker).map(Self)
    }

    /// Tells the breaker what the call came to.
    ///
    /// If the circuit has changed since the call was admitted, the result counts for nothing.
    #[inline]
    pub fn record(self, outcome: Outcome) {
        self.0.record(outcome);
    }

    /// Whether the call is a trial of a half-open circuit.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.0.ticket.is_trial()
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An admitted call of a breaker that is reached in this way. A future keeps it, so every word of it counts.
#[doc(hidden)]
#[must_use = "a permit dropped unrecorded says that the call was not made"]
pub struct Admitted<B: Deref<Target = CircuitBreaker>> {
    breaker: B,
    ticket: Ticket,
    /// When the call began; `BEFORE_ALL` if nobody will ask.
    began: Moment,
}

impl<B: Deref<Target = CircuitBreaker>> Admitted<B> {
    /// Asks for one call to be let in.
    ///
    /// # Errors
    ///
    /// As [`CircuitBreaker::try_acquire`].
    #[inline]
    pub fn ask(breaker: B) -> Result<Self, CircuitBreakerError> {
        let (ticket, began) = breaker.admit()?;
        Ok(Self { breaker, ticket, began })
    }

    /// Tells the breaker what the call came to.
    #[inline]
    pub fn record(self, outcome: Outcome) {
        // From here on it is not dropped, not even by a panic: that would record it once more. The way to the breaker is a
        // reference or less.
        let permit = ManuallyDrop::new(self);
        permit.breaker.record(permit.ticket, permit.began, outcome);
    }

    /// [`record`](Self::record), and the output back. Were it left with the caller, it would have to stand in memory while
    /// its result is recorded, for the case that this panics.
    #[inline]
    pub fn recorded<T>(self, outcome: Outcome, output: T) -> T {
        let permit = ManuallyDrop::new(self);
        // The way to the breaker has been gone before: this time it does not end in a panic.
        let output = ManuallyDrop::new(output);
        let breaker: &CircuitBreaker = &permit.breaker;
        let output = ManuallyDrop::into_inner(output);
        if breaker.absorbs(permit.ticket, outcome) {
            return output;
        }
        breaker.recorded(permit.ticket, permit.began, outcome, output)
    }
}

impl<B: Deref<Target = CircuitBreaker>> Drop for Admitted<B> {
    #[inline]
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Failure } else { Outcome::Ignored };
        self.breaker.settle(self.ticket, outcome);
    }
}

impl<B: Deref<Target = CircuitBreaker>> fmt::Debug for Admitted<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("breaker", &self.breaker.name())
            .field("is_trial", &self.ticket.is_trial())
            .finish_non_exhaustive()
    }
}
