//! Non-conventional async synchronisation for Rust services, put on a function in one line.

mod barrier;
mod breaker;
mod draw;
mod events;
mod guard;
mod invalid;
mod moment;
mod name;
mod outcome;
mod releasing;
mod sync;

pub use self::barrier::{
    Arrival, BreakCause, BrokenBarrierError, OwnedWait, StatefulBarrier, StatefulBarrierBuilder, Wait,
};
pub use self::breaker::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Permit, State, Transition};
pub use self::guard::{Guarded, OwnedGuarded, ResourceBusy, ResourceGuard, UniqueGuarded, UniqueResourceGuard};
pub use self::invalid::InvalidParameter;
pub use self::name::Name;
pub use self::outcome::{Classify, FromRefusal, Outcome};
pub use self::releasing::{Releasing, Relock, Unlocked};
