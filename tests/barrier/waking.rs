//! Who is woken, when, and what a waker or a state may do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Wake, Waker};

use altlocks::{BreakCause, OwnedWait, StatefulBarrier};

use crate::by_hand::{Bell, Counted, all_pending, calling, poll, poll_with, ready};

type Barrier = Arc<StatefulBarrier<usize>>;

type End = fn(&StatefulBarrier<usize>);

/// What ends a generation of which one party is missing.
const ENDS: [(&str, End); 3] = [
    ("trip", |barrier| {
        ready(&mut barrier.wait(99)).expect("met");
    }),
    ("abort", |barrier| assert!(barrier.abort())),
    ("reset", StatefulBarrier::reset),
];

fn waiting(barrier: &Barrier, wakers: impl IntoIterator<Item = Waker>) -> Vec<OwnedWait<usize>> {
    let party = |(number, waker)| {
        let mut wait = barrier.wait_owned(number);
        assert!(poll_with(&mut wait, &waker).is_pending());
        wait
    };
    wakers.into_iter().enumerate().map(party).collect()
}

#[test]
fn parties_are_woken_once_each_in_the_order_of_arrival() {
    for (name, end) in ENDS {
        let barrier: Barrier = Arc::new(StatefulBarrier::new(6));
        let order = Arc::new(Mutex::new(vec![]));
        let wakers = (0..5).map(|number| {
            let order = Arc::clone(&order);
            calling(move || order.lock().expect("no panic").push(number))
        });
        let mut waits = waiting(&barrier, wakers);
        // The second leaves, and another takes what was its place.
        drop(waits.remove(1));
        let last = Arc::clone(&order);
        let mut late = barrier.wait(9);
        assert!(poll_with(&mut late, &calling(move || last.lock().expect("no panic").push(9))).is_pending());
        end(&barrier);
        assert_eq!(*order.lock().expect("no panic"), [0, 2, 3, 4, 9], "{name}");
    }
}

#[test]
fn the_outcome_is_published_and_nothing_is_locked_when_the_first_is_woken() {
    for (name, end) in ENDS {
        let barrier: Barrier = Arc::new(StatefulBarrier::new(3));
        let second: Arc<Mutex<Option<OwnedWait<usize>>>> = Arc::default();
        let seen = Arc::new(AtomicBool::new(false));
        let waker = calling({
            let (barrier, second, seen) = (Arc::clone(&barrier), Arc::clone(&second), Arc::clone(&seen));
            move || {
                let mut second = second.lock().expect("no panic").take().expect("waits");
                let outcome = ready(&mut second);
                assert_eq!(outcome.is_ok(), name == "trip");
                assert_eq!(barrier.is_broken(), name != "reset");
                assert_eq!(barrier.n_waiting(), 0);
                barrier.reset();
                seen.store(true, Ordering::SeqCst);
            }
        });
        let mut waits = waiting(&barrier, [waker, Waker::noop().clone()]);
        *second.lock().expect("no panic") = waits.pop();
        end(&barrier);
        assert!(seen.load(Ordering::SeqCst), "{name}: the waker ran to its end");
    }
}

#[test]
fn a_waker_that_panics_strands_no_one() {
    for (name, end) in ENDS {
        let barrier: Barrier = Arc::new(StatefulBarrier::new(4));
        let bells = [Bell::new(), Bell::new()];
        let wakers = [Arc::clone(&bells[0]).into(), calling(|| panic!("a waker")), Arc::clone(&bells[1]).into()];
        let waits = waiting(&barrier, wakers);
        end(&barrier);
        assert_eq!(bells.map(|bell| bell.rung()), [1, 1], "{name}");
        for mut wait in waits {
            assert_eq!(ready(&mut wait).is_ok(), name == "trip");
        }
    }
}

#[test]
fn polled_again_with_a_new_waker_the_latest_is_woken() {
    for (name, end) in ENDS {
        let barrier: Barrier = Arc::new(StatefulBarrier::new(2));
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut wait = barrier.wait(1);
        for bell in &bells {
            assert!(poll_with(&mut wait, &Arc::clone(bell).into()).is_pending());
        }
        let latest: Waker = Arc::clone(&bells[2]).into();
        assert!(poll_with(&mut wait, &latest).is_pending());
        assert_eq!(Arc::strong_count(&bells[0]), 1, "an older waker is dropped when it is replaced");
        assert_eq!(barrier.n_waiting(), 1, "a poll is no second arrival");
        end(&barrier);
        assert_eq!(bells.map(|bell| bell.rung()), [0, 0, 1], "{name}");
    }
}

#[test]
fn a_party_that_left_is_not_woken() {
    for (_, end) in ENDS {
        let barrier: Barrier = Arc::new(StatefulBarrier::new(3));
        let bell = Bell::new();
        drop(waiting(&barrier, [Arc::clone(&bell).into()]));
        assert_eq!(Arc::strong_count(&bell), 1);
        let _waits = waiting(&barrier, [Waker::noop().clone(), Waker::noop().clone()]);
        end(&barrier);
        assert_eq!(bell.rung(), 0);
    }
}

#[test]
fn one_who_comes_when_the_last_but_one_has_left_is_woken() {
    let barrier: Barrier = Arc::new(StatefulBarrier::new(2));
    drop(waiting(&barrier, [Waker::noop().clone()]));
    let bell = Bell::new();
    let mut waits = waiting(&barrier, [Arc::clone(&bell).into()]);
    assert_eq!(ready(&mut barrier.wait(3)).expect("met").states(), [0, 3]);
    assert_eq!(bell.rung(), 1);
    assert_eq!(ready(&mut waits[0]).expect("met").position(), 0);
}

/// A state that asks its barrier when it is dropped.
struct Asks {
    barrier: Arc<OnceLock<Arc<StatefulBarrier<Asks>>>>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Asks {
    fn drop(&mut self) {
        let barrier = self.barrier.get().expect("set");
        let _ = (barrier.n_waiting(), barrier.is_broken(), barrier.remaining_parties());
        let _ = barrier.abort();
        barrier.reset();
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_state_may_call_the_barrier_when_it_is_dropped() {
    let drops = Arc::new(AtomicUsize::new(0));
    let slot = Arc::new(OnceLock::new());
    let asks = || Asks { barrier: Arc::clone(&slot), drops: Arc::clone(&drops) };
    let barrier = Arc::new(StatefulBarrier::builder(3).max_state(1).build());
    assert!(slot.set(Arc::clone(&barrier)).is_ok());

    let mut withdraws = barrier.wait(asks());
    assert!(poll(&mut withdraws).is_pending());
    drop(withdraws);
    assert_eq!(drops.load(Ordering::SeqCst), 1);

    for (dropped, end) in [(3, 0), (5, 1), (7, 2)] {
        let mut waits = [barrier.wait(asks()), barrier.wait(asks())];
        all_pending(waits.iter_mut());
        match end {
            0 => assert!(barrier.abort()),
            1 => barrier.reset(),
            // Evicted: all but the last.
            _ => assert_eq!(ready(&mut barrier.wait(asks())).expect("met").len(), 1),
        }
        assert_eq!(drops.load(Ordering::SeqCst), dropped);
        barrier.reset();
    }
    assert_eq!(drops.load(Ordering::SeqCst), 8, "and the one that was kept, with its last arrival");

    barrier.abort();
    let mut refused = barrier.wait(asks());
    assert!(poll(&mut refused).is_ready());
    assert_eq!(drops.load(Ordering::SeqCst), 9);
}

#[test]
fn a_state_that_panics_when_it_is_dropped_is_not_the_business_of_who_breaks_the_barrier() {
    struct Panics(#[expect(dead_code, reason = "counts")] Counted);
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("a drop");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let barrier = StatefulBarrier::new(3);
    let mut waits = [(); 2].map(|()| barrier.wait(Panics(Counted(Arc::clone(&drops)))));
    all_pending(waits.iter_mut());
    assert!(barrier.abort());
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    for mut wait in waits {
        assert_eq!(ready(&mut wait).expect_err("aborted").cause(), BreakCause::Aborted);
    }
}

/// A waker that asks its barrier when the last clone of it is dropped.
struct AsksAtTheEnd(Barrier, Arc<AtomicUsize>);

impl Wake for AsksAtTheEnd {
    fn wake(self: Arc<Self>) {}
}

impl Drop for AsksAtTheEnd {
    fn drop(&mut self) {
        assert!(self.0.n_waiting() < 3);
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn no_waker_is_dropped_under_a_lock() {
    let barrier: Barrier = Arc::new(StatefulBarrier::new(3));
    let asked = Arc::new(AtomicUsize::new(0));
    let asking = || Waker::from(Arc::new(AsksAtTheEnd(Arc::clone(&barrier), Arc::clone(&asked))));

    let mut replaces = barrier.wait(1);
    assert!(poll_with(&mut replaces, &asking()).is_pending());
    assert!(poll_with(&mut replaces, &asking()).is_pending());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    drop(replaces);
    assert_eq!(asked.load(Ordering::SeqCst), 2, "withdrawn");

    for (_, end) in ENDS {
        let before = asked.load(Ordering::SeqCst);
        let _waits = waiting(&barrier, [asking(), asking()]);
        end(&barrier);
        assert_eq!(asked.load(Ordering::SeqCst), before + 2);
        barrier.reset();
    }
    barrier.abort();
    let before = asked.load(Ordering::SeqCst);
    assert!(poll_with(&mut barrier.wait(1), &asking()).is_ready());
    assert_eq!(asked.load(Ordering::SeqCst), before + 1, "refused");
}
