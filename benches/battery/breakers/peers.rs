//! The peers, as their docs show them to an async user: five failures in a row, one trial where that can be said.

use std::time::Duration;

use altlocks::CircuitBreaker;
use breaker::{BackoffStrategy, CircuitBreakerConfig};
use circuitbreaker_rs::{BreakerError, DefaultPolicy};
use failsafe::futures::CircuitBreaker as _;
use failsafe::{backoff, failure_policy};
use layered::{Execute, Service as _, Stack as _};
use nobreak::CircuitError;
use recloser::{AsyncRecloser, Recloser};
use seatbelt::breaker::{Breaker as Seatbelt, HalfOpenMode};
use seatbelt::{RecoveryInfo, ResilienceContext};
use tower::{Layer as _, Service as _, ServiceExt as _};
use tower_resilience_circuitbreaker::{CircuitBreakerError as Resilience, CircuitBreakerLayer};

use crate::calls::{Answer, Body, Call, CallError};

const FAILURES: u32 = 5;

/// A breaker of any crate.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// A closed circuit that stays open for so long.
    pub(crate) new: fn(Duration) -> Box<dyn Breaker>,
}

pub(crate) trait Breaker {
    fn call(&self, body: Body) -> Call<'_>;
}

pub(crate) const PEERS: &[Peer] = &[
    Peer { name: "altlocks", new: altlocks },
    Peer { name: "failsafe", new: failsafe },
    Peer { name: "breaker", new: breaker },
    Peer { name: "circuitbreaker-rs", new: circuitbreaker_rs },
    Peer { name: "nobreak", new: nobreak },
    Peer { name: "recloser", new: recloser },
    Peer { name: "seatbelt", new: seatbelt },
    Peer { name: "tower-resilience", new: tower_resilience },
];

/// A breaker by the way to make a call through it.
struct Way<B, F>(B, F);

impl<B, F: for<'a> Fn(&'a B, Body) -> Call<'a>> Breaker for Way<B, F> {
    fn call(&self, body: Body) -> Call<'_> {
        (self.1)(&self.0, body)
    }
}

fn way<B: 'static>(breaker: B, call: impl for<'a> Fn(&'a B, Body) -> Call<'a> + 'static) -> Box<dyn Breaker> {
    Box::new(Way(breaker, call))
}

/// By what a crate calls a refusal.
fn answer<T, E>(result: Result<T, E>, is_refusal: impl FnOnce(&E) -> bool) -> Answer {
    if result.is_err_and(|error| is_refusal(&error)) { Answer::Refused } else { Answer::Made }
}

impl From<altlocks::CircuitBreakerError> for CallError {
    fn from(_: altlocks::CircuitBreakerError) -> Self {
        Self::Refused
    }
}

fn altlocks(reset: Duration) -> Box<dyn Breaker> {
    let breaker = CircuitBreaker::builder("battery").max_fails(FAILURES).reset(reset).max_half_open_calls(1).build();
    way(breaker, |breaker, body| {
        Box::pin(async { answer(breaker.call(body).await, |error| *error == CallError::Refused) })
    })
}

fn failsafe(reset: Duration) -> Box<dyn Breaker> {
    let policy = failure_policy::consecutive_failures(FAILURES, backoff::constant(reset));
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    way(breaker, |breaker, body| {
        Box::pin(async { answer(breaker.call(body).await, |error| matches!(error, failsafe::Error::Rejected)) })
    })
}

fn breaker(reset: Duration) -> Box<dyn Breaker> {
    let config = CircuitBreakerConfig::builder()
        .consecutive_failures(FAILURES)
        .failure_rate_threshold(0.0) // off, so that only the row counts
        .backoff(BackoffStrategy::Fixed(reset))
        .half_open_max_calls(1)
        .success_threshold(1)
        .build();
    way(breaker::CircuitBreaker::new(config), |breaker, body| {
        Box::pin(async {
            let result = breaker.call(move || body).await;
            answer(result, |error| !matches!(error, breaker::CircuitBreakerError::Failure(_)))
        })
    })
}

fn circuitbreaker_rs(reset: Duration) -> Box<dyn Breaker> {
    let breaker = circuitbreaker_rs::CircuitBreaker::<DefaultPolicy, CallError>::builder()
        .failure_threshold(2.0) // a share that is never reached, so that only the row counts
        .consecutive_failures(FAILURES.into())
        .consecutive_successes(1)
        .probe_interval(1)
        .cooldown(reset)
        .build();
    way(breaker, |breaker, body| {
        Box::pin(async {
            let result = breaker.call_async(move || body).await;
            answer(result, |error| matches!(error, BreakerError::Open))
        })
    })
}

fn nobreak(reset: Duration) -> Box<dyn Breaker> {
    let breaker = nobreak::builder()
        .with_failure_threshold(FAILURES as usize)
        .with_success_threshold(1)
        .with_open_duration(reset)
        .build();
    way(breaker, |breaker, body| {
        Box::pin(async {
            let result = breaker.call_async(move || body).await;
            answer(result, |error| matches!(error, CircuitError::Open))
        })
    })
}

/// It knows windows only: five calls, of which all have to fail.
fn recloser(reset: Duration) -> Box<dyn Breaker> {
    let breaker: AsyncRecloser = Recloser::custom()
        .closed_len(FAILURES as usize)
        .error_rate_closed(1.0)
        .half_open_len(1)
        .error_rate_half_open(0.5)
        .open_wait(reset)
        .build()
        .into();
    way(breaker, |breaker, body| {
        Box::pin(async { answer(breaker.call(body).await, |error| matches!(error, recloser::Error::Rejected)) })
    })
}

/// The same.
fn seatbelt(reset: Duration) -> Box<dyn Breaker> {
    let context = ResilienceContext::new(tick::Clock::new_tokio());
    let stack = (
        Seatbelt::layer("battery", &context)
            .recovery_with(|result: &Result<(), CallError>, _| match result {
                Ok(()) => RecoveryInfo::never(),
                Err(_) => RecoveryInfo::retry(),
            })
            .rejected_input_error(|_: Body, _| CallError::Refused)
            .failure_threshold(1.0)
            .min_throughput(FAILURES)
            .break_duration(reset)
            .half_open_mode(HalfOpenMode::quick()),
        Execute::new(|body: Body| body),
    );
    way(stack.into_service(), |service, body| {
        Box::pin(async { answer(service.execute(body).await, |error| *error == CallError::Refused) })
    })
}

fn tower_resilience(reset: Duration) -> Box<dyn Breaker> {
    let service = CircuitBreakerLayer::builder()
        .consecutive_failures(FAILURES as usize)
        .permitted_calls_in_half_open(1)
        .wait_duration_in_open(reset)
        .build()
        .expect("settings within bounds")
        .layer(tower::service_fn(|body: Body| body));
    way(service, |service, body| {
        // Clones share the circuit; each call has one of its own, as tower's users do.
        let mut service = service.clone();
        Box::pin(async move {
            let result = match service.ready().await {
                Ok(service) => service.call(body).await,
                Err(error) => Err(error),
            };
            answer(result, Resilience::is_circuit_open)
        })
    })
}
