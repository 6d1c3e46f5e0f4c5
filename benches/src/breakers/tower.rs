//! The breaker that is a tower layer.

use std::future::Ready;

use tower::{Layer, Service, ServiceExt};
use tower_resilience_circuitbreaker::{CircuitBreaker, CircuitBreakerError, CircuitBreakerLayer, DefaultClassifier};

use super::{CallError, Caller, Limits, Refusal, Show, Visit, work};

pub(super) fn each(show: &mut Show<'_, impl Visit>) {
    show.peer("tower-resilience-circuitbreaker", Tower(service(show.limits())));
}

/// What `service_fn` makes of [`work`].
#[derive(Clone)]
struct Work;

impl Service<u64> for Work {
    type Response = u64;
    type Error = CallError;
    type Future = Ready<Result<u64, CallError>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), CallError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, input: u64) -> Self::Future {
        std::future::ready(work(input))
    }
}

fn service(limits: Limits) -> CircuitBreaker<Work, DefaultClassifier> {
    CircuitBreakerLayer::builder()
        .consecutive_failures(limits.failures as usize)
        .wait_duration_in_open(limits.reset)
        .build()
        .expect("settings within bounds")
        .layer(Work)
}

/// Clones of a service share its circuit, so a thread has one of its own, as tower's users do.
#[derive(Clone)]
struct Tower(CircuitBreaker<Work, DefaultClassifier>);

impl Caller for Tower {
    type Answer = Result<u64, CircuitBreakerError<CallError>>;

    #[inline]
    async fn call(&mut self, input: u64) -> Self::Answer {
        self.0.ready().await?.call(input).await
    }
}

impl Refusal for CircuitBreakerError<CallError> {
    fn is_refusal(&self) -> bool {
        self.is_circuit_open()
    }
}
