//! The kernel of the barrier: who is present, and what an event makes of them. No time, no lock, no waker.
//!
//! | event                  | gathering                                           | broken (also: has tripped)   |
//! |------------------------|-----------------------------------------------------|------------------------------|
//! | a party arrives        | it sits down                                        | refused, with the cause      |
//! | the last party arrives | all present meet; broken by `Tripped`, or gathering | refused, with the cause      |
//! |                        | anew if cyclic                                      |                              |
//! | a party withdraws      | it is gone, with its state and its position         | – (nobody is present)        |
//! | a party's time is up   | all present are sent away; broken by `TimedOut`     | – (nobody is present)        |
//! | `abort`                | all present are sent away; broken by `Aborted`      | nothing                      |
//! | `reset`                | all present are sent away; gathering                | gathering                    |
//!
//! Whoever meets or is sent away is no longer present: a generation that has ended cannot be changed by a later event,
//! because no event can name it. What a party brings beside its state (`W`: how to reach it) is carried, never looked
//! at.

use super::BreakCause;
use super::seats::{Seat, Seats};

/// The numbers that the kernel follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// At least 1.
    pub(super) parties: usize,
    pub(super) max_state: Option<usize>,
    pub(super) cyclic: bool,
}

impl Rules {
    pub(super) const fn of(parties: usize) -> Self {
        // Nobody could be the last of no parties; with one, every arrival meets at once, which is what none means.
        Self { parties: if parties == 0 { 1 } else { parties }, max_state: None, cyclic: false }
    }

    /// For how many there have to be seats: the last one never sits.
    const fn seats(&self) -> usize {
        self.parties - 1
    }
}

/// A party that waits.
#[derive(Debug)]
pub(super) struct Party<S, W> {
    pub(super) state: Option<S>,
    pub(super) contact: W,
}

/// All that a barrier is. What every arrival writes stands first, and side by side.
#[derive(Debug)]
#[repr(C)]
pub(super) struct State<S, W> {
    present: Seats<Party<S, W>>,
    /// How many of those present brought a state; no more than there are seats.
    bearing: u32,
    broken: Option<BreakCause>,
    /// Goes first in the first generation that trips.
    initial: Vec<S>,
    /// Empty, but may have room: for the states of the next meeting.
    buffer: Vec<S>,
}

/// What becomes of a party that arrives now. It hands nothing over for that: an answer with the party in it would be
/// written and read again.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Admission {
    /// It [sits](State::sit) down.
    Seat,
    /// It is the last, and does not wait: all [`meet`](State::meet).
    Last,
    Refused(BreakCause),
}

/// The last party has come.
#[must_use]
#[derive(Debug)]
pub(super) struct Meeting<S, W> {
    pub(super) gathered: Gathered<S>,
    /// Older states than `max_state` has room for.
    pub(super) evicted: Vec<S>,
    pub(super) waiting: Leaving<S, W>,
}

/// What all who met share.
#[derive(Debug)]
pub(super) struct Gathered<S> {
    pub(super) states: Vec<S>,
    pub(super) parties: usize,
    /// By seat; `None` where seats are positions, as they are unless somebody withdrew.
    positions: Option<Box<[u32]>>,
}

impl<S> Gathered<S> {
    /// How many of those who met had arrived before the party at `seat`.
    pub(super) fn position(&self, seat: Seat) -> usize {
        self.positions.as_ref().map_or(seat.index(), |positions| positions[seat.index()] as usize)
    }
}

/// Those who were waiting are sent away without having met.
#[must_use]
#[derive(Debug)]
pub(super) struct Dismissal<S, W> {
    pub(super) states: Vec<S>,
    pub(super) waiting: Leaving<S, W>,
}

/// Those who were waiting, on their way out; their states are taken.
#[must_use]
#[derive(Debug)]
pub(super) struct Leaving<S, W> {
    first: Option<W>,
    rest: Option<Seats<Party<S, W>>>,
}

impl<S, W> Leaving<S, W> {
    #[inline]
    fn all_of(present: &mut Seats<Party<S, W>>) -> Self {
        let (first, rest) = present.take_all();
        Self { first: first.map(|party| party.contact), rest }
    }

    /// Shows each out, in arrival order; what is left is their room, if it goes with them.
    #[must_use]
    #[inline]
    pub(super) fn each(self, mut out: impl FnMut(W)) -> Option<Seats<Party<S, W>>> {
        self.first.into_iter().for_each(&mut out);
        self.rest.map(|rest| rest.emptied(|party| out(party.contact)))
    }
}

impl<S, W> State<S, W> {
    #[cfg(all(test, not(altlocks_loom)))]
    pub(super) const WRITTEN_BY_ALL: usize = std::mem::offset_of!(Self, initial);

    pub(super) const fn new(initial: Vec<S>) -> Self {
        Self { present: Seats::new(), bearing: 0, broken: None, initial, buffer: Vec::new() }
    }

    /// Why a party that arrives now is refused.
    pub(super) const fn broken(&self) -> Option<BreakCause> {
        self.broken
    }

    pub(super) const fn n_waiting(&self) -> usize {
        self.present.taken()
    }

    /// How many have to arrive before all meet; after a trip nobody has to.
    pub(super) fn remaining(&self, rules: &Rules) -> usize {
        if self.broken == Some(BreakCause::Tripped) { 0 } else { rules.parties - self.present.taken() }
    }

    /// A party arrives.
    #[inline]
    pub(super) fn admission(&self, rules: &Rules) -> Admission {
        match self.broken {
            Some(cause) => Admission::Refused(cause),
            None if self.present.taken() < rules.seats() => Admission::Seat,
            None => Admission::Last,
        }
    }

    /// A party that was given a seat waits for the others.
    #[inline]
    pub(super) fn sit(&mut self, party: Party<S, W>, rules: &Rules) -> Seat {
        self.bearing += u32::from(party.state.is_some());
        self.present.sit(party, rules.seats())
    }

    /// All who are present meet the last party, who brings this.
    #[inline]
    pub(super) fn meet(&mut self, last: Option<S>, rules: &Rules) -> Meeting<S, W> {
        if !rules.cyclic {
            self.broken = Some(BreakCause::Tripped);
        }
        let positions = if self.present.are_ranks() { None } else { Some(self.present.ranks()) };
        let mut states = std::mem::take(&mut self.initial);
        let bearing = std::mem::take(&mut self.bearing) as usize;
        let brought = bearing + usize::from(last.is_some());
        if states.is_empty() {
            states = std::mem::take(&mut self.buffer);
        }
        states.reserve_exact(brought);
        if bearing != 0 {
            self.present.for_each(|party| states.extend(party.state.take()));
        }
        states.extend(last);
        let excess = rules.max_state.map_or(0, |max| states.len().saturating_sub(max));
        let mut evicted = Vec::new();
        if excess != 0 {
            evicted = states.drain(..excess).collect();
            states.shrink_to_fit();
        }
        let gathered = Gathered { states, parties: rules.parties, positions };
        Meeting { gathered, evicted, waiting: Leaving::all_of(&mut self.present) }
    }

    /// A party that is present withdraws.
    pub(super) fn withdraw(&mut self, seat: Seat) -> Party<S, W> {
        let party = self.present.leave(seat);
        self.bearing -= u32::from(party.state.is_some());
        party
    }

    /// How to reach a party that is present.
    pub(super) fn contact_mut(&mut self, seat: Seat) -> &mut W {
        &mut self.present.party_mut(seat).contact
    }

    /// The time of a party that is present is up. It leaves by itself; the others are sent away.
    pub(super) fn time_out(&mut self, seat: Seat) -> (Party<S, W>, Dismissal<S, W>) {
        let late = self.withdraw(seat);
        self.broken = Some(BreakCause::TimedOut);
        (late, self.dismiss())
    }

    /// `None` if the barrier is broken already.
    pub(super) fn abort(&mut self) -> Option<Dismissal<S, W>> {
        if self.broken.is_some() {
            return None;
        }
        self.broken = Some(BreakCause::Aborted);
        Some(self.dismiss())
    }

    pub(super) fn reset(&mut self) -> Dismissal<S, W> {
        self.broken = None;
        self.dismiss()
    }

    fn dismiss(&mut self) -> Dismissal<S, W> {
        let mut states = Vec::with_capacity(std::mem::take(&mut self.bearing) as usize);
        self.present.for_each(|party| states.extend(party.state.take()));
        Dismissal { states, waiting: Leaving::all_of(&mut self.present) }
    }

    /// A buffer that nobody needs any longer serves the next meeting.
    pub(super) fn lend(&mut self, buffer: Vec<S>) {
        debug_assert!(buffer.is_empty(), "a buffer comes without states");
        self.buffer = buffer;
    }

    /// Seats that a meeting has emptied serve the next generation, unless that has made its own already.
    pub(super) fn furnish(&mut self, seats: Seats<Party<S, W>>) {
        if !self.present.has_room() {
            self.present = seats;
        }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
