//! The section: when it runs, and what is left of one that does not end.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use altlocks::{Releasing, Unlocked};
use tokio::sync::{Mutex, MutexGuard};

use crate::by_hand::{Bell, poll, poll_with};

#[tokio::test(start_paused = true)]
async fn nothing_happens_before_the_first_poll() {
    let mutex = Mutex::new(1);
    let section = mutex.lock().await.unlocked(async { unreachable!("not polled") });
    assert!(mutex.try_lock().is_err(), "lazy");
    drop(section);
    assert!(mutex.try_lock().is_ok(), "dropped before it, the future lets the lock go");
}

#[tokio::test(start_paused = true)]
async fn the_lock_is_free_strictly_before_the_sections_first_poll() {
    let mutex = Mutex::new(1);
    let bell = Bell::new();
    let guard = mutex.lock().await;
    let mut queued = Box::pin(mutex.lock());
    assert!(poll_with(&mut queued, &Arc::clone(&bell).into()).is_pending());
    let section = async {
        assert_eq!(bell.rung(), 1, "who was queued has been woken");
        drop(queued.await);
        mutex.try_lock().is_ok()
    };
    let (_guard, free) = guard.unlocked(section).await;
    assert!(free);
}

#[tokio::test(start_paused = true)]
async fn a_new_releasing_lets_go_at_once_and_does_not_come_back_by_itself() {
    let mutex = Mutex::new(1);
    let released = Releasing::new(mutex.lock().await);
    *mutex.try_lock().expect("free") = 2;
    drop(released);
    assert_eq!(*mutex.try_lock().expect("free"), 2);
}

#[tokio::test(start_paused = true)]
async fn to_reacquire_is_lazy_too() {
    let mutex = Mutex::new(1);
    let reacquire = Releasing::new(mutex.lock().await).reacquire();
    assert!(mutex.try_lock().is_ok());
    let Ok(guard) = reacquire.await;
    assert!(mutex.try_lock().is_err());
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn cancelled_inside_the_lock_is_free_and_nobody_has_a_guard() {
    let mutex = Mutex::new(1);
    let mut section = Box::pin(mutex.lock().await.unlocked(pending::<()>()));
    assert!(poll(&mut section).is_pending());
    drop(section);
    *mutex.try_lock().expect("free") += 1;
    assert_eq!(*mutex.lock().await, 2);
}

#[tokio::test(start_paused = true)]
async fn panicking_inside_the_lock_is_free_and_usable() {
    let mutex = Arc::new(Mutex::new(1));
    let guard = Arc::clone(&mutex).lock_owned().await;
    let task = tokio::spawn(async move { guard.unlocked(async { panic!("inside") }).await.1 });
    assert!(task.await.expect_err("panicked").is_panic());
    *mutex.try_lock().expect("free") += 1;

    let mut section = Box::pin(mutex.lock().await.unlocked(async { panic!("inside") }));
    assert!(std::panic::catch_unwind(AssertUnwindSafe(|| poll(&mut section))).is_err());
    assert_eq!(*mutex.try_lock().expect("free"), 2);
}

#[tokio::test(start_paused = true)]
async fn cancelled_while_it_takes_the_lock_again_a_section_in_one_step_loses_its_output_and_one_in_two_steps_does_not()
{
    let mutex = Mutex::new(1);
    let output = Arc::new(5);
    let section = {
        let output = Arc::clone(&output);
        async { output }
    };
    let guard = mutex.lock().await;
    let mut queued = Box::pin(mutex.lock());
    assert!(poll(&mut queued).is_pending());
    let mut one_step = Box::pin(guard.unlocked(section));
    assert!(poll(&mut one_step).is_pending());
    drop(one_step);
    assert_eq!(Arc::strong_count(&output), 1, "lost");

    let guard = queued.await;
    let released = Releasing::new(guard);
    let output = Arc::clone(&output);
    let held = mutex.lock().await;
    let mut reacquire = Box::pin(released.reacquire());
    assert!(poll(&mut reacquire).is_pending());
    drop((reacquire, held));
    assert_eq!(*output, 5, "kept");
}

#[tokio::test(start_paused = true)]
async fn sections_can_be_nested_and_may_lock_the_same_lock() {
    let (outer, inner) = (Mutex::new(1), Mutex::new(10));
    let section = async {
        let (mut inner, ()) = inner.lock().await.unlocked(async { *inner.lock().await += 1 }).await;
        *inner += 1;
        // The same lock inside, let go and taken again there as well.
        let (mut again, ()) = outer.lock().await.unlocked(async { *outer.lock().await += 1 }).await;
        *again += 1;
    };
    let (guard, ()) = outer.lock().await.unlocked(section).await;
    assert_eq!((*guard, *inner.lock().await), (3, 12));
    assert!(outer.try_lock().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_section_may_return_what_it_likes_and_borrow_from_outside() {
    let mutex = Mutex::new(vec![1]);
    let words = String::from("a b");
    let (guard, pieces) = mutex.lock().await.unlocked(async { words.split(' ').collect::<Vec<_>>() }).await;
    assert_eq!((guard.len(), pieces), (1, vec!["a", "b"]));
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &raw const mutex));
}
