//! What is counted of breakers: bytes of a future, allocations, looks at the clock.

use std::cell::Cell;
use std::mem::size_of_val;
use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerError, Outcome, ResourceBusy, circuit_breaker, resource_guard, throttle};
use tokio::time::Instant;

use super::Fact;
use crate::breakers::{Caller, Case, Visit, each};

pub(super) fn facts() -> Vec<Fact> {
    let mut facts = annotated_bytes();
    for case in [Case::ClosedSuccess, Case::ClosedFailure, Case::Refused, Case::RoundTrip] {
        each(case, &mut Allocations { case, facts: &mut facts });
    }
    each(Case::ClosedSuccess, &mut Bytes(&mut facts));
    facts.extend(clock_reads());
    facts
}

/// A call, or a round trip.
const ALLOCATIONS: &str = "allocations a call";

struct Allocations<'a> {
    case: Case,
    facts: &'a mut Vec<Fact>,
}

impl Visit for Allocations<'_> {
    fn visit<C: Caller>(&mut self, peer: &'static str, mut caller: C) {
        const CALLS: u32 = 1000;
        self.case.repeat(&mut caller, 1);
        let counted = allocation_counter::measure(|| {
            self.case.repeat(&mut caller, CALLS.into());
        });
        let count = u32::try_from(counted.count_total).expect("not so many");
        let value = f64::from(count) / f64::from(CALLS);
        self.facts.push(Fact { table: self.case.name(), peer, value, unit: ALLOCATIONS });
    }
}

struct Bytes<'a>(&'a mut Vec<Fact>);

impl Visit for Bytes<'_> {
    fn visit<C: Caller>(&mut self, peer: &'static str, mut caller: C) {
        let value = bytes(&caller.call(7));
        // What a peer allocates is not in it.
        self.0.push(Fact { table: "breaker: bytes of the future of a call of one word", peer, value, unit: "bytes" });
    }
}

fn bytes<F: Future>(future: &F) -> f64 {
    f64::from(u32::try_from(size_of_val(future)).expect("not so large"))
}

#[derive(Debug)]
enum CallError {
    Refused(#[expect(dead_code, reason = "kept as a service keeps it")] CircuitBreakerError),
    Busy(#[expect(dead_code, reason = "kept as a service keeps it")] ResourceBusy),
}

impl From<CircuitBreakerError> for CallError {
    fn from(refusal: CircuitBreakerError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ResourceBusy> for CallError {
    fn from(busy: ResourceBusy) -> Self {
        Self::Busy(busy)
    }
}

// Functions that await, as those do that one protects, with an argument by value.

async fn bare(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[circuit_breaker]
async fn breaker(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[resource_guard]
async fn guard(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[throttle(rate = 10)]
async fn throttled(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[circuit_breaker]
#[resource_guard]
async fn breaker_and_guard(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[throttle(rate = 10)]
#[circuit_breaker]
async fn throttle_and_breaker(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[throttle(rate = 10)]
#[circuit_breaker]
#[resource_guard]
async fn all(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

#[tracing::instrument]
async fn instrumented(argument: u64) -> Result<u64, CallError> {
    tokio::task::yield_now().await;
    Ok(argument)
}

fn annotated_bytes() -> Vec<Fact> {
    let fact = |peer, value| Fact { table: "bytes of the future", peer, value, unit: "bytes" };
    vec![
        fact("bare async fn", bytes(&bare(1))),
        fact("its arguments by value", 8.0),
        fact("altlocks, breaker", bytes(&breaker(1))),
        fact("altlocks, guard", bytes(&guard(1))),
        fact("altlocks, throttle", bytes(&throttled(1))),
        fact("altlocks, breaker and guard", bytes(&breaker_and_guard(1))),
        fact("altlocks, throttle and breaker", bytes(&throttle_and_breaker(1))),
        fact("altlocks, throttle, breaker and guard", bytes(&all(1))),
        fact("tracing::instrument", bytes(&instrumented(1))),
    ]
}

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

fn counted_clock() -> Instant {
    READS.set(READS.get() + 1);
    Instant::now()
}

fn clock_reads() -> [Fact; 2] {
    let breaker =
        CircuitBreaker::builder("counted").max_fails(1).reset(Duration::from_secs(30)).timer(counted_clock).build();
    let reads = |calls: &dyn Fn()| {
        let before = READS.get();
        calls();
        f64::from(READS.get() - before)
    };
    let fact = |peer, value| Fact { table: "breaker: clock reads per call", peer, value, unit: "" };
    let closed = reads(&|| breaker.try_acquire().expect("closed").record(Outcome::Success));
    breaker.try_acquire().expect("closed").record(Outcome::Failure);
    let refused = reads(&|| drop(breaker.try_acquire().expect_err("open")));
    [fact("altlocks, closed", closed), fact("altlocks, refused", refused)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_of_ours_allocates() {
        let facts = facts();
        let ours = || facts.iter().filter(|fact| fact.unit == ALLOCATIONS && fact.peer.starts_with("altlocks"));
        assert!(ours().count() >= 12);
        for fact in ours() {
            assert!(fact.value.abs() < f64::EPSILON, "{fact:?}");
        }
    }
}
