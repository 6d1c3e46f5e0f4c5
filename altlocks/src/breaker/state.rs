//! The kernel: what a circuit does with each event, decided without a clock, a lock or a waker.
//!
//! What happens to X that arrives in state Y:
//!
//! |                            | Closed                          | Open, before `until`    | Open, from `until` on              | Half-open                                   |
//! |----------------------------|---------------------------------|-------------------------|------------------------------------|---------------------------------------------|
//! | a call                     | admitted                        | refused, `retry_after`  | half-open; the call is trial 1     | a trial while one is left, else refused     |
//! | success of this generation | count = 0                       | –                       | –                                  | counts; at `success_threshold` it closes    |
//! | failure of this generation | count + 1; at `max_fails` opens | –                       | –                                  | counts; reopens when `max_half_open_fails`  |
//! |                            |                                 |                         |                                    | failed or the threshold is out of reach     |
//! | ignored, dropped           | nothing                         | –                       | –                                  | its trial is free again                     |
//! | any of an older generation | nothing                         | nothing                 | nothing                            | nothing                                     |
//! | `lease` after the last     | –                               | –                       | –                                  | at the next call, if no trial is left: a    |
//! | admission                  |                                 |                         |                                    | new round, the call is its trial 1          |
//! | `force_open`               | forced open                     | forced open             | forced open                        | forced open                                 |
//! | `reset`                    | closed, count 0                 | closed                  | closed                             | closed                                      |
//!
//! Forced open is open without an `until`: every call is refused until `reset`.
//!
//! A generation begins at every change of state, at a round given up, at `reset` and at `force_open`. A call remembers
//! the generation that admitted it, and its result counts in that generation only (fencing, as with a lock service's
//! tokens). A trial of an earlier round, a success from before the circuit opened, a failure that outlived a `reset`:
//! all of them are told apart by one comparison.

use std::time::Duration;

use super::rules::Rules;
use super::{Outcome, State};
use crate::moment::Moment;

/// State, generation and count in one word: what the closed path reads, and all that it reads.
///
/// The count is the run of failures while closed, the trials taken (in flight and done) while half-open, else 0. A bit
/// that never changes says whether calls are timed. Generations wrap at 2²⁹: a call would have to stay in flight over
/// exactly as many changes to be mistaken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word(u64);

/// What an admitted call remembers, the word less the count: the generation, and the phase that it began with.
///
/// A full word with zeros for the count: half of one, moved with its padding, costs a store that does not forward.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ticket(u64);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Closed = 0,
    HalfOpen = 1,
    Open = 2,
    Forced = 3,
}

/// From the lowest bit up: the phase, whether calls are timed, the generation; in the upper half the count. So a ticket is
/// the lower half, and masks are constants that an instruction can hold.
const PHASE: u64 = 0b011;
const TIMED: u64 = 0b100;
const GENERATION: u32 = 3;
const COUNT: u32 = u32::BITS;

impl Phase {
    const fn of(ticket: Ticket) -> Self {
        match ticket.0 & PHASE {
            0 => Self::Closed,
            1 => Self::HalfOpen,
            2 => Self::Open,
            _ => Self::Forced,
        }
    }
}

impl Ticket {
    pub(super) const fn is_trial(self) -> bool {
        matches!(Phase::of(self), Phase::HalfOpen)
    }

    /// Whether it matters how long the call takes.
    pub(super) const fn is_timed(self) -> bool {
        self.0 & TIMED != 0
    }
}

impl Word {
    /// Closed, nothing counted.
    pub(super) const fn new(timed: bool) -> Self {
        Self(if timed { TIMED } else { 0 })
    }

    pub(super) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    pub(super) const fn ticket(self) -> Ticket {
        Ticket(self.0 & u32::MAX as u64)
    }

    const fn phase(self) -> Phase {
        Phase::of(self.ticket())
    }

    pub(super) const fn count(self) -> u32 {
        (self.0 >> COUNT) as u32
    }

    /// Whether a success of a call with this ticket changes nothing, as far as the word alone tells: that is so in the
    /// generation of the call while nothing is counted, unless the call was timed.
    #[inline]
    pub(super) const fn absorbs_success(self, ticket: Ticket) -> bool {
        self.0 == ticket.0 & !TIMED
    }

    /// Whether a call is admitted without a look at anything else.
    #[inline]
    pub(super) const fn admits_at_once(self) -> bool {
        self.is_closed() && !self.ticket().is_timed()
    }

    pub(super) const fn is_closed(self) -> bool {
        matches!(self.phase(), Phase::Closed)
    }

    pub(super) const fn is_forced(self) -> bool {
        matches!(self.phase(), Phase::Forced)
    }

    pub(super) const fn state(self) -> State {
        match self.phase() {
            Phase::Closed => State::Closed,
            Phase::HalfOpen => State::HalfOpen,
            Phase::Open | Phase::Forced => State::Open,
        }
    }

    const fn with_count(self, count: u32) -> Self {
        Self((count as u64) << COUNT | self.ticket().0)
    }

    /// The first word of the next generation.
    const fn next(self, phase: Phase) -> Self {
        let generation = (self.ticket().0 >> GENERATION) + 1;
        // Without its carry into the count.
        let generation = Self(generation << GENERATION).ticket().0;
        Self(generation | self.0 & TIMED | phase as u64)
    }

    /// What a result does to a closed circuit. Of all events this one alone needs nothing but the word.
    pub(super) const fn settled(self, ticket: Ticket, outcome: Outcome, max_fails: u32) -> Settled {
        if !self.is_closed() || self.ticket().0 != ticket.0 {
            return Settled::Elsewhere;
        }
        match outcome {
            Outcome::Ignored => Settled::Closed(self),
            Outcome::Success => Settled::Closed(self.with_count(0)),
            Outcome::Failure if self.count() + 1 < max_fails => Settled::Closed(self.with_count(self.count() + 1)),
            Outcome::Failure => Settled::Trips,
        }
    }
}

/// See [`Word::settled`].
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    /// Still closed, with this word.
    Closed(Word),
    /// This failure opens the circuit.
    Trips,
    /// Not a result of a circuit that is closed now.
    Elsewhere,
}

/// All that a circuit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Circuit {
    pub(super) word: Word,
    /// Open: when a trial is admitted.
    pub(super) until: Moment,
    /// Half-open, all trials taken: when the round is given up.
    pub(super) lease: Moment,
    pub(super) tally: Tally,
}

/// What only a change of state needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tally {
    /// Trials of this round that succeeded.
    pub(super) succeeded: u32,
    /// Trials of this round that failed.
    pub(super) failed: u32,
    /// Openings since the circuit was last closed, less one: the exponent of the back-off.
    pub(super) reopened: u32,
}

impl Tally {
    pub(super) const NEW: Self = Self { succeeded: 0, failed: 0, reopened: 0 };
}

/// The answer to a call.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Admission {
    Admitted(Ticket),
    Refused(Refusal),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    Open { retry_after: Option<Duration> },
    HalfOpen,
}

impl Circuit {
    /// Why a call that arrives now is not let in, or `None` if it is. Needs no [`Tally`].
    pub(super) fn refusal(word: Word, until: Moment, lease: Moment, now: Moment, rules: &Rules) -> Option<Refusal> {
        match word.phase() {
            Phase::Closed => None,
            Phase::Forced => Some(Refusal::Open { retry_after: None }),
            Phase::Open => (now < until).then(|| Refusal::Open { retry_after: Some(until.since(now)) }),
            Phase::HalfOpen => (word.count() >= rules.max_half_open_calls && now < lease).then_some(Refusal::HalfOpen),
        }
    }

    /// A call arrives.
    pub(super) fn admit(mut self, now: Moment, rules: &Rules) -> (Self, Admission) {
        if let Some(refusal) = Self::refusal(self.word, self.until, self.lease, now, rules) {
            return (self, Admission::Refused(refusal));
        }
        if !self.word.is_closed() {
            let taken = self.word.count();
            if self.word.phase() == Phase::Open || taken >= rules.max_half_open_calls {
                self = self.begin(Phase::HalfOpen);
            }
            self.word = self.word.with_count(self.word.count() + 1);
            // The caller read its clock before it got here; a slower one never shortens the lease.
            self.lease = self.lease.max(now.after(rules.lease()));
        }
        (self, Admission::Admitted(self.word.ticket()))
    }

    /// A call that was admitted ends. `draw` is uniform in `0.0..1.0`, for the jitter.
    pub(super) fn settle(self, ticket: Ticket, outcome: Outcome, now: Moment, draw: f64, rules: &Rules) -> Self {
        match self.word.settled(ticket, outcome, rules.max_fails) {
            Settled::Closed(word) => Self { word, ..self },
            Settled::Trips => self.open(0, now, draw, rules),
            Settled::Elsewhere if self.word.ticket() == ticket => self.settle_trial(outcome, now, draw, rules),
            Settled::Elsewhere => self,
        }
    }

    fn settle_trial(mut self, outcome: Outcome, now: Moment, draw: f64, rules: &Rules) -> Self {
        match outcome {
            Outcome::Ignored => self.word = self.word.with_count(self.word.count() - 1),
            Outcome::Success => self.tally.succeeded += 1,
            Outcome::Failure => self.tally.failed += 1,
        }
        let could_succeed = rules.max_half_open_calls - self.tally.failed;
        if self.tally.succeeded >= rules.success_threshold {
            self.begin(Phase::Closed)
        } else if self.tally.failed >= rules.max_half_open_fails() || could_succeed < rules.success_threshold {
            self.open(self.tally.reopened.saturating_add(1), now, draw, rules)
        } else {
            self
        }
    }

    pub(super) fn force_open(self) -> Self {
        self.begin(Phase::Forced)
    }

    pub(super) fn reset(self) -> Self {
        self.begin(Phase::Closed)
    }

    fn open(self, reopened: u32, now: Moment, draw: f64, rules: &Rules) -> Self {
        let mut open = self.begin(Phase::Open);
        open.tally.reopened = reopened;
        open.until = now.after(rules.reset_for(reopened, draw));
        open
    }

    /// A new generation: nothing that the last one counted is left but the back-off, which the next trip from closed
    /// starts anew.
    fn begin(self, phase: Phase) -> Self {
        Self {
            word: self.word.next(phase),
            until: Moment::NEVER,
            lease: Moment::BEFORE_ALL,
            tally: Tally { reopened: self.tally.reopened, ..Tally::NEW },
        }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
