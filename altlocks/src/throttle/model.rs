//! The shell under the interleavings of a few threads. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`.
//!
//! What each model dies of, tried by hand:
//!
//! | mutation | models that die |
//! |---|---|
//! | `swap` stores instead of comparing | `a_slot_is_given_once`, `an_entry_is_before_…`, `who_leaves_…_entered_since` |
//! | an entry reads the pace before the word | `an_entry_is_before_…` |
//! | an entry does not look whether somebody queues | `an_entry_is_before_…`, `who_comes_while_…` |
//! | the word is loaded relaxed, or swapped relaxed | `an_entry_is_before_…` |
//! | `publish` does not mark the word, or marks it without a version, or without the queue | `an_entry_is_before_…` |
//! | `publish` stores the pace, or the epoch, before it marks the word or after it has released it | `an_entry_is_before_…` |
//! | `publish` releases the queue's lock before the word | `an_entry_is_before_…` |
//! | `publish` does not rescale the base | `an_entry_is_before_…`, `who_waits_is_woken_…` (both), `it_is_the_last_waker_…` |
//! | `publish` says that nobody queues | `who_waits_is_woken_by_…` |
//! | nobody tends the queue after `publish` | `who_waits_is_woken_by_…` |
//! | `settle` does not compare the epoch | `an_entry_is_before_…` |
//! | a call comes without a mark at the word, or marks it before it takes the lock | `who_comes_while_…` |
//! | the mark is taken away after unlocking | `who_comes_while_…` |
//! | the mark is never taken away | `who_waits_is_woken_…` (both), `who_leaves_…_entered_since` |
//! | wakers are dropped instead of woken | `who_waits_is_woken_…` (both), `it_is_the_last_waker_…`, `when_those_who_hold_…`, |
//! | | `the_slot_of_one_who_leaves_…`, `who_leaves_…` (both) |
//! | a call that is polled again keeps its old waker | `it_is_the_last_waker_…`, `the_slot_of_one_who_leaves_…` |
//! | nobody is appointed | `when_those_who_hold_…` |
//! | a call that leaves the front is taken for one from the middle | `when_those_who_hold_…` |
//! | a call that leaves with a slot is taken for one from the middle | `the_slot_of_one_who_leaves_…`, `when_those_who_hold_…` |
//! | a call that leaves does not give its slot back, or gives back what the pace has instead | `the_slot_of_one_who_leaves_…` |
//! | `undo` does not compare the ticket | `who_leaves_…_in_the_queue` |
//! | `undo` does not compare the base | `who_leaves_…_entered_since` |
//! | a slot is given without a swap of the word | `the_slot_of_one_who_leaves_…`, `who_leaves_…_in_the_queue` |
//! | `DrawCell::draw` draws though it is drawn | `all_see_the_same_draw` |
//! | `DrawCell::draw` does not ask for the base, or asks before it loads the cell | `a_draw_that_comes_late_…` |
//! | `DrawCell::draw` stores instead of comparing | `all_see_the_same_draw`, `a_draw_that_comes_late_…` |
//! | `DrawCell::draw` loads relaxed, or exchanges relaxed | `a_draw_that_comes_late_…` |
//!
//! What none dies of: that the pace, the rate or the epoch is loaded or stored relaxed. To be seen, that takes a load that is
//! carried out after a later swap, which loom does not do.

use std::cell::Cell;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};
use std::task::{Wake, Waker};
use std::time::Duration;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use tokio::time::Instant;

use super::cell::DrawCell;
use super::pace::Draw;
use super::turn::{Answer, Turn};
use super::{Adaptation, DynamicThrottle, Moment, Outcome};

// The threads of a model are coroutines of one thread, and each model has a thread of its own.
thread_local! {
    /// Moved only while no thread runs.
    static MICROS: Cell<u64> = const { Cell::new(0) };
}

fn clock() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now) + Duration::from_micros(MICROS.get())
}

/// One call per second, and the first slot is still there.
fn throttle() -> &'static DynamicThrottle {
    MICROS.set(0);
    let builder = DynamicThrottle::builder(1.0).max_rate(1e300).jitter(0.0);
    let throttle = builder.adaptation(Adaptation::Fixed).timer(clock).build();
    // Touches every cell, so that all are made before the threads start.
    throttle.set_jitter(0.0).expect("in range");
    // Threads and what they hold are to outlive the closure that starts them.
    Box::leak(Box::new(throttle))
}

/// Every schedule with up to so many preemptions; what the models die of takes one or two.
fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(run);
}

#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A call in the queue, and the waker that it left at its last poll.
struct Guest {
    /// Always there.
    turn: Option<Turn<'static>>,
    bell: Arc<Bell>,
    admitted: bool,
    /// Whether it holds a timer.
    sleeps: bool,
}

impl Guest {
    fn new(throttle: &'static DynamicThrottle) -> Self {
        let mut guest = Self {
            turn: Some(Turn::new(throttle, Moment::NEVER)),
            bell: Arc::default(),
            admitted: false,
            sleeps: false,
        };
        guest.poll();
        guest
    }

    /// Polls it with a new waker.
    fn poll(&mut self) {
        self.bell = Arc::default();
        let turn = self.turn.as_mut().expect("always there");
        let answer = turn.ask(&Waker::from(Arc::clone(&self.bell)));
        self.sleeps = matches!(answer, Answer::Sleep { .. });
        if let Answer::Settled(settled) = answer {
            drop(settled.expect("it has no deadline"));
            self.admitted = true;
        }
    }

    fn is_woken(&self) -> bool {
        !self.admitted && self.bell.0.load(Ordering::SeqCst) > 0
    }
}

/// A model that fails is over before what it holds is dropped, and nothing of loom's can be touched then.
impl Drop for Guest {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::mem::forget(self.turn.take());
        }
    }
}

/// Polls whoever has been woken, until nobody is.
fn settle(guests: &mut [Guest]) {
    while let Some(woken) = guests.iter_mut().find(|guest| guest.is_woken()) {
        woken.poll();
    }
}

#[test]
fn a_slot_is_given_once() {
    model(3, || {
        let throttle = throttle();
        let entries = [(), ()].map(|()| thread::spawn(|| throttle.try_enter().map(drop).is_some()));
        let admitted = entries.map(|entry| entry.join().unwrap());
        assert_ne!(admitted[0], admitted[1]);
    });
}

#[test]
fn an_entry_is_before_a_change_of_the_rate_or_after_it() {
    model(3, || {
        let throttle = throttle();
        let entry = thread::spawn(|| (throttle.rate(), throttle.try_enter(), throttle.rate()));
        let change = thread::spawn(|| throttle.set_rate(1000.0).unwrap());
        change.join().unwrap();
        let (before, pass, after) = entry.join().unwrap();
        let entered = pass.is_some();
        let mut counted = 0;
        // An entry may be turned away while the pace changes, since somebody could be waiting.
        if let Some(pass) = pass {
            pass.record(Outcome::Success);
            counted = throttle.successes();
            assert!(after.total_cmp(&1.0).is_ne() || counted == 0, "a result of an earlier rate counts");
            assert!(before.total_cmp(&1.0).is_eq() || counted == 1, "a result of this rate does not count");
        } else {
            assert!(throttle.try_enter().is_some());
        }
        // A gap of a second, all of it ahead, and then a gap of a millisecond; or that at once.
        MICROS.set(999);
        assert!(throttle.try_enter().is_none());
        MICROS.set(1000);
        let next = throttle.try_enter();
        assert!(next.is_some());
        next.unwrap().record(Outcome::Success);
        assert_eq!(throttle.successes(), counted + 1, "its result counts by the rate that it was admitted at");
        assert!(entered || counted == 0);
    });
}

#[test]
fn who_waits_is_woken_though_others_enter_and_leave_and_the_rate_changes() {
    model(2, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let [leaves, stays] = [(), ()].map(|()| Guest::new(throttle));
        let threads = (
            thread::spawn(|| drop(leaves)),
            thread::spawn(|| throttle.set_rate(1e300).unwrap()),
            thread::spawn(|| Guest::new(throttle)),
        );
        threads.0.join().unwrap();
        threads.1.join().unwrap();
        let mut guests = [stays, threads.2.join().unwrap()];
        settle(&mut guests);
        assert!(guests.iter().all(|guest| guest.admitted), "there is a slot for everybody");
        assert!(throttle.try_enter().is_some(), "and nobody queues");
    });
}

#[test]
fn who_waits_is_woken_by_a_change_of_the_rate_and_not_overtaken() {
    model(3, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let mut guests = [Guest::new(throttle)];
        let change = thread::spawn(|| throttle.set_rate(1e300).unwrap());
        let entry = thread::spawn(|| throttle.try_enter().map(drop).is_some());
        let entered = entry.join().unwrap();
        change.join().unwrap();
        assert!(!entered || guests[0].is_woken(), "overtaken");
        settle(&mut guests);
        assert!(guests[0].admitted);
        assert!(throttle.try_enter().is_some(), "and nobody queues");
    });
}

#[test]
fn who_comes_while_the_last_leaves_is_not_overtaken() {
    model(3, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let leaves = Guest::new(throttle);
        let leaving = thread::spawn(|| drop(leaves));
        let comes = thread::spawn(|| Guest::new(throttle));
        leaving.join().unwrap();
        let mut comes = comes.join().unwrap();
        MICROS.set(1_000_000);
        assert!(throttle.try_enter().is_none(), "somebody queues");
        comes.poll();
        assert!(comes.admitted);
    });
}

#[test]
fn when_those_who_hold_the_timers_leave_another_takes_one() {
    model(3, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let [first, second, third] = [(), (), ()].map(|()| Guest::new(throttle));
        assert_eq!([first.sleeps, second.sleeps, third.sleeps], [true, true, false]);
        for leaving in [first, second].map(|guest| thread::spawn(|| drop(guest))) {
            leaving.join().unwrap();
        }
        let mut guests = [third];
        settle(&mut guests);
        assert!(guests[0].sleeps, "nobody will serve the queue");
    });
}

/// Two have been given their slots, at the first and at the second second, and have not heard of it. One leaves while
/// somebody else tries to enter.
fn leave_late(leaves: usize, second: u64, enters: bool) {
    model(3, move || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let mut guests: Vec<_> = [(), ()].map(|()| Guest::new(throttle)).into();
        for second in 1..=second {
            MICROS.set(second * 1_000_000);
            throttle.tend();
        }
        let leaves = guests.remove(leaves);
        let leaving = thread::spawn(|| drop(leaves));
        assert_eq!(throttle.try_enter().is_some(), enters);
        leaving.join().expect("no panic");
        assert!(throttle.try_enter().is_none(), "a slot is given twice");
        settle(&mut guests);
        assert!(guests[0].admitted);
    });
}

#[test]
fn who_leaves_does_not_give_back_the_slot_of_another_in_the_queue() {
    leave_late(0, 2, false);
}

#[test]
fn who_leaves_does_not_give_back_the_slot_of_one_who_entered_since() {
    leave_late(1, 3, true);
}

#[test]
fn the_slot_of_one_who_leaves_goes_to_the_next_and_to_nobody_else() {
    model(2, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let [leaves, mut next] = [(), ()].map(|()| Guest::new(throttle));
        MICROS.set(1_000_000);
        let threads = (
            // Its slot is due, but it has not been polled; whoever comes may be the one who gives the slot to it.
            thread::spawn(|| drop(leaves)),
            thread::spawn(move || {
                next.poll();
                next
            }),
            thread::spawn(|| Guest::new(throttle)),
        );
        threads.0.join().unwrap();
        let mut guests = [threads.1.join().unwrap(), threads.2.join().unwrap()];
        settle(&mut guests);
        assert_eq!(guests.each_ref().map(|guest| guest.admitted), [true, false]);
        assert!(throttle.try_enter().is_none(), "somebody queues");
        MICROS.set(2_000_000);
        guests[1].poll();
        assert!(guests[1].admitted, "and is next");
        assert!(throttle.try_enter().is_none());
    });
}

#[test]
fn it_is_the_last_waker_that_is_woken() {
    model(3, || {
        let throttle = throttle();
        drop(throttle.try_enter());
        let [mut first, mut second] = [(), ()].map(|()| Guest::new(throttle));
        let polls = thread::spawn(move || {
            second.poll();
            second
        });
        throttle.set_rate(1e300).unwrap();
        first.poll();
        let mut guests = [first, polls.join().unwrap()];
        settle(&mut guests);
        assert!(guests.iter().all(|guest| guest.admitted));
    });
}

fn cell() -> &'static DrawCell {
    let cell = DrawCell::new();
    // Makes it before the threads start.
    assert_eq!(cell.at(Moment::from_nanos(0)), None);
    Box::leak(Box::new(cell))
}

#[test]
fn all_see_the_same_draw() {
    model(3, || {
        let cell = cell();
        let slot = Moment::from_nanos(7);
        let seen = [0.25, 0.5].map(|share| {
            thread::spawn(move || {
                cell.draw(slot, || true, || share);
                cell.at(slot)
            })
        });
        let seen = seen.map(|seen| seen.join().unwrap());
        assert!(seen[0].is_some() && seen[0] == seen[1]);
    });
}

#[test]
fn a_draw_that_comes_late_takes_none_away() {
    model(3, || {
        let cell = cell();
        let next: &AtomicU64 = Box::leak(Box::new(AtomicU64::new(1)));
        let draw = move |slot: u64| {
            let base = Moment::from_nanos(slot.cast_signed());
            cell.draw(base, || next.load(Ordering::Acquire) == slot, || 0.5);
            cell.at(base)
        };
        let late = thread::spawn(move || draw(1));
        next.store(3, Ordering::Release);
        // The other may be in the way once, and then not again.
        let drawn = draw(3).or_else(|| draw(3));
        late.join().unwrap();
        assert_eq!(drawn.map(|offset| offset >> 32), Some(Draw::offset_of(0.5) >> 32));
        assert_eq!(cell.at(Moment::from_nanos(3)), drawn);
    });
}
