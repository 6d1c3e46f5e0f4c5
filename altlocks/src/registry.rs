//! Names, and the instances that annotated functions share by them.
//!
//! Every annotated function is known from the start of the program: the linker collects them. So the instances are
//! listed before their first call, a function that only joins a name gets the settings that another one gives,
//! whichever is called first, and [`verify`] finds names with differing settings at start-up. It does so on Linux, Android,
//! macOS, iOS, tvOS, Windows, FreeBSD, OpenBSD, illumos and Fuchsia. On other targets, WebAssembly among them, a function
//! is known from its first call on; there, the first function of a name that is called should be the one with the settings.
//!
//! That is one list for all crates of the program, whatever the optimisation. A crate that is a dependency but that no code
//! names is not in the program: the compiler leaves it out. `use that_crate as _;` brings it in.
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

use std::fmt;
use std::panic::Location;

use crate::enrolment::{Entry, Settings, Shared, Source};
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
    let breakers = CircuitBreaker::entries().map(site_of);
    let throttles = DynamicThrottle::entries().map(site_of);
    breakers.chain(throttles).chain(ResourceGuard::<()>::entries().map(site_of))
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

/// The instance of a shared name, made if this is its first use.
fn shared<T: Shared>(name: &'static str) -> Result<&'static T, Conflict> {
    let settings = agreed::<T>(name)?;
    if let Some(made) = T::instances().lock().get(name).copied() {
        return Ok(made);
    }
    let made = match settings {
        Some(settings) => settings.make(),
        None => T::without_settings(name).map_err(|missing| {
            let sites = functions_of(name).into_iter().map(site_of::<T>).collect();
            Conflict { kind: T::KIND, name, missing: Some(missing), sites }
        })?,
    };
    let mut made = Some(Box::new(made));
    let mut instances = T::instances().lock();
    // For ever: functions refer to it from statics. Of two threads that came this far, one drops what it made.
    let instance: &'static T = instances.entry(name).or_insert_with(|| Box::leak(made.take().expect("taken once")));
    drop(instances);
    Ok(instance)
}

/// The settings that the functions of a name agree on, if any gives some.
fn agreed<T: Shared>(name: &'static str) -> Result<Option<&'static Settings<T>>, Conflict> {
    let mut differing: Vec<(Site, &'static Settings<T>)> = Vec::new();
    for entry in functions_of::<T>(name) {
        if let Some(settings) = entry.settings()
            && !differing.iter().any(|(_, known)| known.same_as(settings))
        {
            differing.push((site_of(entry), settings));
        }
    }
    match differing.as_slice() {
        [] => Ok(None),
        [(_, settings)] => Ok(Some(settings)),
        _ => {
            let sites = differing.into_iter().map(|(site, _)| site).collect();
            Err(Conflict { kind: T::KIND, name, missing: None, sites })
        }
    }
}

/// The functions that share a name, ordered by their place in the sources.
fn functions_of<T: Shared>(name: &str) -> Vec<&'static Entry<T>> {
    let mut functions: Vec<_> = T::entries().filter(|entry| entry.shares(name)).collect();
    functions.sort_by_key(|entry| site_of(entry).place());
    functions
}

/// The instance of a shared name, for a function that uses it.
///
/// # Panics
///
/// If there is none to agree on.
pub(crate) fn expect_shared<T: Shared>(name: &'static str) -> &'static T {
    shared(name).unwrap_or_else(|conflict| panic!("{conflict}"))
}

fn site_of<T: Shared>(entry: &'static Entry<T>) -> Site {
    let path = entry.path();
    let (name, settings) = match entry.source() {
        Source::Own { settings, .. } => (Some(path), *settings),
        Source::Shared { name, settings } => (Some(*name), settings.as_ref().map_or("", Settings::text)),
        Source::Given { expression } => (None, *expression),
    };
    Site { kind: T::KIND, path, name, settings, location: entry.location() }
}

fn names<T: Shared>() -> impl Iterator<Item = &'static str> {
    let names = T::entries().filter_map(|entry| match entry.source() {
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
    T::entries().filter_map(|entry| match entry.source() {
        Source::Own { instance, .. } => Some((entry, *instance)),
        Source::Shared { .. } | Source::Given { .. } => None,
    })
}

pub(crate) fn all<T: Shared>() -> impl Iterator<Item = &'static T> {
    names::<T>().filter_map(|name| shared(name).ok()).chain(own().map(|(_, instance)| instance))
}

pub(crate) fn find<T: Shared>(name: &str) -> Option<&'static T> {
    match names::<T>().find(|known| *known == name) {
        Some(name) => shared(name).ok(),
        None => own().find(|(entry, _)| entry.path() == name).map(|(_, instance)| instance),
    }
}
