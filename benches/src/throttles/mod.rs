//! Throttles that one can wait for: the peers, as one waits for them.
//!
//! Missing here are `ratelimit`, which has nothing to wait for; `tower`'s limit, which has one owner and so nobody who waits
//! but that one; and `request-rate-limiter`, whose future never yields: it spins on its thread until there is a token.

mod peers;

pub use self::peers::HandWritten;

use altlocks::DynamicThrottle;

/// A throttle that lets calls in at an even pace, as far as it can be told to: nothing is saved up for a burst, but for what
/// makes up for a timer that is late where there is such a setting.
pub trait Throttle: Send + Sync + 'static {
    /// Whether it sleeps by tokio's timer, whose timers can be counted.
    const TOKIO_SLEEPS: bool = true;

    /// Of so many calls per second. Within a runtime with a timer, as some make theirs at once.
    fn new(rate: u32) -> Self;

    /// Waits for the call's turn.
    fn enter(&self) -> impl Future<Output: Send> + Send;
}

/// Something to be done with each peer.
pub trait Visit {
    /// A peer's turn.
    fn visit<T: Throttle>(&mut self, peer: &'static str);
}

/// Shows a visitor every peer.
pub fn each(visitor: &mut impl Visit) {
    visitor.visit::<DynamicThrottle>("altlocks");
    visitor.visit::<peers::Governor>("governor until_ready");
    visitor.visit::<peers::GovernorWithSlack>("governor until_ready, burst of 2 ms");
    visitor.visit::<leaky_bucket::RateLimiter>("leaky-bucket acquire_one");
    visitor.visit::<async_rate_limiter::RateLimiter>("async-rate-limiter acquire");
    visitor.visit::<async_throttle::RateLimiter>("async-throttle throttle");
    visitor.visit::<HandWritten>("hand-written tokio Mutex<Instant>");
}
