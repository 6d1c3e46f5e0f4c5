//! What an instance is called.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use smol_str::SmolStr;

/// The name of an instance, as errors carry it; reads as a `str`.
///
/// Copying one never allocates, and touches no shared memory unless the name was given at run time and is longer than 23
/// bytes.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, CircuitBreakerError};
///
/// let breaker = CircuitBreaker::new("device");
/// breaker.force_open();
/// if let Err(CircuitBreakerError::Open { name, .. }) = breaker.try_acquire() {
///     assert_eq!(name, "device");
///     assert!(name.starts_with("dev"));
/// };
/// ```
#[derive(Clone)]
pub struct Name(Repr);

#[derive(Clone)]
enum Repr {
    Fixed(&'static str),
    /// Of an annotated function. The compiler spells its path, but not in a `const`.
    Derived(fn() -> &'static str),
    /// Not an `Arc` alone: its count would be one more line of memory for which refused callers compete.
    Given(SmolStr),
}

impl Name {
    pub(crate) const fn fixed(name: &'static str) -> Self {
        Self(Repr::Fixed(name))
    }

    pub(crate) const fn derived(name: fn() -> &'static str) -> Self {
        Self(Repr::Derived(name))
    }

    pub(crate) fn given(name: Arc<str>) -> Self {
        // A text from run time cannot be looked into in a `const fn`, so `is_empty` could not see this one.
        Self(if name.is_empty() { Repr::Fixed("") } else { Repr::Given(name.into()) })
    }

    pub(crate) const fn is_empty(&self) -> bool {
        match self.0 {
            Repr::Fixed(name) => name.is_empty(),
            Repr::Derived(_) | Repr::Given(_) => false,
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Fixed(name) => name,
            Repr::Derived(name) => name(),
            Repr::Given(name) => name,
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(all(test, not(altlocks_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_copied_and_a_long_one_is_shared() {
        for (length, owners) in [(0, 1), (23, 1), (24, 2)] {
            let text = Arc::<str>::from("x".repeat(length));
            let name = Name::given(Arc::clone(&text));
            assert_eq!((name.as_str(), Arc::strong_count(&text)), (&*text, owners));
        }
    }
}
