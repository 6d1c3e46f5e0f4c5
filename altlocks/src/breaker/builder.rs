//! The settings of a circuit breaker.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::rules::Rules;
use super::{CircuitBreaker, Transition};
use crate::{InvalidParameter, Name};

/// Configures a [`CircuitBreaker`]; made by [`CircuitBreaker::builder`].
///
/// Every setter is `const` (but for [`named`](Self::named)), so a breaker stands in a `static` and a wrong value is a
/// compile error there.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use altlocks::CircuitBreaker;
///
/// static DATABASE: CircuitBreaker = CircuitBreaker::builder("database")
///     .max_fails(10)
///     .reset(Duration::from_secs(5))
///     .backoff(2.0)
///     .max_reset(Duration::from_secs(60))
///     .build();
///
/// assert_eq!(DATABASE.name(), "database");
/// ```
///
/// ```compile_fail
/// # use altlocks::CircuitBreaker;
/// static WRONG: CircuitBreaker = CircuitBreaker::builder("database").max_fails(0).build();
/// //                                                                 ^ max_fails must be at least 1
/// ```
#[must_use = "a builder does nothing until `build`"]
#[derive(Clone, Debug)]
pub struct CircuitBreakerBuilder {
    pub(super) name: Name,
    pub(super) rules: Rules,
    pub(super) slow_call: Option<Duration>,
    pub(super) timer: fn() -> Instant,
    pub(super) on_transition: Option<fn(&CircuitBreaker, Transition)>,
}

impl CircuitBreakerBuilder {
    pub(crate) const fn new(name: Name) -> Self {
        Self { name, rules: Rules::DEFAULT, slow_call: None, timer: Instant::now, on_transition: None }
    }

    /// A name made at run time, in place of the one given to [`CircuitBreaker::builder`]: one breaker a tenant.
    ///
    /// Not `const`. A refusal then counts a reference to the name, which is a write to memory that the callers share.
    ///
    /// ```
    /// use altlocks::CircuitBreaker;
    ///
    /// let breaker = CircuitBreaker::builder("tenant").named(format!("tenant-{}", 7)).build();
    /// assert_eq!(breaker.name(), "tenant-7");
    /// ```
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Name::given(name.into());
        self
    }

    /// How many failures in a row open the circuit: the `max_fails`th does. At least 1; 3 unless given.
    pub const fn max_fails(mut self, max_fails: u32) -> Self {
        self.rules.max_fails = max_fails;
        self
    }

    /// How long the circuit stays open before it admits trials. May be zero; 30 s unless given.
    pub const fn reset(mut self, reset: Duration) -> Self {
        self.rules.reset = reset;
        self
    }

    /// How many trials a half-open circuit admits, in flight and done. At least 1; 5 unless given.
    pub const fn max_half_open_calls(mut self, max_half_open_calls: u32) -> Self {
        self.rules.max_half_open_calls = max_half_open_calls;
        self
    }

    /// How many trials have to succeed to close the circuit. At least 1, at most `max_half_open_calls`; 1 unless given.
    pub const fn success_threshold(mut self, success_threshold: u32) -> Self {
        self.rules.success_threshold = success_threshold;
        self
    }

    /// How many failed trials reopen the circuit, if the success threshold is not out of reach before. At least 1;
    /// `max_half_open_calls` unless given.
    pub const fn max_half_open_fails(mut self, max_half_open_fails: u32) -> Self {
        self.rules.max_half_open_fails = Some(max_half_open_fails);
        self
    }

    /// How long after the last admission a half-open circuit whose trials are all taken gives them up and begins a new
    /// round: the way out when a trial never ends. Longer than zero; `reset` unless given (1 s where that is zero).
    ///
    /// Make it longer than the longest call. What a trial that was given up brings counts for nothing, so under steady
    /// traffic a circuit whose calls all outlast the lease stays half-open, at one round of trials a lease: give the calls
    /// a timeout, or the breaker a lease above it.
    pub const fn trial_lease(mut self, trial_lease: Duration) -> Self {
        self.rules.trial_lease = Some(trial_lease);
        self
    }

    /// What `reset` is multiplied by at every reopening in a row; a close starts anew. Finite, at least 1; 1 unless
    /// given.
    pub const fn backoff(mut self, backoff: f64) -> Self {
        self.rules.backoff = backoff;
        self
    }

    /// What no reset exceeds, the first one included, before jitter. No bound unless given.
    pub const fn max_reset(mut self, max_reset: Duration) -> Self {
        self.rules.max_reset = max_reset;
        self
    }

    /// Draws the reset uniformly from (1 ± `jitter`) × reset at each opening, so that a fleet does not try again as
    /// one. At least 0, below 1; 0 unless given.
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.rules.jitter = jitter;
        self
    }

    /// A call that took at least this long is a failure, whatever it returned, and whatever it was recorded as. (A call that
    /// was cancelled returned nothing, and is ignored however long it took.) Reads the clock twice a call. Off unless given.
    pub const fn slow_call(mut self, slow_call: Duration) -> Self {
        self.slow_call = Some(slow_call);
        self
    }

    /// The clock; `tokio::time::Instant::now` unless given, which a paused runtime controls. It must not panic: a call may
    /// be recorded while its task unwinds, and a second panic ends the process.
    pub const fn timer(mut self, timer: fn() -> Instant) -> Self {
        self.timer = timer;
        self
    }

    /// Called once for every change of state, in their order, after the new state is published and with no lock held.
    ///
    /// It runs on the thread of a call that changed the state. If others change it meanwhile, that thread reports theirs
    /// too, so an event may be told by, and after the return of, another call than the one that caused it: a hook should be
    /// quick. It may call any method of the breaker; the changes that it causes are reported after it returns. If it
    /// panics, the panic goes no further: the call that changed the state returns as if there were no hook.
    pub const fn on_transition(mut self, on_transition: fn(&CircuitBreaker, Transition)) -> Self {
        self.on_transition = Some(on_transition);
        self
    }

    /// The breaker, its circuit closed.
    ///
    /// # Panics
    ///
    /// If a parameter is out of its range; the message names it. In a `static` or a `const` that is a compile error.
    /// Use [`try_build`](Self::try_build) for values that are known at run time only.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> CircuitBreaker {
        self.expect_valid();
        CircuitBreaker::with(self)
    }

    /// [`build`](Self::build) for values that are known at run time only.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`], which names the parameter that is out of its range.
    ///
    /// ```
    /// use altlocks::CircuitBreaker;
    ///
    /// let from_a_file = 0;
    /// let error = CircuitBreaker::builder("database").max_fails(from_a_file).try_build().unwrap_err();
    /// assert_eq!(error.parameter(), "max_fails");
    /// assert_eq!(error.to_string(), "max_fails must be at least 1");
    /// ```
    pub fn try_build(self) -> Result<CircuitBreaker, InvalidParameter> {
        self.check()?;
        Ok(CircuitBreaker::with(self))
    }

    #[track_caller]
    pub(crate) const fn expect_valid(&self) {
        if let Err(invalid) = self.check() {
            panic!("{}", invalid.rule());
        }
    }

    const fn check(&self) -> Result<(), InvalidParameter> {
        if self.name.is_empty() {
            return Err(InvalidParameter::new("name", "name must not be empty"));
        }
        self.rules.check()
    }
}
