//! An admitted call, until its result is known.

use std::fmt;

use super::state::Ticket;
use super::{CircuitBreaker, Outcome};
use crate::moment::Moment;

/// A call that a [`CircuitBreaker`] admitted; made by [`CircuitBreaker::try_acquire`].
///
/// [`record`](Self::record) says what the call came to. A permit that is dropped instead is a cancelled call and counts
/// as [`Outcome::Ignored`]; one that is dropped by unwinding counts as [`Outcome::Failure`].
#[must_use = "a permit dropped unrecorded says that the call was not made"]
pub struct Permit<'a> {
    breaker: &'a CircuitBreaker,
    ticket: Ticket,
    /// When the call began; `BEFORE_ALL` if nobody will ask. (An `Option` would cost the future 8 bytes more.)
    began: Moment,
}

impl<'a> Permit<'a> {
    pub(super) const fn new(breaker: &'a CircuitBreaker, ticket: Ticket, began: Moment) -> Self {
        Self { breaker, ticket, began }
    }

    /// Tells the breaker what the call came to.
    ///
    /// If the circuit has changed since the call was admitted, the result counts for nothing.
    #[inline]
    pub fn record(self, outcome: Outcome) {
        let outcome = if self.ticket.is_timed() { self.breaker.judged(outcome, self.began) } else { outcome };
        self.breaker.settle(self.ticket, outcome);
        // Settled: its drop would settle it once more.
        std::mem::forget(self);
    }

    /// Whether the call is a trial of a half-open circuit.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.ticket.is_trial()
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Failure } else { Outcome::Ignored };
        self.breaker.settle(self.ticket, outcome);
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("breaker", &self.breaker.name())
            .field("is_trial", &self.is_trial())
            .finish_non_exhaustive()
    }
}
