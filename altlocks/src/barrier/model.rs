//! Everything that can happen to a generation of which one party is missing, at once. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`.
//!
//! Two of three parties wait. One thread is the third party, one does something to the first, and the main thread polls
//! the second again with a new waker. Whatever the order: no generation is met by some and broken for others, and
//! whoever is left pending is woken by whatever ends its generation, at the last waker that it left. What else can come
//! between has a model of its own.
//!
//! What each model dies of, tried by hand (`a_trip_against_…` alone: all four of them):
//!
//! | mutation | models that die |
//! |---|---|
//! | `stay` does not look for a verdict again under its second lock, or under its first | `a_trip_against_…`, |
//! | | `what_is_done_before_…` |
//! | `stay` leaves no waker, or keeps the old one | `a_trip_against_…`, `one_who_expected_…`, `who_comes_right_after_…` |
//! | `withdraw` does not look for a verdict, or looks before it takes the lock | `a_trip_against_a_drop_…`, |
//! | | `one_who_expected_…` |
//! | `time_out` does not look for a verdict, or looks before it takes the lock | `a_trip_against_a_timeout_…` |
//! | `time_out` breaks nothing, or says that it has broken what had met | `a_trip_against_a_timeout_…` |
//! | that they met is published after unlocking, or after waking | `a_trip_against_…`, `one_who_expected_…`, |
//! | | `what_is_done_before_…` |
//! | that the generation broke is published after unlocking, or after waking | `a_trip_against_a_reset_…`, |
//! | | `a_trip_against_a_timeout_…`, `a_trip_against_an_abort_…` |
//! | the last wakes nobody | `a_trip_against_…`, `one_who_expected_…`, `who_comes_right_after_…` |
//! | `reset` wakes nobody, or leaves the generation | `a_trip_against_a_reset_…` |
//! | `abort` wakes nobody | `a_trip_against_an_abort_…`, `of_aborts_at_once_…` |
//! | `time_out` wakes nobody | `a_trip_against_a_timeout_…` |
//! | every `abort` breaks the barrier | `a_trip_against_an_abort_…`, `of_aborts_at_once_…` |
//! | `abort` or `reset` releases the lock before it ends the generation | `a_trip_against_an_abort_…`, `a_trip_against_a_reset_…` |
//! | `arrive` releases the lock between what it is told and what it does | `a_trip_against_…`, |
//! | | `who_comes_right_after_…`, `what_is_done_before_…` |
//! | `arrive` releases the lock between the seat and the generation | `what_is_done_before_…` |
//! | a party that expected to be the last and was not (`Unreachable`) is taken for one that left its waker | |
//! | | `one_who_expected_…`, `who_comes_right_after_…` |
//! | a generation that met stays in the hall | `who_comes_right_after_…` |
//! | `furnish` puts the room that is brought back in the place of what is there | `who_comes_right_after_…` |
//! | the verdict is published or read relaxed (in `Once`) | `what_is_done_before_…` |

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::*;

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A party, and the waker that it left at its last poll.
struct Guest {
    /// There until it is taken to time out.
    wait: Option<OwnedWait<u32>>,
    bell: Option<Arc<Bell>>,
}

type Output = Result<Arrival<u32>, BrokenBarrierError>;

impl Guest {
    fn new(barrier: &Arc<StatefulBarrier<u32>>, state: u32) -> Self {
        Self { wait: Some(barrier.wait_owned(state)), bell: None }
    }

    fn poll(&mut self) -> Option<Output> {
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&bell));
        let wait = self.wait.as_mut().expect("polled while it is there");
        match std::pin::pin!(wait).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => {
                self.bell = Some(bell);
                None
            }
        }
    }

    /// Once all threads are done: what has come of it, if anything; then it has been woken.
    fn outcome(&mut self) -> Option<Output> {
        let left = self.bell.take();
        let output = self.poll();
        if let (Some(bell), Some(_)) = (left, &output) {
            assert!(bell.0.load(Ordering::SeqCst) > 0, "a wake-up was lost");
        }
        output
    }
}

/// A model that fails is over before what it holds is dropped, and nothing of loom's can be touched then.
impl Drop for Guest {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::mem::forget(self.wait.take());
        }
    }
}

/// What happens to the first party; the party, if it is still there, and what it got, if it got anything.
type Rival = fn(Guest, &StatefulBarrier<u32>) -> (Option<Guest>, Option<Output>);

fn race(cyclic: bool, rival: Rival) {
    let mut model = loom::model::Builder::new();
    // Every schedule with up to three preemptions: two are what the known ways to break this take.
    model.preemption_bound = Some(3);
    model.check(move || {
        let builder = StatefulBarrier::builder(3);
        let barrier = Arc::new(if cyclic { builder.cyclic() } else { builder }.build());
        let mut guests = [0, 1, 2].map(|state| Guest::new(&barrier, state));
        let [first, second, _] = &mut guests;
        assert!(first.poll().is_none() && second.poll().is_none());
        let [first, mut second, mut third] = guests;

        let rival = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || rival(first, &barrier)
        });
        let last = thread::spawn(move || {
            let output = third.poll();
            (third, output)
        });
        let again = second.poll();
        let (first, ended) = rival.join().expect("no panic");
        let (mut third, last) = last.join().expect("no panic");

        let first = ended.or_else(|| first.and_then(|mut first| first.outcome()));
        let second = again.or_else(|| second.outcome());
        let third_came = last.or_else(|| third.outcome());
        check(&barrier, first.as_ref(), second, third_came);
    });
}

fn check(barrier: &Arc<StatefulBarrier<u32>>, first: Option<&Output>, second: Option<Output>, third: Option<Output>) {
    let met = |output: Option<&Output>| matches!(output, Some(Ok(_)));
    if met(third.as_ref()) {
        assert!(met(second.as_ref()) && first.is_none_or(Result::is_ok), "met by some only");
        let (second, third) = (second.and_then(Result::ok), third.and_then(Result::ok));
        let (second, third) = (second.expect("met"), third.expect("met"));
        assert_eq!((second.position(), third.position(), third.states()), (1, 2, [0, 1, 2].as_slice()));
        let cause = barrier.raise_for_abort().err().map(|error| error.cause());
        assert!(
            barrier.rules.cyclic || cause == Some(BreakCause::Tripped),
            "a later event has taken the meeting for its own"
        );
    } else {
        assert!(!met(second.as_ref()) && !met(first), "met by some only");
        // Whoever is pending still can be met.
        let mut more: Vec<_> = (0..barrier.remaining_parties()).map(|_| Guest::new(barrier, 9)).collect();
        if !barrier.is_broken() {
            let outputs: Vec<_> = more.iter_mut().map(Guest::poll).collect();
            assert!(outputs.last().is_some_and(|last| met(last.as_ref())), "a ghost, or a party lost");
        }
    }
}

#[test]
fn a_trip_against_a_drop_against_a_new_waker() {
    for cyclic in [false, true] {
        race(cyclic, |first, _| {
            drop(first);
            (None, None)
        });
    }
}

#[test]
fn a_trip_against_a_timeout_against_a_new_waker() {
    race(true, |mut first, barrier| {
        let output = first.wait.take().expect("it is there").time_out();
        if let Err(error) = &output {
            assert!(error.is_elapsed() && barrier.is_broken());
        }
        (None, Some(output))
    });
}

#[test]
fn a_trip_against_an_abort_against_a_new_waker() {
    race(false, |first, barrier| {
        barrier.abort();
        (Some(first), None)
    });
}

#[test]
fn a_trip_against_a_reset_against_a_new_waker() {
    race(true, |first, barrier| {
        barrier.reset();
        (Some(first), None)
    });
}

#[test]
fn of_aborts_at_once_one_breaks_the_barrier() {
    loom::model(|| {
        let barrier = Arc::new(StatefulBarrier::new(2));
        let mut guest = Guest::new(&barrier, 0);
        assert!(guest.poll().is_none());
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.abort()
        });
        let mine = barrier.abort();
        assert_ne!(mine, other.join().expect("no panic"));
        assert!(guest.outcome().is_some_and(|output| output.is_err_and(|error| error.cause() == BreakCause::Aborted)));
    });
}

/// Once all are woken, the room of those who met is brought back; somebody may have made new room by then.
#[test]
fn who_comes_right_after_a_meeting_is_of_the_next() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let barrier = Arc::new(StatefulBarrier::builder(3).cyclic().build());
        let mut met = [0, 1].map(|state| Guest::new(&barrier, state));
        assert!(met.iter_mut().all(|guest| guest.poll().is_none()));
        let late = [2, 3].map(|state| {
            let mut guest = Guest::new(&barrier, state);
            thread::spawn(move || {
                let output = guest.poll();
                (guest, output)
            })
        });
        let late = late.map(|guest| guest.join().expect("no panic"));
        assert!(met.iter_mut().all(|guest| guest.outcome().is_some_and(|output| output.is_ok())));
        let mut more = [4, 5].map(|state| Guest::new(&barrier, state));
        assert!(more[0].poll().is_none());
        let next = more[1].poll().expect("the last").expect("met");
        let [one, other] =
            late.map(|(mut guest, output)| output.or_else(|| guest.outcome()).expect("woken").expect("met"));
        // The one of them that was the last, and the one that was the first after it.
        let (last, first) = if one.is_leader() { (one, other) } else { (other, one) };
        assert_eq!((last.len(), last.position(), first.position()), (3, 2, 0));
        assert!(first.states() == next.states() && next.states()[1..] == [4, 5]);
    });
}

/// The third party finds, by the hint, that it will be the last; then the first leaves. It stays, and has to be woken.
#[test]
fn one_who_expected_to_be_the_last_is_woken_like_any_other() {
    loom::model(|| {
        let barrier = Arc::new(StatefulBarrier::new(2));
        let mut leaves = Guest::new(&barrier, 0);
        assert!(leaves.poll().is_none());
        let mut expects = Guest::new(&barrier, 1);
        let leaving = thread::spawn(move || drop(leaves));
        let expected = expects.poll();
        leaving.join().expect("no panic");
        if expected.is_none() {
            let mut last = Guest::new(&barrier, 2);
            let output = last.poll().expect("the last").expect("met");
            assert_eq!(output.states(), [1, 2]);
            assert!(expects.outcome().is_some_and(|output| output.is_ok()));
        }
    });
}

#[test]
fn what_is_done_before_a_wait_is_seen_after_it() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let barrier = Arc::new(StatefulBarrier::new(2));
        // Cells are made at their first use, which has to be before the threads'.
        barrier.reset();
        let done = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let party = |own: usize, other: usize| {
            let (mut guest, done) = (Guest::new(&barrier, 0), Arc::clone(&done));
            move || {
                done[own].store(1, Ordering::Relaxed);
                while guest.poll().is_none() {
                    thread::yield_now();
                }
                assert_eq!(done[other].load(Ordering::Relaxed), 1, "not seen");
            }
        };
        let (mut here, there) = (party(0, 1), party(1, 0));
        let there = thread::spawn(there);
        here();
        there.join().expect("no panic");
    });
}
