//! The attribute under test, by one name.

#[cfg(attribute = "circuit_breaker")]
pub(crate) use altlocks::circuit_breaker as protect;
#[cfg(attribute = "resource_guard")]
pub(crate) use altlocks::resource_guard as protect;
#[cfg(attribute = "throttle")]
pub(crate) use altlocks::throttle as protect;
#[cfg(attribute = "noop")]
pub(crate) use altlocks_noop::noop as protect;

/// Carries every refusal.
#[allow(dead_code)]
#[derive(Debug)]
pub(crate) enum Error {
    Refused,
    Number(std::num::ParseIntError),
}

impl From<altlocks::CircuitBreakerError> for Error {
    fn from(_: altlocks::CircuitBreakerError) -> Self {
        Self::Refused
    }
}

impl From<altlocks::ResourceBusy> for Error {
    fn from(_: altlocks::ResourceBusy) -> Self {
        Self::Refused
    }
}

impl From<std::num::ParseIntError> for Error {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::Number(error)
    }
}
