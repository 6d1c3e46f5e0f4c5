//! What the circuit did: its changes of state, as the breaker reports them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use altlocks::{CircuitBreaker, State, Transition};

use crate::client::{MAX_FAILS, SLOW};
use crate::{story, units};

/// A change of state and its moment of the story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) at: Duration,
    pub(crate) from: State,
    pub(crate) to: State,
}

impl Change {
    /// What brought it about.
    pub(crate) fn why(&self) -> String {
        match (self.from, self.to) {
            (State::Closed, State::Open) if story::act(self.at).health.answers() => {
                format!("{MAX_FAILS} calls in a row took over {}", units::millis(SLOW))
            }
            (State::Closed, State::Open) => opens_after(),
            (State::Open, State::HalfOpen) => "the wait is over: trials".to_owned(),
            (State::HalfOpen, State::Open) => "the trials failed".to_owned(),
            (State::HalfOpen, State::Closed) => "the trials succeeded".to_owned(),
            _ => "by hand".to_owned(),
        }
    }
}

/// What opens a closed circuit.
pub(crate) fn opens_after() -> String {
    format!("{MAX_FAILS} calls in a row that fail or take over {}", units::millis(SLOW))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn why(millis: u64, from: State, to: State) -> String {
        Change { at: Duration::from_millis(millis), from, to }.why()
    }

    #[test]
    fn a_circuit_that_opens_while_the_server_answers_opens_because_of_slow_calls() {
        assert_eq!(why(5_400, State::Closed, State::Open), "5 calls in a row took over 400 ms");
    }

    #[test]
    fn a_circuit_that_opens_while_the_server_fails_opens_because_of_failed_calls_or_slow_ones() {
        assert_eq!(why(6_010, State::Closed, State::Open), "5 calls in a row that fail or take over 400 ms");
    }

    #[test]
    fn a_half_open_circuit_goes_where_its_trials_lead() {
        assert_eq!(why(6_400, State::HalfOpen, State::Open), "the trials failed");
        assert_eq!(why(13_900, State::HalfOpen, State::Closed), "the trials succeeded");
    }
}
