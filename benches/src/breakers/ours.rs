//! altlocks: as an attribute, by a permit, around a future; and the function without it.

use std::time::Duration;

use altlocks::{CircuitBreaker, Classify, circuit_breaker};
use altlocks_benches::{BARE, leak};

use super::body::{
    CallError, Detailed, Function, bare, clock_read, detailed, detailed_called, detailed_instrumented, instrumented,
    work,
};
use super::{Caller, Case, Show, Visit};

pub(super) fn each(show: &mut Show<'_, impl Visit>) {
    // Settings of an attribute are constants, so there is a function a case; the values are those of `Case::limits`.
    match show.case {
        Case::ClosedSuccess => {
            unprotected(show);
            show.peer("altlocks, annotated", Function(closed));
            show.peer("altlocks, annotated, shared by name", Function(named));
        }
        Case::ClosedSuccessDetailed => {
            show.peer(BARE, Function(detailed));
            show.peer("bare async fn, its poll not inlined", Function(detailed_called));
            show.peer(INSTRUMENTED, Function(detailed_instrumented));
            show.peer("altlocks, annotated", Function(closed_detailed));
            return;
        }
        Case::ClosedFailure => {
            unprotected(show);
            show.peer("altlocks, annotated", Function(failing));
        }
        Case::Refused => {
            show.peer("bare clock read", Function(clock_read));
            show.peer("altlocks, annotated", Function(refused));
        }
        Case::RoundTrip => show.peer("altlocks, annotated", Function(turning)),
    }
    show.peer("altlocks, try_acquire and record", Permit(new(show)));
    show.peer("altlocks, call", Call(new(show)));
}

const INSTRUMENTED: &str = "tracing::instrument, no subscriber";

fn unprotected(show: &mut Show<'_, impl Visit>) {
    show.peer(BARE, Function(bare));
    show.peer(INSTRUMENTED, Function(instrumented));
}

fn new(show: &Show<'_, impl Visit>) -> &'static CircuitBreaker {
    let limits = show.limits();
    leak(CircuitBreaker::builder("benched").max_fails(limits.failures).reset(limits.reset).build())
}

#[circuit_breaker(max_fails = 5, reset = "30s")]
async fn closed(input: u64) -> Result<u64, CallError> {
    work(input)
}

#[circuit_breaker(max_fails = 5, reset = "30s")]
async fn closed_detailed(input: u64) -> Result<u64, Detailed> {
    Ok(work(input)?)
}

#[circuit_breaker(name = "shared", max_fails = 5, reset = "30s")]
async fn named(input: u64) -> Result<u64, CallError> {
    work(input)
}

#[circuit_breaker(max_fails = u32::MAX, reset = "30s")]
async fn failing(input: u64) -> Result<u64, CallError> {
    work(input)
}

#[circuit_breaker(max_fails = 5, reset = "30s")]
async fn refused(input: u64) -> Result<u64, CallError> {
    work(input)
}

#[circuit_breaker(max_fails = 1, reset = Duration::ZERO)]
async fn turning(input: u64) -> Result<u64, CallError> {
    work(input)
}

#[derive(Clone)]
struct Permit(&'static CircuitBreaker);

impl Caller for Permit {
    type Answer = Result<u64, CallError>;

    #[inline]
    async fn call(&mut self, input: u64) -> Self::Answer {
        let permit = self.0.try_acquire()?;
        let result = work(input);
        permit.record(result.outcome());
        result
    }
}

#[derive(Clone)]
struct Call(&'static CircuitBreaker);

impl Caller for Call {
    type Answer = Result<u64, CallError>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call(bare(input))
    }
}
