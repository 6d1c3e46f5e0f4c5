//! Who waits, in which order, and which of them hold the timers.
//!
//! Any number of calls wait; two of them at most hold a timer. The first of the two, the keeper, sleeps until the next
//! slot is due and then serves the queue: all whose slots are due, by the schedule, itself among them. The second is the
//! watch: it sleeps a little longer, and serves in the keeper's place if that is no longer polled. A timer lives in the
//! future of the call that holds it; here stands only who holds one, and until when.
//!
//! When a place is vacant the nearest calls are summoned: woken, so that they take a timer. Most of this file is about
//! those who do not come.

use std::task::Waker;
use std::time::Duration;

use slab::Slab;

use super::pace::{Debt, Pace};
use crate::moment::Moment;

/// How much longer than the keeper the watch sleeps. What a keeper that is not polled costs the others is this, and a
/// tick of the timer: well under 10 ms, which is what the documentation says.
pub(super) const PATIENCE: Duration = Duration::from_millis(5);

/// How long a summons may go unanswered before more are sent. A woken task is polled within microseconds.
const ANSWER: Duration = Duration::from_millis(1);

/// How many more are summoned, in need, for each that did not come.
const NEIGHBOURS: usize = 8;

/// Where a waiting call stands in the store. Belongs to one future, which gives it back.
pub(super) type Key = usize;

/// The timer that a call has to hold: until when, and whether that is another time than before.
#[must_use]
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Timer {
    pub(super) until: Moment,
    pub(super) anew: bool,
}

pub(super) struct Queue {
    waiters: Slab<Waiter>,
    ends: Option<Ends>,
    len: usize,
    /// The numbers that waiters draw: the order of their keys says nothing.
    tickets: u64,
    /// Who holds a timer.
    armed: [Option<Key>; 2],
    summonses: Summonses,
    /// Of those who wait, how many have a deadline.
    timed: usize,
    /// The slots come later than those who wait could expect: see [`Queue::refuse_late`].
    pub(super) slipped: bool,
    pub(super) debt: Debt,
    /// The last slot given, for the case that its receiver is dropped before it takes it.
    last: Option<Slot>,
}

/// Summonses without an answer: those that may still be answered, and those that nobody waits for any more.
struct Summonses {
    round: u64,
    /// When the first of this round was sent.
    began: Moment,
    awaited: usize,
    /// Of earlier rounds.
    silent: usize,
}

impl Summonses {
    fn call_roll(&mut self, now: Moment) {
        if self.awaited != 0 && now.since(self.began) >= ANSWER {
            self.round += 1;
            self.silent += std::mem::take(&mut self.awaited);
        }
    }

    fn send(&mut self, now: Moment) -> Role {
        if self.awaited == 0 {
            self.began = now;
        }
        self.awaited += 1;
        Role::Summoned(self.round)
    }

    /// The call with this role answers, or leaves.
    fn strike(&mut self, role: Role) {
        if let Role::Summoned(round) = role {
            let count = if round == self.round { &mut self.awaited } else { &mut self.silent };
            *count -= 1;
        }
    }
}

/// A slot that was given: to whom, and the base before and after.
#[derive(Clone, Copy)]
struct Slot {
    ticket: u64,
    before: Moment,
    after: Moment,
}

#[derive(Clone, Copy)]
struct Ends {
    first: Key,
    last: Key,
}

struct Waiter {
    standing: Standing,
    previous: Option<Key>,
    next: Option<Key>,
    ticket: u64,
    deadline: Moment,
    /// Absent between a wake-up and the poll that it leads to.
    waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Waiting(Role),
    /// No longer in the queue: the slot is given, or will not come in time.
    Settled(Verdict),
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    None,
    /// In that round.
    Summoned(u64),
    /// Cannot be woken, but may come by itself.
    Deaf,
    /// Holds a timer that ends then.
    Armed(Moment),
}

/// What became of a call that waited.
#[must_use]
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Verdict {
    Admitted(Grant),
    /// Its slot is due then, too late.
    Refused(Moment),
}

/// What a call in the queue was given: a slot, at the rate of an epoch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Grant {
    pub(super) epoch: u64,
    ticket: u64,
    /// The base of the slot.
    slot: Moment,
}

/// What a call leaves behind.
#[must_use]
pub(super) struct Left {
    /// What it was given.
    pub(super) grant: Option<Grant>,
    /// To be dropped without the lock.
    pub(super) waker: Option<Waker>,
}

/// The next slot of a queue in which somebody waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next {
    pub(super) pace: Pace,
    pub(super) base: Moment,
    pub(super) due: Moment,
}

impl Next {
    /// When the slot is due that comes so many places later. Of the next one that is known, of later ones the bound.
    fn slot(self, places: usize) -> Moment {
        if places == 0 { self.due } else { self.pace.latest(self.base, places) }
    }
}

/// Foreign code to run once the lock is released, in this order.
#[must_use]
#[derive(Default)]
pub(super) struct Wakes {
    wakers: Vec<(Key, u64, Waker)>,
}

/// Calls whose wakers panicked: they will not be polled for having been woken.
#[must_use]
pub(super) struct Deaf(Vec<(Key, u64)>);

impl Wakes {
    fn add(&mut self, key: Key, waiter: &mut Waiter) {
        self.wakers.extend(waiter.waker.take().map(|waker| (key, waiter.ticket, waker)));
    }

    /// A waker that panics takes nobody's wake-up with it.
    pub(super) fn deliver(self) -> Deaf {
        let woken = |waker: Waker| crate::events::isolated(|| waker.wake());
        Deaf(
            self.wakers
                .into_iter()
                .filter_map(|(key, ticket, waker)| (!woken(waker)).then_some((key, ticket)))
                .collect(),
        )
    }
}

impl Deaf {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self {
            waiters: Slab::new(),
            ends: None,
            len: 0,
            tickets: 0,
            armed: [None; 2],
            summonses: Summonses { round: 0, began: Moment::BEFORE_ALL, awaited: 0, silent: 0 },
            timed: 0,
            slipped: false,
            debt: Debt::NONE,
            last: None,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.ends.is_none()
    }

    pub(super) fn first(&self) -> Option<Key> {
        self.ends.map(|ends| ends.first)
    }

    /// A call arrives, behind all others. If its slot would come too late, it does not wait: the slot is returned.
    pub(super) fn push(&mut self, deadline: Moment, pace: Pace, base: Moment) -> Result<Key, Moment> {
        let slot = pace.latest(base, self.len);
        // Of the next slot the exact time is known, and soon asked for.
        if slot > deadline && self.len > 0 {
            return Err(slot);
        }
        self.tickets += 1;
        let previous = self.ends.map(|ends| ends.last);
        let key = self.waiters.insert(Waiter {
            standing: Standing::Waiting(Role::None),
            previous,
            next: None,
            ticket: self.tickets,
            deadline,
            waker: None,
        });
        if let Some(previous) = previous {
            self.waiters[previous].next = Some(key);
        }
        self.ends = Some(Ends { first: self.first().unwrap_or(key), last: key });
        self.len += 1;
        self.timed += usize::from(deadline != Moment::NEVER);
        Ok(key)
    }

    /// Gives the first its slot, which moves the base.
    pub(super) fn grant(&mut self, first: Key, epoch: u64, before: Moment, after: Moment, wakes: &mut Wakes) {
        let ticket = self.waiters[first].ticket;
        self.last = Some(Slot { ticket, before, after });
        self.settle(first, Verdict::Admitted(Grant { epoch, ticket, slot: before }), wakes);
    }

    /// If the slots have slipped, refuses those whose slot is now past their deadline.
    pub(super) fn refuse_late(&mut self, at: Next, wakes: &mut Wakes) {
        if !std::mem::take(&mut self.slipped) {
            return;
        }
        let (mut next, mut place) = (self.first(), 0);
        while let Some(key) = next
            && self.timed != 0
        {
            let slot = at.slot(place);
            next = self.waiters[key].next;
            if slot > self.waiters[key].deadline {
                self.settle(key, Verdict::Refused(slot), wakes);
            } else {
                place += 1;
            }
        }
    }

    fn settle(&mut self, key: Key, verdict: Verdict, wakes: &mut Wakes) {
        self.unlink(key);
        let waiter = &mut self.waiters[key];
        waiter.standing = Standing::Settled(verdict);
        wakes.add(key, waiter);
    }

    /// Whether a call may leave without anybody noticing: it is one of those in the middle.
    pub(super) fn is_bystander(&self, key: Key) -> bool {
        self.waiters[key].standing == Standing::Waiting(Role::None) && self.first() != Some(key)
    }

    /// A call asks what has become of it. `None`: it has to wait, and is woken by `waker`, which then holds the one
    /// that it replaces.
    pub(super) fn ask(&mut self, key: Key, next: Option<Next>, waker: &mut Option<Waker>) -> Option<Verdict> {
        let next = next.filter(|_| self.first() == Some(key));
        let waiter = &mut self.waiters[key];
        match waiter.standing {
            Standing::Settled(verdict) => Some(verdict),
            Standing::Waiting(role) => {
                if let Some(next) = next
                    && next.due > waiter.deadline
                {
                    return Some(Verdict::Refused(next.due));
                }
                std::mem::swap(&mut waiter.waker, waker);
                if !matches!(role, Role::Armed(_)) {
                    self.summonses.strike(role);
                    waiter.standing = Standing::Waiting(Role::None);
                }
                None
            }
        }
    }

    /// A call leaves: it has its answer, or was dropped.
    pub(super) fn remove(&mut self, key: Key) -> Left {
        if matches!(self.waiters[key].standing, Standing::Waiting(_)) {
            self.unlink(key);
        }
        let waiter = self.waiters.remove(key);
        let grant = match waiter.standing {
            Standing::Settled(Verdict::Admitted(grant)) => Some(grant),
            Standing::Waiting(_) | Standing::Settled(Verdict::Refused(_)) => None,
        };
        Left { grant, waker: waiter.waker }
    }

    /// The base, if this grant had not been made: its slot again, or as the pace has it if others were admitted since.
    ///
    /// What its lateness moved the schedule by stays, as does the debt that it left or paid. To take back the one and not
    /// the other would book it once more for whoever is given the slot next, who would be let in too early for that, or too
    /// late.
    pub(super) fn undo(&self, grant: Grant, base: Moment, pace: Pace, now: Moment) -> Moment {
        match self.last {
            Some(last) if last.ticket == grant.ticket && last.after == base => {
                let again = pace.before(base);
                // The gap may have been rounded up. A slot that was due is due again.
                if again == last.before.after(Duration::from_nanos(1)) { last.before } else { again }
            }
            _ => pace.refund(base, grant.slot, now),
        }
    }

    /// The base has changed with the pace; that after the slot that was given last moves along.
    pub(super) fn rescale(&mut self, base: Moment, rescaled: Moment) {
        if let Some(last) = &mut self.last
            && last.after == base
        {
            last.after = rescaled;
        }
    }

    /// Lets a call that waits take a timer, if it is near the front or those who are do not answer. Returns the
    /// timer.
    pub(super) fn arm(&mut self, key: Key, at: Next, now: Moment) -> Option<Timer> {
        self.summonses.call_roll(now);
        let others = self.armed.iter().flatten().filter(|&&armed| armed != key).count();
        let is_armed = self.armed.contains(&Some(key));
        // Where some are silent, those who are awaited may well be too.
        let Summonses { awaited, silent, .. } = self.summonses;
        let needed = self.is_near(key) || others + awaited < self.armed.len() || (others == 0 && silent > 0);
        if !needed || (!is_armed && others == self.armed.len()) {
            self.disarm(key);
            return None;
        }
        let until = if self.is_keeper(key) { at.due } else { at.due.after(PATIENCE).min(at.pace.after(at.base)) };
        if !is_armed && let Some(vacant) = self.armed.iter_mut().find(|armed| armed.is_none()) {
            *vacant = Some(key);
        }
        let armed = Standing::Waiting(Role::Armed(until));
        let anew = std::mem::replace(&mut self.waiters[key].standing, armed) != armed;
        Some(Timer { until, anew })
    }

    /// Sees to it that somebody will serve the next slot when it is due, and somebody else watches.
    pub(super) fn appoint(&mut self, due: Moment, now: Moment, wakes: &mut Wakes) {
        for key in self.armed.into_iter().flatten() {
            let latest = if self.is_keeper(key) { due } else { due.after(PATIENCE) };
            let waiter = &mut self.waiters[key];
            // It has to set its timer anew. Too early a timer does no harm.
            if matches!(waiter.standing, Standing::Waiting(Role::Armed(until)) if until > latest) {
                wakes.add(key, waiter);
            }
        }
        self.summonses.call_roll(now);
        let armed = self.armed.iter().flatten().count();
        let mut wanted = self.armed.len().saturating_sub(armed + self.summonses.awaited);
        if armed == 0 && wanted > 0 {
            // Nobody is left who would notice that these do not come either; and where one did not come, its neighbours
            // may well be of the same task.
            wanted += self.summonses.silent * NEIGHBOURS;
        }
        let mut next = self.first();
        while let Some(key) = next
            && wanted > 0
        {
            let waiter = &mut self.waiters[key];
            next = waiter.next;
            if waiter.standing == Standing::Waiting(Role::None) {
                waiter.standing = Standing::Waiting(self.summonses.send(now));
                wakes.add(key, waiter);
                wanted -= 1;
            }
        }
    }

    /// Nobody counts on these any more.
    pub(super) fn deafen(&mut self, deaf: &Deaf) {
        for &(key, ticket) in &deaf.0 {
            // They may have left meanwhile, and others may have come in their place.
            let role = match self.waiters.get(key) {
                Some(Waiter { standing: Standing::Waiting(role), ticket: own, .. }) if *own == ticket => *role,
                _ => continue,
            };
            self.disarm(key);
            self.summonses.strike(role);
            self.waiters[key].standing = Standing::Waiting(Role::Deaf);
        }
    }

    /// Of two that hold a timer, the nearer one; the only one, and one that is alone with none, too.
    fn is_keeper(&self, key: Key) -> bool {
        let ticket = self.waiters[key].ticket;
        self.armed.iter().flatten().all(|&other| self.waiters[other].ticket >= ticket)
    }

    /// First or second in the queue.
    fn is_near(&self, key: Key) -> bool {
        let first = self.first();
        first == Some(key) || self.waiters[key].previous == first
    }

    fn disarm(&mut self, key: Key) {
        if let Some(place) = self.armed.iter_mut().find(|armed| **armed == Some(key)) {
            *place = None;
            self.waiters[key].standing = Standing::Waiting(Role::None);
        }
    }

    /// Takes a call out of the queue; it stays in the store.
    fn unlink(&mut self, key: Key) {
        if let Standing::Waiting(role) = self.waiters[key].standing {
            self.summonses.strike(role);
        }
        self.disarm(key);
        let waiter = &self.waiters[key];
        let (previous, next) = (waiter.previous, waiter.next);
        self.timed -= usize::from(waiter.deadline != Moment::NEVER);
        self.len -= 1;
        if let Some(previous) = previous {
            self.waiters[previous].next = next;
        }
        if let Some(next) = next {
            self.waiters[next].previous = previous;
        }
        let Some(ends) = self.ends else { return };
        let (first, last) =
            if ends.first == key { (next, Some(ends.last)) } else { (Some(ends.first), Some(ends.last)) };
        let last = if ends.last == key { previous } else { last };
        self.ends = first.zip(last).map(|(first, last)| Ends { first, last });
    }
}

#[cfg(all(test, not(altlocks_loom)))]
#[path = "queue_tests.rs"]
mod tests;
