//! The only file that names std's or loom's synchronisation.
//!
//! Under `cfg(altlocks_loom)` the types are loom's, so that the shells can be model-checked as they are. loom's
//! constructors are not `const`; there the cells are made at their first use. To loom that is a write: who comes upon a cell
//! that another thread has made, and has nothing else by which the one is before the other, is in a causality violation. So
//! a model uses its cells once before it starts its threads.

#[cfg(not(altlocks_loom))]
pub(crate) use self::native::{AtomicBool, AtomicCell, AtomicI64, AtomicU64, Mutex, MutexGuard, Once, OnceRef, Slot};

#[cfg(altlocks_loom)]
pub(crate) use self::modelled::{AtomicBool, AtomicCell, AtomicI64, AtomicU64, Mutex, MutexGuard, Once, OnceRef, Slot};

/// What is computed once and orders nothing: std's in both halves.
pub(crate) use std::sync::OnceLock as Memo;
pub(crate) use std::sync::atomic::Ordering;

/// An owner among others; the count orders nothing of ours. Without weak references, whether there are others is one load.
pub(crate) use triomphe::Arc as Shared;

/// Hands out 1, 2, 3, …; std's in both halves, since a static would outlive a model.
pub(crate) struct Numbering(std::sync::atomic::AtomicUsize);

impl Numbering {
    pub(crate) const fn new() -> Self {
        Self(std::sync::atomic::AtomicUsize::new(1))
    }

    pub(crate) fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(not(altlocks_loom))]
mod native {
    pub(crate) use std::sync::MutexGuard;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

    /// A reference that is found once and read without a lock. Of those who find it at once the first is right.
    pub(crate) use once_cell::race::OnceRef;

    /// A small value, read with acquire, written with release. Lock-free for what fits a word, as all does here.
    pub(crate) use crossbeam_utils::atomic::AtomicCell;

    /// Room for a value that is taken and brought back, by one at a time.
    pub(crate) struct Slot<T>(AtomicCell<Option<T>>);

    impl<T> Slot<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(AtomicCell::new(Some(value)))
        }

        pub(crate) fn take(&self) -> Option<T> {
            self.0.take()
        }

        pub(crate) fn put(&self, value: T) {
            self.0.store(Some(value));
        }

        pub(crate) fn into_inner(self) -> Option<T> {
            self.0.into_inner()
        }
    }

    /// A value published once, by one thread, and read without a lock. (Nobody ever waits for it: std's cell would do too,
    /// but makes a queue ready for those who might.)
    pub(crate) struct Once<T>(spin::Once<T>);

    impl<T> Once<T> {
        pub(crate) const fn new() -> Self {
            Self(spin::Once::new())
        }

        #[inline]
        pub(crate) fn get(&self) -> Option<&T> {
            self.0.get()
        }

        #[inline]
        pub(crate) fn set(&self, value: T) {
            debug_assert!(!self.0.is_completed(), "published once");
            self.0.call_once(|| value);
        }

        pub(crate) fn take(&mut self) -> Option<T> {
            std::mem::take(&mut self.0).try_into_inner()
        }
    }

    /// A mutex without poison: no foreign code runs under our locks, so a panic cannot leave one half-way.
    pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}

#[cfg(altlocks_loom)]
mod modelled {
    use std::sync::OnceLock;

    pub(crate) use loom::sync::MutexGuard;

    use super::Ordering;

    macro_rules! atomic {
        ($name:ident, $loom:ty, $value:ty) => {
            #[derive(Debug)]
            pub(crate) struct $name {
                initial: $value,
                cell: OnceLock<$loom>,
            }

            #[allow(dead_code, reason = "not every cell needs every operation")]
            impl $name {
                pub(crate) const fn new(initial: $value) -> Self {
                    Self { initial, cell: OnceLock::new() }
                }

                fn cell(&self) -> &$loom {
                    self.cell.get_or_init(|| <$loom>::new(self.initial))
                }

                pub(crate) fn load(&self, order: Ordering) -> $value {
                    self.cell().load(order)
                }

                pub(crate) fn store(&self, value: $value, order: Ordering) {
                    self.cell().store(value, order);
                }

                pub(crate) fn compare_exchange(
                    &self,
                    current: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.cell().compare_exchange(current, new, success, failure)
                }
            }
        };
    }

    atomic!(AtomicBool, loom::sync::atomic::AtomicBool, bool);
    atomic!(AtomicU64, loom::sync::atomic::AtomicU64, u64);
    atomic!(AtomicI64, loom::sync::atomic::AtomicI64, i64);

    impl AtomicU64 {
        pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
            self.cell().fetch_add(value, order)
        }
    }

    /// loom's atomics hold numbers: those of the values that have been here.
    pub(crate) struct AtomicCell<T> {
        seen: std::sync::Mutex<Vec<T>>,
        initial: T,
        cell: OnceLock<loom::sync::atomic::AtomicUsize>,
    }

    impl<T: Copy + Eq> AtomicCell<T> {
        pub(crate) const fn new(initial: T) -> Self {
            Self { seen: std::sync::Mutex::new(Vec::new()), initial, cell: OnceLock::new() }
        }

        fn number(&self, value: T) -> usize {
            let mut seen = self.seen.lock().expect("never poisoned");
            seen.iter().position(|other| *other == value).unwrap_or_else(|| {
                seen.push(value);
                seen.len() - 1
            })
        }

        fn value(&self, number: usize) -> T {
            self.seen.lock().expect("never poisoned")[number]
        }

        fn cell(&self) -> &loom::sync::atomic::AtomicUsize {
            self.cell.get_or_init(|| loom::sync::atomic::AtomicUsize::new(self.number(self.initial)))
        }

        pub(crate) fn load(&self) -> T {
            self.value(self.cell().load(Ordering::Acquire))
        }

        pub(crate) fn store(&self, value: T) {
            self.cell().store(self.number(value), Ordering::Release);
        }

        pub(crate) fn compare_exchange(&self, current: T, new: T) -> Result<T, T> {
            let (current, new) = (self.number(current), self.number(new));
            let result = self.cell().compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire);
            result.map(|number| self.value(number)).map_err(|number| self.value(number))
        }
    }

    /// loom has no cell that is written once; the flag shows it when the value is published and when it is looked for.
    pub(crate) struct Once<T> {
        published: loom::sync::atomic::AtomicBool,
        value: OnceLock<T>,
    }

    impl<T> Once<T> {
        pub(crate) fn new() -> Self {
            Self { published: loom::sync::atomic::AtomicBool::new(false), value: OnceLock::new() }
        }

        pub(crate) fn get(&self) -> Option<&T> {
            if self.published.load(Ordering::Acquire) { self.value.get() } else { None }
        }

        pub(crate) fn set(&self, value: T) {
            let first = self.value.set(value).is_ok();
            debug_assert!(first, "published once");
            self.published.store(true, Ordering::Release);
        }

        pub(crate) fn take(&mut self) -> Option<T> {
            self.published = loom::sync::atomic::AtomicBool::new(false);
            self.value.take()
        }
    }

    /// As the one of `once_cell`, which has a pointer where this has the number of a reference.
    pub(crate) struct OnceRef<'a, T> {
        seen: std::sync::Mutex<Vec<&'a T>>,
        cell: OnceLock<loom::sync::atomic::AtomicUsize>,
    }

    /// What the cell holds while it is empty; references are numbered from 1.
    const EMPTY: usize = 0;

    impl<'a, T> OnceRef<'a, T> {
        pub(crate) const fn new() -> Self {
            Self { seen: std::sync::Mutex::new(Vec::new()), cell: OnceLock::new() }
        }

        fn number(&self, found: &'a T) -> usize {
            let mut seen = self.seen.lock().expect("never poisoned");
            seen.push(found);
            seen.len()
        }

        fn found(&self, number: usize) -> &'a T {
            self.seen.lock().expect("never poisoned")[number - 1]
        }

        fn cell(&self) -> &loom::sync::atomic::AtomicUsize {
            self.cell.get_or_init(|| loom::sync::atomic::AtomicUsize::new(EMPTY))
        }

        pub(crate) fn get(&self) -> Option<&'a T> {
            match self.cell().load(Ordering::Acquire) {
                EMPTY => None,
                number => Some(self.found(number)),
            }
        }

        pub(crate) fn get_or_init(&self, find: impl FnOnce() -> &'a T) -> &'a T {
            self.get().unwrap_or_else(|| {
                let found = find();
                let number = self.number(found);
                match self.cell().compare_exchange(EMPTY, number, Ordering::Release, Ordering::Acquire) {
                    Ok(_) => found,
                    Err(other) => self.found(other),
                }
            })
        }
    }

    impl<T> std::fmt::Debug for OnceRef<'_, T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("OnceRef").finish_non_exhaustive()
        }
    }

    pub(crate) struct Slot<T>(Mutex<Option<T>>);

    impl<T> Slot<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(Mutex::new(Some(value)))
        }

        pub(crate) fn take(&self) -> Option<T> {
            self.0.lock().take()
        }

        pub(crate) fn put(&self, value: T) {
            *self.0.lock() = Some(value);
        }

        pub(crate) fn into_inner(self) -> Option<T> {
            self.0.into_inner()
        }
    }

    pub(crate) struct Mutex<T> {
        initial: std::sync::Mutex<Option<T>>,
        cell: OnceLock<loom::sync::Mutex<T>>,
    }

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self { initial: std::sync::Mutex::new(Some(value)), cell: OnceLock::new() }
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            let cell = self.cell.get_or_init(|| {
                let value = self.initial.lock().expect("never poisoned").take();
                loom::sync::Mutex::new(value.expect("initialised once"))
            });
            cell.lock().expect("a model that panics ends")
        }

        pub(crate) fn into_inner(self) -> T {
            match self.cell.into_inner() {
                Some(cell) => cell.into_inner().expect("a model that panics ends"),
                None => self.initial.into_inner().expect("never poisoned").expect("initialised once"),
            }
        }
    }
}
