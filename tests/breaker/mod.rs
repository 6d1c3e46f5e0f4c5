//! `CircuitBreaker` and `#[circuit_breaker]`.

mod attribute;
mod builder;
mod call;
mod cancellation;
mod control;
mod counting;
mod events;
mod fencing;
mod futures;
mod half_open;
mod model;
mod names;
mod threads;
mod time;

use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Outcome, Permit, State, Transition};

use crate::support::log;

pub(crate) const RESET: Duration = Duration::from_secs(10);

/// What annotated functions and `call` return here.
#[derive(Debug, PartialEq)]
pub(crate) enum ApiError {
    Timeout,
    Io(u8),
    NotFound,
    Refused(CircuitBreakerError),
}

impl From<CircuitBreakerError> for ApiError {
    fn from(refusal: CircuitBreakerError) -> Self {
        Self::Refused(refusal)
    }
}

/// 3 failures open it for 10 s; changes of state go to the log.
fn logging(name: &'static str) -> CircuitBreakerBuilder {
    CircuitBreaker::builder(name).reset(RESET).on_transition(log_transition)
}

fn log_transition(_: &CircuitBreaker, Transition { from, to, .. }: Transition) {
    log(format!("{from:?} -> {to:?}"));
}

/// One call with this outcome, which has to be admitted.
fn end(breaker: &CircuitBreaker, outcome: Outcome) {
    admitted(breaker).record(outcome);
}

fn admitted(breaker: &CircuitBreaker) -> Permit<'_> {
    breaker.try_acquire().expect("admitted")
}

fn succeed(breaker: &CircuitBreaker) {
    end(breaker, Outcome::Success);
}

fn fail(breaker: &CircuitBreaker) {
    end(breaker, Outcome::Failure);
}

/// Fails until the circuit opens.
fn trip(breaker: &CircuitBreaker) {
    while breaker.state() != State::Open {
        fail(breaker);
    }
}

fn is_open(refusal: &CircuitBreakerError) -> bool {
    matches!(refusal, CircuitBreakerError::Open { .. })
}
