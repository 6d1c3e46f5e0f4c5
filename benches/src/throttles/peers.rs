//! The peers, as one waits for them.

use std::num::NonZeroU32;
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle};
use governor::Quota;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::Throttle;

fn period(rate: u32) -> Duration {
    Duration::from_secs(1) / rate
}

impl Throttle for DynamicThrottle {
    /// Even, as the peers are: jitter is not lateness.
    fn new(rate: u32) -> Self {
        Self::builder(rate.into()).jitter(0.0).adaptation(Adaptation::Fixed).build()
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        Self::enter(self)
    }
}

/// governor, with a burst of one.
pub(super) type Governor = governor::DefaultDirectRateLimiter;

impl Throttle for Governor {
    /// It has timers of its own, on a thread of their own.
    const TOKIO_SLEEPS: bool = false;

    fn new(rate: u32) -> Self {
        Self::direct(Quota::with_period(period(rate)).expect("not zero").allow_burst(NonZeroU32::MIN))
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.until_ready()
    }
}

/// governor with as much of a burst as altlocks catches up with at once.
pub(super) struct GovernorWithSlack(Governor);

impl Throttle for GovernorWithSlack {
    const TOKIO_SLEEPS: bool = false;

    fn new(rate: u32) -> Self {
        let burst = NonZeroU32::new(rate / 500).unwrap_or(NonZeroU32::MIN);
        Self(Governor::direct(Quota::with_period(period(rate)).expect("not zero").allow_burst(burst)))
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.until_ready()
    }
}

impl Throttle for leaky_bucket::RateLimiter {
    /// It counts in milliseconds, so what is quicker drips several at once. What it may save up is left as it is: with less
    /// it would not make up for a timer that is late.
    fn new(rate: u32) -> Self {
        let millisecond = Duration::from_millis(1);
        let (interval, refill) =
            if rate > 1000 { (millisecond, rate as usize / 1000) } else { (period(rate).max(millisecond), 1) };
        Self::builder().interval(interval).refill(refill).initial(1).build()
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire_one()
    }
}

impl Throttle for async_rate_limiter::RateLimiter {
    fn new(rate: u32) -> Self {
        let throttle = Self::new(rate as usize);
        throttle.burst(1);
        throttle
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire()
    }
}

impl Throttle for async_throttle::RateLimiter {
    fn new(rate: u32) -> Self {
        Self::new(period(rate))
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.throttle(|| std::future::ready(()))
    }
}

/// What one writes without a crate: a lock that whoever has it holds until its turn comes.
#[derive(Debug)]
pub struct HandWritten {
    period: Duration,
    next: Mutex<Instant>,
}

impl HandWritten {
    /// One call in that time.
    #[must_use]
    pub fn of(period: Duration) -> Self {
        Self { period, next: Mutex::new(Instant::now()) }
    }

    /// Enters if a turn is there and nobody waits for it.
    #[inline]
    pub fn try_enter(&self) -> bool {
        let Ok(mut next) = self.next.try_lock() else { return false };
        let now = Instant::now();
        let due = *next <= now;
        if due {
            *next = now + self.period;
        }
        due
    }
}

impl Throttle for HandWritten {
    fn new(rate: u32) -> Self {
        Self::of(period(rate))
    }

    #[inline]
    fn enter(&self) -> impl Future<Output: Send> + Send {
        async {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            if *next > now {
                sleep_until(*next).await;
            }
            *next = now.max(*next) + self.period;
        }
    }
}
