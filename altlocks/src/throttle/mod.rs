//! A throttle: lets calls in at a rate, in order, and finds the rate by their results.

mod adapt;
mod builder;
mod cell;
mod entry;
mod error;
#[cfg(all(test, altlocks_loom))]
mod model;
mod pace;
mod pass;
mod proportional;
mod queue;
mod rules;
mod turn;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use crossbeam_utils::CachePadded;
use tokio::time::Instant;

pub use self::adapt::Adaptation;
pub use self::builder::DynamicThrottleBuilder;
pub use self::error::{InvalidRate, ThrottleTimeout};
pub use self::pass::Pass;

use self::adapt::Window;
use self::cell::{DrawCell, PaceCell};
use self::pace::{Pace, Word};
use self::queue::Queue;
use self::turn::Turn;
use crate::moment::Moment;
use crate::outcome::{Classify, Outcome};
use crate::sync::{AtomicU64, Mutex, Ordering};
use crate::{Name, telemetry};

/// Lets calls in at a rate, in the order in which they come, and adapts the rate to their results.
///
/// Calls enter one gap T = 1/rate apart, each moved a little within its gap by jitter. Who comes too early waits, in a
/// queue: first come, first served, also across a change of the rate and when others give up. What the calls come to
/// makes the rate, by a policy: see [`Adaptation`].
///
/// # When to use
///
/// In front of a callee that refuses or fails when it is called too often, above all when nobody can say what too often
/// is. Not to limit how many calls run at a time: that is a semaphore's work. Not to spread a burst over time for its own
/// sake: the throttle keeps no tokens for later, and whoever idles gains nothing.
///
/// # What it costs
///
/// A call that need not wait reads the clock and swaps one word: no lock, no allocation. One that has to wait is polled
/// three or four times, however many wait, and of all of them two at most hold a timer. At rates above 1000/s, which is
/// what timers can resolve, each timer lets in as many calls as are due.
///
/// The lateness of timers, up to 10 ms, loses no rate: the next calls make up for it. They never do so by a burst: of what
/// is late 2 ms at most are caught up with at once, and from T = 4 ms on calls are never less than T/2 apart, unless
/// jitter (above 0.25) brings them nearer. What a stalled runtime or idling takes is lost.
///
/// A call that waits but is no longer polled, as in a `select!` that is busy in another branch, holds up the others by
/// 10 ms at most: its slot is given to it all the same, and the queue goes on. That holds for one such call at a time;
/// if both calls that hold the timers, or are next to, are left unpolled, the queue rests until any call arrives, leaves
/// or is polled.
///
/// # Examples
///
/// ```
/// use altlocks::{DynamicThrottle, Outcome};
///
/// static SEARCH: DynamicThrottle = DynamicThrottle::new(100.0);
///
/// # async fn request() -> Result<&'static str, std::io::Error> { Ok("found") }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// // A `Result` or an `Option` tells by itself how it went:
/// let reply = SEARCH.call(request()).await;
///
/// // Or say it:
/// let pass = SEARCH.enter().await;
/// let reply = request().await;
/// pass.record(if reply.is_ok() { Outcome::Success } else { Outcome::Failure });
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct DynamicThrottle {
    /// A [`Word`]. While calls queue, written under the lock of `queue`. On a line of its own, or every entry would take from
    /// the others what they only read.
    word: CachePadded<AtomicU64>,
    /// The pace, what it is made from, and the epoch of the window. Written under both locks.
    pace: PaceCell,
    jitter: AtomicU64,
    rate: AtomicU64,
    epoch: AtomicU64,
    /// Used if `rand` is given.
    drawn: DrawCell,
    queue: Mutex<Queue>,
    /// Where both locks are held, this one is the outer.
    window: Mutex<Window>,
    settings: DynamicThrottleBuilder,
}

// Orderings. The word protects no data of the caller's; what its swaps have to be consistent with is the pace. An entry
// loads the word, then the pace and the epoch, and swaps the word. A change of the pace first marks the word as queued,
// with another version; then it stores the pace; then it releases the word with a base to match. If an entry has loaded
// any part of the new pace, by an acquire load of what was stored with release, it has the mark before its eyes, and its
// swap, of a word from before the mark, fails. If it has loaded the word of after the change, it has the new pace.

impl DynamicThrottle {
    /// A throttle that starts at `init_rate` calls per second, with the defaults of the builder: jitter 0.2, and
    /// [`Adaptation::Ratio`] between 0.01 and 100 calls per second (or `init_rate`, if that is beyond).
    ///
    /// # Panics
    ///
    /// If `init_rate` is not finite or not above 0. In a `static` that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn new(init_rate: f64) -> Self {
        Self::builder(init_rate).build()
    }

    /// A throttle with settings of one's own. `init_rate` is in calls per second: finite, above 0.
    pub const fn builder(init_rate: f64) -> DynamicThrottleBuilder {
        DynamicThrottleBuilder::new(Name::fixed("throttle"), init_rate)
    }

    pub(crate) const fn with(settings: DynamicThrottleBuilder) -> Self {
        let rules = settings.rules;
        Self {
            word: CachePadded::new(AtomicU64::new(Word::NEW.bits())),
            pace: PaceCell::new(Pace::new(rules.init_rate, rules.jitter)),
            jitter: AtomicU64::new(rules.jitter.to_bits()),
            rate: AtomicU64::new(rules.init_rate.to_bits()),
            epoch: AtomicU64::new(0),
            drawn: DrawCell::new(),
            queue: Mutex::new(Queue::new()),
            window: Mutex::new(Window::new(rules.init_rate)),
            settings,
        }
    }

    /// Waits for the call's slot. The returned [`Pass`] takes the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::{DynamicThrottle, Outcome};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let throttle = DynamicThrottle::new(100.0);
    /// for _ in 0..3 {
    ///     let pass = throttle.enter().await; // a hundredth of a second apart
    ///     pass.record(Outcome::Success);
    /// }
    /// assert_eq!(throttle.successes(), 3);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If it has to wait outside of a tokio runtime, or in one without a timer.
    ///
    /// # Cancel safety
    ///
    /// The call takes its place in the queue at the first poll. Dropped before it has its pass, it leaves the queue, and
    /// those behind it move up as though it had never come, even if its slot was due already.
    pub async fn enter(&self) -> Pass<'_> {
        if let Some(pass) = self.enter_now() {
            return pass;
        }
        loop {
            // Without a deadline it is not refused.
            if let Ok(pass) = self.enter_queue(Moment::NEVER).await {
                return pass;
            }
        }
    }

    /// Enters if a slot is free now and nobody waits for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// let throttle = DynamicThrottle::new(1.0);
    /// assert!(throttle.try_enter().is_some());
    /// assert!(throttle.try_enter().is_none()); // for about a second
    /// ```
    #[inline]
    pub fn try_enter(&self) -> Option<Pass<'_>> {
        self.enter_now().or_else(|| self.enter_neglected())
    }

    /// [`enter`](Self::enter), unless the slot comes later than after `wait`: that is known, and said, at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use altlocks::DynamicThrottle;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let throttle = DynamicThrottle::new(1.0);
    /// assert!(throttle.enter_timeout(Duration::ZERO).await.is_ok());
    /// assert!(throttle.enter_timeout(Duration::from_millis(10)).await.is_err()); // the next slot is a second away
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`ThrottleTimeout`], at once, if the slot is or with jitter might be due after `wait`; later, if a lower rate or
    /// a stall has moved it beyond. It is not an error that the timer is late for a slot which was due in time. It keeps
    /// no timer of its own: if both calls that hold the timers are left unpolled (see [`DynamicThrottle`]), it waits for the
    /// next call that arrives, leaves or is polled, past `wait` too.
    ///
    /// # Panics
    ///
    /// As [`enter`](Self::enter).
    ///
    /// # Cancel safety
    ///
    /// As [`enter`](Self::enter).
    pub async fn enter_timeout(&self, wait: Duration) -> Result<Pass<'_>, ThrottleTimeout> {
        if let Some(pass) = self.enter_now() {
            return Ok(pass);
        }
        self.enter_queue(self.now().after(wait)).await
    }

    /// Runs `op` when its slot comes, and records what it returns.
    ///
    /// A panic of `op` counts as a failure and goes on to the caller. The future holds that of `op` twice; the attribute's
    /// does not.
    ///
    /// # Panics
    ///
    /// As [`enter`](Self::enter).
    ///
    /// # Cancel safety
    ///
    /// As [`enter`](Self::enter), as long as it waits. Dropped while `op` runs, the call counts as
    /// [`Outcome::Ignored`]; the slot is used.
    pub async fn call<F>(&self, op: F) -> F::Output
    where
        F: Future,
        F::Output: Classify,
    {
        let pass = self.enter().await;
        let output = op.await;
        pass.record(output.outcome());
        output
    }

    /// The name, as errors show it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.settings.name.as_str()
    }

    /// The rate, in calls per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        f64::from_bits(self.rate.load(Ordering::Acquire))
    }

    /// Sets the rate, in calls per second, within the bounds of the builder.
    ///
    /// # Examples
    ///
    /// ```
    /// use altlocks::DynamicThrottle;
    ///
    /// let throttle = DynamicThrottle::builder(10.0).max_rate(50.0).build();
    /// throttle.set_rate(20.0)?;
    /// assert_eq!(throttle.rate(), 20.0);
    /// throttle.set_rate(1000.0)?;
    /// assert_eq!(throttle.rate(), 50.0);
    /// assert!(throttle.set_rate(-1.0).is_err());
    /// # Ok::<(), altlocks::InvalidRate>(())
    /// ```
    ///
    /// It applies at once, also to those who wait: of the gap that runs, the share that is still ahead stays the same.
    /// If it is another rate than before, adaptation goes on from there with nothing counted, and results of calls admitted
    /// before do not count.
    ///
    /// With jitter, the slots ahead are drawn anew at each change. So rates that are set every few milliseconds let in a
    /// few more calls than they say, the more so the greater the jitter.
    ///
    /// # Errors
    ///
    /// [`InvalidRate`] if it is not finite or not above 0; nothing has changed then.
    pub fn set_rate(&self, rate: f64) -> Result<(), InvalidRate> {
        if !rules::is_rate(rate) {
            return Err(InvalidRate::new("rate", "rate must be finite and above 0"));
        }
        let rate = self.settings.rules.clamp(rate);
        self.adapt(|window, now| window.set_rate(rate, now));
        Ok(())
    }

    /// How far calls are moved from an even pace: see [`DynamicThrottleBuilder::jitter`].
    #[must_use]
    pub fn jitter(&self) -> f64 {
        f64::from_bits(self.jitter.load(Ordering::Acquire))
    }

    /// Sets the jitter. It applies at once, also to those who wait.
    ///
    /// # Errors
    ///
    /// [`InvalidRate`] if it is not in `0.0..1.0`; nothing has changed then.
    pub fn set_jitter(&self, jitter: f64) -> Result<(), InvalidRate> {
        if !rules::is_jitter(jitter) {
            return Err(InvalidRate::new("jitter", rules::JITTER_RULE));
        }
        let now = self.now();
        let window = self.window.lock();
        self.publish(&window, jitter, now);
        drop(window);
        self.tend_queue();
        Ok(())
    }

    /// Successes counted in the present window.
    #[must_use]
    pub fn successes(&self) -> u32 {
        self.window.lock().successes
    }

    /// Failures counted in the present window.
    #[must_use]
    pub fn fails(&self) -> u32 {
        self.window.lock().fails
    }

    /// Begins the window anew, with nothing counted. The rate stays, and so does the queue.
    pub fn reset(&self) {
        self.adapt(Window::opened);
    }

    /// The present time of the throttle's clock: see [`DynamicThrottleBuilder::timer`].
    #[must_use]
    #[inline]
    pub fn ctime(&self) -> Instant {
        self.settings.clock.instant()
    }

    fn enter_queue(&self, deadline: Moment) -> impl Future<Output = Result<Pass<'_>, ThrottleTimeout>> {
        let mut turn = Turn::new(self, deadline);
        // A block that captures: an `async fn` would keep its arguments beside what it makes of them.
        async move {
            let turn = &mut turn;
            let mut timer = pin!(None);
            poll_fn(move |cx| turn.poll(cx, timer.as_mut())).await
        }
    }

    /// A call that was admitted ends.
    fn settle(&self, epoch: u64, outcome: Outcome) {
        let success = match outcome {
            Outcome::Success => true,
            Outcome::Failure => false,
            Outcome::Ignored => return,
        };
        let rules = &self.settings.rules;
        self.adapt(|window, now| if window.epoch == epoch { window.record(success, now, rules) } else { window });
    }

    /// One step of the window; a new rate that comes of it is published, and the queue hears of it.
    fn adapt(&self, step: impl FnOnce(Window, Moment) -> Window) {
        let now = self.now();
        let mut window = self.window.lock();
        let before = *window;
        *window = step(before, now);
        let changed = window.epoch != before.epoch;
        if changed {
            self.publish(&window, self.jitter(), now);
        }
        drop(window);
        if changed {
            self.tend_queue();
            telemetry::paced(&self.settings.name, self);
        }
    }

    /// Makes a pace the one in force. Whoever calls it holds the lock of the window.
    fn publish(&self, window: &Window, jitter: f64, now: Moment) {
        let mut queue = self.queue.lock();
        let old = self.pace();
        let new = Pace::new(window.rate, jitter);
        // From here on to the last line entries go to the queue, whose lock is taken.
        let base = self.update(|word| word.with_queue(true).next_version()).base();
        self.pace.store(new);
        self.jitter.store(jitter.to_bits(), Ordering::Release);
        self.rate.store(window.rate.to_bits(), Ordering::Release);
        self.epoch.store(window.epoch, Ordering::Release);
        let rescaled = old.rescale(base, now, new);
        queue.rescale(base, rescaled);
        queue.slipped = true;
        self.update(|word| word.with_base(rescaled).with_queue(!queue.is_empty()));
    }

    /// Those who wait may be due now, or have to set their timers anew.
    fn tend_queue(&self) {
        if self.word().is_queued() {
            self.tend();
        }
    }

    /// Enters if it was only that those who should serve the queue are all gone to sleep in a `select!`.
    #[cold]
    fn enter_neglected(&self) -> Option<Pass<'_>> {
        self.is_neglected().then(|| self.tend())?;
        self.enter_now()
    }

    fn is_neglected(&self) -> bool {
        let word = self.word();
        word.is_queued() && self.now().since(word.base()) > queue::PATIENCE
    }

    fn timeout(&self, retry_after: Duration) -> ThrottleTimeout {
        ThrottleTimeout::new(self.settings.name.clone(), retry_after)
    }

    #[inline]
    fn now(&self) -> Moment {
        self.settings.clock.now()
    }

    #[inline]
    fn word(&self) -> Word {
        Word::from_bits(self.word.load(Ordering::Acquire))
    }

    #[inline]
    fn pace(&self) -> Pace {
        self.pace.load()
    }

    #[inline]
    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    #[inline]
    fn swap(&self, word: Word, next: Word) -> bool {
        self.word.compare_exchange(word.bits(), next.bits(), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Swaps the word, whoever else does; returns the new one.
    fn update(&self, step: impl Fn(Word) -> Word) -> Word {
        loop {
            let word = self.word();
            let next = step(word);
            if self.swap(word, next) {
                return next;
            }
        }
    }
}

impl fmt::Debug for DynamicThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicThrottle")
            .field("name", &self.name())
            .field("rate", &self.rate())
            .field("successes", &self.successes())
            .field("fails", &self.fails())
            .finish_non_exhaustive()
    }
}
