//! The settings of a throttle.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::DynamicThrottle;
use super::adapt::Adaptation;
use super::rules::Rules;
use crate::clock::Clock;
use crate::{InvalidParameter, Name};

/// Configures a [`DynamicThrottle`]; made by [`DynamicThrottle::builder`].
///
/// Every setter is `const` (but for [`named`](Self::named)), so a throttle stands in a `static` and a wrong value is a
/// compile error there.
///
/// # Examples
///
/// ```
/// use altlocks::{Adaptation, DynamicThrottle};
///
/// static SEARCH: DynamicThrottle = DynamicThrottle::builder(50.0)
///     .name("search-api")
///     .max_rate(200.0)
///     .adaptation(Adaptation::Proportional)
///     .build();
///
/// assert_eq!(SEARCH.rate(), 50.0);
/// ```
///
/// ```compile_fail
/// # use altlocks::DynamicThrottle;
/// static WRONG: DynamicThrottle = DynamicThrottle::builder(50.0).max_rate(20.0).build();
/// //                                                             ^ init_rate must not be above max_rate
/// ```
#[must_use = "a builder does nothing until `build`"]
#[derive(Clone, Debug)]
pub struct DynamicThrottleBuilder {
    pub(super) name: Name,
    pub(super) rules: Rules,
    pub(super) clock: Clock,
    pub(super) rand: Option<fn(f64) -> f64>,
}

impl DynamicThrottleBuilder {
    pub(crate) const fn new(name: Name, init_rate: f64) -> Self {
        Self { name, rules: Rules::new(init_rate), clock: Clock::Given(Instant::now), rand: None }
    }

    /// What errors call the throttle; "throttle" unless given. Not empty.
    pub const fn name(mut self, name: &'static str) -> Self {
        // A name made at run time would have to be dropped, which a `const fn` cannot.
        std::mem::forget(std::mem::replace(&mut self.name, Name::fixed(name)));
        self
    }

    /// A name made at run time: one throttle a tenant. Not `const`.
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// let throttle = DynamicThrottle::builder(5.0).named(format!("tenant-{}", 7)).build();
    /// assert_eq!(throttle.name(), "tenant-7");
    /// ```
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Name::given(name.into());
        self
    }

    /// The least rate that adaptation and [`set_rate`](DynamicThrottle::set_rate) go down to, in calls per second.
    /// Finite, above 0; 0.01 unless given, or `init_rate` where that is less.
    pub const fn min_rate(mut self, min_rate: f64) -> Self {
        self.rules.min_rate = Some(min_rate);
        self
    }

    /// The greatest rate that adaptation and [`set_rate`](DynamicThrottle::set_rate) go up to, in calls per second.
    /// Finite, at least `min_rate`; 100 unless given, or `init_rate` where that is more.
    pub const fn max_rate(mut self, max_rate: f64) -> Self {
        self.rules.max_rate = Some(max_rate);
        self
    }

    /// How many results close a window, at the end of which the rate adapts. At least 1; 100 unless given, 20 with
    /// [`Adaptation::Proportional`].
    pub const fn window(mut self, window: u32) -> Self {
        self.rules.window = Some(window);
        self
    }

    /// After how long a window closes with the next result, however few there are. Longer than zero. No such time
    /// unless given; 500 ms with [`Adaptation::Proportional`].
    pub const fn window_time(mut self, window_time: Duration) -> Self {
        self.rules.window_time = Some(window_time);
        self
    }

    /// The share of successes above which [`Adaptation::Ratio`] raises the rate; equal to it is not above. `0.0..=1.0`,
    /// not below `lbound`; 0.75 unless given.
    pub const fn ubound(mut self, ubound: f64) -> Self {
        self.rules.ubound = ubound;
        self
    }

    /// The share of successes below which [`Adaptation::Ratio`] lowers the rate; equal to it is not below.
    /// `0.0..=1.0`, not above `ubound`; 0.25 unless given.
    pub const fn lbound(mut self, lbound: f64) -> Self {
        self.rules.lbound = lbound;
        self
    }

    /// What [`Adaptation::Ratio`] multiplies the rate by to raise it. Finite, at least 1; 1.25 unless given.
    pub const fn ufactor(mut self, ufactor: f64) -> Self {
        self.rules.ufactor = ufactor;
        self
    }

    /// What [`Adaptation::Ratio`] multiplies the rate by to lower it. Above 0, at most 1; 0.75 unless given.
    pub const fn lfactor(mut self, lfactor: f64) -> Self {
        self.rules.lfactor = lfactor;
        self
    }

    /// How far calls are moved from an even pace, so that a fleet does not call in step: neighbours are (1 ± `jitter`) T
    /// apart, where T is 1/rate, and the mean rate is kept exactly. At least 0, below 1; 0.2 unless given.
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.rules.jitter = jitter;
        self
    }

    /// What the rate is made from; [`Adaptation::Ratio`] unless given.
    pub const fn adaptation(mut self, adaptation: Adaptation) -> Self {
        self.rules.adaptation = adaptation;
        self
    }

    /// The clock of the schedule; `tokio::time::Instant::now` unless given, which a paused runtime controls. A call that
    /// waits sleeps by tokio's clock, for the difference, and asks this one again.
    pub const fn timer(mut self, timer: fn() -> Instant) -> Self {
        self.clock = Clock::Given(timer);
        self
    }

    /// The clock of the schedule is the time-stamp counter of the processor, read by
    /// [quanta](https://docs.rs/quanta): the quickest there is. In place of [`timer`](Self::timer). No paused runtime
    /// controls it, which is why the feature does not make it the clock of every throttle.
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// static BUSY: DynamicThrottle = DynamicThrottle::builder(100_000.0).quanta().build();
    /// assert!(BUSY.try_enter().is_some());
    /// ```
    #[cfg(feature = "quanta")]
    pub const fn quanta(mut self) -> Self {
        self.clock = Clock::Counter;
        self
    }

    /// Where jitter comes from; a uniform distribution unless given.
    ///
    /// Called with the jitter j, at most once for each slot and with no lock held (where two threads race for a slot,
    /// once for each; one of the values is used). It returns a value in `-j..=j`; the slot is moved by that value times
    /// T/2. A value beyond is taken as the bound, not-a-number and a panic as 0. Not called while the jitter is 0. It may
    /// ask the throttle, but not enter it: to enter, it would have to be called.
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// static EARLY: DynamicThrottle = DynamicThrottle::builder(50.0).jitter(0.1).rand(|jitter| -jitter).build();
    /// ```
    pub const fn rand(mut self, rand: fn(f64) -> f64) -> Self {
        self.rand = Some(rand);
        self
    }

    /// The throttle; its first call enters at once.
    ///
    /// # Panics
    ///
    /// If a parameter is out of its range, or contradicts another; the message names it. In a `static` or a `const` that
    /// is a compile error. Use [`try_build`](Self::try_build) for values that are known at run time only.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> DynamicThrottle {
        if let Err(invalid) = self.check() {
            panic!("{}", invalid.rule());
        }
        DynamicThrottle::with(self)
    }

    /// [`build`](Self::build) for values that are known at run time only.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`], which names the parameter that is out of its range or contradicts another.
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// let from_a_file = f64::NAN;
    /// let error = DynamicThrottle::builder(from_a_file).try_build().unwrap_err();
    /// assert_eq!(error.parameter(), "init_rate");
    /// assert_eq!(error.to_string(), "init_rate must be finite and above 0");
    /// ```
    pub fn try_build(self) -> Result<DynamicThrottle, InvalidParameter> {
        self.check()?;
        Ok(DynamicThrottle::with(self))
    }

    const fn check(&self) -> Result<(), InvalidParameter> {
        if self.name.is_empty() {
            return Err(InvalidParameter::new("name", "name must not be empty"));
        }
        self.rules.check()
    }
}
