//! The only file that names std's or loom's synchronisation.
//!
//! Under `cfg(altlocks_loom)` the types are loom's, so that the shells can be model-checked as they are. loom's
//! constructors are not `const`; there the cells are made at their first use, which inside a model is the same thing.

#[cfg(not(altlocks_loom))]
pub(crate) use self::native::{AtomicI64, AtomicU64, Mutex, MutexGuard};

#[cfg(altlocks_loom)]
pub(crate) use self::modelled::{AtomicI64, AtomicU64, Mutex, MutexGuard};

pub(crate) use std::sync::atomic::Ordering;

#[cfg(not(altlocks_loom))]
mod native {
    pub(crate) use std::sync::MutexGuard;
    pub(crate) use std::sync::atomic::{AtomicI64, AtomicU64};

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
            pub(crate) struct $name {
                initial: $value,
                cell: OnceLock<$loom>,
            }

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

    atomic!(AtomicU64, loom::sync::atomic::AtomicU64, u64);
    atomic!(AtomicI64, loom::sync::atomic::AtomicI64, i64);

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
    }
}
