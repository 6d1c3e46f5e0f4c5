//! Names, and the instances that annotated functions share by them.
//!
//! Every annotated function is known from the start of the program: the linker collects them. So the instances are
//! listed before their first call, a function that only joins a name gets the settings that another one gives,
//! whichever is called first, and [`verify`] finds names with differing settings at start-up.
//!
//! # Examples
//!
//! ```
//! use altlocks::{CircuitBreakerError, State, circuit_breaker, registry};
//!
//! #[circuit_breaker(name = "invoices", max_fails = 5)]
//! async fn load(id: u32) -> Result<String, CircuitBreakerError> {
//!     Ok(format!("row {id}"))
//! }
//!
//! fn main() -> Result<(), registry::Conflicts> {
//!     registry::verify()?; // worth a line at the start of every service
//!     for breaker in registry::circuit_breakers() {
//!         println!("{}: {:?}", breaker.name(), breaker.state());
//!     }
//!     let invoices = registry::circuit_breaker("invoices").expect("`load` has it");
//!     assert_eq!(invoices.state(), State::Closed);
//!     Ok(())
//! }
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use once_cell::race::OnceRef;

use crate::sync::Mutex;
use crate::{CircuitBreaker, DynamicThrottle, ResourceGuard};

/// The circuit breakers of all annotated functions, each once, in no particular order.
///
/// Those given by an expression (`breaker = ..`) belong to whoever made them and are not listed, nor is a name with
/// differing settings, which has no instance.
pub fn circuit_breakers() -> impl Iterator<Item = &'static CircuitBreaker> {
    all()
}

/// The circuit breaker that annotated functions use under `name`: the one they share, or, by the path of a function
/// with one of its own, that one.
#[must_use]
pub fn circuit_breaker(name: &str) -> Option<&'static CircuitBreaker> {
    find(name)
}

/// The throttles of all annotated functions, each once, in no particular order; as
/// [`circuit_breakers`] otherwise.
pub fn throttles() -> impl Iterator<Item = &'static DynamicThrottle> {
    all()
}

/// The throttle that annotated functions use under `name`; as [`circuit_breaker`] otherwise.
#[must_use]
pub fn throttle(name: &str) -> Option<&'static DynamicThrottle> {
    find(name)
}

/// Every annotated function of the program, in no particular order.
pub fn sites() -> impl Iterator<Item = Site> {
    let breakers = CircuitBreaker::entries().iter().map(site_of);
    let throttles = DynamicThrottle::entries().iter().map(site_of);
    breakers.chain(throttles).chain(ResourceGuard::<()>::entries().iter().map(site_of))
}

/// Whether every shared name has one set of settings.
///
/// # Errors
///
/// [`Conflicts`], which tells every name with differing settings and where they stand. A call of a function with such a
/// name panics with the same words, so call this at the start of the program.
pub fn verify() -> Result<(), Conflicts> {
    let conflicts: Vec<Conflict> = conflicts::<CircuitBreaker>()
        .chain(conflicts::<DynamicThrottle>())
        .chain(conflicts::<ResourceGuard<()>>())
        .collect();
    if conflicts.is_empty() { Ok(()) } else { Err(Conflicts(conflicts)) }
}

/// Which attribute a function carries.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `#[circuit_breaker(..)]`
    CircuitBreaker,
    /// `#[throttle(..)]`
    Throttle,
    /// `#[resource_guard(..)]`
    ResourceGuard,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CircuitBreaker => "circuit breaker",
            Self::Throttle => "throttle",
            Self::ResourceGuard => "resource guard",
        })
    }
}

/// One attribute on one function.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    kind: Kind,
    path: &'static str,
    name: Option<&'static str>,
    settings: &'static str,
    location: &'static Location<'static>,
}

impl Site {
    /// Which attribute it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The function: `my_crate::api::Client::search`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The name of the instance: the one given, or the path of a function with an instance of its own; `None` where an
    /// expression gives the instance.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// The settings, or the expression that gives the instance, as written: `max_fails = 5, reset = "1s"`. Empty where
    /// the attribute says nothing of them.
    #[must_use]
    pub const fn settings(&self) -> &'static str {
        self.settings
    }

    /// Where the attribute stands.
    #[must_use]
    pub const fn location(&self) -> &'static Location<'static> {
        self.location
    }

    fn place(&self) -> (&'static str, u32, u32) {
        (self.location.file(), self.location.line(), self.location.column())
    }
}

/// A name whose functions give it differing settings, or not the one that it cannot do without.
#[derive(Clone, Debug)]
pub struct Conflict {
    kind: Kind,
    name: &'static str,
    missing: Option<&'static str>,
    sites: Vec<Site>,
}

impl Conflict {
    /// Which attribute the functions carry.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The name that they share.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One function for each set of settings, ordered by their place in the sources; all of them where none gives any.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, missing, sites } = self;
        match missing {
            Some(setting) => write!(f, "{kind} `{name}` has no `{setting}`, which one of its functions has to give")?,
            None => write!(f, "{kind} `{name}` has differing settings")?,
        }
        for (at, site) in sites.iter().enumerate() {
            f.write_str(if at == 0 { ": " } else { ", " })?;
            if missing.is_none() {
                write!(f, "`{}` at ", site.settings)?;
            }
            write!(f, "{}", site.location)?;
        }
        Ok(())
    }
}

/// All names with differing settings. Its text has a line for each.
#[derive(Clone)]
pub struct Conflicts(Vec<Conflict>);

impl Conflicts {
    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Conflict> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Conflicts {
    type Item = &'a Conflict;
    type IntoIter = std::slice::Iter<'a, Conflict>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, conflict) in self.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            conflict.fmt(f)?;
        }
        Ok(())
    }
}

/// As [`Display`](fmt::Display): it is what a `main` that returns it shows.
impl fmt::Debug for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Conflicts {}

/// A primitive that annotated functions use.
pub(crate) trait Shared: Sized + Sync + 'static {
    const KIND: Kind;

    /// All functions of the program that carry its attribute.
    fn entries() -> &'static [Entry<Self>];

    /// Those that were made for names.
    fn instances() -> &'static Instances<Self>;

    /// The instance for a name that no function gives settings; `Err` with the setting that one of them has to give.
    fn without_settings(name: &'static str) -> Result<Self, &'static str>;
}

pub(crate) type Instances<T> = Mutex<BTreeMap<&'static str, &'static T>>;

/// One attribute on one function, as the expansion writes it into a static.
#[doc(hidden)]
#[derive(Debug)]
pub struct Entry<T: 'static> {
    path: fn() -> &'static str,
    location: &'static Location<'static>,
    source: Source<T>,
}

#[derive(Debug)]
enum Source<T: 'static> {
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
        Self { path, location, source }
    }

    fn settings(&self) -> Option<&Settings<T>> {
        match &self.source {
            Source::Shared { settings, .. } => settings.as_ref(),
            Source::Own { .. } | Source::Given { .. } => None,
        }
    }

    fn shares(&self, name: &str) -> bool {
        matches!(&self.source, Source::Shared { name: shared, .. } if *shared == name)
    }
}

fn site_of<T: Shared>(entry: &'static Entry<T>) -> Site {
    let path = (entry.path)();
    let (name, settings) = match &entry.source {
        Source::Own { settings, .. } => (Some(path), *settings),
        Source::Shared { name, settings } => (Some(*name), settings.as_ref().map_or("", |settings| settings.text)),
        Source::Given { expression } => (None, *expression),
    };
    Site { kind: T::KIND, path, name, settings, location: entry.location }
}

/// The shared instance as one function finds it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Joint<T: 'static> {
    name: &'static str,
    found: OnceRef<'static, T>,
}

impl<T> Joint<T> {
    /// For the instance of this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, found: OnceRef::new() }
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
        match shared(self.name) {
            // Already set by another thread that was here too? Then to the same.
            Ok(instance) => self.found.get_or_init(|| instance),
            Err(conflict) => panic!("{conflict}"),
        }
    }
}

/// The settings that one function gives a shared instance.
#[doc(hidden)]
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

    fn same_as(&self, other: &Self) -> bool {
        self.values.len() == other.values.len() && self.values.iter().all(|value| other.values.contains(value))
    }
}

/// The value of a setting, as far as it can be compared.
#[doc(hidden)]
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

/// The instance of a shared name, made if this is its first use.
fn shared<T: Shared>(name: &'static str) -> Result<&'static T, Conflict> {
    if let Some(made) = T::instances().lock().get(name).copied() {
        return Ok(made);
    }
    let mut made = Some(Box::new(new(name)?));
    let mut instances = T::instances().lock();
    // For ever: functions refer to it from statics. Of two threads that came this far, one drops what it made.
    let instance: &'static T = instances.entry(name).or_insert_with(|| Box::leak(made.take().expect("taken once")));
    drop(instances);
    Ok(instance)
}

/// An instance as the functions of a name agree on it.
fn new<T: Shared>(name: &'static str) -> Result<T, Conflict> {
    let mut functions: Vec<_> = T::entries().iter().filter(|entry| entry.shares(name)).collect();
    functions.sort_by_key(|entry| site_of(entry).place());
    let mut differing: Vec<(Site, &Settings<T>)> = Vec::new();
    for entry in &functions {
        if let Some(settings) = entry.settings()
            && !differing.iter().any(|(_, known)| known.same_as(settings))
        {
            differing.push((site_of(entry), settings));
        }
    }
    let conflict = |missing, sites| Conflict { kind: T::KIND, name, missing, sites };
    match differing.as_slice() {
        [] => T::without_settings(name)
            .map_err(|missing| conflict(Some(missing), functions.into_iter().map(site_of).collect())),
        [(_, settings)] => Ok((settings.make)()),
        _ => Err(conflict(None, differing.into_iter().map(|(site, _)| site).collect())),
    }
}

fn names<T: Shared>() -> impl Iterator<Item = &'static str> {
    let names = T::entries().iter().filter_map(|entry| match &entry.source {
        Source::Shared { name, .. } => Some(*name),
        Source::Own { .. } | Source::Given { .. } => None,
    });
    let names: std::collections::BTreeSet<_> = names.collect();
    names.into_iter()
}

fn conflicts<T: Shared>() -> impl Iterator<Item = Conflict> {
    names::<T>().filter_map(|name| shared::<T>(name).err())
}

fn own<T: Shared>() -> impl Iterator<Item = (&'static Entry<T>, &'static T)> {
    T::entries().iter().filter_map(|entry| match &entry.source {
        Source::Own { instance, .. } => Some((entry, *instance)),
        Source::Shared { .. } | Source::Given { .. } => None,
    })
}

fn all<T: Shared>() -> impl Iterator<Item = &'static T> {
    names::<T>().filter_map(|name| shared(name).ok()).chain(own().map(|(_, instance)| instance))
}

fn find<T: Shared>(name: &str) -> Option<&'static T> {
    match names::<T>().find(|known| *known == name) {
        Some(name) => shared(name).ok(),
        None => own().find(|(entry, _)| (entry.path)() == name).map(|(_, instance)| instance),
    }
}
