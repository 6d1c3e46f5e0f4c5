//! Peers that count failures in a row.

use breaker::{BackoffStrategy, CircuitBreakerConfig, CircuitBreakerError};
use circuitbreaker_rs::{BreakerError, DefaultPolicy};
use failsafe::{backoff, failure_policy};
use nobreak::CircuitError;

use altlocks_benches::leak;

use super::{CallError, Caller, Limits, Refusal, Show, Visit, work};

pub(super) fn each(show: &mut Show<'_, impl Visit>) {
    let limits = show.limits();
    show.peer("failsafe", failsafe(limits));
    show.peer("breaker", Breaker::new(limits));
    show.peer("circuitbreaker-rs", Rs::new(limits));
    show.peer("nobreak", Nobreak::new(limits));
}

#[derive(Clone)]
struct Failsafe<B>(B);

fn failsafe(limits: Limits) -> impl Caller {
    let policy = failure_policy::consecutive_failures(limits.failures, backoff::constant(limits.reset));
    Failsafe(failsafe::Config::new().failure_policy(policy).build())
}

impl<B: failsafe::futures::CircuitBreaker + Clone + Send + Sync + 'static> Caller for Failsafe<B> {
    type Answer = Result<u64, failsafe::Error<CallError>>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call(async move { work(input) })
    }
}

impl Refusal for failsafe::Error<CallError> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected)
    }
}

#[derive(Clone)]
struct Breaker(&'static breaker::CircuitBreaker);

impl Breaker {
    fn new(limits: Limits) -> Self {
        let config = CircuitBreakerConfig::builder()
            .consecutive_failures(limits.failures)
            .failure_rate_threshold(0.0) // off, so that only the row counts
            .backoff(BackoffStrategy::Fixed(limits.reset))
            .success_threshold(1)
            .build();
        Self(leak(breaker::CircuitBreaker::new(config)))
    }
}

impl Caller for Breaker {
    type Answer = Result<u64, CircuitBreakerError<CallError>>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call(move || async move { work(input) })
    }
}

impl Refusal for CircuitBreakerError<CallError> {
    fn is_refusal(&self) -> bool {
        !matches!(self, Self::Failure(_))
    }
}

#[derive(Clone)]
struct Rs(&'static circuitbreaker_rs::CircuitBreaker<DefaultPolicy, CallError>);

impl Rs {
    fn new(limits: Limits) -> Self {
        let breaker = circuitbreaker_rs::CircuitBreaker::<DefaultPolicy, CallError>::builder()
            .failure_threshold(2.0) // a share that is never reached, so that only the row counts
            .consecutive_failures(limits.failures.into())
            .consecutive_successes(1)
            .cooldown(limits.reset)
            .build();
        Self(leak(breaker))
    }
}

impl Caller for Rs {
    type Answer = Result<u64, BreakerError<CallError>>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call_async(move || async move { work(input) })
    }
}

impl Refusal for BreakerError<CallError> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Open)
    }
}

#[derive(Clone)]
struct Nobreak(&'static nobreak::CircuitBreaker);

impl Nobreak {
    fn new(limits: Limits) -> Self {
        let breaker = nobreak::builder()
            .with_failure_threshold(limits.failures as usize)
            .with_success_threshold(1)
            .with_open_duration(limits.reset)
            .build();
        Self(leak(breaker))
    }
}

impl Caller for Nobreak {
    type Answer = Result<u64, CircuitError<CallError>>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call_async(move || async move { work(input) })
    }
}

impl Refusal for CircuitError<CallError> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Open)
    }
}
