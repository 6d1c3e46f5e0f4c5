//! *Threads*, runtimes and numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use altlocks::{BreakCause, StatefulBarrier};

use crate::by_hand::{all_pending, block_on, poll, ready};
use crate::support::busy;

#[test]
fn what_is_done_before_a_wait_is_seen_after_it_by_every_party() {
    const PARTIES: usize = 4;
    const ROUNDS: usize = 500;
    let barrier = StatefulBarrier::builder(PARTIES).cyclic().build();
    let done: [AtomicUsize; PARTIES] = Default::default();
    thread::scope(|scope| {
        for party in 0..PARTIES {
            let (barrier, done) = (&barrier, &done);
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    done[party].store(round, Ordering::Relaxed);
                    let arrival = block_on(barrier.wait((round, party))).expect("met");
                    assert!(arrival.iter().all(|(at, _)| *at == round), "nobody is a round ahead or behind");
                    assert_eq!(arrival[arrival.position()], (round, party));
                    let seen = done.each_ref().map(|done| done.load(Ordering::Relaxed));
                    assert!(seen.iter().all(|seen| *seen == round || *seen == round + 1), "{seen:?} in {round}");
                }
            });
        }
    });
}

#[test]
fn one_generation_is_never_met_by_some_and_broken_for_others() {
    const PARTIES: usize = 3;
    for round in 0..500 {
        let barrier = StatefulBarrier::new(PARTIES);
        let go = AtomicBool::new(false);
        let (met, mut broken) = thread::scope(|scope| {
            let parties: Vec<_> = (0..PARTIES)
                .map(|party| {
                    let (barrier, go) = (&barrier, &go);
                    scope.spawn(move || {
                        while !go.load(Ordering::Acquire) {
                            std::hint::spin_loop();
                        }
                        block_on(barrier.wait(party))
                    })
                })
                .collect();
            go.store(true, Ordering::Release);
            for _ in 0..round % 64 {
                std::hint::spin_loop();
            }
            let aborted = barrier.abort();
            let results: Vec<_> = parties.into_iter().map(|party| party.join().expect("no panic")).collect();
            let (met, broken): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!(aborted, met.is_empty(), "an abort that says it broke the barrier did");
            (met, broken)
        });
        assert!(met.is_empty() || broken.is_empty(), "{} of {PARTIES} met", met.len());
        let mut positions: Vec<_> = met.into_iter().map(|arrival| arrival.expect("met").position()).collect();
        positions.sort_unstable();
        assert!(positions.is_empty() || positions == [0, 1, 2]);
        assert!(broken.drain(..).all(|error| error.expect_err("broken").cause() == BreakCause::Aborted));
    }
}

#[test]
fn parties_that_come_and_go_under_threads_lose_no_wake_up_and_no_place() {
    const PARTIES: usize = 3;
    const ROUNDS: usize = 300;
    let barrier = StatefulBarrier::builder(PARTIES).cyclic().build();
    let stop = AtomicBool::new(false);
    let met = AtomicUsize::new(0);
    thread::scope(|scope| {
        let steady: Vec<_> = (0..PARTIES)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let arrival = block_on(barrier.wait(1)).expect("met");
                        assert!(arrival.position() < PARTIES);
                        assert_eq!(arrival.len(), PARTIES, "each party brought a state, those who left took theirs");
                        met.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let fickle = scope.spawn(|| {
            while !stop.load(Ordering::Acquire) {
                let mut wait = barrier.wait(1);
                if poll(&mut wait).is_ready() {
                    met.fetch_add(1, Ordering::Relaxed);
                }
                drop(wait);
            }
        });
        // The fickle party may take places for good; then as many have to come for the last steady ones to finish.
        while !steady.iter().all(thread::ScopedJoinHandle::is_finished) {
            let mut helps = [barrier.wait(1), barrier.wait(1)];
            for wait in &mut helps {
                if poll(wait).is_pending() {
                    thread::yield_now();
                }
            }
        }
        stop.store(true, Ordering::Release);
        fickle.join().expect("no panic");
    });
    assert!(met.load(Ordering::Relaxed) >= PARTIES * ROUNDS);
    assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
}

#[test]
fn it_works_across_two_runtimes_and_without_one() {
    let barrier = Arc::new(StatefulBarrier::new(3));
    let on_a_runtime = |state| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(barrier.wait_owned(state)).map(|arrival| arrival.len())
        })
    };
    let others = [on_a_runtime(1), on_a_runtime(2)];
    assert_eq!(block_on(barrier.wait(3)).map(|arrival| arrival.len()), Ok(3));
    for other in others {
        assert_eq!(other.join().expect("no panic"), Ok(3));
    }
}

/// The time that it takes this thread: the least of some runs.
fn least(mut run: impl FnMut()) -> Duration {
    let time = |()| {
        let began = busy();
        run();
        busy() - began
    };
    (0..5).map(|_| ()).map(time).min().expect("five runs")
}

fn meet(parties: usize) {
    let barrier = StatefulBarrier::new(parties);
    let mut waits: Vec<_> = (1..parties).map(|number| barrier.wait(number)).collect();
    all_pending(waits.iter_mut());
    let last = ready(&mut barrier.wait(parties)).expect("met");
    assert_eq!((last.position(), last.len()), (parties - 1, parties));
    for (position, wait) in waits.iter_mut().enumerate() {
        assert_eq!(ready(wait).expect("met").position(), position);
    }
}

/// Every second party leaves, in an order that is neither that of arrival nor its reverse; then the others do.
fn cancel(parties: usize) {
    let barrier = StatefulBarrier::new(parties + 1);
    let mut waits: Vec<_> = (0..parties).map(|number| Some(barrier.wait(number))).collect();
    all_pending(waits.iter_mut().flatten());
    for number in 0..parties {
        // 7919 is a prime that divides none of the numbers of parties, so each comes once.
        waits[number * 7919 % parties] = None;
        if number == parties / 2 {
            assert_eq!(barrier.n_waiting(), parties - number - 1);
        }
    }
    assert_eq!((barrier.n_waiting(), barrier.remaining_parties()), (0, parties + 1));
}

#[test]
fn a_hundred_thousand_parties_take_linear_time_to_meet_and_to_cancel() {
    for (name, run) in [("meet", meet as fn(usize)), ("cancel", cancel)] {
        // 20 times the parties: 20 times the time if linear, 400 times if quadratic. Caches account for some, and a busy
        // machine for any one measurement, but not for five.
        let linear = (0..5).any(|_| least(|| run(100_000)) < 120 * least(|| run(5_000)));
        assert!(linear, "{name}: more than 120 times the time for 20 times the parties");
    }
}
