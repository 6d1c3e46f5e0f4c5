//! Timeouts, aborts and resets: what fails, and what they cannot take back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake};
use std::time::Duration;

use altlocks::{Arrival, BreakCause, BrokenBarrierError, StatefulBarrier};
use tokio::time::advance;

use crate::by_hand::{Bell, Counted, all_pending, poll, poll_with, ready};

const SECOND: Duration = Duration::from_secs(1);

fn cause<T>(result: Result<Arrival<T>, BrokenBarrierError>) -> (BreakCause, bool) {
    match result {
        Ok(_) => panic!("met"),
        Err(error) => (error.cause(), error.is_elapsed()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_breaks_the_barrier_for_all_until_it_is_reset() {
    let barrier = StatefulBarrier::builder(4).name("slow").build();
    let mut present = [barrier.wait(1), barrier.wait(2)];
    let bells = [Bell::new(), Bell::new()];
    for (wait, bell) in present.iter_mut().zip(&bells) {
        assert!(poll_with(wait, &Arc::clone(bell).into()).is_pending());
    }
    let began = tokio::time::Instant::now();
    let own = barrier.wait_timeout(3, SECOND).await.expect_err("timed out");
    assert_eq!(began.elapsed(), SECOND);
    assert_eq!((own.cause(), own.is_elapsed()), (BreakCause::TimedOut, true));
    assert_eq!(own.to_string(), "barrier `slow` was not met in time");
    assert_eq!(bells.map(|bell| bell.rung()), [1, 1]);
    for mut wait in present {
        let error = ready(&mut wait).expect_err("broken");
        assert_eq!((error.cause(), error.is_elapsed()), (BreakCause::TimedOut, false));
        assert_eq!(error.to_string(), "barrier `slow` was broken by the timeout of another party");
    }
    assert!(barrier.is_broken());
    assert_eq!(cause(barrier.wait(4).await), (BreakCause::TimedOut, false));
    assert_eq!(cause(barrier.wait_timeout(4, SECOND).await), (BreakCause::TimedOut, false));
    assert_eq!(barrier.raise_for_abort().expect_err("broken").cause(), BreakCause::TimedOut);
    assert!(!barrier.abort(), "broken before");
    barrier.reset();
    assert!(!barrier.is_broken() && barrier.raise_for_abort().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_barrier_that_tripped_first_is_met_however_late_one_looks() {
    let barrier = StatefulBarrier::new(2);
    let mut timed = Box::pin(barrier.wait_timeout("slow to look", SECOND));
    assert!(poll(&mut timed).is_pending());
    ready(&mut barrier.wait("last")).expect("met");
    advance(10 * SECOND).await;
    assert_eq!(ready(&mut timed).expect("met").states(), ["slow to look", "last"]);
}

/// Meets those who wait when it is dropped.
struct LastParty(Arc<StatefulBarrier<u32>>);

impl Wake for LastParty {
    fn wake(self: Arc<Self>) {}
}

impl Drop for LastParty {
    fn drop(&mut self) {
        ready(&mut self.0.wait(2)).expect("met");
    }
}

#[tokio::test(start_paused = true)]
async fn a_barrier_that_trips_between_the_end_of_the_time_and_the_look_at_it_is_met() {
    let barrier = Arc::new(StatefulBarrier::new(2));
    let mut timed = Box::pin(barrier.wait_timeout(1, SECOND));
    assert!(poll_with(&mut timed, &Arc::new(LastParty(Arc::clone(&barrier))).into()).is_pending());
    advance(SECOND).await;
    // The wait finds nobody else, and drops its old waker for a new one. Only then is the time looked at.
    assert_eq!(ready(&mut timed).expect("met").states(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn of_two_timeouts_the_first_is_the_elapsed_one() {
    let barrier = StatefulBarrier::new(3);
    let (short, long) = tokio::join!(barrier.wait_timeout(1, SECOND), barrier.wait_timeout(2, 2 * SECOND));
    assert_eq!((cause(short), cause(long)), ((BreakCause::TimedOut, true), (BreakCause::TimedOut, false)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_zero_lets_the_last_party_meet_and_nobody_else() {
    let barrier = StatefulBarrier::builder(1).cyclic().build();
    assert!(barrier.wait_timeout(1, Duration::ZERO).await.is_ok());
    let barrier = StatefulBarrier::new(2);
    assert_eq!(cause(barrier.wait_timeout(1, Duration::ZERO).await), (BreakCause::TimedOut, true));
}

#[tokio::test(start_paused = true)]
async fn the_longest_timeout_is_as_good_as_none() {
    let barrier = StatefulBarrier::new(2);
    let mut timed = Box::pin(barrier.wait_timeout(1, Duration::MAX));
    assert!(poll(&mut timed).is_pending());
    advance(Duration::from_secs(1 << 32)).await;
    assert!(poll(&mut timed).is_pending());
    ready(&mut barrier.wait(2)).expect("met");
    assert_eq!(ready(&mut timed).expect("met").len(), 2);
}

#[test]
#[should_panic(expected = "no reactor running")]
fn a_wait_with_a_timeout_needs_a_timer() {
    let barrier = StatefulBarrier::new(2);
    drop(poll(&mut Box::pin(barrier.wait_timeout(1, SECOND))));
}

#[test]
fn an_abort_fails_those_who_wait_and_those_who_come() {
    let barrier = StatefulBarrier::builder(3).name("round").build();
    let mut present = [barrier.wait(1), barrier.wait(2)];
    all_pending(present.iter_mut());
    assert!(barrier.abort());
    assert!(!barrier.abort(), "broken already");
    assert_eq!((barrier.is_broken(), barrier.n_waiting()), (true, 0));
    for mut wait in present {
        let error = ready(&mut wait).expect_err("aborted");
        assert_eq!((error.cause(), error.name(), error.is_elapsed()), (BreakCause::Aborted, "round", false));
        assert_eq!(error.to_string(), "barrier `round` was aborted");
    }
    assert_eq!(cause(ready(&mut barrier.wait(3))), (BreakCause::Aborted, false));
    assert_eq!(barrier.raise_for_abort().expect_err("aborted").cause(), BreakCause::Aborted);
}

#[test]
fn a_reset_sends_away_those_who_wait_and_leaves_a_new_barrier() {
    let barrier = StatefulBarrier::builder(2).name("round").build();
    let mut present = barrier.wait(1);
    assert!(poll(&mut present).is_pending());
    barrier.reset();
    assert_eq!((barrier.is_broken(), barrier.n_waiting(), barrier.remaining_parties()), (false, 0, 2));
    let mut next = barrier.wait(2);
    assert!(poll(&mut next).is_pending(), "who was sent away does not count");
    let error = ready(&mut present).expect_err("reset");
    assert_eq!((error.cause(), error.to_string()), (BreakCause::Reset, "barrier `round` was reset".to_owned()));
    assert_eq!(ready(&mut barrier.wait(3)).expect("met").states(), [2, 3]);
    assert_eq!(ready(&mut next).expect("met").position(), 0);
}

#[test]
fn a_reset_with_nobody_there_changes_nothing() {
    let barrier = StatefulBarrier::<u32>::new(2);
    for _ in 0..3 {
        barrier.reset();
        assert_eq!((barrier.is_broken(), barrier.remaining_parties()), (false, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_takes_a_meeting_from_those_who_met() {
    type Event = fn(&StatefulBarrier<u32>);
    let later: [(&str, Event); 3] = [
        ("abort", |barrier| {
            barrier.abort();
        }),
        ("reset", StatefulBarrier::reset),
        ("reset and a new generation that is aborted", |barrier| {
            barrier.reset();
            let mut wait = barrier.wait(7);
            assert!(poll(&mut wait).is_pending());
            assert!(barrier.abort());
            assert_eq!(cause(ready(&mut wait)), (BreakCause::Aborted, false));
        }),
    ];
    for cyclic in [false, true] {
        for (name, event) in later {
            let builder = StatefulBarrier::builder(3);
            let barrier = if cyclic { builder.cyclic() } else { builder }.build();
            let mut plain = barrier.wait(1);
            let mut timed = Box::pin(barrier.wait_timeout(2, SECOND));
            assert!(poll(&mut plain).is_pending() && poll(&mut timed).is_pending());
            ready(&mut barrier.wait(3)).expect("met");
            event(&barrier);
            advance(2 * SECOND).await;
            assert_eq!(ready(&mut plain).expect(name).states(), [1, 2, 3]);
            assert_eq!(ready(&mut timed).expect(name).position(), 1);
        }
    }
}

#[test]
fn a_party_that_was_sent_away_cannot_disturb_the_next_generation() {
    let barrier = StatefulBarrier::new(2);
    let mut old = barrier.wait(1);
    assert!(poll(&mut old).is_pending());
    barrier.reset();
    let mut new = barrier.wait(2);
    assert!(poll(&mut new).is_pending());
    drop(old);
    assert_eq!(barrier.n_waiting(), 1);
    assert_eq!(ready(&mut barrier.wait(3)).expect("met").states(), [2, 3]);
}

#[test]
fn states_of_those_who_are_sent_away_are_dropped_once_and_at_once() {
    type Break = fn(&StatefulBarrier<Counted>);
    let breaks: [Break; 2] = [StatefulBarrier::reset, |barrier| assert!(barrier.abort())];
    for break_up in breaks {
        let drops = Arc::new(AtomicUsize::new(0));
        let barrier = StatefulBarrier::new(3);
        let mut waits = [(); 2].map(|()| barrier.wait(Counted(Arc::clone(&drops))));
        all_pending(waits.iter_mut());
        break_up(&barrier);
        assert_eq!(drops.load(Ordering::SeqCst), 2);
        drop(waits);
        assert_eq!(drops.load(Ordering::SeqCst), 2);
    }
}

#[test]
fn a_refused_party_gets_an_error_and_its_state_is_dropped() {
    let drops = Arc::new(AtomicUsize::new(0));
    let barrier = StatefulBarrier::new(2);
    barrier.abort();
    let mut wait = barrier.wait(Counted(Arc::clone(&drops)));
    assert!(matches!(poll(&mut wait), Poll::Ready(Err(_))));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn raise_for_abort_fails_whenever_a_wait_would() {
    type Event = fn(&StatefulBarrier<u32>);
    let events: [Event; 5] = [
        |_| {},
        |barrier| {
            barrier.abort();
        },
        StatefulBarrier::reset,
        |barrier| {
            ready(&mut barrier.wait(1)).expect("met");
        },
        StatefulBarrier::reset,
    ];
    let barrier = StatefulBarrier::new(1);
    for event in events {
        event(&barrier);
        let raised = barrier.raise_for_abort();
        assert_eq!(raised.is_err(), barrier.is_broken());
        if let Err(raised) = raised {
            assert_eq!(ready(&mut barrier.wait(2)).expect_err("broken"), raised);
        }
    }
    assert!(ready(&mut barrier.wait(3)).is_ok());
}
