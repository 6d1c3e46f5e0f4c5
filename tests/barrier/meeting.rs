//! Parties that meet, and what they take with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use altlocks::{Arrival, BreakCause, BrokenBarrierError, OwnedWait, StatefulBarrier, Wait};

use crate::by_hand::{Counted, all_pending, poll, ready};

/// Neither `Clone` nor `Copy`.
#[derive(PartialEq, Debug)]
struct Vote(u32);

#[test]
fn all_see_the_states_in_the_order_of_arrival_at_one_address() {
    let barrier = StatefulBarrier::new(3);
    let mut waits = [1, 3].map(|vote| barrier.wait(Vote(vote)));
    for wait in &mut waits {
        assert!(poll(wait).is_pending());
    }
    let last = ready(&mut barrier.wait(Vote(5))).expect("met");
    let [first, second] = waits.map(|mut wait| ready(&mut wait).expect("met"));
    let arrivals = [first, second, last];
    for (position, arrival) in arrivals.iter().enumerate() {
        assert_eq!(arrival.position(), position);
        assert_eq!(arrival.is_leader(), position == 2);
        assert_eq!(arrival.states(), [Vote(1), Vote(3), Vote(5)]);
        assert!(std::ptr::eq(arrival.states(), arrivals[0].states()));
    }
}

#[test]
fn the_order_is_that_of_the_first_polls_not_of_the_calls() {
    let barrier = StatefulBarrier::new(2);
    let (mut called_first, mut called_second) = (barrier.wait("first"), barrier.wait("second"));
    assert!(poll(&mut called_second).is_pending());
    assert_eq!(ready(&mut called_first).expect("met").states(), ["second", "first"]);
}

#[test]
fn an_arrival_is_a_slice_and_its_clones_share_the_buffer() {
    let barrier = StatefulBarrier::new(1);
    let arrival = ready(&mut barrier.wait(Vote(7))).expect("met");
    let clone = arrival.clone();
    assert_eq!(arrival[0], Vote(7));
    assert_eq!((arrival.len(), clone.position(), clone.is_leader()), (1, 0, true));
    assert!(std::ptr::eq(arrival.states(), clone.states()));
}

#[test]
fn each_state_is_dropped_once_with_the_last_who_shares_it() {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = || Counted(Arc::clone(&drops));
    let barrier = StatefulBarrier::builder(2).init_state([counted()]).build();
    let mut wait = barrier.wait(counted());
    assert!(poll(&mut wait).is_pending());
    let second = ready(&mut barrier.wait(counted())).expect("met");
    let first = ready(&mut wait).expect("met");
    drop((wait, second));
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(first);
    assert_eq!(drops.load(Ordering::SeqCst), 3, "the barrier keeps none of them");
    drop(barrier);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

#[test]
fn a_cyclic_one_keeps_no_state_longer_than_those_who_met_do() {
    let drops = Arc::new(AtomicUsize::new(0));
    let barrier = StatefulBarrier::builder(1).cyclic().build();
    for round in 1..=3 {
        drop(ready(&mut barrier.wait(Counted(Arc::clone(&drops)))));
        assert_eq!(drops.load(Ordering::SeqCst), round);
    }
}

#[test]
fn an_arrival_that_is_kept_is_not_touched_by_later_generations() {
    let barrier = StatefulBarrier::builder(2).cyclic().build();
    let meet = |state: u32| {
        let mut first = barrier.wait(state);
        assert!(poll(&mut first).is_pending());
        ready(&mut barrier.wait(state + 1)).expect("met")
    };
    let kept = meet(0);
    for state in 1..10 {
        assert_eq!(meet(state).states(), [state, state + 1]);
        assert_eq!((kept.states(), kept.position()), ([0, 1].as_slice(), 1));
    }
}

#[test]
fn an_arrival_outlives_its_barrier() {
    let barrier = StatefulBarrier::new(1);
    let arrival = ready(&mut barrier.wait("here")).expect("met");
    drop(barrier);
    assert_eq!(arrival.states(), ["here"]);
}

#[test]
fn no_party_or_one_party_meets_at_the_first_poll() {
    for parties in [0, 1] {
        let barrier = StatefulBarrier::new(parties);
        assert_eq!((barrier.parties(), barrier.remaining_parties()), (1, 1));
        let arrival = ready(&mut barrier.wait("alone")).expect("met");
        assert_eq!((arrival.position(), arrival.is_leader(), arrival.states()), (0, true, ["alone"].as_slice()));
        let built = StatefulBarrier::builder(parties).cyclic().build();
        for state in [1, 2, 3] {
            assert_eq!(ready(&mut built.wait(state)).expect("met").states(), [state]);
        }
    }
}

#[test]
fn a_party_may_come_without_a_state() {
    let barrier = StatefulBarrier::<u32>::new(4);
    let mut none = barrier.wait(None);
    let mut some = barrier.wait(Some(1));
    let mut bare = (&barrier).into_future();
    assert!(poll(&mut none).is_pending() && poll(&mut some).is_pending() && poll(&mut bare).is_pending());
    assert_eq!(ready(&mut barrier.wait(2)).expect("met").states(), [1, 2]);
    assert_eq!(ready(&mut bare).expect("met").position(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_barrier_can_be_awaited_itself() {
    let barrier = StatefulBarrier::<u32>::new(2);
    let (bare, stating) = tokio::join!(async { (&barrier).await }, barrier.wait(9));
    assert_eq!(bare.expect("met").states(), [9]);
    assert!(stating.expect("met").is_leader());
}

#[test]
fn it_counts_who_waits_and_who_is_missing() {
    let barrier = StatefulBarrier::new(3);
    let counts = || (barrier.n_waiting(), barrier.remaining_parties(), barrier.is_broken());
    assert_eq!(counts(), (0, 3, false));
    let mut waits = [1, 2].map(|state| barrier.wait(state));
    assert_eq!(counts(), (0, 3, false));
    assert!(poll(&mut waits[0]).is_pending());
    assert_eq!(counts(), (1, 2, false));
    assert!(poll(&mut waits[1]).is_pending());
    assert_eq!(counts(), (2, 1, false));
    ready(&mut barrier.wait(3)).expect("met");
    assert_eq!(counts(), (0, 0, true));
    barrier.reset();
    assert_eq!(counts(), (0, 3, false));
}

#[test]
fn once_tripped_it_is_broken_until_it_is_reset() {
    let barrier = StatefulBarrier::builder(1).name("once").build();
    ready(&mut barrier.wait(1)).expect("met");
    let refused = ready(&mut barrier.wait(2)).expect_err("tripped");
    assert_eq!((refused.cause(), refused.name(), refused.is_elapsed()), (BreakCause::Tripped, "once", false));
    assert_eq!(refused.to_string(), "barrier `once` has tripped already");
    assert_eq!(barrier.raise_for_abort(), Err(refused));
    assert!(!barrier.abort(), "broken before");
    assert_eq!(ready(&mut barrier.wait(2)).expect_err("tripped").cause(), BreakCause::Tripped);
    barrier.reset();
    assert_eq!(ready(&mut barrier.wait(3)).expect("met").states(), [3]);
}

#[test]
fn a_cyclic_one_re_arms_itself_at_the_trip() {
    let barrier = StatefulBarrier::builder(2).cyclic().build();
    for round in 0..5 {
        let mut first = barrier.wait(round);
        assert!(poll(&mut first).is_pending());
        let last = ready(&mut barrier.wait(round + 10)).expect("met");
        assert_eq!((barrier.is_broken(), barrier.n_waiting(), barrier.remaining_parties()), (false, 0, 2));
        assert!(barrier.raise_for_abort().is_ok());
        let mut early = barrier.wait(99);
        assert!(poll(&mut early).is_pending(), "of the next generation, while the last one has not left");
        drop(early);
        assert_eq!(ready(&mut first).expect("met").states(), [round, round + 10]);
        assert_eq!(last.position(), 1);
    }
}

#[test]
fn a_cyclic_one_holds_two_generations_apart_that_overlap() {
    let barrier = StatefulBarrier::builder(3).cyclic().build();
    let mut first: Vec<_> = ["a", "b"].map(|state| barrier.wait(state)).into();
    all_pending(first.iter_mut());
    ready(&mut barrier.wait("c")).expect("met");
    let mut second: Vec<_> = ["d", "e"].map(|state| barrier.wait(state)).into();
    all_pending(second.iter_mut());
    ready(&mut barrier.wait("f")).expect("met");
    for (position, (first, second)) in first.iter_mut().zip(&mut second).enumerate() {
        let (second, first) = (ready(second).expect("met"), ready(first).expect("met"));
        assert_eq!((first.states(), second.states()), (["a", "b", "c"].as_slice(), ["d", "e", "f"].as_slice()));
        assert_eq!((first.position(), second.position()), (position, position));
    }
}

#[test]
fn the_initial_states_come_first_and_in_the_first_generation_only() {
    let drawn = AtomicUsize::new(0);
    let initial = (0..3).inspect(|_| {
        drawn.fetch_add(1, Ordering::SeqCst);
    });
    let builder = StatefulBarrier::builder(1).init_state(initial).cyclic();
    assert_eq!(drawn.load(Ordering::SeqCst), 3, "consumed in the builder");
    let barrier = builder.build();
    assert_eq!(ready(&mut barrier.wait(7)).expect("met").states(), [0, 1, 2, 7]);
    assert_eq!(ready(&mut barrier.wait(8)).expect("met").states(), [8]);
}

#[test]
fn the_initial_states_serve_the_first_generation_that_trips() {
    let barrier = StatefulBarrier::builder(2).init_state([0]).build();
    let mut sent_away = barrier.wait(1);
    assert!(poll(&mut sent_away).is_pending());
    barrier.abort();
    barrier.reset();
    let mut first = barrier.wait(2);
    assert!(poll(&mut first).is_pending());
    assert_eq!(ready(&mut barrier.wait(3)).expect("met").states(), [0, 2, 3]);
}

#[test]
fn only_the_latest_states_are_kept_the_initial_ones_going_first() {
    for (max_state, kept) in [(0, &[][..]), (1, &[4]), (3, &[2, 3, 4]), (4, &[1, 2, 3, 4]), (9, &[0, 1, 2, 3, 4])] {
        let barrier = StatefulBarrier::builder(3).init_state([0, 1]).max_state(max_state).build();
        let mut waits = [2, 3].map(|state| barrier.wait(state));
        all_pending(waits.iter_mut());
        assert_eq!(ready(&mut barrier.wait(4)).expect("met").states(), kept);
        let [first, second] = waits.map(|mut wait| ready(&mut wait).expect("met").position());
        assert_eq!((first, second), (0, 1), "positions do not depend on it");
    }
}

#[test]
fn a_state_that_was_withdrawn_never_evicted_another() {
    let barrier = StatefulBarrier::builder(3).max_state(2).build();
    let [mut stays, mut gone, mut comes] = [1, 2, 3].map(|state| barrier.wait(state));
    assert!(poll(&mut stays).is_pending() && poll(&mut gone).is_pending());
    drop(gone);
    assert!(poll(&mut comes).is_pending());
    assert_eq!(ready(&mut barrier.wait(None)).expect("met").states(), [1, 3]);
}

#[test]
fn an_owned_wait_keeps_its_barrier() {
    let barrier = Arc::new(StatefulBarrier::new(2));
    let mut first = barrier.wait_owned(1);
    assert!(poll(&mut first).is_pending());
    let mut second = barrier.wait_owned(Some(2));
    drop(barrier);
    assert_eq!(ready(&mut second).expect("met").states(), [1, 2]);
    assert_eq!(ready(&mut first).expect("met").position(), 0);
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn a_wait_that_was_ready_is_not_polled_again() {
    let barrier = StatefulBarrier::new(1);
    let mut wait = barrier.wait(1);
    ready(&mut wait).expect("met");
    drop(poll(&mut wait));
}

#[test]
fn its_types_can_be_sent_shared_and_moved_while_polled() {
    fn send_sync<T: Send + Sync>() {}
    fn unpin<T: Unpin>() {}
    send_sync::<StatefulBarrier<String>>();
    send_sync::<Arrival<String>>();
    send_sync::<Wait<'static, String>>();
    send_sync::<OwnedWait<String>>();
    send_sync::<BrokenBarrierError>();
    unpin::<Wait<'static, std::marker::PhantomPinned>>();
    unpin::<OwnedWait<std::marker::PhantomPinned>>();
}

#[test]
fn what_cannot_be_sent_can_meet_on_one_thread() {
    let barrier = StatefulBarrier::new(2);
    let mut first = barrier.wait(std::rc::Rc::new(1));
    assert!(poll(&mut first).is_pending());
    assert_eq!(*ready(&mut barrier.wait(std::rc::Rc::new(2))).expect("met")[0], 1);
}

#[test]
fn it_stands_in_a_static() {
    static BARRIER: StatefulBarrier<u32> = StatefulBarrier::new(1);
    assert_eq!(ready(&mut BARRIER.wait(1)).expect("met").states(), [1]);
}

#[test]
fn a_name_can_be_fixed_or_made_and_there_need_be_none() {
    assert_eq!(StatefulBarrier::<()>::builder(1).name("fixed").build().name(), "fixed");
    assert_eq!(StatefulBarrier::<()>::builder(1).name(format!("made {}", 1)).build().name(), "made 1");
    assert_eq!(StatefulBarrier::<()>::new(1).name(), "unnamed");
}

#[test]
fn debug_shows_what_one_would_ask_for() {
    let barrier = StatefulBarrier::builder(2).name("phase").build();
    let mut wait = barrier.wait(5);
    assert!(format!("{wait:?}").contains("not arrived"));
    assert!(poll(&mut wait).is_pending());
    assert_eq!(
        format!("{barrier:?} {wait:?}"),
        r#"StatefulBarrier { name: "phase", parties: 2, n_waiting: 1, broken: None, .. } Wait { barrier: "phase", stage: "waiting", .. }"#
    );
    let arrival = ready(&mut barrier.wait(6)).expect("met");
    assert_eq!(format!("{arrival:?}"), "Arrival { position: 1, states: 2, .. }");
}
