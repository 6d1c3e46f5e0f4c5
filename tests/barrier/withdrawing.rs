//! Parties that give up: cancel safety.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use altlocks::StatefulBarrier;

use crate::by_hand::{Counted, all_pending, poll, ready};

#[test]
fn a_wait_that_is_never_polled_is_no_arrival() {
    let drops = Arc::new(AtomicUsize::new(0));
    let barrier = StatefulBarrier::new(1);
    let wait = barrier.wait(Counted(Arc::clone(&drops)));
    assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
    drop(wait);
    assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn dropped_while_pending_the_party_its_position_and_its_state_are_gone() {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = || Counted(Arc::clone(&drops));
    let barrier = StatefulBarrier::new(3);
    let mut gone = barrier.wait(counted());
    let mut stays = barrier.wait(counted());
    assert!(poll(&mut gone).is_pending() && poll(&mut stays).is_pending());
    drop(gone);
    assert_eq!((drops.load(Ordering::SeqCst), barrier.n_waiting(), barrier.remaining_parties()), (1, 1, 2));
    let mut comes = barrier.wait(counted());
    assert!(poll(&mut comes).is_pending(), "one more party has to arrive: there is no ghost");
    let last = ready(&mut barrier.wait(counted())).expect("met");
    assert_eq!(last.len(), 3);
    assert_eq!(last.position(), 2);
    assert_eq!(ready(&mut stays).expect("met").position(), 0);
    assert_eq!(ready(&mut comes).expect("met").position(), 1);
}

#[test]
fn dropped_after_the_trip_its_state_stays_in_the_result() {
    let barrier = StatefulBarrier::new(3);
    let [mut first, mut second] = ["a", "b"].map(|state| barrier.wait(state));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    let last = ready(&mut barrier.wait("c")).expect("met");
    drop(first);
    assert_eq!(last.states(), ["a", "b", "c"]);
    let second = ready(&mut second).expect("met");
    assert_eq!((second.position(), second.states()), (1, ["a", "b", "c"].as_slice()));
}

#[test]
fn whoever_withdraws_positions_are_zero_to_n() {
    // Every subset of seven parties withdraws; as many others take their places.
    for leaving in 0_u32..1 << 7 {
        let barrier = StatefulBarrier::new(8);
        let mut waits: Vec<_> = (0..7).map(|number| Some(barrier.wait(number))).collect();
        all_pending(waits.iter_mut().flatten());
        for (number, wait) in waits.iter_mut().enumerate() {
            if leaving & (1 << number) != 0 {
                *wait = None;
            }
        }
        let mut order: Vec<_> = (0..7).filter(|number| leaving & (1 << number) == 0).collect();
        for number in 10..10 + leaving.count_ones() {
            let mut wait = barrier.wait(number);
            assert!(poll(&mut wait).is_pending());
            waits.push(Some(wait));
            order.push(number);
        }
        let last = ready(&mut barrier.wait(99)).expect("met");
        order.push(99);
        assert_eq!((last.position(), last.states()), (7, order.as_slice()));
        for (position, wait) in waits.iter_mut().flatten().enumerate() {
            assert_eq!(ready(wait).expect("met").position(), position);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_a_wait_only_withdraws() {
    let barrier = StatefulBarrier::new(2);
    let elapsed = tokio::time::timeout(Duration::from_secs(1), barrier.wait("late")).await;
    assert!(elapsed.is_err());
    assert_eq!((barrier.is_broken(), barrier.n_waiting()), (false, 0));
    let (met, _) = tokio::join!(barrier.wait("a"), barrier.wait("b"));
    assert_eq!(met.expect("met").states(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_with_a_timeout_that_is_dropped_withdraws_and_breaks_nothing() {
    let drops = Arc::new(AtomicUsize::new(0));
    let barrier = StatefulBarrier::new(2);
    let unpolled = barrier.wait_timeout(Counted(Arc::clone(&drops)), Duration::from_secs(5));
    assert_eq!(barrier.n_waiting(), 0, "lazy");
    drop(unpolled);
    let timed = barrier.wait_timeout(Counted(Arc::clone(&drops)), Duration::from_secs(5));
    assert!(tokio::time::timeout(Duration::from_secs(1), timed).await.is_err());
    assert_eq!((barrier.is_broken(), barrier.n_waiting(), drops.load(Ordering::SeqCst)), (false, 0, 2));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(!barrier.is_broken());
}

#[tokio::test(start_paused = true)]
async fn an_aborted_task_withdraws() {
    let barrier = Arc::new(StatefulBarrier::new(2));
    let task = tokio::spawn(barrier.wait_owned(1));
    tokio::task::yield_now().await;
    assert_eq!(barrier.n_waiting(), 1);
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
}
