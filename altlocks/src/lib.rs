//! Non-conventional async synchronisation for Rust services, put on a function in one line.

#[doc(hidden)]
pub mod __private;
mod breaker;
mod draw;
mod events;
mod invalid;
mod moment;
mod name;
mod outcome;
pub mod registry;
mod sync;

pub use self::breaker::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Permit, State, Transition};
pub use self::invalid::InvalidParameter;
pub use self::name::Name;
pub use self::outcome::{Classify, FromRefusal, Outcome};

#[cfg(feature = "macros")]
pub use altlocks_macros::circuit_breaker;
