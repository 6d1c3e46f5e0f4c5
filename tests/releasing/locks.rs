//! Each kind of guard: free in the section, the same lock and no other after it.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use altlocks::{Releasing, Relock, Unlocked};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, Semaphore};

use crate::by_hand::{poll, ready};

#[tokio::test(start_paused = true)]
async fn afterwards_the_guard_is_for_the_same_lock_and_sees_what_others_wrote() {
    let (mutex, other) = (Mutex::new(1), Mutex::new(1));
    let (guard, ()) = mutex.lock().await.unlocked(async { *mutex.lock().await = 2 }).await;
    assert_eq!(*guard, 2);
    assert!(mutex.try_lock().is_err() && other.try_lock().is_ok());
    drop(guard);

    let mutex = Arc::new(Mutex::new(1));
    let guard = Arc::clone(&mutex).lock_owned().await;
    let (guard, ()) = guard.unlocked(async { *mutex.lock().await = 2 }).await;
    assert_eq!(*guard, 2);
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex) && mutex.try_lock().is_err());
    drop(guard);

    let lock = Arc::new(RwLock::new(1));
    let guard = Arc::clone(&lock).read_owned().await;
    let (guard, ()) = guard.unlocked(async { *lock.write().await = 2 }).await;
    assert_eq!(*guard, 2);
    assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&guard), &lock));
    assert!(lock.try_write().is_err() && lock.try_read().is_ok(), "held for reading");
    drop(guard);
    let guard = Arc::clone(&lock).write_owned().await;
    let (guard, read) = guard.unlocked(async { *lock.read().await }).await;
    assert_eq!((*guard, read), (2, 2));
    assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&guard), &lock) && lock.try_read().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_guard_of_something_unsized_lets_go_too() {
    let mutex: Arc<Mutex<[i32]>> = Arc::new(Mutex::new([1, 2, 3]));
    let guard = Arc::clone(&mutex).lock_owned().await;
    let (guard, free) = guard.unlocked(async { mutex.try_lock().is_ok() }).await;
    assert!(free && guard.len() == 3);
}

#[tokio::test(start_paused = true)]
async fn one_reader_that_lets_go_leaves_the_other_readers_alone() {
    let lock = Arc::new(RwLock::new(1));
    let other = Arc::clone(&lock).read_owned().await;
    let released = Releasing::new(Arc::clone(&lock).read_owned().await);
    assert!(lock.try_write().is_err(), "the other reader holds it");
    let Ok(guard) = ready(&mut Box::pin(released.reacquire()));
    drop(other);
    assert!(lock.try_write().is_err(), "held for reading again, beside the other");
    drop(guard);
    assert!(lock.try_write().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_semaphore_gives_the_same_number_of_permits_again() {
    let semaphore = Arc::new(Semaphore::new(5));
    for permits in [0, 1, 3, 5] {
        let permit = Arc::clone(&semaphore).acquire_many_owned(permits).await.expect("open");
        let released = Releasing::new(permit);
        assert_eq!(semaphore.available_permits(), 5);
        let permit = released.reacquire().await.expect("open");
        assert_eq!(permit.num_permits(), permits as usize);
        assert_eq!(semaphore.available_permits(), 5 - permits as usize);
    }
    assert_eq!(semaphore.available_permits(), 5);
}

#[tokio::test(start_paused = true)]
async fn permits_that_were_merged_past_what_can_be_asked_for_at_once_all_come_back() {
    let all = 2 * (u32::MAX as usize) + 3;
    let semaphore = Arc::new(Semaphore::new(all));
    let ask = |permits| Arc::clone(&semaphore).try_acquire_many_owned(permits).expect("available");
    let mut permit = ask(u32::MAX);
    permit.merge(ask(u32::MAX));
    permit.merge(ask(2));
    let permit = Releasing::new(permit).reacquire().await.expect("open");
    assert_eq!((permit.num_permits(), semaphore.available_permits()), (all - 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_semaphore_closed_meanwhile_is_an_error_that_loses_no_permit() {
    let semaphore = Arc::new(Semaphore::new(3));
    let permit = Arc::clone(&semaphore).acquire_many_owned(2).await.expect("open");
    let released = Releasing::new(permit);
    semaphore.close();
    assert!(released.reacquire().await.is_err());
    assert_eq!(semaphore.available_permits(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_semaphore_closed_while_one_waits_is_an_error_that_loses_no_permit() {
    let semaphore = Arc::new(Semaphore::new(3));
    let released = Releasing::new(Arc::clone(&semaphore).acquire_many_owned(3).await.expect("open"));
    let other = Arc::clone(&semaphore).acquire_many_owned(2).await.expect("open");
    let mut reacquire = Box::pin(released.reacquire());
    assert!(poll(&mut reacquire).is_pending());
    semaphore.close();
    assert!(matches!(poll(&mut reacquire), Poll::Ready(Err(_))));
    drop(reacquire);
    drop(other);
    assert_eq!(semaphore.available_permits(), 3);
}

#[tokio::test(start_paused = true)]
async fn cancelled_while_it_takes_the_lock_again_its_place_in_the_queue_is_withdrawn() {
    /// Lets go, lets another in, and gives up behind it.
    async fn give_up<G: Relock>(guard: G, other: impl Future<Output = impl Send>) {
        let released = Releasing::new(guard);
        let held = other.await;
        let mut reacquire = Box::pin(released.reacquire());
        assert!(poll(&mut reacquire).is_pending());
        drop(reacquire);
        drop(held);
    }
    let mutex = Arc::new(Mutex::new(()));
    give_up(mutex.lock().await, mutex.lock()).await;
    assert!(mutex.try_lock().is_ok());
    give_up(Arc::clone(&mutex).lock_owned().await, mutex.lock()).await;
    assert!(mutex.try_lock().is_ok());
    let lock = Arc::new(RwLock::new(()));
    give_up(Arc::clone(&lock).read_owned().await, lock.write()).await;
    assert!(lock.try_write().is_ok());
    give_up(Arc::clone(&lock).write_owned().await, lock.read()).await;
    assert!(lock.try_write().is_ok());
    let semaphore = Arc::new(Semaphore::new(2));
    let both = Arc::clone(&semaphore).acquire_many_owned(2).await.expect("open");
    give_up(both, semaphore.acquire()).await;
    assert_eq!(semaphore.available_permits(), 2);
}

#[tokio::test(start_paused = true)]
async fn cancelled_while_it_takes_the_lock_again_nobody_elses_hold_is_touched() {
    let mutex = Arc::new(Mutex::new(1));
    let guard = mutex.lock().await;
    let mut section = Box::pin(guard.unlocked(async {}));
    let holder = {
        // The section ends at once; what is pending is the lock, which went to who was queued.
        let mut queued = pin!(Arc::clone(&mutex).lock_owned());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(queued.as_mut().poll(&mut cx).is_pending());
        assert!(poll(&mut section).is_pending());
        queued.await
    };
    assert!(poll(&mut section).is_pending());
    drop(section);
    assert!(mutex.try_lock().is_err(), "the holder still holds it");
    assert_eq!(*holder, 1);
    drop(holder);
    assert!(mutex.try_lock().is_ok());
}

#[tokio::test(start_paused = true)]
async fn those_who_were_queued_before_go_first() {
    let mutex = Arc::new(Mutex::new(vec![]));
    let guard = Arc::clone(&mutex).lock_owned().await;
    let queued = |name: &'static str| {
        let mutex = Arc::clone(&mutex);
        tokio::spawn(async move { mutex.lock().await.push(name) })
    };
    let (first, second) = (queued("first"), queued("second"));
    tokio::task::yield_now().await;
    let (mut guard, ()) = guard.unlocked(async {}).await;
    guard.push("back");
    assert_eq!(*guard, ["first", "second", "back"]);
    drop(guard);
    first.await.and(second.await).expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn one_who_takes_a_lock_again_goes_before_those_who_come_later() {
    /// What holds the lock meanwhile, and who comes later, each by a function of the same lock.
    async fn in_turn<G: Relock>(guard: G, meanwhile: impl Future, comes_later: impl Future) {
        let released = Releasing::new(guard);
        let held = meanwhile.await;
        let (mut again, mut later) = (Box::pin(released.reacquire()), Box::pin(comes_later));
        assert!(poll(&mut again).is_pending() && poll(&mut later).is_pending());
        drop(held);
        assert!(poll(&mut later).is_pending(), "overtakes");
        let again = ready(&mut again);
        assert!(poll(&mut later).is_pending());
        drop(again);
        assert!(poll(&mut later).is_ready());
    }
    let mutex = Arc::new(Mutex::new(()));
    in_turn(mutex.lock().await, mutex.lock(), mutex.lock()).await;
    in_turn(Arc::clone(&mutex).lock_owned().await, mutex.lock(), mutex.lock()).await;
    let lock = Arc::new(RwLock::new(()));
    in_turn(Arc::clone(&lock).read_owned().await, lock.write(), lock.write()).await;
    in_turn(Arc::clone(&lock).write_owned().await, lock.write(), lock.read()).await;
    let semaphore = Arc::new(Semaphore::new(3));
    let all = Arc::clone(&semaphore).acquire_many_owned(3).await.expect("open");
    in_turn(all, semaphore.acquire_many(2), semaphore.acquire()).await;
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_a_section_that_never_ends_leaves_the_lock_free() {
    let mutex = Mutex::new(1);
    let section = mutex.lock().await.unlocked(pending::<()>());
    assert!(tokio::time::timeout(Duration::from_secs(1), section).await.is_err());
    assert!(mutex.try_lock().is_ok());
}
