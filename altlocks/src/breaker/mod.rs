//! A circuit breaker: stops calling what keeps failing, and finds out by a few trials when it works again.

mod builder;
mod call;
mod error;
#[cfg(all(test, altlocks_loom))]
mod model;
mod permit;
mod rules;
mod state;

use std::fmt;
use std::time::Duration;

pub use self::builder::CircuitBreakerBuilder;
pub use self::error::CircuitBreakerError;
pub use self::permit::{Admitted, Permit};

use self::call::Call;
use self::state::{Admission, Circuit, Refusal, Settled, Tally, Ticket, Word};
use crate::events::{Events, isolated};
use crate::moment::Moment;
use crate::outcome::{Classify, FromRefusal, Outcome};
use crate::sync::{AtomicI64, AtomicU64, Mutex, Ordering};
use crate::{Name, telemetry};

/// Stops calling what keeps failing, and finds out by a few trials when it works again.
///
/// A closed circuit admits every call. `max_fails` failures in a row open it: calls are refused at once, with the time
/// after which to try again. When `reset` has passed, the next call makes it half-open and is the first of
/// `max_half_open_calls` trials; enough successes close it, too many failures open it again.
///
/// The pattern is Michael Nygard's (*Release It!*, 2007).
///
/// # When to use
///
/// Around a callee outside the process that can be down for longer than a caller wants to wait. Not to limit how often
/// or how concurrently one calls: a breaker acts on failures only. Not around what fails by the caller's own mistake;
/// or record that as [`Outcome::Ignored`].
///
/// # What it costs
///
/// A call that succeeds while the circuit is closed, with no failure counted and no `slow_call`, costs two loads: no lock,
/// no write, no clock. A refused call reads the clock once and writes nothing. Results of a circuit that has changed since
/// the call was admitted are told apart and count for nothing.
///
/// # One call, one trial
///
/// A call that goes through the same breaker twice, as when one function of a `name` calls another, holds two trials of a
/// half-open circuit. With fewer than it needs it cannot succeed, so give `max_half_open_calls` room for it, or put the
/// breaker on one of the two only.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, CircuitBreakerError, State};
///
/// #[derive(Debug)]
/// enum ApiError { Timeout, Refused(CircuitBreakerError) }
///
/// impl From<CircuitBreakerError> for ApiError {
///     fn from(refusal: CircuitBreakerError) -> Self { Self::Refused(refusal) }
/// }
///
/// static SEARCH: CircuitBreaker = CircuitBreaker::builder("search-api").max_fails(2).build();
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// for _ in 0..2 {
///     let result: Result<u32, ApiError> = SEARCH.call(async { Err(ApiError::Timeout) }).await;
///     assert!(matches!(result, Err(ApiError::Timeout))); // the caller gets its own error
/// }
/// assert_eq!(SEARCH.state(), State::Open);
/// let result: Result<u32, ApiError> = SEARCH.call(async { unreachable!("refused calls do not run") }).await;
/// assert!(matches!(result, Err(ApiError::Refused(_))));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct CircuitBreaker {
    /// A [`Word`]. Written under the lock of `ledger`, but for the count of a closed circuit.
    word: AtomicU64,
    /// [`Circuit::until`] and [`Circuit::lease`], for refusals without a lock.
    until: AtomicI64,
    lease: AtomicI64,
    ledger: Mutex<Ledger>,
    settings: CircuitBreakerBuilder,
}

/// The part of a circuit that only changes of state need, and the changes not yet reported.
struct Ledger {
    tally: Tally,
    events: Events<Transition>,
}

// Orderings. The word protects no data of the caller's, so the closed path loads it relaxed. Refusals read two cells
// without the lock, as from a seqlock: `until` belongs to the word if the word is still the same after it was read.
// That holds because `until` is rewritten only after another word was published: its writer's release store, read by
// the acquire load of `until`, makes that other word visible to the second load of the word. A lease may be read too
// old or too new; too old sends the caller to the lock, where it is read again, and too new is a lease of a later round
// which the second load of the word finds out.

impl CircuitBreaker {
    /// A breaker that opens after 3 failures in a row, for 30 s, and then admits 5 trials.
    ///
    /// # Panics
    ///
    /// If the name is empty. In a `static` that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        Self::builder(name).build()
    }

    /// A breaker with settings of one's own.
    pub const fn builder(name: &'static str) -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new(Name::fixed(name))
    }

    pub(crate) const fn with(settings: CircuitBreakerBuilder) -> Self {
        Self {
            word: AtomicU64::new(Word::new(settings.slow_call.is_some()).bits()),
            until: AtomicI64::new(Moment::NEVER.as_nanos()),
            lease: AtomicI64::new(Moment::BEFORE_ALL.as_nanos()),
            ledger: Mutex::new(Ledger { tally: Tally::NEW, events: Events::new() }),
            settings,
        }
    }

    /// The name, as errors show it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.settings.name.as_str()
    }

    /// The state of the circuit. It stays [`State::Open`] until a call is admitted: to ask changes nothing.
    #[must_use]
    pub fn state(&self) -> State {
        self.word().state()
    }

    /// Closed: failures in a row. Half-open: failed trials. Open: 0. Takes a short lock, as `Debug` does.
    #[must_use]
    pub fn fails(&self) -> u32 {
        let ledger = self.ledger.lock();
        let word = self.word();
        if word.is_closed() { word.count() } else { ledger.tally.failed }
    }

    /// How long until an open circuit admits a trial: zero if its reset has passed, `None` if the circuit is not open
    /// or was opened by force. A caller that sleeps exactly that long is admitted, unless others take the trials.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use altlocks::{CircuitBreaker, Outcome};
    ///
    /// let breaker = CircuitBreaker::builder("device").max_fails(1).reset(Duration::from_secs(30)).build();
    /// assert_eq!(breaker.retry_after(), None);
    /// breaker.try_acquire()?.record(Outcome::Failure);
    /// assert!(breaker.retry_after().is_some_and(|wait| wait <= Duration::from_secs(30)));
    /// # Ok::<(), altlocks::CircuitBreakerError>(())
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        loop {
            let word = self.word();
            if word.state() != State::Open || word.is_forced() {
                return None;
            }
            let until = self.until();
            if self.word() == word {
                return Some(until.since(self.now()));
            }
        }
    }

    /// Asks for one call to be let in. The returned [`Permit`] takes the result.
    ///
    /// # Errors
    ///
    /// [`CircuitBreakerError::Open`] while the circuit is open, [`CircuitBreakerError::HalfOpen`] while all trials of a
    /// half-open circuit are taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::{CircuitBreaker, Outcome};
    ///
    /// let breaker = CircuitBreaker::new("device");
    /// let permit = breaker.try_acquire()?;
    /// permit.record(Outcome::Success);
    /// # Ok::<(), altlocks::CircuitBreakerError>(())
    /// ```
    #[inline]
    pub fn try_acquire(&self) -> Result<Permit<'_>, CircuitBreakerError> {
        Permit::ask(self)
    }

    /// Runs `op` if the circuit lets it, and records what it returns. A refusal is returned by [`FromRefusal`].
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::{CircuitBreaker, CircuitBreakerError};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let breaker = CircuitBreaker::new("device");
    /// let value: Result<u32, CircuitBreakerError> = breaker.call(async { Ok(42) }).await;
    /// assert_eq!(value, Ok(42));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of `op` counts as a failure and goes on to the caller. When polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Nothing happens before the first poll. Dropped after it, the call counts as [`Outcome::Ignored`] and its trial,
    /// if it held one, is free at once. Dropped because its thread unwinds, it counts as a failure: its own panic and that
    /// of a neighbour in the same task cannot be told apart.
    #[inline]
    pub fn call<F>(&self, op: F) -> impl Future<Output = F::Output>
    where
        F: Future,
        F::Output: Classify + FromRefusal<CircuitBreakerError>,
    {
        Call::new(self, op)
    }

    /// Opens the circuit until [`reset`](Self::reset): no time and no result of a call in flight closes it.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::{CircuitBreaker, State};
    ///
    /// let breaker = CircuitBreaker::new("device");
    /// breaker.force_open(); // for maintenance
    /// assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, None));
    /// breaker.reset();
    /// assert_eq!(breaker.state(), State::Closed);
    /// ```
    pub fn force_open(&self) {
        self.change(Circuit::force_open);
    }

    /// Closes the circuit with nothing counted. Results of calls in flight count for nothing.
    pub fn reset(&self) {
        self.change(Circuit::reset);
    }

    /// Lets a call in, with its ticket and when it began.
    #[inline]
    fn admit(&self) -> Result<(Ticket, Moment), CircuitBreakerError> {
        let word = Word::from_bits(self.word.load(Ordering::Relaxed));
        if word.admits_at_once() {
            return Ok((word.ticket(), Moment::BEFORE_ALL));
        }
        self.admit_timed()
    }

    #[cold]
    fn admit_timed(&self) -> Result<(Ticket, Moment), CircuitBreakerError> {
        let word = self.word();
        if word.is_forced() {
            return Err(self.refuse(Refusal::Open { retry_after: None }));
        }
        let now = self.now();
        let began = if word.ticket().is_timed() { now } else { Moment::BEFORE_ALL };
        let refusal = Circuit::refusal(word, self.until(), self.lease(), now, &self.settings.rules);
        if let Some(refusal) = refusal
            && self.word() == word
        {
            return Err(self.refuse(refusal));
        }
        if word.is_closed() {
            return Ok((word.ticket(), began));
        }
        match self.transact(|circuit| circuit.admit(now, &self.settings.rules)) {
            Admission::Admitted(ticket) => Ok((ticket, began)),
            Admission::Refused(refusal) => Err(self.refuse(refusal)),
        }
    }

    /// A call that was admitted has returned.
    #[inline]
    fn record(&self, ticket: Ticket, began: Moment, outcome: Outcome) {
        if !self.absorbs(ticket, outcome) {
            self.record_counted(ticket, began, outcome);
        }
    }

    /// Whether the outcome of a call changes nothing.
    #[inline]
    fn absorbs(&self, ticket: Ticket, outcome: Outcome) -> bool {
        outcome == Outcome::Success && Word::from_bits(self.word.load(Ordering::Relaxed)).absorbs_success(ticket)
    }

    #[cold]
    fn recorded<T>(&self, ticket: Ticket, began: Moment, outcome: Outcome, output: T) -> T {
        self.record_counted(ticket, began, outcome);
        output
    }

    #[cold]
    fn record_counted(&self, ticket: Ticket, began: Moment, outcome: Outcome) {
        let outcome = match self.settings.slow_call {
            Some(slow) if self.now().since(began) >= slow => Outcome::Failure,
            _ => outcome,
        };
        self.settle(ticket, outcome);
    }

    /// A call that was admitted ends.
    #[cold]
    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let mut word = self.word();
        loop {
            match word.settled(ticket, outcome, self.settings.rules.max_fails) {
                Settled::Closed(next) if next == word => return,
                Settled::Closed(next) => match self.swap(word, next) {
                    Ok(()) => return,
                    Err(newer) => word = newer,
                },
                // A result of another generation is told here, without the lock.
                Settled::Elsewhere if word.ticket() != ticket => return,
                Settled::Trips | Settled::Elsewhere => break,
            }
        }
        let (now, draw) = (self.now(), crate::draw::uniform());
        self.change(|circuit| circuit.settle(ticket, outcome, now, draw, &self.settings.rules));
    }

    fn change(&self, step: impl Fn(Circuit) -> Circuit) {
        self.transact(|circuit| (step(circuit), ()));
    }

    /// One step of the kernel, alone with the circuit; then the hook, alone with nothing.
    fn transact<R>(&self, step: impl Fn(Circuit) -> (Circuit, R)) -> R {
        let mut ledger = self.ledger.lock();
        let answer = loop {
            let word = self.word();
            let before = Circuit { word, until: self.until(), lease: self.lease(), tally: ledger.tally };
            let (after, answer) = step(before);
            if after.word.state() == State::Open {
                self.until.store(after.until.as_nanos(), Ordering::Release);
            }
            self.lease.store(after.lease.as_nanos(), Ordering::Release);
            // Failures of a closed circuit are counted without the lock, so the word may be another by now.
            if self.swap(word, after.word).is_ok() {
                ledger.tally = after.tally;
                let (from, to) = (word.state(), after.word.state());
                if from != to && (cfg!(feature = "metrics") || self.settings.on_transition.is_some()) {
                    ledger.events.push(Transition { from, to });
                }
                break answer;
            }
        };
        let report = ledger.events.take_turn();
        drop(ledger);
        if report {
            self.report();
        }
        answer
    }

    /// Tells each change in turn. One caller at a time has the turn, which keeps the order.
    fn report(&self) {
        loop {
            let Some(change) = self.ledger.lock().events.pop() else { return };
            telemetry::changed(&self.settings.name, change);
            if let Some(hook) = self.settings.on_transition {
                isolated(|| hook(self, change));
            }
        }
    }

    fn refuse(&self, refusal: Refusal) -> CircuitBreakerError {
        let name = self.settings.name.clone();
        let refusal = match refusal {
            Refusal::Open { retry_after } => CircuitBreakerError::Open { name, retry_after },
            Refusal::HalfOpen => {
                CircuitBreakerError::HalfOpen { name, max_half_open_calls: self.settings.rules.max_half_open_calls }
            }
        };
        telemetry::refused(&refusal);
        refusal
    }

    fn now(&self) -> Moment {
        Moment::from((self.settings.timer)())
    }

    fn word(&self) -> Word {
        Word::from_bits(self.word.load(Ordering::Acquire))
    }

    fn until(&self) -> Moment {
        Moment::from_nanos(self.until.load(Ordering::Acquire))
    }

    fn lease(&self) -> Moment {
        Moment::from_nanos(self.lease.load(Ordering::Acquire))
    }

    fn swap(&self, word: Word, next: Word) -> Result<(), Word> {
        self.word
            .compare_exchange(word.bits(), next.bits(), Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
            .map_err(Word::from_bits)
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("name", &self.name())
            .field("state", &self.state())
            .field("fails", &self.fails())
            .finish_non_exhaustive()
    }
}

/// The state of a circuit. The numbers are those that dashboards show.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Every call is admitted.
    Closed = 0,
    /// A few trials are admitted.
    HalfOpen = 1,
    /// No call is admitted.
    Open = 2,
}

/// A change of a circuit's state, as
/// [`on_transition`](CircuitBreakerBuilder::on_transition) reports it.
///
/// # Examples
///
/// ```
/// use altlocks::{CircuitBreaker, Transition};
///
/// fn tell(breaker: &CircuitBreaker, Transition { from, to, .. }: Transition) {
///     println!("{}: {from:?} -> {to:?}", breaker.name());
/// }
///
/// static DEVICE: CircuitBreaker = CircuitBreaker::builder("device").on_transition(tell).build();
/// DEVICE.force_open(); // prints "device: Closed -> Open"
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Transition {
    /// The state before.
    pub from: State,
    /// The state after; never the same.
    pub to: State,
}
