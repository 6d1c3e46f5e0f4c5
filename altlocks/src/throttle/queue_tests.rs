//! The queue's rules, one by one.

#[path = "queue_list_tests.rs"]
mod list;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use super::*;

const MS: i64 = 1_000_000;
const GAP: i64 = 10 * MS;

fn at(nanos: i64) -> Moment {
    Moment::from_nanos(nanos)
}

fn pace() -> Pace {
    Pace::new(100.0, 0.0)
}

/// A task: whether it has been woken since it was last polled. One that is `broken` panics instead.
#[derive(Default)]
struct Task {
    woken: AtomicBool,
    broken: bool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        assert!(!self.broken, "as it is meant to");
        self.woken.store(true, Ordering::Relaxed);
    }
}

/// A queue of so many who have not been polled since.
fn crowd(count: usize) -> Queue {
    let mut queue = Queue::new();
    for _ in 0..count {
        queue.push(Moment::NEVER, pace(), at(GAP)).expect("for ever");
    }
    queue
}

fn summoned(queue: &Queue) -> Vec<Key> {
    let is_summoned = |waiter: &Waiter| matches!(waiter.standing, Standing::Waiting(Role::Summoned(_)));
    queue.waiters.iter().filter(|(_, waiter)| is_summoned(waiter)).map(|(key, _)| key).collect()
}

#[test]
fn where_nobody_answers_in_time_more_are_summoned_the_nearest_first() {
    let mut queue = crowd(40);
    let mut appoint = |now| {
        queue.appoint(at(GAP), at(now), &mut Wakes::default());
        summoned(&queue).len()
    };
    assert_eq!((appoint(0), appoint(0), appoint(MS - 1)), (2, 2, 2));
    // Two for the timers, and eight for each who did not come.
    assert_eq!((appoint(MS), appoint(MS)), (2 + 18, 2 + 18));
    assert_eq!(summoned(&queue), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_round_of_summonses_begins_with_its_first() {
    let mut queue = crowd(10);
    queue.appoint(at(GAP), at(0), &mut Wakes::default());
    // The first answers, and leaves: another is summoned, and that one has as long as is left of the round.
    drop(queue.remove(0).waker);
    queue.appoint(at(GAP), at(MS / 2), &mut Wakes::default());
    assert_eq!(summoned(&queue), [1, 2]);
    queue.appoint(at(GAP), at(MS), &mut Wakes::default());
    assert_eq!(summoned(&queue), (1..10).collect::<Vec<_>>());
}

impl Queue {
    /// A call asks, and is told for how long to sleep, if that is its part.
    fn polled(&mut self, key: Key, base: i64, now: i64) -> Option<Timer> {
        let next = Next { pace: pace(), base: at(base), due: at(base) };
        assert_eq!(self.ask(key, Some(next), &mut Some(Waker::noop().clone())), None);
        self.arm(key, next, at(now))
    }
}

#[test]
fn of_two_who_sleep_the_nearer_is_the_keeper_and_the_other_watches() {
    let mut queue = crowd(3);
    let timer = |until, anew| Some(Timer { until: at(until), anew });
    assert_eq!(queue.polled(1, GAP, 0), timer(GAP, true), "the only one");
    assert_eq!(queue.polled(0, GAP, 0), timer(GAP, true));
    assert_eq!(queue.polled(1, GAP, 0), timer(GAP + 5 * MS, true), "no longer the only one");
    assert_eq!(queue.polled(2, GAP, 0), None);
    assert_eq!((queue.polled(0, GAP, 1), queue.polled(1, GAP, 1)), (timer(GAP, false), timer(GAP + 5 * MS, false)));
    assert_eq!(queue.polled(0, GAP + 1, 1), timer(GAP + 1, true), "the slot comes later");
}

#[test]
fn who_is_near_takes_a_timer_and_who_is_not_leaves_it_to_those_who_were_summoned() {
    let mut queue = crowd(5);
    queue.appoint(at(GAP), at(0), &mut Wakes::default());
    assert_eq!(summoned(&queue), [0, 1]);
    assert_eq!(queue.polled(4, GAP, 0), None, "two others will come");
    assert!(queue.polled(1, GAP, 0).is_some());
    assert_eq!(queue.polled(4, GAP, 0), None, "one is here and one will come");
    assert!(queue.polled(0, GAP, 0).is_some());

    // One sleeps and one is summoned, so nobody else is needed; but the first two are better at it.
    for (near, needed) in [(0, true), (1, true), (3, false)] {
        let mut queue = crowd(5);
        assert!(queue.polled(2, GAP, 0).is_some());
        queue.waiters[4].standing = Standing::Waiting(queue.summonses.send(at(0)));
        assert_eq!(queue.polled(near, GAP, 0).is_some(), needed, "of {near}");
    }
}

#[test]
fn where_some_did_not_come_and_nobody_sleeps_whoever_is_polled_takes_a_timer() {
    let mut queue = crowd(40);
    queue.appoint(at(GAP), at(0), &mut Wakes::default());
    queue.appoint(at(GAP), at(MS), &mut Wakes::default());
    assert_eq!((queue.summonses.silent, queue.summonses.awaited), (2, 18));
    assert!(queue.polled(30, GAP, MS).is_some(), "those who were summoned since may not come either");
    assert_eq!(queue.polled(31, GAP, MS), None, "one is here now");
}

#[test]
fn while_somebody_sleeps_no_more_are_summoned_than_there_are_timers() {
    let mut queue = crowd(40);
    queue.appoint(at(GAP), at(0), &mut Wakes::default());
    assert!(queue.polled(0, GAP, 0).is_some());
    queue.appoint(at(GAP), at(MS), &mut Wakes::default());
    assert_eq!(summoned(&queue), [1, 2], "one that did not come, and one in its place");
}

#[test]
fn who_cannot_be_woken_is_found_out_and_counted_on_no_longer() {
    let mut queue = crowd(3);
    for (key, broken) in [(0, true), (1, false)] {
        queue.waiters[key].waker = Some(Waker::from(Arc::new(Task { broken, ..Task::default() })));
    }
    let mut wakes = Wakes::default();
    queue.appoint(at(GAP), at(0), &mut wakes);
    let deaf = wakes.deliver();
    assert_eq!(deaf.0, [(0, 1)], "the key and the ticket of the first");
    assert!(!deaf.is_empty() && Wakes::default().deliver().is_empty());
    queue.deafen(&deaf);
    assert!(queue.waiters[0].standing == Standing::Waiting(Role::Deaf));
    queue.appoint(at(GAP), at(0), &mut Wakes::default());
    assert_eq!(summoned(&queue), [1, 2]);
    // Whoever is in its place by then is another.
    drop(queue.remove(0).waker);
    let key = queue.push(Moment::NEVER, pace(), at(GAP)).expect("for ever");
    queue.deafen(&deaf);
    assert!(key == 0 && queue.waiters[0].standing == Standing::Waiting(Role::None));
}

#[test]
fn when_slots_slip_who_waits_is_refused_only_if_its_own_comes_after_its_deadline() {
    let mut queue = crowd(1);
    let key = queue.push(at(2 * GAP + 5), pace(), at(GAP)).expect("in time");
    let mut slip = |base| {
        queue.slipped = true;
        queue.refuse_late(Next { pace: pace(), base: at(base), due: at(base) }, &mut Wakes::default());
        queue.waiters[key].standing
    };
    assert!(slip(GAP + 5) == Standing::Waiting(Role::None), "at the last moment");
    assert!(slip(GAP + 6) == Standing::Settled(Verdict::Refused(at(2 * GAP + 6))));
}

#[test]
fn a_slot_at_the_deadline_is_in_time() {
    let mut queue = crowd(1);
    assert_eq!(queue.push(at(2 * GAP - 1), pace(), at(GAP)), Err(at(2 * GAP)));
    assert_eq!(queue.push(at(2 * GAP), pace(), at(GAP)), Ok(1));
    drop(queue.remove(0).waker);
    assert!(queue.polled(1, 2 * GAP, 0).is_some());
}

#[test]
fn the_slot_that_was_given_last_moves_along_with_the_pace() {
    let mut queue = crowd(1);
    queue.grant(0, 0, at(GAP), at(2 * GAP), &mut Wakes::default());
    let grant = queue.remove(0).grant.expect("it has a slot");
    let undone = |queue: &Queue, base, pace| queue.undo(grant, at(base), pace, at(GAP));
    assert_eq!((undone(&queue, 2 * GAP, pace()), undone(&queue, 2 * GAP + 1, pace())), (at(GAP), at(2 * GAP + 1)));
    let faster = Pace::new(200.0, 0.0);
    // Another base than that after it: others came in between.
    queue.rescale(at(3 * GAP), at(4 * GAP));
    assert_eq!(undone(&queue, 2 * GAP, pace()), at(GAP));
    queue.rescale(at(2 * GAP), at(17 * MS));
    assert_eq!((undone(&queue, 17 * MS, faster), undone(&queue, 2 * GAP, faster)), (at(12 * MS), at(2 * GAP)));
}

#[test]
fn a_slot_that_is_given_back_is_due_when_it_was_however_its_gap_was_rounded() {
    let thirds = Pace::new(300.0, 0.0);
    assert_eq!(thirds.after(at(0)), at(3_333_333));
    for after in [3_333_333, 3_333_334] {
        let mut queue = crowd(1);
        queue.grant(0, 0, at(0), at(after), &mut Wakes::default());
        let grant = queue.remove(0).grant.expect("it has a slot");
        assert_eq!(queue.undo(grant, at(after), thirds, at(0)), at(0));
    }
    // But not the lateness that moved the schedule.
    let mut queue = crowd(1);
    queue.grant(0, 0, at(0), at(5 * MS), &mut Wakes::default());
    let grant = queue.remove(0).grant.expect("it has a slot");
    assert_eq!(queue.undo(grant, at(5 * MS), thirds, at(0)), at(5 * MS - 3_333_333));
}
