//! All that generated code may name, and nothing that anyone else should. It joins the registry and the primitives.

use std::any::type_name;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::pin::Pin;

use crate::enrolment::{Entries, Instances, Shared};
use crate::registry::Kind;
use crate::sync::Mutex;
use crate::{Classify, FromRefusal};

pub use std::option::Option::{self, None, Some};
pub use std::primitive::{f64, u32};
pub use std::result::Result::{self, Err, Ok};
pub use std::time::Duration;

#[cfg(altlocks_linked)]
pub use linkme;

pub use crate::__altlocks_enrol as enrol;

pub use crate::breaker::Admitted as Permit;
#[cfg(not(altlocks_linked))]
pub use crate::enrolment::List;
pub use crate::enrolment::{Entry as Site, Joint, Settings, Value};
pub use crate::{CircuitBreakerError, Outcome, Pass, ResourceBusy, ResourceGuard, ThrottleTimeout};
pub use std::mem::drop;

/// What the expansion of `#[circuit_breaker]` needs to make an instance.
pub mod circuit_breaker {
    use std::ops::Deref;

    pub use crate::CircuitBreaker as Instance;
    pub use crate::breaker::Admitted;
    use crate::{CircuitBreakerBuilder, CircuitBreakerError, Name};

    /// All annotated functions. The linker knows the list by this name, so it has to be one that no other crate uses.
    #[cfg(altlocks_linked)]
    #[linkme::distributed_slice]
    pub static ALTLOCKS_0_1_CIRCUIT_BREAKERS: [crate::enrolment::Entry<Instance>];

    /// All annotated functions that were called so far.
    #[cfg(not(altlocks_linked))]
    pub static ALTLOCKS_0_1_CIRCUIT_BREAKERS: crate::enrolment::List<Instance> = crate::enrolment::List::new();

    /// A builder with the defaults.
    pub const fn builder(name: Name) -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new(name)
    }

    /// The instance; each setting was checked where it was written.
    #[must_use]
    pub const fn build(builder: CircuitBreakerBuilder) -> Instance {
        Instance::with(builder)
    }

    /// Asks for one call to be let in.
    #[inline]
    pub fn admit<B: Deref<Target = Instance>>(breaker: B) -> Result<Admitted<B>, CircuitBreakerError> {
        Admitted::ask(breaker)
    }
}

/// What the expansion of `#[throttle]` needs to make an instance.
pub mod throttle {
    pub use crate::DynamicThrottle as Instance;
    use crate::{DynamicThrottleBuilder, Name};

    /// All annotated functions. The linker knows the list by this name, so it has to be one that no other crate uses.
    #[cfg(altlocks_linked)]
    #[linkme::distributed_slice]
    pub static ALTLOCKS_0_1_THROTTLES: [crate::enrolment::Entry<Instance>];

    /// All annotated functions that were called so far.
    #[cfg(not(altlocks_linked))]
    pub static ALTLOCKS_0_1_THROTTLES: crate::enrolment::List<Instance> = crate::enrolment::List::new();

    /// A builder with the defaults.
    pub const fn builder(name: Name, rate: f64) -> DynamicThrottleBuilder {
        DynamicThrottleBuilder::new(name, rate)
    }

    /// The instance; each setting was checked where it was written.
    #[must_use]
    pub const fn build(builder: DynamicThrottleBuilder) -> Instance {
        Instance::with(builder)
    }
}

impl Shared for throttle::Instance {
    const KIND: Kind = Kind::Throttle;

    fn entries() -> Entries<Self> {
        throttle::ALTLOCKS_0_1_THROTTLES.iter()
    }

    #[inline]
    fn enrol(_entry: &'static Site<Self>) {
        #[cfg(not(altlocks_linked))]
        throttle::ALTLOCKS_0_1_THROTTLES.add(_entry);
    }

    fn instances() -> &'static Instances<Self> {
        static INSTANCES: Instances<throttle::Instance> = Instances::new(BTreeMap::new());
        &INSTANCES
    }

    fn without_settings(_name: &'static str) -> Result<Self, &'static str> {
        Err("rate")
    }
}

/// What the expansion of `#[resource_guard]` needs to make an instance.
pub mod resource_guard {
    use crate::{Name, ResourceGuard};

    /// Nothing but the right to run.
    pub type Instance = ResourceGuard<()>;

    /// All annotated functions. The linker knows the list by this name, so it has to be one that no other crate uses.
    #[cfg(altlocks_linked)]
    #[linkme::distributed_slice]
    pub static ALTLOCKS_0_1_RESOURCE_GUARDS: [crate::enrolment::Entry<Instance>];

    /// All annotated functions that were called so far.
    #[cfg(not(altlocks_linked))]
    pub static ALTLOCKS_0_1_RESOURCE_GUARDS: crate::enrolment::List<Instance> = crate::enrolment::List::new();

    /// What an instance is made from.
    #[derive(Debug)]
    pub struct Builder {
        name: Name,
        action: &'static str,
    }

    impl Builder {
        /// What errors say is being done.
        #[must_use]
        pub const fn action(mut self, action: &'static str) -> Self {
            self.action = action;
            self
        }
    }

    /// A builder with the defaults.
    #[must_use]
    pub const fn builder(name: Name) -> Builder {
        Builder { name, action: "using" }
    }

    /// The instance; each setting was checked where it was written.
    #[must_use]
    pub const fn build(mut builder: Builder) -> Instance {
        // A `const fn` cannot take a value with a destructor apart.
        let name = std::mem::replace(&mut builder.name, Name::fixed(""));
        let action = Name::fixed(builder.action);
        std::mem::forget(builder);
        ResourceGuard::described((), name, action)
    }
}

impl Shared for resource_guard::Instance {
    const KIND: Kind = Kind::ResourceGuard;

    fn entries() -> Entries<Self> {
        resource_guard::ALTLOCKS_0_1_RESOURCE_GUARDS.iter()
    }

    #[inline]
    fn enrol(_entry: &'static Site<Self>) {
        #[cfg(not(altlocks_linked))]
        resource_guard::ALTLOCKS_0_1_RESOURCE_GUARDS.add(_entry);
    }

    fn instances() -> &'static Instances<Self> {
        static INSTANCES: Instances<resource_guard::Instance> = Instances::new(BTreeMap::new());
        &INSTANCES
    }

    fn without_settings(name: &'static str) -> Result<Self, &'static str> {
        Ok(resource_guard::build(resource_guard::builder(fixed(name))))
    }
}

impl Shared for circuit_breaker::Instance {
    const KIND: Kind = Kind::CircuitBreaker;

    fn entries() -> Entries<Self> {
        circuit_breaker::ALTLOCKS_0_1_CIRCUIT_BREAKERS.iter()
    }

    #[inline]
    fn enrol(_entry: &'static Site<Self>) {
        #[cfg(not(altlocks_linked))]
        circuit_breaker::ALTLOCKS_0_1_CIRCUIT_BREAKERS.add(_entry);
    }

    fn instances() -> &'static Instances<Self> {
        static INSTANCES: Instances<circuit_breaker::Instance> = Instances::new(BTreeMap::new());
        &INSTANCES
    }

    fn without_settings(name: &'static str) -> Result<Self, &'static str> {
        Ok(Self::new(name))
    }
}

/// A name or a text, as a constant holds it.
pub type Text = &'static str;

/// Panics with `rule` if it does not hold. In a constant that is a compile error.
#[track_caller]
pub const fn require(holds: bool, rule: &'static str) {
    assert!(holds, "{}", rule);
}

/// The range of a number of calls.
#[must_use]
pub const fn at_least_one(count: u32) -> bool {
    count > 0
}

/// The range of a time that cannot be none.
#[must_use]
pub const fn longer_than_zero(duration: Duration) -> bool {
    !duration.is_zero()
}

/// The range of a name or a text.
#[must_use]
pub const fn not_empty(text: Text) -> bool {
    !text.is_empty()
}

/// The range of a number; each bound with whether it belongs to it.
#[must_use]
pub const fn in_range(number: f64, from: f64, with_from: bool, to: f64, with_to: bool) -> bool {
    (number > from || with_from && number >= from) && (number < to || with_to && number <= to)
}

/// A number of calls, to be compared with another setting.
#[must_use]
pub const fn number(count: u32) -> f64 {
    count as f64
}

/// Whether one setting is not above another. Nothing is said of settings that are not all `valid`.
#[must_use]
pub const fn in_order(lesser: f64, greater: f64, valid: &[bool]) -> bool {
    let mut at = 0;
    while at < valid.len() {
        if !valid[at] {
            return true;
        }
        at += 1;
    }
    lesser <= greater
}

/// A function that does not look its instance up is called.
#[expect(private_bounds, reason = "generated code calls it for the primitives that implement the trait")]
#[inline]
pub fn called<T: Shared>(site: &'static Site<T>) {
    T::enrol(site);
}

/// An instance that is the same for every call, by the way to it.
#[derive(Debug)]
pub struct Fixed<F>(pub F);

impl<T: 'static, F: Fn() -> &'static T> Deref for Fixed<F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        (self.0)()
    }
}

/// A name that was written.
#[must_use]
pub const fn fixed(name: &'static str) -> crate::Name {
    crate::Name::fixed(name)
}

/// The name of a function, by its path.
pub const fn derived(path: fn() -> &'static str) -> crate::Name {
    crate::Name::derived(path)
}

/// The path of the function in whose body `local`, a function item, is declared.
pub fn path_of<F>(_local: &F) -> &'static str {
    /// What the compiler calls the body of an async function.
    const BODY: &str = "::{{closure}}";
    /// Paths that had to be put together. A name lives for ever, so each is made only once.
    static MADE: Mutex<BTreeMap<&str, &str>> = Mutex::new(BTreeMap::new());

    let path = type_name::<F>();
    let mut path = path.rsplit_once("::").map_or(path, |(outer, _local)| outer);
    while let Some(outer) = path.strip_suffix(BODY) {
        path = outer;
    }
    if !path.contains(BODY) {
        return path;
    }
    // The function is declared inside an async function.
    MADE.lock().entry(path).or_insert_with(|| path.replace(BODY, "").leak())
}

/// The name of the type of a value that is only looked at.
pub fn type_name_of<T>(_value: &T) -> &'static str {
    type_name::<T>()
}

/// A value that is never made: it fixes a type on an edge that is never taken.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("on an edge that is never taken")
}

/// The future; the function is there for its return type, which no expression can name.
pub fn returns_never<T, F: Future<Output = T>>(_never_called: fn() -> T, future: F) -> F {
    future
}

/// Calls `f`, which may give away what it captured.
pub fn once<T>(f: impl FnOnce() -> T) -> T {
    f()
}

/// A boxed future.
pub fn pin<F>(future: F) -> Pin<Box<F>> {
    Box::pin(future)
}

/// A refusal as the function's return value.
pub fn refused<T: FromRefusal<R>, R>(refusal: R) -> T {
    T::from_refusal(refusal)
}

/// A refusal as what `fallback` makes of it.
pub fn fall_back<T, R>(fallback: impl FnOnce(R) -> T, refusal: R) -> T {
    fallback(refusal)
}

/// What the output says by its type.
pub fn outcome_of<T: Classify>(output: &T) -> Outcome {
    output.outcome()
}

/// An output whose type may tell an outcome, or not.
#[derive(Debug)]
pub struct Probe<'a, T>(pub &'a T);

/// Found by `(&Probe(..)).outcome()` where the type tells an outcome.
pub trait ByType {
    /// What the output says by its type.
    fn outcome(&self) -> Outcome;
}

impl<T: Classify> ByType for Probe<'_, T> {
    fn outcome(&self) -> Outcome {
        self.0.outcome()
    }
}

/// Found by the same call, one reference later, where it does not.
pub trait AnythingElse {
    /// A value is a success.
    fn outcome(&self) -> Outcome;
}

impl<T> AnythingElse for &Probe<'_, T> {
    fn outcome(&self) -> Outcome {
        Outcome::Success
    }
}

/// A return type that can be both refused and classified.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot carry a refusal (`{R}`)",
    label = "a refused call has no way to return through this type",
    note = "ways out: return a `Result` whose error type implements `From<{R}>`, as by a variant \
            `Refused(#[from] {R})` with thiserror; or return an `Option`, whose `None` a refusal becomes; or say what a \
            refused call returns with `fallback = |refusal| ..`, and, unless it is a `Result` or an `Option`, which values \
            are failures with `fail_if = |value| ..`"
)]
pub trait Protected<R>: Classify + FromRefusal<R> {}

#[diagnostic::do_not_recommend]
impl<T: Classify + FromRefusal<R>, R> Protected<R> for T {}

/// [`refused`], where [`protected_outcome`] classifies.
pub fn protected_refused<T: Protected<R>, R>(refusal: R) -> T {
    T::from_refusal(refusal)
}

/// [`outcome_of`], where [`protected_refused`] refuses.
pub fn protected_outcome<T: Protected<R>, R>(output: &T) -> Outcome {
    output.outcome()
}

/// What `fail_if` says of the output.
pub fn fails<T>(output: &T, fail_if: impl FnOnce(&T) -> bool) -> bool {
    fail_if(output)
}

/// The error that `fail_on` matches.
pub fn error_of<T: Fallible<E>, E>(output: &T) -> Option<&E> {
    output.error()
}

/// A `Result`.
#[diagnostic::on_unimplemented(
    message = "`fail_on` matches the error of a `Result`, and `{Self}` is none",
    label = "there is no error in a `{Self}`",
    note = "ways out: return a `Result`, or say which values are failures with `fail_if = |value| ..`"
)]
pub trait Fallible<E> {
    /// The error, if there is one.
    fn error(&self) -> Option<&E>;
}

impl<T, E> Fallible<E> for Result<T, E> {
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// A type in which `default` can stand for a failure.
#[diagnostic::on_unimplemented(
    message = "`default` stands for a failure, and `{Self}` has none",
    label = "neither a `Result` nor an `Option`",
    note = "`default = VALUE` returns `Ok(VALUE)` or `Some(VALUE)` in place of a failure"
)]
pub trait Recover<T> {
    /// A success with this value.
    fn recover(value: T) -> Self;
}

impl<T, E> Recover<T> for Result<T, E> {
    fn recover(value: T) -> Self {
        Ok(value)
    }
}

impl<T> Recover<T> for Option<T> {
    fn recover(value: T) -> Self {
        Some(value)
    }
}

/// A success with the value that `default` gives.
pub fn recovered<R: Recover<T>, T>(value: T) -> R {
    R::recover(value)
}

#[cfg(test)]
mod tests {
    /// The linker's lists are found by their names, so those of two versions in one program have to differ.
    #[test]
    fn the_lists_are_named_by_the_version() {
        let version = concat!("ALTLOCKS_", env!("CARGO_PKG_VERSION_MAJOR"), "_", env!("CARGO_PKG_VERSION_MINOR"), "_");
        let lists = [
            stringify!(ALTLOCKS_0_1_CIRCUIT_BREAKERS),
            stringify!(ALTLOCKS_0_1_THROTTLES),
            stringify!(ALTLOCKS_0_1_RESOURCE_GUARDS),
        ];
        assert!(lists.iter().all(|list| list.starts_with(version)), "{version}");
    }
}
