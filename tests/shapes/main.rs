//! Every shape that a function can have, under every attribute and under all three, in every edition; each is called, and
//! what it returns is checked. Under the lints of a strict crate.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    single_use_lifetimes,
    clippy::pedantic,
    clippy::nursery
)]
// It asks for what `unreachable_pub` forbids.
#![allow(clippy::redundant_pub_crate)]

mod editions;
#[macro_use]
mod functions;

use altlocks::{CircuitBreakerError, ResourceBusy, ThrottleTimeout};

/// What every function returns that can fail.
#[derive(Debug, PartialEq)]
pub(crate) enum Error {
    /// By its own doing.
    Own,
    /// By an attribute's.
    Refused(String),
}

impl From<CircuitBreakerError> for Error {
    fn from(refusal: CircuitBreakerError) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<ThrottleTimeout> for Error {
    fn from(refusal: ThrottleTimeout) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<ResourceBusy> for Error {
    fn from(refusal: ResourceBusy) -> Self {
        Self::Refused(refusal.to_string())
    }
}

mod bare {
    functions! {}
}

mod breaker {
    functions! { #[::altlocks::circuit_breaker] }
}

mod throttle {
    functions! { #[::altlocks::throttle(rate = 1e9, timeout = "10s")] }
}

mod guard {
    functions! { #[::altlocks::resource_guard] }
}

mod all_three {
    functions! {
        #[::altlocks::circuit_breaker]
        #[::altlocks::throttle(rate = 1e9, timeout = "10s")]
        #[::altlocks::resource_guard]
    }
}

mod all_three_reversed {
    functions! {
        #[::altlocks::resource_guard]
        #[::altlocks::throttle(rate = 1e9, timeout = "10s")]
        #[::altlocks::circuit_breaker]
    }
}

mod beneath_instrument {
    functions! {
        #[::tracing::instrument(skip_all)]
        #[::altlocks::circuit_breaker]
    }
}

mod above_instrument {
    functions! {
        #[::altlocks::circuit_breaker]
        #[::tracing::instrument(skip_all)]
        #[::altlocks::throttle(rate = 1e9)]
    }
}

mod renamed {
    /// Where altlocks is for this module.
    mod deep {
        pub(super) use altlocks as locks;
    }

    functions! { #[::altlocks::circuit_breaker(crate = crate::renamed::deep::locks)] }
}
