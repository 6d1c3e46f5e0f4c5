//! A lock held, let go for a while, and taken again.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use tokio::sync::{
    AcquireError, Mutex, MutexGuard, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard,
    OwnedSemaphorePermit, RwLock, Semaphore,
};

/// A guard that can give up its lock and take it again.
///
/// Implemented for the guards of tokio that know their lock; implement it for others.
///
/// # Examples
///
/// A session that lends its connection:
///
/// ```
/// use std::convert::Infallible;
/// use std::sync::Arc;
/// use altlocks::{Relock, Unlocked};
/// use tokio::sync::{Mutex, OwnedMutexGuard};
///
/// struct Session { connection: OwnedMutexGuard<String>, user: u32 }
///
/// impl Relock for Session {
///     type Lock = (Arc<Mutex<String>>, u32);
///     type Error = Infallible;
///
///     fn unlock(self) -> Self::Lock {
///         (self.connection.unlock(), self.user)
///     }
///
///     async fn relock((connection, user): Self::Lock) -> Result<Self, Infallible> {
///         Ok(Self { connection: OwnedMutexGuard::relock(connection).await?, user })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let connection = Arc::new(Mutex::new("db".to_owned()));
/// let session = Session { connection: Arc::clone(&connection).lock_owned().await, user: 7 };
/// let (session, free) = session.unlocked(async { connection.try_lock().is_ok() }).await;
/// assert!(free && session.user == 7);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Relock: Sized + Send {
    /// What is left of a guard that has given up its lock, and is needed to take it again.
    type Lock: Send;

    /// Why a lock cannot be taken again; [`Infallible`] if it always can.
    type Error;

    /// Gives up the lock.
    fn unlock(self) -> Self::Lock;

    /// Takes the lock again.
    ///
    /// # Cancel safety
    ///
    /// An implementation has to hold this: a future that is dropped has taken nothing, and its place in the lock's
    /// queue is withdrawn. All that stand here do.
    fn relock(lock: Self::Lock) -> impl Future<Output = Result<Self, Self::Error>> + Send;
}

/// A lock that its holder has let go, and will take again.
///
/// The guard is consumed. So whatever happens meanwhile, a cancellation or a panic, there is no guard to a lock that is
/// not held, and nothing that could let go a second time what another task holds by then.
///
/// The idea is that of Python's `asyncutils.altlocks.Releasing`; `MutexGuard::unlocked` of `parking_lot` is its sync
/// form.
///
/// Among those who wait for the lock there is no precedence for one who had it: it queues up as they do.
///
/// # When to use
///
/// Around a slow step in the middle of a locked section that does not need what the lock protects: a request, a wait
/// for another task. What was true under the lock before need not be true after it: look again. Where the lock need not
/// be held before *and* after, two locked sections say it better. The example `slow_io_unlocked` is a whole use.
///
/// # Examples
///
/// ```
/// use altlocks::Releasing;
/// use tokio::sync::Mutex;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let queue = Mutex::new(vec!["job"]);
/// let mut jobs = queue.lock().await;
/// let job = jobs.pop();
///
/// let released = Releasing::new(jobs);
/// queue.lock().await.push("added meanwhile");
/// let Ok(jobs) = released.reacquire().await;
///
/// assert_eq!((job, jobs.as_slice()), (Some("job"), ["added meanwhile"].as_slice()));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "the lock is free, and nothing else will take it again"]
pub struct Releasing<G: Relock> {
    lock: G::Lock,
}

impl<G: Relock> Releasing<G> {
    /// Lets the lock go, at once.
    pub fn new(guard: G) -> Self {
        Self { lock: guard.unlock() }
    }

    /// Takes the lock again.
    ///
    /// # Errors
    ///
    /// Whatever [`Relock::relock`] says: for a semaphore's permit that the semaphore has been closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, nothing is held, and the place in the lock's queue is withdrawn. Nothing of another
    /// task's is touched.
    pub async fn reacquire(self) -> Result<G, G::Error> {
        G::relock(self.lock).await
    }
}

impl<G: Relock> fmt::Debug for Releasing<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Releasing").finish_non_exhaustive()
    }
}

/// Runs a section with the lock let go: [`Releasing`] in one step, for every [`Relock`] that cannot fail.
///
/// Generic code asks for `G: Relock<Error = Infallible>`. Every such `G` has this method, and the compiler then sees
/// that its future can be sent; from the bound `G: Unlocked` it could not tell.
///
/// # Examples
///
/// ```
/// use altlocks::Unlocked;
/// use tokio::sync::Mutex;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let cache = Mutex::new(None);
/// let guard = cache.lock().await;
/// let (mut guard, page) = guard.unlocked(async {
///     assert!(cache.try_lock().is_ok()); // others get on meanwhile
///     "slowly fetched"
/// }).await;
/// guard.get_or_insert(page); // somebody may have been faster
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Unlocked: Relock {
    /// Lets the lock go, runs `op`, takes the lock again.
    ///
    /// # Cancel safety
    ///
    /// Nothing happens before the first poll; dropped before it, the future lets the lock go. Dropped later, or if `op`
    /// panics, the lock is not held and will not be. Dropped while it takes the lock again, it **loses the output of
    /// `op`**: where that matters use [`Releasing`] in two steps.
    fn unlocked<F: Future>(self, op: F) -> impl Future<Output = (Self, F::Output)>
    where
        Self: Relock<Error = Infallible>,
    {
        async move {
            let released = Releasing::new(self);
            let output = op.await;
            let Ok(guard) = released.reacquire().await;
            (guard, output)
        }
    }
}

impl<G: Relock> Unlocked for G {}

impl<'a, T: ?Sized + Send> Relock for MutexGuard<'a, T> {
    type Lock = &'a Mutex<T>;
    type Error = Infallible;

    fn unlock(self) -> &'a Mutex<T> {
        MutexGuard::mutex(&self)
    }

    async fn relock(lock: &'a Mutex<T>) -> Result<Self, Infallible> {
        Ok(lock.lock().await)
    }
}

impl<T: ?Sized + Send> Relock for OwnedMutexGuard<T> {
    type Lock = Arc<Mutex<T>>;
    type Error = Infallible;

    fn unlock(self) -> Arc<Mutex<T>> {
        Arc::clone(Self::mutex(&self))
    }

    async fn relock(lock: Arc<Mutex<T>>) -> Result<Self, Infallible> {
        Ok(lock.lock_owned().await)
    }
}

impl<T: ?Sized + Send + Sync> Relock for OwnedRwLockReadGuard<T> {
    type Lock = Arc<RwLock<T>>;
    type Error = Infallible;

    fn unlock(self) -> Arc<RwLock<T>> {
        Arc::clone(Self::rwlock(&self))
    }

    async fn relock(lock: Arc<RwLock<T>>) -> Result<Self, Infallible> {
        Ok(lock.read_owned().await)
    }
}

impl<T: ?Sized + Send + Sync> Relock for OwnedRwLockWriteGuard<T> {
    type Lock = Arc<RwLock<T>>;
    type Error = Infallible;

    fn unlock(self) -> Arc<RwLock<T>> {
        Arc::clone(Self::rwlock(&self))
    }

    async fn relock(lock: Arc<RwLock<T>>) -> Result<Self, Infallible> {
        Ok(lock.write_owned().await)
    }
}

/// The same number of permits is taken again.
impl Relock for OwnedSemaphorePermit {
    type Lock = (Arc<Semaphore>, usize);
    type Error = AcquireError;

    fn unlock(self) -> Self::Lock {
        (Arc::clone(self.semaphore()), self.num_permits())
    }

    async fn relock((semaphore, permits): Self::Lock) -> Result<Self, AcquireError> {
        // Permits that were merged may be more than can be asked for at once.
        let portion = |missing| u32::try_from(missing).unwrap_or(u32::MAX);
        let mut permit = Arc::clone(&semaphore).acquire_many_owned(portion(permits)).await?;
        while permit.num_permits() < permits {
            let missing = portion(permits - permit.num_permits());
            permit.merge(Arc::clone(&semaphore).acquire_many_owned(missing).await?);
        }
        Ok(permit)
    }
}
