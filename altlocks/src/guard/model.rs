//! loom: who enters, and which guard is found.
//!
//! Verified by breaking the code: each of these makes a model fail.
//! - `give_back` lets the next one in before the resource is back;
//! - `take` stores that it is held instead of exchanging it;
//! - the cache forgets by hash instead of by allocation;
//! - the cache inserts without looking whether something has been inserted since it looked.

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
        assert_eq!(Arc::into_inner(guard).expect("the last").into_inner(), entered);
    });
}

/// What is shared by equal values; all are equal here.
struct Entry(Arc<World>);

struct World {
    cache: Cache<Entry>,
    /// loom tries other schedules where threads touch one atomic; where they take one mutex it leaves most of them out.
    /// So each step that another thread may come between touches this.
    steps: AtomicUsize,
}

impl World {
    fn step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.step();
        self.0.cache.forget(HASH, self);
        self.0.step();
    }
}

const HASH: u64 = 7;

fn share(world: &Arc<World>) -> Arc<Entry> {
    world.step();
    let found = world.cache.find(HASH, |_| true);
    world.step();
    found.unwrap_or_else(|absent| {
        let new = Arc::new(Entry(Arc::clone(world)));
        world.cache.insert(absent, new, |_, _| true)
    })
}

#[test]
fn of_those_alive_at_once_there_is_one_though_another_is_dying() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let world = Arc::new(World { cache: Cache::new(), steps: AtomicUsize::new(0) });
        let dying = share(&world);
        let other = thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.step();
                drop(dying);
            }
        });
        let third = thread::spawn({
            let world = Arc::clone(&world);
            move || share(&world)
        });
        let mine = share(&world);
        let theirs = third.join().expect("no panic");
        assert!(Arc::ptr_eq(&mine, &theirs), "two at once");
        other.join().expect("no panic");
        assert!(Arc::ptr_eq(&mine, &share(&world)), "forgotten while alive");
        world.cache.sweep();
        assert!(Arc::ptr_eq(&mine, &share(&world)), "swept while alive");
    });
}
