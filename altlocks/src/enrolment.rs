//! The annotated functions of the program: what an expansion writes down of each, and how the registry comes to know them.
//!
//! Where it can, the linker collects them into one list (`cfg(altlocks_linked)`, set by the build script for the targets
//! that linkme knows); elsewhere each tells the list at its first call.

#[cfg(all(test, altlocks_loom))]
#[path = "enrolment_model.rs"]
mod model;

use std::collections::BTreeMap;
use std::panic::Location;
use std::time::Duration;

use crate::registry::{self, Kind};
#[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
use crate::sync::{AtomicBool, Ordering};
use crate::sync::{Mutex, OnceRef};

/// All functions with one attribute.
#[cfg(altlocks_linked)]
pub(crate) type Entries<T> = std::slice::Iter<'static, Entry<T>>;

/// All functions with one attribute that were called so far.
#[cfg(not(altlocks_linked))]
pub(crate) type Entries<T> = std::vec::IntoIter<&'static Entry<T>>;

/// The list of all functions with one attribute. Where the linker has one, it is there to be modelled.
#[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
#[cfg_attr(altlocks_linked, expect(unreachable_pub, reason = "no static has its type there"))]
pub struct List<T: 'static>(Mutex<Vec<&'static Entry<T>>>);

#[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
impl<T> List<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn iter(&self) -> std::vec::IntoIter<&'static Entry<T>> {
        self.0.lock().clone().into_iter()
    }

    /// Whoever is back from here finds the function in the list: marked under the lock, it is seen to be marked by those only
    /// who take the lock after that.
    pub(crate) fn add(&self, entry: &'static Entry<T>) {
        if !entry.enrolled.load(Ordering::Relaxed) {
            let mut functions = self.0.lock();
            if !entry.enrolled.load(Ordering::Relaxed) {
                functions.push(entry);
                entry.enrolled.store(true, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
impl<T> std::fmt::Debug for List<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("len", &self.0.lock().len()).finish()
    }
}

/// Writes down one function, as the linker's list has it.
#[cfg(altlocks_linked)]
#[doc(hidden)]
#[macro_export]
macro_rules! __altlocks_enrol {
    ($module:ident $list:ident static $site:ident: $ty:ty = $entry:expr;) => {
        #[$crate::__private::linkme::distributed_slice($crate::__private::$module::$list)]
        #[linkme(crate = $crate::__private::linkme)]
        static $site: $ty = $entry;
    };
}

/// Writes down one function, which tells the list at its first call.
#[cfg(not(altlocks_linked))]
#[doc(hidden)]
#[macro_export]
macro_rules! __altlocks_enrol {
    ($module:ident $list:ident static $site:ident: $ty:ty = $entry:expr;) => {
        static $site: $ty = $entry;
    };
}

/// A primitive that annotated functions use.
pub(crate) trait Shared: Sized + Sync + 'static {
    const KIND: Kind;

    /// All functions of the program that carry its attribute.
    fn entries() -> Entries<Self>;

    /// A function is called for the first time: where the linker does not know it, the list is told.
    fn enrol(entry: &'static Entry<Self>);

    /// Those that were made for names.
    fn instances() -> &'static Instances<Self>;

    /// The instance for a name that no function gives settings; `Err` with the setting that one of them has to give.
    fn without_settings(name: &'static str) -> Result<Self, &'static str>;
}

pub(crate) type Instances<T> = Mutex<BTreeMap<&'static str, &'static T>>;

/// One attribute on one function, as the expansion writes it into a static.
#[derive(Debug)]
pub struct Entry<T: 'static> {
    path: fn() -> &'static str,
    location: &'static Location<'static>,
    source: Source<T>,
    #[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
    enrolled: AtomicBool,
}

#[derive(Debug)]
pub(crate) enum Source<T: 'static> {
    /// One of the function's own.
    Own { settings: &'static str, instance: &'static T },
    /// The one of a name.
    Shared { name: &'static str, settings: Option<Settings<T>> },
    /// Whatever the expression gives.
    Given { expression: &'static str },
}

impl<T> Entry<T> {
    /// A function with an instance of its own.
    #[track_caller]
    pub const fn own(path: fn() -> &'static str, settings: &'static str, instance: &'static T) -> Self {
        Self::new(path, Location::caller(), Source::Own { settings, instance })
    }

    /// A function that shares the instance of a name, and says how it is made.
    #[track_caller]
    pub const fn sharing(path: fn() -> &'static str, name: &'static str, settings: Settings<T>) -> Self {
        Self::new(path, Location::caller(), Source::Shared { name, settings: Some(settings) })
    }

    /// A function that shares the instance of a name, made as another one says.
    #[track_caller]
    pub const fn joining(path: fn() -> &'static str, name: &'static str) -> Self {
        Self::new(path, Location::caller(), Source::Shared { name, settings: None })
    }

    /// A function whose instance an expression gives.
    #[track_caller]
    pub const fn given(path: fn() -> &'static str, expression: &'static str) -> Self {
        Self::new(path, Location::caller(), Source::Given { expression })
    }

    const fn new(path: fn() -> &'static str, location: &'static Location<'static>, source: Source<T>) -> Self {
        Self {
            path,
            location,
            source,
            #[cfg(any(not(altlocks_linked), all(test, altlocks_loom)))]
            enrolled: AtomicBool::new(false),
        }
    }

    pub(crate) fn path(&self) -> &'static str {
        (self.path)()
    }

    pub(crate) const fn location(&self) -> &'static Location<'static> {
        self.location
    }

    pub(crate) const fn source(&self) -> &Source<T> {
        &self.source
    }

    pub(crate) fn settings(&self) -> Option<&Settings<T>> {
        match &self.source {
            Source::Shared { settings, .. } => settings.as_ref(),
            Source::Own { .. } | Source::Given { .. } => None,
        }
    }

    pub(crate) fn shares(&self, name: &str) -> bool {
        matches!(&self.source, Source::Shared { name: shared, .. } if *shared == name)
    }
}

/// The shared instance as one function finds it.
#[derive(Debug)]
pub struct Joint<T: 'static> {
    entry: &'static Entry<T>,
    found: OnceRef<'static, T>,
}

impl<T> Joint<T> {
    /// For the instance that the function of this entry shares.
    #[must_use]
    pub const fn new(entry: &'static Entry<T>) -> Self {
        Self { entry, found: OnceRef::new() }
    }
}

#[expect(private_bounds, reason = "generated code calls it for the primitives that implement the trait")]
impl<T: Shared> Joint<T> {
    /// The instance. After the first call this is one load.
    ///
    /// # Panics
    ///
    /// If functions give the name differing settings.
    #[inline]
    pub fn instance(&self) -> &'static T {
        self.found.get().unwrap_or_else(|| self.look_up())
    }

    #[cold]
    fn look_up(&self) -> &'static T {
        let Source::Shared { name, .. } = &self.entry.source else {
            unreachable!("made for functions that share an instance")
        };
        T::enrol(self.entry);
        let instance = registry::expect_shared(name);
        // Already set by another thread that was here too? Then to the same.
        self.found.get_or_init(|| instance)
    }
}

/// The settings that one function gives a shared instance.
#[derive(Debug)]
pub struct Settings<T> {
    values: &'static [(&'static str, Value)],
    text: &'static str,
    make: fn() -> T,
}

impl<T> Settings<T> {
    /// `values` are compared, `text` is shown, `make` makes an instance with them.
    pub const fn new(values: &'static [(&'static str, Value)], text: &'static str, make: fn() -> T) -> Self {
        Self { values, text, make }
    }

    pub(crate) fn make(&self) -> T {
        (self.make)()
    }

    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.values.len() == other.values.len() && self.values.iter().all(|value| other.values.contains(value))
    }
}

/// The value of a setting, as far as it can be compared.
#[derive(PartialEq, Debug)]
pub struct Value(Repr);

#[derive(Debug)]
enum Repr {
    Count(u32),
    Number(f64),
    Duration(Duration),
    Path { type_name: fn() -> &'static str, text: &'static str },
    Text(&'static str),
}

impl Value {
    /// A number of calls.
    #[must_use]
    pub const fn count(count: u32) -> Self {
        Self(Repr::Count(count))
    }

    /// A factor, a ratio, a rate.
    #[must_use]
    pub const fn number(number: f64) -> Self {
        Self(Repr::Number(number))
    }

    /// A time.
    #[must_use]
    pub const fn duration(duration: Duration) -> Self {
        Self(Repr::Duration(duration))
    }

    /// What a path names, mostly a function: `type_name` is the name of its type, `text` is how it was written.
    #[must_use]
    pub const fn path(type_name: fn() -> &'static str, text: &'static str) -> Self {
        Self(Repr::Path { type_name, text })
    }

    /// What can only be compared as it was written.
    #[must_use]
    pub const fn text(text: &'static str) -> Self {
        Self(Repr::Text(text))
    }
}

impl PartialEq for Repr {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => a == b,
            // No NaN gets here: the builder refuses it.
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b).is_eq(),
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Path { type_name: a, text: x }, Self::Path { type_name: b, text: y }) => {
                // The type of a function is its full path, however it was written. The type of a constant that holds a
                // function pointer is shared by many; there the text decides. (Addresses decide nothing: one function
                // may have several, and two may share one.)
                let (a, b) = (a(), b());
                a == b && (x == y || !a.contains("fn("))
            }
            _ => false,
        }
    }
}
