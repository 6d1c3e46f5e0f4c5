//! A guard that lets one in and turns the others away at once.

mod cache;
mod error;
mod label;
#[cfg(all(test, altlocks_loom))]
mod model;
mod state;
mod token;
mod unique;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crossbeam_utils::CachePadded;

pub use self::error::ResourceBusy;
pub use self::token::{Guarded, OwnedGuarded};
pub use self::unique::{UniqueGuarded, UniqueResourceGuard};

use self::label::Label;
use self::state::{Attempts, Occupancy};
use crate::Name;
use crate::sync::{AtomicCell, AtomicU64, Ordering, Slot};

/// Owns a resource and lends it to one task at a time; a second one fails at once, and learns who has it.
///
/// Not a lock: nobody waits. It is for what must not happen twice at the same time and need not happen twice at all,
/// and turns a race into an error that names the place where the resource is held.
///
/// The idea is that of
/// [`anyio.ResourceGuard`](https://anyio.readthedocs.io/en/stable/synchronization.html#resource-guards).
///
/// # When to use
///
/// Where concurrent use is a mistake (two tasks that send on one socket) or superfluous (two runs of one clean-up).
/// Where it is neither, and the second task should have its turn, take a mutex.
///
/// # What it costs
///
/// One compare-and-swap decides who is in; a refused attempt takes no lock. The resource travels in the token and back, so
/// it is moved at both: box a large one. There is no allocation. A guard has some 250 bytes beside the resource: who is
/// refused writes to another line of memory than who is in, and does not slow that one down.
///
/// # Examples
///
/// ```
/// use altlocks::ResourceGuard;
///
/// static JOURNAL: ResourceGuard<Vec<String>> = ResourceGuard::new(Vec::new());
///
/// let mut journal = JOURNAL.enter()?;
/// journal.push("opened".to_owned());
/// let busy = JOURNAL.enter().unwrap_err();
/// assert!(busy.to_string().starts_with("another task is already using resource: resource #"));
/// drop(journal);
/// assert_eq!(JOURNAL.enter()?.len(), 1);
/// # Ok::<(), altlocks::ResourceBusy>(())
/// ```
pub struct ResourceGuard<T> {
    occupancy: AtomicCell<Occupancy>,
    /// Empty while a token has it. Only who holds the guard comes here.
    resource: Slot<T>,
    /// Written by who holds the guard.
    successes: AtomicU64,
    /// Written by everybody else: on a line of its own, or each refusal would take the line of `occupancy` from the holder.
    failures: CachePadded<AtomicU64>,
    label: Label,
    action: Name,
}

const ACTION: Name = Name::fixed("using");

impl<T> ResourceGuard<T> {
    /// Guards a resource that errors call `resource #n`, where n is its number, drawn when first asked for.
    #[must_use]
    pub const fn new(resource: T) -> Self {
        Self::with(resource, Label::numbered(), ACTION)
    }

    /// Guards a resource that errors describe by its `Debug` form, as it is now.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::ResourceGuard;
    ///
    /// let guard = ResourceGuard::of(("db", 5432));
    /// assert_eq!(guard.name(), r#"("db", 5432)"#);
    /// ```
    #[must_use]
    pub fn of(resource: T) -> Self
    where
        T: fmt::Debug,
    {
        let name = Name::given(format!("{resource:?}").into());
        Self::described(resource, name, ACTION)
    }

    pub(crate) const fn described(resource: T, name: Name, action: Name) -> Self {
        Self::with(resource, Label::given(name), action)
    }

    const fn with(resource: T, label: Label, action: Name) -> Self {
        Self {
            occupancy: AtomicCell::new(Occupancy::FREE),
            resource: Slot::new(resource),
            successes: AtomicU64::new(0),
            failures: CachePadded::new(AtomicU64::new(0)),
            label,
            action,
        }
    }

    /// What errors call the resource.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.label = Label::given(Name::given(name.into()));
        self
    }

    /// What errors say that a holder does with the resource; `using` unless given.
    #[must_use]
    pub fn with_action(mut self, action: impl Into<Arc<str>>) -> Self {
        self.action = Name::given(action.into());
        self
    }

    /// Takes the resource, until the returned token is dropped.
    ///
    /// # Errors
    ///
    /// [`ResourceBusy`], at once, while another token is alive: one of the same task too.
    #[inline]
    #[track_caller]
    pub fn enter(&self) -> Result<Guarded<'_, T>, ResourceBusy> {
        Guarded::enter(self)
    }

    /// [`enter`](Self::enter) with a token that owns its guard.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use altlocks::ResourceGuard;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let socket = Arc::new(ResourceGuard::new(String::new()).with_action("writing to"));
    /// let mut writer = socket.enter_owned()?;
    /// let task = tokio::spawn(async move { writer.push_str("hello") });
    /// assert_eq!(socket.enter().unwrap_err().action(), "writing to");
    /// task.await.unwrap();
    /// assert_eq!(*socket.enter()?, "hello");
    /// # Ok::<(), altlocks::ResourceBusy>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn enter_owned(self: &Arc<Self>) -> Result<OwnedGuarded<T>, ResourceBusy> {
        OwnedGuarded::enter(self)
    }

    /// Whether somebody holds the resource now. One load, and out of date as soon as it is made: to act on it, enter.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.occupancy.load().is_held()
    }

    /// What errors call the resource.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.label.name())
    }

    /// What errors say that a holder does with the resource.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// How many of the attempts to enter succeeded, from 0 to 1; 0.0 before any attempt.
    #[must_use]
    pub fn success_ratio(&self) -> f64 {
        let (successes, failures) = (self.successes.load(Ordering::Relaxed), self.failures.load(Ordering::Relaxed));
        Attempts { successes, failures }.success_ratio()
    }

    /// The resource, without its guard.
    ///
    /// # Panics
    ///
    /// If a token was leaked (`mem::forget`): the resource is in the token.
    pub fn into_inner(self) -> T {
        self.resource.into_inner().expect("the resource was leaked with its token")
    }

    /// An attempt, made at the place of the caller.
    #[inline]
    #[track_caller]
    fn take(&self) -> Result<T, ResourceBusy> {
        let at = Location::caller();
        let mut before = self.occupancy.load();
        loop {
            let after = before.entered(at).map_err(|since| self.busy(since))?;
            match self.occupancy.compare_exchange(before, after) {
                Ok(_) => break,
                Err(newer) => before = newer,
            }
        }
        self.successes.store(self.successes.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        Ok(self.resource.take().expect("it is here while the guard is free"))
    }

    #[cold]
    #[inline(never)]
    fn busy(&self, since: &'static Location<'static>) -> ResourceBusy {
        self.failures.fetch_add(1, Ordering::Relaxed);
        ResourceBusy::new(self.label.name().clone(), self.action.clone(), since)
    }

    /// The holder brings the resource back.
    fn give_back(&self, resource: T) {
        self.resource.put(resource);
        // Last, with release: who enters now finds the resource, and what was done to it.
        self.occupancy.store(Occupancy::FREE);
    }
}

impl<T> fmt::Debug for ResourceGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceGuard")
            .field("name", &self.name())
            .field("action", &self.action())
            .field("is_guarded", &self.is_guarded())
            .finish_non_exhaustive()
    }
}
