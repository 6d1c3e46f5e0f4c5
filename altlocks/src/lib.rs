//! Non-conventional async synchronisation for Rust services, put on a function in one line.

mod breaker;
mod draw;
mod events;
mod invalid;
mod moment;
mod name;
mod outcome;
mod sync;
mod throttle;

pub use self::breaker::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Permit, State, Transition};
pub use self::invalid::InvalidParameter;
pub use self::name::Name;
pub use self::outcome::{Classify, FromRefusal, Outcome};
pub use self::throttle::{Adaptation, DynamicThrottle, DynamicThrottleBuilder, InvalidRate, Pass, ThrottleTimeout};
