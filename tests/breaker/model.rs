//! Random histories, each step against a model that is written for the eye and not for speed.

use std::collections::BTreeMap;
use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerError, Outcome, Permit, State};
use proptest::prelude::*;

use crate::support::{advance, hand_clock, panics};

const MAX_FAILS: u32 = 2;
const TRIALS: u32 = 3;
const THRESHOLD: u32 = 2;
const RESET: u64 = 10;
const LEASE: u64 = 6;

/// The model: seconds, plain fields, one `match` an event.
struct Model {
    now: u64,
    state: State,
    forced: bool,
    era: u32,
    fails: u32,
    until: u64,
    taken: u32,
    succeeded: u32,
    last_admission: u64,
}

impl Model {
    fn enter(&mut self, state: State) {
        let (era, now) = (self.era + 1, self.now);
        *self = Self { now, state, era, forced: false, fails: 0, until: 0, taken: 0, succeeded: 0, last_admission: 0 };
    }

    /// The era of the call, and whether it is a trial; or the wait that the refusal tells.
    fn call(&mut self) -> Result<(u32, bool), Option<u64>> {
        let given_up = self.taken == TRIALS && self.now >= self.last_admission + LEASE;
        match self.state {
            State::Closed => return Ok((self.era, false)),
            State::Open if self.forced => return Err(None),
            State::Open if self.now < self.until => return Err(Some(self.until - self.now)),
            State::HalfOpen if self.taken == TRIALS && !given_up => return Err(None),
            State::HalfOpen if !given_up => {}
            State::Open | State::HalfOpen => self.enter(State::HalfOpen),
        }
        self.taken += 1;
        self.last_admission = self.now;
        Ok((self.era, true))
    }

    fn end(&mut self, era: u32, outcome: Outcome) {
        if era != self.era {
            return;
        }
        match (self.state, outcome) {
            (State::Closed, Outcome::Success) => self.fails = 0,
            (_, Outcome::Failure) => self.fails += 1,
            (State::HalfOpen, Outcome::Success) => self.succeeded += 1,
            (State::HalfOpen, Outcome::Ignored) => self.taken -= 1,
            _ => {}
        }
        let out_of_reach = TRIALS - self.fails.min(TRIALS) < THRESHOLD;
        match self.state {
            State::Closed if self.fails == MAX_FAILS => self.open(),
            State::HalfOpen if self.succeeded == THRESHOLD => self.enter(State::Closed),
            State::HalfOpen if out_of_reach => self.open(),
            _ => {}
        }
    }

    fn open(&mut self) {
        self.enter(State::Open);
        self.until = self.now + RESET;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Advance(u64),
    Call,
    /// The nth of the calls in flight ends.
    End(usize, Outcome),
    Drop(usize),
    Panic(usize),
    Force,
    Reset,
}

/// Weighted so that the circuit opens often, and time passes in steps that let it become half-open.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        2 => Just(Outcome::Success),
        4 => Just(Outcome::Failure),
        1 => Just(Outcome::Ignored),
    ];
    let step = prop_oneof![
        3 => prop_oneof![1 => Just(1), 1 => Just(LEASE), 1 => Just(RESET - 1), 4 => Just(RESET)].prop_map(Step::Advance),
        8 => Just(Step::Call),
        8 => (any::<usize>(), outcome).prop_map(|(call, outcome)| Step::End(call, outcome)),
        1 => any::<usize>().prop_map(Step::Drop),
        1 => any::<usize>().prop_map(Step::Panic),
        1 => prop_oneof![1 => Just(Step::Force), 2 => Just(Step::Reset)],
    ];
    prop::collection::vec(step, 1..120)
}

fn seconds(refusal: &CircuitBreakerError) -> Option<u64> {
    refusal.retry_after().map(|wait| wait.as_secs())
}

/// How often the histories reached what they are to test.
#[derive(Default, Debug)]
struct Reached {
    half_open: u32,
    given_up: u32,
    late: u32,
}

fn follow(steps: &[Step], reached: &mut Reached) -> Result<(), TestCaseError> {
    let breaker = CircuitBreaker::builder("b")
        .max_fails(MAX_FAILS)
        .max_half_open_calls(TRIALS)
        .success_threshold(THRESHOLD)
        .reset(Duration::from_secs(RESET))
        .trial_lease(Duration::from_secs(LEASE))
        .timer(hand_clock)
        .build();
    let mut model = Model {
        now: 0,
        state: State::Closed,
        forced: false,
        era: 0,
        fails: 0,
        until: 0,
        taken: 0,
        succeeded: 0,
        last_admission: 0,
    };
    let mut in_flight: BTreeMap<usize, (Permit<'_>, u32)> = BTreeMap::new();
    let mut calls = 0;
    for step in steps {
        let (state, era) = (model.state, model.era);
        let nth = |nth: usize, all: &BTreeMap<usize, _>| all.keys().nth(nth % all.len().max(1)).copied();
        match step {
            Step::Advance(secs) => {
                advance(Duration::from_secs(*secs));
                model.now += secs;
            }
            Step::Call => match (breaker.try_acquire(), model.call()) {
                (Ok(permit), Ok((era, trial))) => {
                    prop_assert_eq!(permit.is_trial(), trial);
                    calls += 1;
                    in_flight.insert(calls, (permit, era));
                }
                (Err(refusal), Err(wait)) => prop_assert_eq!(seconds(&refusal), wait),
                (real, model) => prop_assert!(false, "{:?} where the model says {:?}", real, model),
            },
            Step::End(call, _) | Step::Drop(call) | Step::Panic(call) => {
                let Some((permit, era)) = nth(*call, &in_flight).and_then(|call| in_flight.remove(&call)) else {
                    continue;
                };
                reached.late += u32::from(era != model.era);
                let outcome = match step {
                    Step::End(_, outcome) => {
                        permit.record(*outcome);
                        *outcome
                    }
                    Step::Panic(_) => {
                        panics(|| {
                            let _permit = permit;
                            std::panic::resume_unwind(Box::new(()))
                        });
                        Outcome::Failure
                    }
                    _ => Outcome::Ignored,
                };
                model.end(era, outcome);
            }
            Step::Force => {
                breaker.force_open();
                model.enter(State::Open);
                model.forced = true;
            }
            Step::Reset => {
                breaker.reset();
                model.enter(State::Closed);
            }
        }
        reached.half_open += u32::from(state != State::HalfOpen && model.state == State::HalfOpen);
        reached.given_up += u32::from(state == State::HalfOpen && model.state == State::HalfOpen && era != model.era);
        let wait = (model.state == State::Open && !model.forced).then(|| model.until.saturating_sub(model.now));
        prop_assert_eq!(breaker.state(), model.state);
        prop_assert_eq!(breaker.fails(), model.fails);
        prop_assert_eq!(breaker.retry_after().map(|wait| wait.as_secs()), wait);
    }
    Ok(())
}

#[test]
fn every_history_is_the_one_that_the_model_tells() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let reached = std::cell::RefCell::new(Reached::default());
    runner.run(&steps(), |steps| follow(&steps, &mut reached.borrow_mut())).unwrap();
    let reached = reached.into_inner();
    assert!(reached.half_open > 500 && reached.given_up > 25 && reached.late > 500, "{reached:?}");
}
