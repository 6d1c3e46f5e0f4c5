//! Circuit breakers, adaptive throttles, guards and barriers: non-conventional async synchronisation for Rust services, put
//! on a function in one line.
//!
//! ```
//! use altlocks::{CircuitBreakerError, circuit_breaker};
//! # #[derive(Debug)] struct Hit;
//! # async fn request(_: &str) -> Result<Vec<Hit>, ApiError> { Err(ApiError::Timeout) }
//!
//! #[circuit_breaker(max_fails = 5, reset = "30s", fail_on = ApiError::Timeout | ApiError::Io(_))]
//! async fn search(query: &str) -> Result<Vec<Hit>, ApiError> {
//!     if query.is_empty() {
//!         return Err(ApiError::BadQuery); // says nothing about the server: neither failure nor success
//!     }
//!     request(query).await
//! }
//!
//! #[derive(Debug)]
//! enum ApiError {
//!     Timeout,
//!     Io(std::io::Error),
//!     BadQuery,
//!     Refused(CircuitBreakerError), // what a call returns that was not made
//! }
//!
//! impl From<CircuitBreakerError> for ApiError {
//!     fn from(refusal: CircuitBreakerError) -> Self {
//!         Self::Refused(refusal)
//!     }
//! }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! # for _ in 0..5 { assert!(matches!(search("q").await, Err(ApiError::Timeout))); }
//! # assert!(matches!(search("q").await, Err(ApiError::Refused(_))));
//! # });
//! ```
//!
//! # Which one?
//!
//! | need | type | attribute |
//! |---|---|---|
//! | stop calling what keeps failing, find out when it works again | [`CircuitBreaker`] | [`circuit_breaker`](macro@circuit_breaker) |
//! | call at an even pace, as fast as the callee can take | [`DynamicThrottle`] | [`throttle`](macro@throttle) |
//! | fail at once where two tasks would use one thing | [`ResourceGuard`] | [`resource_guard`](macro@resource_guard) |
//! | the same for equal things in the whole process: a path, an address | [`UniqueResourceGuard`] | – |
//! | let tasks meet, and gather what each brings | [`StatefulBarrier`] | – |
//! | let go of a lock for a while and take it again | [`Releasing`], [`Unlocked`] | – |
//!
//! # What holds for all of them
//!
//! - **Cancel safety.** Every future may be dropped at any await point. What has happened then stands under *Cancel
//!   safety* in its docs, and a test holds that sentence.
//! - **Panics.** A panic of a protected call is a failure and goes on to the caller. The crate has few of its own, each
//!   asked for and told under *Panics*: what a builder or a shared name refuses, a future polled after it was ready.
//! - **Locks.** No lock is held while foreign code runs: a hook, a waker, a destructor may call back.
//! - **Time.** The clock is [`tokio::time::Instant`], so a paused runtime tests everything.
//! - **Outcomes.** What a call means is an [`Outcome`], told by its return value ([`Classify`]) or by the attribute. A
//!   refusal reaches the caller as its own error type ([`FromRefusal`]).
//!
#![doc = include_str!("expansion.md")]
//!
//! # Features
//!
//! - `macros` (default): the attributes.
//! - `metrics`: what happens to circuits and throttles, by the facade of the crate `metrics`, each with the label `name`:
//!   `altlocks_circuit_breaker_state` (a gauge, 0 closed, 1 half-open, 2 open; from the first change on),
//!   `altlocks_circuit_breaker_transitions_total` (also `from`, `to`), `altlocks_circuit_breaker_refused_total` (also
//!   `state`), `altlocks_throttle_rate` (a gauge, in calls per second; from the first change on),
//!   `altlocks_throttle_timeouts_total`. A call that is let in records nothing; to record a refusal allocates.
//! - `quanta`: [`DynamicThrottleBuilder::quanta`], a quicker clock for throttles that admit very many calls.
//! - `tracing`: a warning where a [`UniqueResourceGuard`] keeps its own action instead of the one asked for.

#[doc(hidden)]
pub mod __private;
mod barrier;
mod breaker;
mod clock;
mod draw;
mod enrolment;
mod events;
mod guard;
mod invalid;
mod moment;
mod name;
mod outcome;
pub mod registry;
mod releasing;
mod sync;
mod telemetry;
mod throttle;

pub use self::barrier::{
    Arrival, BreakCause, BrokenBarrierError, OwnedWait, StatefulBarrier, StatefulBarrierBuilder, Wait,
};
pub use self::breaker::{CircuitBreaker, CircuitBreakerBuilder, CircuitBreakerError, Permit, State, Transition};
pub use self::guard::{Guarded, OwnedGuarded, ResourceBusy, ResourceGuard, UniqueGuarded, UniqueResourceGuard};
pub use self::invalid::InvalidParameter;
pub use self::name::Name;
pub use self::outcome::{Classify, FromRefusal, Outcome};
pub use self::releasing::{Releasing, Relock, Unlocked};
pub use self::throttle::{Adaptation, DynamicThrottle, DynamicThrottleBuilder, InvalidRate, Pass, ThrottleTimeout};

/// Puts a [`CircuitBreaker`] on an async function.
///
/// The function keeps its signature, docs and lifetimes. It asks the breaker at its first poll; what it returns is
/// recorded. A refused call returns [`CircuitBreakerError`] by `From`, as the function's error type, or `None` from a
/// function that returns an `Option`.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreakerError, circuit_breaker};
///
/// #[derive(Debug)]
/// enum DbError { Down, NotFound, Refused(CircuitBreakerError) }
///
/// impl From<CircuitBreakerError> for DbError {
///     fn from(refusal: CircuitBreakerError) -> Self { Self::Refused(refusal) }
/// }
///
/// struct Database;
///
/// impl Database {
///     /// Two functions share one breaker by its name.
///     #[circuit_breaker(name = "database", max_fails = 10, fail_on = DbError::Down)]
///     async fn load(&self, id: u32) -> Result<String, DbError> {
///         if id == 0 { Err(DbError::NotFound) } else { Ok(format!("row {id}")) }
///     }
///
///     /// A count that is only shown may be missing.
///     #[circuit_breaker(name = "database", default = 0, fallback = |_| Ok(0))]
///     async fn count(&self) -> Result<u64, DbError> {
///         Err(DbError::Down)
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(Database.load(7).await.unwrap(), "row 7");
/// assert_eq!(Database.count().await.unwrap(), 0);
/// # });
/// ```
///
/// One breaker a tenant, made at run time. Return an `Arc` and no lock guard: what the expression gives is kept for as long
/// as the call takes.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use altlocks::{CircuitBreaker, circuit_breaker};
///
/// #[derive(Default)]
/// struct Client { breakers: Mutex<HashMap<String, Arc<CircuitBreaker>>>, requests: u32 }
///
/// impl Client {
///     fn breaker_of(&self, tenant: &str) -> Arc<CircuitBreaker> {
///         let mut breakers = self.breakers.lock().unwrap();
///         let new = || Arc::new(CircuitBreaker::builder("tenant").named(tenant).max_fails(1).build());
///         Arc::clone(breakers.entry(tenant.to_owned()).or_insert_with(new))
///     }
///
///     /// An `Arc` borrows nothing of `self`, so this works with `&mut self` too.
///     #[circuit_breaker(breaker = self.breaker_of(tenant))]
///     async fn fetch(&mut self, tenant: &str) -> Option<u32> {
///         self.requests += 1;
///         tenant.parse().ok()
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut client = Client::default();
/// assert_eq!(client.fetch("x").await, None);
/// assert_eq!(client.fetch("x").await, None); // refused
/// assert_eq!(client.fetch("7").await, Some(7)); // not touched by the failure of the other
/// assert_eq!(client.requests, 2);
/// # });
/// ```
///
/// # Arguments
///
/// Which instance:
///
/// - *none of the next two*: one of the function's own, named by its path: `my_crate::api::Client::search`,
///   `<my_crate::Client as my_crate::Api>::search`. A function generic over types has one for all of them.
/// - `name = "db"`: the one of all functions of the program with this name. The settings stand at one of them, or the same
///   at several; settings that differ in any way are reported by [`registry::verify`], and every call panics with the same
///   words. A constant serves too, and cannot be misspelt: `name = DB`.
/// - `breaker = EXPR`: whatever `let breaker: &CircuitBreaker = &EXPR;` takes, evaluated at each call before the body: a
///   `static`, `self.breaker`, `self.breaker_of(id)`; in a function with `&mut self` or `self`, which the breaker must not
///   borrow, `Arc::clone(&self.breaker)`. No `name` and no settings beside it.
///
/// Settings, constants all of them; what [`CircuitBreakerBuilder`] refuses is a compile error at the argument. Durations
/// are written with their unit (`"30s"`, `"250ms"`, `"1m30s"`) or are constants of type
/// [`Duration`](std::time::Duration).
///
/// | setting | meaning | unless given |
/// |---|---|---|
/// | `max_fails` | so many failures in a row open the circuit | 3 |
/// | `reset` | so long it stays open, then a call is a trial | `"30s"` |
/// | `max_half_open_calls` | so many trials there are | 5 |
/// | `success_threshold` | so many trials have to succeed to close it | 1 |
/// | `max_half_open_fails` | so many failed trials reopen it | all of them |
/// | `trial_lease` | so long after the last trial began, those that have not ended are given up | `reset`, or `"1s"` where that is 0 |
/// | `backoff` | `reset` is multiplied by this at each reopening in a row | 1 |
/// | `max_reset` | what `backoff` never exceeds | no bound |
/// | `jitter` | `reset` is drawn from (1 ± `jitter`) × `reset` | 0 |
/// | `slow_call` | a call that takes so long is a failure, whatever it returns | off |
/// | `timer` | the clock, `fn() -> tokio::time::Instant` | tokio's |
/// | `on_transition` | `fn(&CircuitBreaker, Transition)`, called at each change of state | none |
///
/// What counts, and what is returned. Unless said otherwise, an `Err` or a `None` is a failure; a function that returns
/// another type needs `fail_if` and `fallback`.
///
/// - `fail_on = PATTERN if GUARD`: only errors that match are failures; other errors are [`Outcome::Ignored`].
/// - `fail_if = |value| ..`: `Fn(&Output) -> bool` over the whole return value, whatever its type: a failure or a
///   success. Not together with `fail_on`.
/// - `default = EXPR`: `Ok(EXPR)` or `Some(EXPR)` in place of a failure, which is counted before. Evaluated only then. A
///   refusal is no failure: that is what `fallback` is for.
/// - `fallback = |refusal| ..`: what a refused call returns; may use the arguments. Evaluated only then.
/// - `crate = path`: where altlocks is, if not at `::altlocks`.
///
/// # Stacking
///
/// Attributes of this crate run in the order in which they are written, the top one outermost, and share one wrap. They
/// are known by their names, also behind `altlocks::`; one imported under another name is not, and runs as an attribute
/// of its own, outside of those above it.
///
/// # Panics
///
/// A call panics if functions give its `name` differing settings, with the words of [`registry::verify`].
///
/// # Cancel safety
///
/// Nothing happens before the first poll. Dropped after it, the call counts as [`Outcome::Ignored`] and its trial, if
/// it held one, is free at once. Dropped because its thread unwinds, it counts as a failure: its own panic and that of a
/// neighbour in the same task cannot be told apart.
#[cfg(feature = "macros")]
pub use altlocks_macros::circuit_breaker;

/// Puts a [`DynamicThrottle`] on an async function.
///
/// The function keeps its signature, docs and lifetimes, and may return anything. It waits its turn from its first poll on;
/// what it returns is recorded, and the rate follows.
///
/// # Examples
///
/// ```
/// use altlocks::{Adaptation, ThrottleTimeout, throttle};
///
/// #[derive(Debug)]
/// enum ApiError { Overloaded, BadQuery, TooLate(ThrottleTimeout) }
///
/// impl From<ThrottleTimeout> for ApiError {
///     fn from(refusal: ThrottleTimeout) -> Self { Self::TooLate(refusal) }
/// }
///
/// /// 50 calls a second at first; more while they succeed, fewer when the server is overloaded.
/// #[throttle(rate = 50, max_rate = 200, adaptation = Adaptation::Proportional, timeout = "2s", fail_on = ApiError::Overloaded)]
/// async fn search(query: &str) -> Result<Vec<String>, ApiError> {
///     if query.is_empty() { Err(ApiError::BadQuery) } else { Ok(vec![query.to_owned()]) }
/// }
///
/// /// A pace and no more.
/// #[throttle(rate = 5, adaptation = Adaptation::Fixed)]
/// async fn blink() {}
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// assert_eq!(search("q").await.unwrap(), ["q"]);
/// blink().await;
/// # });
/// ```
///
/// # Arguments
///
/// Which instance:
///
/// - *none of the next two*: one of the function's own, named by its path. It needs a `rate`.
/// - `name = "api"`: the one of all functions of the program with this name. The settings stand at one of them, with the
///   `rate`, or the same at several; else [`registry::verify`] tells, and every call panics with the same words.
/// - `throttle = EXPR`: whatever `let throttle: &DynamicThrottle = &EXPR;` takes, evaluated at each call before the body.
///   No `name` and no settings beside it. In a function with `&mut self` or `self`: `Arc::clone(&self.throttle)`.
///
/// Settings, constants all of them; what [`DynamicThrottleBuilder`] refuses is a compile error at the argument.
///
/// | setting | meaning | unless given |
/// |---|---|---|
/// | `rate` | calls per second at first | – |
/// | `min_rate`, `max_rate` | what the rate stays between | 0.01 and 100, or `rate` where that is beyond |
/// | `adaptation` | what the rate is made from: [`Adaptation::Ratio`], [`Adaptation::Proportional`], [`Adaptation::Fixed`] | `Ratio` |
/// | `window` | so many results decide | 100, `Proportional` 20 |
/// | `window_time` | after so long they decide, however few | never, `Proportional` `"500ms"` |
/// | `ubound`, `ufactor` | `Ratio`: above this share of successes, the rate is multiplied by this | 0.75 and 1.25 |
/// | `lbound`, `lfactor` | `Ratio`: below this share of successes, the rate is multiplied by this | 0.25 and 0.75 |
/// | `jitter` | neighbours are (1 ± `jitter`) / rate apart | 0.2 |
/// | `timer` | the clock, `fn() -> tokio::time::Instant` | tokio's |
/// | `rand` | where jitter comes from, `fn(f64) -> f64` | uniform |
///
/// What counts, and what is returned. Unless said otherwise, an `Err` or a `None` is a failure, and a value of any other
/// type is a success.
///
/// - `fail_on = PATTERN if GUARD`, `fail_if = |value| ..`: as in [`circuit_breaker`](macro@circuit_breaker).
/// - `timeout = "2s"`: the longest wait, a [`Duration`](std::time::Duration) with its unit or any expression. A call whose
///   turn is later does not wait at all: it returns [`ThrottleTimeout`] by `From`.
/// - `fallback = |refusal| ..`: what such a call returns; may use the arguments.
/// - `crate = path`: where altlocks is, if not at `::altlocks`.
///
/// # Stacking
///
/// As with [`circuit_breaker`](macro@circuit_breaker), the top attribute is asked first. With the circuit breaker on top,
/// calls of an open circuit are refused without waiting their turn:
///
/// ```
/// # use altlocks::{circuit_breaker, throttle};
/// #[circuit_breaker(max_fails = 5)]
/// #[throttle(rate = 50.0)]
/// async fn search(query: &str) -> Option<String> {
///     Some(query.to_owned())
/// }
/// ```
///
/// # Panics
///
/// A call panics if functions give its `name` differing settings, or none a `rate`, with the words of
/// [`registry::verify`].
///
/// # Cancel safety
///
/// Nothing happens before the first poll. Dropped while it waits, the call leaves its turn to the next. Dropped after, it
/// counts as [`Outcome::Ignored`]; its turn is used.
#[cfg(feature = "macros")]
pub use altlocks_macros::throttle;

/// Puts a [`ResourceGuard`] on a function, async or not: a second concurrent call fails at once.
///
/// The function keeps its signature, docs and lifetimes. It enters when its body would begin (an async one at its first
/// poll) and leaves when the body ends, however that is.
///
/// # Examples
///
/// ```
/// use altlocks::{ResourceBusy, resource_guard};
///
/// #[resource_guard(name = "journal", action = "compacting")]
/// async fn compact() -> Result<(), ResourceBusy> {
///     append("while compacting").unwrap_err();
///     Ok(())
/// }
///
/// #[resource_guard(name = "journal")]
/// fn append(line: &str) -> Result<usize, ResourceBusy> {
///     Ok(line.len())
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// compact().await?;
/// assert_eq!(append("after it")?, 8);
/// # Ok::<(), ResourceBusy>(())
/// # }).unwrap();
/// ```
///
/// # Arguments
///
/// - *none of the next two*: a guard of the function's own, which errors name by the function's path. A function that calls
///   itself is busy.
/// - `name = "journal"`: the one of all functions of the program with this name.
/// - `guard = EXPR`: whatever `let guard: &ResourceGuard<_> = &EXPR;` takes, evaluated at each call before the body. No
///   `name` and no `action` beside it. The resource of the guard stays out of the body's reach while the call runs, so take
///   a `ResourceGuard<()>`; to use what a guard owns, enter it in the body. In a function with `&mut self` or `self`: `Arc::clone(&self.guard)`.
/// - `action = ".."`: what the error says is being done; "using" unless given. A setting: it stands at one function of a
///   `name`, or the same at several; else [`registry::verify`] tells, and every call panics with the same words.
/// - `fallback = |busy| ..`: what a call returns that finds the guard taken; may use the arguments. Without it,
///   [`ResourceBusy`] becomes the function's error by `From`, or `None`.
/// - `crate = path`: where altlocks is, if not at `::altlocks`.
///
/// # Stacking
///
/// As with [`circuit_breaker`](macro@circuit_breaker), the top attribute is asked first.
///
/// # Panics
///
/// A call panics if functions give its `name` differing actions, with the words of [`registry::verify`].
///
/// # Cancel safety
///
/// Nothing happens before the first poll. Dropped after it, the guard is free at once. (The arguments of a plain function
/// are dropped after the guard was left, those of an async one before.)
#[cfg(feature = "macros")]
pub use altlocks_macros::resource_guard;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
