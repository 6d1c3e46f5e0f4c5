//! The kernel: when the next call may enter, decided without a clock, a lock or a waker.
//!
//! The schedule is a row of slots, one gap T apart. The base is the time of the next free slot, before jitter; the slot
//! is due at its base plus an offset of at most ±j T/2. What happens to X that arrives in state Y:
//!
//! |                        | slot not yet due      | due, at most `slack` ago | due for longer              | queue                    |
//! |------------------------|-----------------------|--------------------------|-----------------------------|--------------------------|
//! | a newcomer             | waits                 | admitted; base + T       | admitted; base + T and what | waits behind the others  |
//! |                        |                       |                          | exceeds the slack; now + T  |                          |
//! |                        |                       |                          | if it idled                 |                          |
//! | the first in the queue | waits                 | admitted; base + T, less | admitted; base + T and what | –                        |
//! |                        |                       | what is owed and fits    | exceeds the slack: is owed  |                          |
//! |                        |                       | into the slack           | if it is no stall           |                          |
//! | a new rate, T → T'     | the share of the gap  | base stays               | base stays                  | the same; those that     |
//! |                        | still ahead stays     |                          |                             | wait follow the new pace |
//!
//! That the base moves by T, and not to T after the admission, is why a late timer loses no rate, and why jitter does not
//! add up: each offset belongs to its own slot. (The base is the theoretical arrival time of the generic cell rate
//! algorithm, ITU-T I.371.) That it is never further behind than the slack is why nothing is made up for by a burst: what
//! timers are late beyond the slack is paid back bit by bit, and what a stall or idling takes is lost.

use crate::moment::Moment;

/// What tokio's timer may add to a sleep.
const TICK: f64 = 1e6;

/// Behind by this much, dense calls may catch up at once, which lets in 2 ms / T of them beside the first. It has to be
/// above [`TICK`], or every sleep would lose rate.
const SLACK: f64 = 2.0 * TICK;

/// From this gap on, calls are told apart in time: two of them are never less than half of it apart, where jitter does
/// not eat that up itself.
const SPARSE: f64 = 2.0 * SLACK;

/// No slot is moved further by jitter: 4 years.
const FURTHEST: f64 = 1.26e17;

/// No gap is longer: 36 years, to past the end of time from wherever a slot is. So to add one to a base never overflows.
const LONGEST: f64 = 1.15e18;

/// Timers on a busy machine are late by this much. Who is later was stalled, or idled.
const STALL: f64 = 10.0 * TICK;
const STALL_NANOS: i64 = nanos(STALL);

/// The base of the next slot, and whether calls queue for it, in one word: all that an entry reads and writes.
///
/// The version changes with every change of the pace, so that an entry that computed with an older pace cannot swap its
/// word in. (It wraps at 8: an entry would have to be overtaken by exactly 8 changes that left the base where it was.)
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word(u64);

const QUEUE_BITS: u32 = 1;
const VERSION_BITS: u32 = 3;
const BASE_SHIFT: u32 = QUEUE_BITS + VERSION_BITS;
const QUEUE: u64 = 1;
const VERSION: u64 = ((1 << VERSION_BITS) - 1) << QUEUE_BITS;

impl Word {
    /// Never used: the first call enters at once.
    pub(super) const NEW: Self = Self(0).with_base(Self::PAST);

    /// The bounds of a base: 18 years around the process's origin. A slot at the far end is never due.
    pub(super) const NEVER: Moment = Moment::from_nanos(i64::MAX >> BASE_SHIFT);
    const PAST: Moment = Moment::from_nanos(i64::MIN >> BASE_SHIFT);

    pub(super) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    pub(super) const fn base(self) -> Moment {
        Moment::from_nanos(self.0.cast_signed() >> BASE_SHIFT)
    }

    /// While calls queue, only the holder of the queue's lock swaps the word.
    pub(super) const fn is_queued(self) -> bool {
        self.0 & QUEUE != 0
    }

    /// Saturates at the bounds.
    pub(super) const fn with_base(self, base: Moment) -> Self {
        self.advanced(if base.as_nanos() < Self::PAST.as_nanos() { Self::PAST } else { base })
    }

    /// [`with_base`](Self::with_base), of a base that is later than this one: which saturates at the far bound only.
    #[inline]
    pub(super) const fn advanced(self, next: Moment) -> Self {
        let base = if next.as_nanos() > Self::NEVER.as_nanos() { cut_off() } else { next };
        Self((base.as_nanos() << BASE_SHIFT).cast_unsigned() | (self.0 & (QUEUE | VERSION)))
    }

    pub(super) const fn with_queue(self, queued: bool) -> Self {
        Self(self.0 & !QUEUE | if queued { QUEUE } else { 0 })
    }

    pub(super) const fn next_version(self) -> Self {
        Self(self.0 & !VERSION | (self.0 + (1 << QUEUE_BITS)) & VERSION)
    }
}

/// How fast the slots follow each other: all that follows from a rate and a jitter, in nanoseconds.
///
/// An entry computes with whole numbers, which is the quicker half of what it would cost with others.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Pace {
    /// T, anything from next to nothing to more than time can hold.
    pub(super) gap: f64,
    /// T, cut to the nanosecond, and what was cut off in units of 2⁻³².
    pub(super) step: i64,
    pub(super) fraction: u32,
    /// How far a slot is moved by jitter, either way: j T/2.
    pub(super) sway: i64,
    /// How late an admission may be and the next still keep its time.
    pub(super) slack: i64,
}

/// The randomness of one slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Draw {
    /// Where between its bounds the slot lies, from `i64::MIN` to `i64::MAX`.
    pub(super) offset: i64,
    /// What decides which way a gap that is not whole is rounded, so that the rate is exact in the mean.
    pub(super) fraction: u32,
}

impl Draw {
    /// For a pace that asks for nothing to be drawn.
    pub(super) const NONE: Self = Self { offset: 0, fraction: 0 };

    /// From a share of the way to a bound, `-1.0..=1.0`; what is beyond is taken as the bound, not-a-number as 0.
    pub(super) fn offset_of(share: f64) -> i64 {
        nanos(share * 2_f64.powi(i64::BITS.cast_signed() - 1))
    }
}

/// The answer to a call.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entry {
    /// Admitted; `next` is the base of the slot after.
    Admitted {
        next: Moment,
    },
    NotBefore(Moment),
}

/// What timers were late and the schedule has not caught up with yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Debt {
    nanos: i64,
    /// When somebody was last served.
    served: Moment,
}

impl Debt {
    pub(super) const NONE: Self = Self { nanos: 0, served: Moment::BEFORE_ALL };

    /// Somebody is served, so much later than the slack allows (negative: so much of it is left) and so much later than
    /// due. By how much that moves the schedule.
    fn settle(&mut self, excess: i64, late: i64, now: Moment, step: i64) -> i64 {
        let since = now.as_nanos().saturating_sub(self.served.as_nanos());
        if since > step.saturating_mul(2).saturating_add(STALL_NANOS) {
            // Nobody has queued for a while: that was idling.
            self.nanos = 0;
        }
        self.served = now;
        if excess.is_positive() {
            if late <= STALL_NANOS {
                self.nanos = (self.nanos + excess).min(STALL_NANOS);
            }
            return excess;
        }
        // No faster than time goes by, or calls that are let in at once would make room for each other.
        let paid = self.nanos.min(excess.saturating_neg()).min(since.max(0));
        self.nanos -= paid;
        -paid
    }
}

impl Pace {
    /// Of a rate in calls per second.
    pub(super) const fn new(rate: f64, jitter: f64) -> Self {
        let gap = 1e9 / rate;
        let step = nanos(gap.min(LONGEST));
        #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "from 2^53 ns on there is no fraction")]
        let fraction = ((gap - step as f64) * (1_u64 << u32::BITS) as f64) as u32;
        // Neighbours are due (1 - j) T apart or more. Sparse ones stay T/2 apart if lateness takes no more than T/2 - j T
        // of that; of dense ones 2 ms / T follow at once if it takes no more than 2 ms - j T. A timer's tick is made up
        // for at any jitter, or the mean rate would suffer.
        let slack = (SLACK.max(gap / 2.0) - jitter * gap).clamp(TICK, STALL);
        // Not so far that a throttle never used, whose base is in the far past, would not be due.
        let sway = (jitter * gap / 2.0).min(FURTHEST);
        Self { gap, step, fraction, sway: nanos(sway), slack: nanos(slack) }
    }

    /// Whether slots are whole nanoseconds apart and are not moved by any: then whatever is drawn comes to the same.
    #[inline]
    pub(super) const fn is_even(self) -> bool {
        self.sway == 0 && self.fraction == 0
    }

    /// A newcomer arrives, and nobody queues.
    #[inline]
    pub(super) fn enter(self, base: Moment, now: Moment, draw: Draw) -> Entry {
        let offset = self.offset(draw);
        let due = Moment::from_nanos(base.as_nanos() + offset);
        if now < due || base == Word::NEVER {
            return Entry::NotBefore(due);
        }
        // Exact, however far the two are apart, as it is not negative.
        let late = now.as_nanos().wrapping_sub(due.as_nanos()).cast_unsigned();
        // Added at once and last, as nothing takes longer to be known than the time.
        let step = self.step(draw);
        let next = if late <= self.slack.cast_unsigned() {
            Moment::from_nanos(base.as_nanos() + step)
        } else if late <= STALL_NANOS.cast_unsigned() {
            // As late as is allowed.
            Moment::from_nanos(now.as_nanos() + (step - offset - self.slack))
        } else if base > now {
            // An early slot, met late: back to now would give its gap away twice.
            Moment::from_nanos(now.as_nanos() + (step - offset))
        } else {
            add(now, step)
        };
        Entry::Admitted { next }
    }

    /// The first in the queue asks.
    pub(super) fn serve(self, base: Moment, now: Moment, draw: Draw, debt: &mut Debt) -> Entry {
        let due = self.due(base, draw);
        if now < due || base == Word::NEVER {
            return Entry::NotBefore(due);
        }
        let excess = self.excess(due, now);
        let late = debt.settle(excess, excess.saturating_add(self.slack), now, self.step);
        Entry::Admitted { next: add(add(base, late), self.step(draw)) }
    }

    /// Whether no call can have left such a base behind: an early slot leaves 1.5 gaps to the next. Then the clock went
    /// back, as from one runtime with a paused clock to the next.
    pub(super) fn is_unwound(self, base: Moment, now: Moment) -> bool {
        base > add(add(now, self.step), (self.step / 2).saturating_add(1)) && base != Word::NEVER
    }

    /// By how much a call that is let in now is later than the slack allows; negative if it is not.
    #[inline]
    fn excess(self, due: Moment, now: Moment) -> i64 {
        now.as_nanos().saturating_sub(due.as_nanos()).saturating_sub(self.slack)
    }

    /// When the slot at `base` is due.
    #[inline]
    pub(super) const fn due(self, base: Moment, draw: Draw) -> Moment {
        add(base, self.offset(draw))
    }

    #[inline]
    const fn offset(self, draw: Draw) -> i64 {
        // Twice 63 bits and two signs fit; the result is at most as long as `sway`.
        ((self.sway as i128 * draw.offset as i128) >> (i64::BITS - 1)) as i64
    }

    /// The latest time at which the slot `places` after the one at `base` is due, if nobody is late.
    pub(super) fn latest(self, base: Moment, places: usize) -> Moment {
        #[expect(clippy::cast_precision_loss, reason = "a queue is shorter than 2^53")]
        let gaps = nanos(places as f64 * self.gap);
        add(base, gaps.saturating_add(self.sway))
    }

    /// The base of the slot after, if nobody is late.
    pub(super) fn after(self, base: Moment) -> Moment {
        add(base, self.step)
    }

    /// Whether an admission has moved the base by more than a gap.
    pub(super) fn is_slipped(self, base: Moment, next: Moment) -> bool {
        next > add(self.after(base), 1)
    }

    /// The base of the slot before.
    pub(super) fn before(self, base: Moment) -> Moment {
        add(base, -self.step)
    }

    /// The base at a new pace: what is ahead of a gap stays ahead, in proportion. What is overdue stays where it is: a
    /// slower pace would make more of it, a faster one less.
    pub(super) fn rescale(self, base: Moment, now: Moment, new: Self) -> Moment {
        if base == Word::NEVER {
            // Cut off at the end of time; of such a gap hardly anything is over.
            return add(now, new.step);
        }
        let ahead = base.as_nanos().saturating_sub(now.as_nanos());
        if ahead <= 0 {
            return base;
        }
        // An early slot leaves up to 1.5 gaps to the next base. More is but a gap below the resolution of the clock.
        #[expect(clippy::cast_precision_loss, reason = "a share of 2^-53 of the gap is nothing")]
        let share = (ahead as f64 / self.gap).min(1.5);
        add(now, nanos((share * new.gap).round()))
    }

    /// The base, if a slot before it was given back. Where calls are told apart in time, a slot that others have
    /// overtaken is over: to give it to a later call would put two of them side by side. And so is one that is longer ago
    /// than what may be made up for: many that are given back together would come back as a burst.
    pub(super) fn refund(self, base: Moment, slot: Moment, now: Moment) -> Moment {
        let is_fresh = now.as_nanos().saturating_sub(slot.as_nanos()) <= self.slack;
        if self.gap < SPARSE && is_fresh { self.before(base) } else { base }
    }

    /// The gap in whole nanoseconds.
    #[inline]
    fn step(self, draw: Draw) -> i64 {
        self.step + i64::from(draw.fraction < self.fraction)
    }
}

/// Apart, so that it is a branch: to choose between two values would make each entry wait for both.
#[cold]
const fn cut_off() -> Moment {
    Word::NEVER
}

/// Saturates; not-a-number is 0 (of an infinite gap without jitter).
const fn nanos(nanos: f64) -> i64 {
    nanos as i64
}

const fn add(moment: Moment, nanos: i64) -> Moment {
    Moment::from_nanos(moment.as_nanos().saturating_add(nanos))
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
