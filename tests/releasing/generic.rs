//! Generic code, spawned; and guards of one's own.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;

use altlocks::{Releasing, Relock, Unlocked};
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock, Semaphore};
use tokio::task::JoinHandle;

async fn in_one_step<G: Relock<Error = Infallible>>(guard: G) -> G {
    let (guard, five) = guard.unlocked(async { 5 }).await;
    assert_eq!(five, 5);
    guard
}

async fn in_two_steps<G: Relock>(guard: G) -> Result<G, G::Error> {
    let released = Releasing::new(guard);
    tokio::task::yield_now().await;
    released.reacquire().await
}

fn spawned<G>(guard: G) -> JoinHandle<G>
where
    G: Relock<Error = Infallible> + 'static,
{
    tokio::spawn(async move {
        let guard = in_one_step(guard).await;
        in_two_steps(guard).await.expect("infallible")
    })
}

#[tokio::test(start_paused = true)]
async fn generic_code_can_be_spawned() {
    static STATIC: Mutex<i32> = Mutex::const_new(1);

    let mutex = Arc::new(Mutex::new(1));
    let guard = spawned(Arc::clone(&mutex).lock_owned().await).await.expect("no panic");
    assert!(mutex.try_lock().is_err());
    drop(guard);

    let lock = Arc::new(RwLock::new(1));
    let guard = spawned(Arc::clone(&lock).read_owned().await).await.expect("no panic");
    assert!(lock.try_write().is_err() && lock.try_read().is_ok());
    drop(guard);
    let guard = spawned(Arc::clone(&lock).write_owned().await).await.expect("no panic");
    assert!(lock.try_read().is_err());
    drop(guard);

    drop(spawned(STATIC.lock().await).await.expect("no panic"));

    let semaphore = Arc::new(Semaphore::new(2));
    let permit = Arc::clone(&semaphore).acquire_owned().await.expect("open");
    let permit = tokio::spawn(in_two_steps(permit)).await.expect("no panic").expect("open");
    assert_eq!((permit.num_permits(), semaphore.available_permits()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_section_with_a_borrowed_guard_can_be_part_of_a_spawned_task() {
    let mutex = Arc::new(Mutex::new(1));
    let task = tokio::spawn({
        let mutex = Arc::clone(&mutex);
        async move {
            let guard = mutex.lock().await;
            let (mut guard, free) = guard.unlocked(async { mutex.try_lock().is_ok() }).await;
            *guard += 1;
            free
        }
    });
    assert!(task.await.expect("no panic"));
    assert_eq!(*mutex.lock().await, 2);
}

/// A guard of one's own: a mutex that counts how often it was let go.
struct Tally(OwnedMutexGuard<u32>, u32);

impl Relock for Tally {
    type Lock = (Arc<Mutex<u32>>, u32);
    type Error = Infallible;

    fn unlock(self) -> Self::Lock {
        (self.0.unlock(), self.1 + 1)
    }

    async fn relock((lock, count): Self::Lock) -> Result<Self, Infallible> {
        OwnedMutexGuard::relock(lock).await.map(|guard| Self(guard, count))
    }
}

#[tokio::test(start_paused = true)]
async fn others_can_implement_it() {
    let mutex = Arc::new(Mutex::new(7));
    let tally = spawned(Tally(Arc::clone(&mutex).lock_owned().await, 0)).await.expect("no panic");
    assert_eq!((*tally.0, tally.1), (7, 2));
    assert!(mutex.try_lock().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_lock_let_go_can_be_sent_and_shown() {
    fn sent_and_shown(value: &(impl Send + Debug)) -> String {
        format!("{value:?}")
    }
    let mutex = Mutex::new(1);
    assert_eq!(sent_and_shown(&Releasing::new(mutex.lock().await)), "Releasing { .. }");
}
