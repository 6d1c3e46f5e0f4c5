//! What the circuit did: its changes of state, as the breaker reports them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use altlocks::{CircuitBreaker, State, Transition};

use crate::story;

/// A change of state and its moment of the story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) at: Duration,
    pub(crate) from: State,
    pub(crate) to: State,
}

static CHANGES: Mutex<Vec<Change>> = Mutex::new(Vec::new());

/// Keeps a change: the breaker's `on_transition`.
pub(crate) fn note(_: &CircuitBreaker, Transition { from, to, .. }: Transition) {
    CHANGES.lock().unwrap_or_else(PoisonError::into_inner).push(Change { at: story::elapsed(), from, to });
}

/// All changes so far.
pub(crate) fn changes() -> Vec<Change> {
    CHANGES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The word for a state.
pub(crate) const fn name(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::HalfOpen => "half-open",
        State::Open => "open",
    }
}
