//! Who enters, and which guard is found, under the interleavings of a few threads. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`.
//!
//! What each model dies of, tried by hand:
//!
//! | mutation | models that die |
//! |---|---|
//! | `give_back` frees the guard before the resource is back | `one_at_a_time_…` |
//! | `give_back` leaves it held, or keeps the resource; a token gives nothing back | `one_at_a_time_…` |
//! | `take` stores that it is held, or takes an exchange that failed for done | `one_at_a_time_…` |
//! | `take` takes the resource before it holds the guard | `one_at_a_time_…` |
//! | a guard that is held lets in | `one_at_a_time_…`, `of_refusals_at_once_…` |
//! | the guard is freed relaxed | `one_at_a_time_…` |
//! | a success is counted by who does not hold the guard: before it is held, or after it is freed | `one_at_a_time_…`, |
//! | | `of_refusals_at_once_…` |
//! | a failure is counted by a load and a store | `of_refusals_at_once_…` |
//! | the cache forgets by hash instead of by allocation | `of_those_alive_…`, `who_looks_for_another_…` |
//! | the cache inserts without looking whether something has been inserted since it looked | `of_those_alive_…` |
//! | an insertion leaves the version as it is, or counts from the start in a bucket that came again | `of_those_alive_…` |
//! | the cache looks, finds one that is equal, and keeps the new one | `of_those_alive_…` |
//! | the cache looks at the first entry of a bucket only | `of_those_alive_…` |
//! | `sweep` takes what is alive | `of_those_alive_…` |
//! | `find` drops under the lock those that are not it | `who_looks_for_another_…` |

use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::cache::Cache;
use super::*;

#[test]
fn one_at_a_time_is_in_and_is_seen_to_be() {
    loom::model(|| {
        let guard = Arc::new(ResourceGuard::new(0).with_name("counter"));
        // Cells are made at their first use, which has to be before the threads'.
        assert!(!guard.is_guarded() && guard.success_ratio() < 1.0);
        let enter = |guard: &Arc<ResourceGuard<u32>>| match guard.enter() {
            Ok(mut token) => {
                assert!(guard.is_guarded(), "seen to be free while held");
                *token += 1;
                1
            }
            Err(busy) => {
                assert!(busy.held_at().is_some());
                0
            }
        };
        let other = thread::spawn({
            let guard = Arc::clone(&guard);
            move || enter(&guard) + enter(&guard)
        });
        let entered = enter(&guard) + other.join().expect("no panic");
        assert!(!guard.is_guarded(), "seen to be held while free");
        assert!((guard.success_ratio() * 3.0 - f64::from(entered)).abs() < 1e-9, "a success is lost, or counted twice");
        assert_eq!(Arc::into_inner(guard).expect("the last").into_inner(), entered);
    });
}

#[test]
fn of_refusals_at_once_each_is_counted() {
    loom::model(|| {
        let guard = Arc::new(ResourceGuard::new(()).with_name("held"));
        let token = guard.enter_owned().expect("free");
        assert!(guard.success_ratio() > 0.0);
        let refused = [(), ()].map(|()| {
            let guard = Arc::clone(&guard);
            thread::spawn(move || guard.enter().is_err())
        });
        assert!(refused.map(|refused| refused.join().expect("no panic")).iter().all(|refused| *refused));
        assert!((guard.success_ratio() * 3.0 - 1.0).abs() < 1e-9);
        drop(token);
    });
}

/// What is shared by equal values. All have one hash.
struct Entry {
    number: u32,
    world: Arc<World>,
}

struct World {
    cache: Cache<Entry>,
    /// loom tries other schedules where threads touch one atomic; where they take one mutex it leaves most of them out.
    /// So each step that another thread may come between touches this.
    steps: AtomicUsize,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self { cache: Cache::new(), steps: AtomicUsize::new(0) })
    }

    fn step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.world.step();
        self.world.cache.forget(HASH, self);
        self.world.step();
    }
}

const HASH: u64 = 7;

fn share(world: &Arc<World>, number: u32) -> Arc<Entry> {
    world.step();
    let found = world.cache.find(HASH, |entry| {
        world.step();
        entry.number == number
    });
    world.step();
    found.unwrap_or_else(|absent| {
        let new = Arc::new(Entry { number, world: Arc::clone(world) });
        world.cache.insert(absent, new, |entry, new| entry.number == new.number)
    })
}

#[test]
fn of_those_alive_at_once_there_is_one_though_another_is_dying() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let world = World::new();
        let dying = share(&world, 1);
        let other = thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.step();
                drop(dying);
            }
        });
        let third = thread::spawn({
            let world = Arc::clone(&world);
            move || share(&world, 1)
        });
        let mine = share(&world, 1);
        let theirs = third.join().expect("no panic");
        assert!(Arc::ptr_eq(&mine, &theirs), "two at once");
        other.join().expect("no panic");
        assert!(Arc::ptr_eq(&mine, &share(&world, 1)), "forgotten while alive");
        world.cache.sweep();
        assert!(Arc::ptr_eq(&mine, &share(&world, 1)), "swept while alive");
    });
}

/// To look through those with one hash is to own each of them for a moment.
#[test]
fn who_looks_for_another_may_be_the_last_owner() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let world = World::new();
        let dying = share(&world, 1);
        let other = thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.step();
                drop(dying);
            }
        });
        let mine = share(&world, 2);
        other.join().expect("no panic");
        assert!(Arc::ptr_eq(&mine, &share(&world, 2)), "forgotten while alive");
    });
}
