//! The way through the queue: what a call does that has to wait, and what whoever touches the queue does for it.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Sleep;

use super::pace::Entry;
use super::queue::{Key, Next, Queue, Verdict, Wakes};
use super::{DynamicThrottle, Pass, ThrottleTimeout};
use crate::moment::Moment;
use crate::sync::MutexGuard;
use crate::telemetry;

/// A slot was reached whose place in its gap is not drawn yet, by a function that may not be called under the lock.
struct Undrawn(Moment);

impl DynamicThrottle {
    /// Does something to the queue, serves it, asks it something, and sees to it that somebody will serve it next.
    fn attend<K, A>(
        &self,
        act: impl FnOnce(&mut Queue) -> K,
        ask: impl FnOnce(&mut Queue, K, Option<Next>, Moment) -> A,
    ) -> A {
        let now = self.now();
        let mut queue = self.queue.lock();
        let done = act(&mut queue);
        let (mut queue, mut next, mut wakes) = self.serve(queue, now);
        let answer = ask(&mut queue, done, next, now);
        loop {
            if let Some(next) = next {
                queue.appoint(next.due, now, &mut wakes);
            }
            if queue.is_empty() {
                self.update(|word| word.with_queue(false));
            }
            drop(queue);
            let deaf = wakes.deliver();
            if deaf.is_empty() {
                return answer;
            }
            let mut locked = self.queue.lock();
            locked.deafen(&deaf);
            (queue, next, wakes) = self.serve(locked, now);
        }
    }

    /// Admits all whose slots are due, draws what has to be drawn for that, and refuses whose slots have slipped too far.
    fn serve<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        now: Moment,
    ) -> (MutexGuard<'a, Queue>, Option<Next>, Wakes) {
        loop {
            let mut wakes = Wakes::default();
            match self.serve_drawn(&mut queue, now, &mut wakes) {
                Ok(next) => return (queue, next, wakes),
                Err(Undrawn(base)) => {
                    drop(queue);
                    // They all have their slots: if one does not hear of it, nobody waits for that.
                    drop(wakes.deliver());
                    self.draw_for(base);
                    queue = self.queue.lock();
                }
            }
        }
    }

    fn serve_drawn(&self, queue: &mut Queue, now: Moment, wakes: &mut Wakes) -> Result<Option<Next>, Undrawn> {
        while let Some(first) = queue.first() {
            let (word, pace) = (self.word(), self.pace());
            let base = word.base();
            let draw = self.draw(base, pace).ok_or(Undrawn(base))?;
            match pace.serve(base, now, draw, &mut queue.debt) {
                Entry::Admitted { next } => {
                    let word = self.update(|word| word.with_base(next));
                    queue.grant(first, self.epoch(), base, word.base(), wakes);
                    queue.slipped |= pace.is_slipped(base, next);
                }
                Entry::NotBefore(due) => {
                    let next = Next { pace, base, due };
                    queue.refuse_late(next, wakes);
                    return Ok((!queue.is_empty()).then_some(next));
                }
            }
        }
        Ok(None)
    }

    /// Somebody may have to hear of a change.
    pub(super) fn tend(&self) {
        self.attend(|_| (), |_, (), _, _| ());
    }
}

/// A call on its way through the queue. Dropped, it leaves the queue as though it had never come.
pub(super) struct Turn<'a> {
    throttle: &'a DynamicThrottle,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Not polled yet, or settled. It waits for a slot until then.
    Outside(Moment),
    Queued(Key),
}

pub(super) enum Answer<'a> {
    Settled(Result<Pass<'a>, ThrottleTimeout>),
    /// Until woken.
    Wait,
    /// Until woken, or for that long. `anew`: the timer it has, if any, is set to another time.
    Sleep {
        rest: Duration,
        anew: bool,
    },
}

impl<'a> Turn<'a> {
    pub(super) const fn new(throttle: &'a DynamicThrottle, deadline: Moment) -> Self {
        Self { throttle, place: Place::Outside(deadline) }
    }

    /// Every wake-up asks the queue, whoever caused it; the timer is only one of those who may.
    // Not inlined: `enter` is to be small where it need not wait.
    #[inline(never)]
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut timer: Pin<&mut Option<Sleep>>,
    ) -> Poll<Result<Pass<'a>, ThrottleTimeout>> {
        loop {
            let (rest, anew) = match self.ask(cx.waker()) {
                Answer::Settled(settled) => {
                    if settled.is_err() {
                        telemetry::timed_out(&self.throttle.settings.name);
                    }
                    return Poll::Ready(settled);
                }
                Answer::Sleep { rest, anew } => (rest, anew),
                Answer::Wait => {
                    timer.set(None);
                    return Poll::Pending;
                }
            };
            if anew || timer.is_none() {
                timer.set(Some(tokio::time::sleep(rest)));
            }
            match timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
                // tokio's clock says so, the throttle's own does not yet: sleep for the rest.
                Some(Poll::Ready(())) => timer.set(None),
                Some(Poll::Pending) | None => return Poll::Pending,
            }
        }
    }

    pub(super) fn ask(&mut self, waker: &Waker) -> Answer<'a> {
        let throttle = self.throttle;
        // To clone and to drop a waker is foreign code, not for the lock.
        let mut waker = Some(waker.clone());
        let mut left = None;
        let place = self.place;
        let (place, answer) = throttle.attend(
            |queue| match place {
                Place::Queued(key) => Ok(key),
                Place::Outside(deadline) => {
                    let word = throttle.update(|word| word.with_queue(true));
                    queue.push(deadline, throttle.pace(), word.base())
                }
            },
            |queue, key, next, now| {
                let settled = |verdict| {
                    let settled = match verdict {
                        Verdict::Admitted(grant) => Ok(Pass::new(throttle, grant.epoch)),
                        Verdict::Refused(slot) => Err(throttle.timeout(slot.since(now))),
                    };
                    (Place::Outside(Moment::NEVER), Answer::Settled(settled))
                };
                let key = match key {
                    Ok(key) => key,
                    Err(slot) => return settled(Verdict::Refused(slot)),
                };
                if let Some(verdict) = queue.ask(key, next, &mut waker) {
                    left = Some(queue.remove(key));
                    return settled(verdict);
                }
                let timer = next.and_then(|next| queue.arm(key, next, now));
                let answer = timer
                    .map_or(Answer::Wait, |timer| Answer::Sleep { rest: timer.until.since(now), anew: timer.anew });
                (Place::Queued(key), answer)
            },
        );
        self.place = place;
        drop((waker, left));
        answer
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Place::Queued(key) = self.place else { return };
        let throttle = self.throttle;
        let mut queue = throttle.queue.lock();
        if queue.is_bystander(key) {
            let waker = queue.remove(key).waker;
            drop(queue);
            drop(waker);
            return;
        }
        drop(queue);
        let now = throttle.now();
        let waker = throttle.attend(
            |queue| {
                let left = queue.remove(key);
                if let Some(grant) = left.grant {
                    throttle.update(|word| word.with_base(queue.undo(grant, word.base(), throttle.pace(), now)));
                }
                left.waker
            },
            |_, waker, _, _| waker,
        );
        drop(waker);
    }
}
