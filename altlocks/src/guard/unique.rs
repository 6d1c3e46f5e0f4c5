//! One guard for all equal resources of the process.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::cache::Cache;
use super::token::{Handle, Token};
use super::{ACTION, ResourceBusy, ResourceGuard};
use crate::Name;

/// The guard of a resource that is known by its value: a path, a number, an address. Equal resources have one guard in
/// the whole process, for as long as anyone keeps it or has entered it.
///
/// A [`ResourceGuard`] owns what it guards, so whoever can reach the resource can reach the guard. This one is for what
/// nobody owns: two tasks that have nothing in common but the path of a file find the same guard. It holds a value that
/// stands for the resource, not the resource, so it cannot keep those away who do not ask.
///
/// By identity instead of equality: `UniqueResourceGuard::of(by_address::ByAddress(arc))`.
///
/// # When to use
///
/// Where what has to be exclusive is named by a value, as one download a URL or one writer a file (the example
/// `one_writer`). Where the resource is a value of the program, let a [`ResourceGuard`] own it.
///
/// # What it costs
///
/// To find a guard takes two short locks and some allocations: keep it where it is used often. To enter is what it is
/// for a [`ResourceGuard`]. The registry is weak and cleans itself: what nobody keeps has no entry there.
///
/// # Examples
///
/// ```
/// use std::path::PathBuf;
/// use altlocks::UniqueResourceGuard;
///
/// let path = PathBuf::from("/var/log/app.log");
/// let held = UniqueResourceGuard::with_action(path.clone(), "rotating").enter()?;
/// let busy = UniqueResourceGuard::of(path).enter().unwrap_err();
/// assert!(busy.to_string().starts_with("another task is already rotating resource: \"/var/log/app.log\""));
/// # drop(held);
/// # Ok::<(), altlocks::ResourceBusy>(())
/// ```
#[must_use = "a guard that is not kept is forgotten"]
pub struct UniqueResourceGuard<K: 'static> {
    shared: Arc<Shared<K>>,
}

/// A [`UniqueResourceGuard`], while it is held. When it is dropped, in whatever way, the resource is free again.
#[must_use = "the resource is free again when the token is dropped"]
pub struct UniqueGuarded<K: 'static> {
    token: Token<Arc<Shared<K>>, ()>,
}

/// What all handles and tokens of a resource share, and the cache knows weakly.
struct Shared<K: 'static> {
    resource: K,
    guard: ResourceGuard<()>,
    hash: u64,
    cache: &'static Cache<Self>,
}

impl<K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static> UniqueResourceGuard<K> {
    /// The guard of this resource: that of an equal one, if anyone keeps it or has entered it.
    ///
    /// Errors describe the resource by its `Debug` form. The guard is not entered.
    pub fn of(resource: K) -> Self {
        Self::find(resource, ACTION).0
    }

    /// [`of`](Self::of), with what errors say that a holder does with the resource. If the resource has a guard
    /// already, that one keeps its own action; with the feature `tracing`, a warning tells if it is another one.
    pub fn with_action(resource: K, action: impl Into<Arc<str>>) -> Self {
        let action = Name::given(action.into());
        let (guard, existed) = Self::find(resource, action.clone());
        if existed && guard.action() != action.as_str() {
            warn_of_ignored(&action, &guard.shared.guard);
        }
        guard
    }

    /// The guard, and whether it was there before.
    fn find(resource: K, action: Name) -> (Self, bool) {
        let cache = Cache::<Shared<K>>::of_process();
        let hash = cache.hash(&resource);
        let absent = match cache.find(hash, |other| other.resource == resource) {
            Ok(shared) => return (Self { shared }, true),
            Err(absent) => absent,
        };
        let name = Name::given(format!("{resource:?}").into());
        let new = Arc::new(Shared { resource, guard: ResourceGuard::described((), name, action), hash, cache });
        let shared = cache.insert(absent, Arc::clone(&new), |other, new| other.resource == new.resource);
        let existed = !Arc::ptr_eq(&shared, &new);
        (Self { shared }, existed)
    }

    /// Enters the resource, until the returned token is dropped. The token keeps the guard.
    ///
    /// # Errors
    ///
    /// [`ResourceBusy`], at once, while another token is alive: one of the same task too.
    #[track_caller]
    pub fn enter(&self) -> Result<UniqueGuarded<K>, ResourceBusy> {
        Token::enter(&self.shared.guard, || Arc::clone(&self.shared)).map(|token| UniqueGuarded { token })
    }

    /// Forgets guards that nobody keeps and nobody has entered. They forget themselves, so this gives back only what
    /// room is left of them; a guard that is in use stays, and stays the only one.
    pub fn clear_cache() {
        Cache::<Shared<K>>::of_process().sweep();
    }
}

impl<K> UniqueResourceGuard<K> {
    /// Whether both are the guard of the same resource.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Whether somebody has entered now. One load, and out of date as soon as it is made: to act on it, enter.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.shared.guard.is_guarded()
    }

    /// The resource, as the first who asked for its guard gave it.
    #[must_use]
    pub fn resource(&self) -> &K {
        &self.shared.resource
    }

    /// What errors say that a holder does with the resource: as the first who asked for its guard gave it, `using` if
    /// that one gave none.
    #[must_use]
    pub fn action(&self) -> &str {
        self.shared.guard.action()
    }

    /// How many of the attempts to enter succeeded, from 0 to 1; 0.0 before any attempt.
    #[must_use]
    pub fn success_ratio(&self) -> f64 {
        self.shared.guard.success_ratio()
    }
}

impl<K> UniqueGuarded<K> {
    /// The resource.
    #[must_use]
    pub fn resource(&self) -> &K {
        &self.token.handle().resource
    }
}

impl<K> Handle<()> for Arc<Shared<K>> {
    fn guard(&self) -> &ResourceGuard<()> {
        &self.guard
    }
}

impl<K> Drop for Shared<K> {
    fn drop(&mut self) {
        self.cache.forget(self.hash, self);
    }
}

#[cfg(feature = "tracing")]
fn warn_of_ignored(action: &str, kept: &ResourceGuard<()>) {
    tracing::warn!(
        resource = &*kept.name(),
        action = kept.action(),
        ignored = action,
        "a resource has one guard, which keeps the action that it was made with"
    );
}

#[cfg(not(feature = "tracing"))]
const fn warn_of_ignored(_action: &str, _kept: &ResourceGuard<()>) {}

impl<K> Clone for UniqueResourceGuard<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K: fmt::Debug> fmt::Debug for UniqueResourceGuard<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniqueResourceGuard")
            .field("resource", self.resource())
            .field("action", &self.action())
            .field("is_guarded", &self.is_guarded())
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug> fmt::Debug for UniqueGuarded<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UniqueGuarded").field(self.resource()).finish()
    }
}

#[cfg(all(test, not(altlocks_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_guard_that_nobody_keeps_takes_no_room_in_the_registry() {
        /// A type of its own, so that no other test shares the registry.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        struct Room(u32);
        let cache = Cache::<Shared<Room>>::of_process();
        let guards: Vec<_> = (0..10).map(|number| UniqueResourceGuard::of(Room(number % 5))).collect();
        assert_eq!(cache.len(), 5);
        let held = guards[0].enter();
        drop(guards);
        assert_eq!(cache.len(), 1);
        drop(held);
        assert_eq!(cache.len(), 0);
    }
}
