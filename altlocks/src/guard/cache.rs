//! A weak, self-cleaning map from values to what is shared by equal ones.
//!
//! Values are foreign: their `Hash`, `Eq` and `Drop` may do anything, so none of them runs under the lock. The hash is
//! computed by the caller; equality is asked of a snapshot of the entries with that hash, after unlocking; and what was
//! not found is inserted only if no entry with that hash has been inserted meanwhile.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Weak};

use crate::sync::Mutex;

pub(super) struct Cache<V> {
    hasher: RandomState,
    inner: Mutex<Inner<V>>,
}

struct Inner<V> {
    /// By hash; none is empty.
    buckets: HashMap<u64, Bucket<V>>,
    /// How often something was inserted, anywhere.
    inserted: u64,
}

struct Bucket<V> {
    entries: Vec<Weak<V>>,
    /// [`Inner::inserted`] at the last insertion here. A number that a bucket has had never comes again, also if the
    /// bucket goes and another comes in its place.
    version: u64,
}

/// The version of no bucket.
const NEVER: u64 = 0;

/// That there was no such entry, at a moment that a later insertion can compare.
#[must_use]
pub(super) struct Absent {
    hash: u64,
    version: u64,
}

/// Room for so many is always kept.
const SMALL: usize = 64;

impl<V> Cache<V> {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), inner: Mutex::new(Inner { buckets: HashMap::new(), inserted: NEVER }) }
    }

    /// The hash by which the other methods know a value.
    pub(super) fn hash(&self, value: &impl Hash) -> u64 {
        self.hasher.hash_one(value)
    }

    /// The live entry with this hash that `is_it` accepts.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&V) -> bool) -> Result<Arc<V>, Absent> {
        let inner = self.inner.lock();
        let (candidates, version): (Vec<_>, _) = inner.buckets.get(&hash).map_or((Vec::new(), NEVER), |bucket| {
            (bucket.entries.iter().filter_map(Weak::upgrade).collect(), bucket.version)
        });
        drop(inner);
        // Those that are not it are dropped here. One of them may be the last owner by now, and come back to `forget`.
        candidates.into_iter().find(|candidate| is_it(candidate)).ok_or(Absent { hash, version })
    }

    /// Files what was absent; or gives back the one that `are_equal` finds to have been filed meanwhile, so that of any
    /// number of callers at once all get the same.
    pub(super) fn insert(&self, mut absent: Absent, new: Arc<V>, are_equal: impl Fn(&V, &V) -> bool) -> Arc<V> {
        while !self.try_insert(&absent, &new) {
            match self.find(absent.hash, |entry| are_equal(entry, &new)) {
                Ok(existing) => return existing,
                Err(still) => absent = still,
            }
        }
        new
    }

    /// False if something with this hash has been inserted since it was found absent. Removals do not matter: they make
    /// nothing equal.
    fn try_insert(&self, absent: &Absent, new: &Arc<V>) -> bool {
        let mut inner = self.inner.lock();
        let Inner { buckets, inserted } = &mut *inner;
        // A bucket that has gone since had nothing alive in it, so a new one is as good as the one that was seen.
        let bucket =
            buckets.entry(absent.hash).or_insert_with(|| Bucket { entries: Vec::new(), version: absent.version });
        if bucket.version != absent.version {
            return false;
        }
        *inserted += 1;
        bucket.version = *inserted;
        bucket.entries.push(Arc::downgrade(new));
        true
    }

    /// An entry goes: that very allocation, and not another that is equal. When the last owner of a value is about to
    /// call this, others find it dead and may have inserted its successor before it does.
    pub(super) fn forget(&self, hash: u64, value: &V) {
        let mut inner = self.inner.lock();
        let Some(bucket) = inner.buckets.get_mut(&hash) else { return };
        bucket.entries.retain(|entry| !std::ptr::eq(entry.as_ptr(), value));
        if bucket.entries.is_empty() {
            inner.buckets.remove(&hash);
        }
        // Far below its room, it gives half of it back: removals pay for that, as insertions do for growth.
        let (len, room) = (inner.buckets.len(), inner.buckets.capacity());
        if room > SMALL && len < room / 4 {
            inner.buckets.shrink_to(room / 2);
        }
    }

    /// How many hashes there are entries for.
    #[cfg(all(test, not(altlocks_loom)))]
    pub(super) fn len(&self) -> usize {
        self.inner.lock().buckets.len()
    }

    /// Entries go whose value has gone, and the room that was for them.
    pub(super) fn sweep(&self) {
        let mut inner = self.inner.lock();
        inner.buckets.retain(|_, bucket| {
            bucket.entries.retain(|entry| entry.strong_count() > 0);
            !bucket.entries.is_empty()
        });
        inner.buckets.shrink_to_fit();
    }
}

impl<V: Send + Sync + 'static> Cache<V> {
    /// The one of the process for this type. A `static` cannot be generic; so there is one map of them all, and each is
    /// made at its first use and stays.
    pub(super) fn of_process() -> &'static Self {
        static CACHES: Mutex<BTreeMap<TypeId, &'static (dyn Any + Send + Sync)>> = Mutex::new(BTreeMap::new());
        let mut caches = CACHES.lock();
        let cache = *caches.entry(TypeId::of::<V>()).or_insert_with(|| Box::leak(Box::new(Self::new())));
        drop(caches);
        cache.downcast_ref().expect("filed under its type")
    }
}

#[cfg(all(test, not(altlocks_loom)))]
mod tests {
    use super::*;

    const HASH: u64 = 7;

    struct Entry(u32, &'static Cache<Entry>);

    impl Drop for Entry {
        fn drop(&mut self) {
            self.1.forget(HASH, self);
        }
    }

    fn cache() -> &'static Cache<Entry> {
        Box::leak(Box::new(Cache::new()))
    }

    fn share(cache: &'static Cache<Entry>, number: u32) -> Arc<Entry> {
        cache.find(HASH, |entry| entry.0 == number).unwrap_or_else(|absent| {
            cache.insert(absent, Arc::new(Entry(number, cache)), |entry, new| entry.0 == new.0)
        })
    }

    #[test]
    fn what_has_gone_takes_no_room() {
        let cache = cache();
        let entries = [1, 2, 1].map(|number| share(cache, number));
        assert_eq!(cache.inner.lock().buckets[&HASH].entries.len(), 2);
        drop(entries);
        assert_eq!(cache.len(), 0);
    }

    #[test]
    fn one_that_goes_takes_no_other_with_the_same_hash_along() {
        let cache = cache();
        let [gone, kept] = [1, 2].map(|number| share(cache, number));
        drop(gone);
        assert!(Arc::ptr_eq(&kept, &share(cache, 2)));
        // An equal one that was never filed, as of a caller who came too late.
        drop(Entry(2, cache));
        assert!(Arc::ptr_eq(&kept, &share(cache, 2)));
    }

    #[test]
    fn an_insertion_after_another_with_the_same_hash_looks_again() {
        let cache = cache();
        let (mine, theirs) = (cache.find(HASH, |_| false), share(cache, 1));
        let found = cache.insert(mine.err().expect("absent"), Arc::new(Entry(1, cache)), |entry, new| entry.0 == new.0);
        assert!(Arc::ptr_eq(&found, &theirs));
        let other = share(cache, 2);
        assert!(!Arc::ptr_eq(&other, &theirs) && Arc::ptr_eq(&other, &share(cache, 2)));
    }

    #[test]
    fn a_bucket_that_went_and_came_again_is_not_taken_for_the_old_one() {
        let cache = cache();
        let old = share(cache, 1);
        let seen = cache.find(HASH, |_| false).err().expect("absent");
        drop(old);
        let theirs = share(cache, 2);
        let found = cache.insert(seen, Arc::new(Entry(2, cache)), |entry, new| entry.0 == new.0);
        assert!(Arc::ptr_eq(&found, &theirs));
    }

    #[test]
    fn a_sweep_takes_what_is_dead_and_nothing_else() {
        let cache = Cache::<u32>::new();
        let file = |value| {
            let Err(absent) = cache.find(HASH, |_| false) else { panic!("nothing is it") };
            cache.insert(absent, Arc::new(value), |_, _| false)
        };
        let (kept, gone) = (file(1), file(2));
        drop(gone);
        cache.sweep();
        assert_eq!(cache.inner.lock().buckets[&HASH].entries.len(), 1);
        assert!(cache.find(HASH, |value| *value == 1).is_ok());
        drop(kept);
        cache.sweep();
        assert_eq!(cache.len(), 0);
    }
}
