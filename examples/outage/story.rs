//! The script: how the server is and when, and the clock by which everything in the story goes.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// How a server is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Health {
    Healthy,
    /// Answers, but later and later.
    Slow,
    /// Answers each request with a 500.
    Failing,
    /// Takes requests and never answers.
    Dead,
    /// Healthy again.
    Back,
}

impl Health {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Slow => "slow",
            Self::Failing => "failing",
            Self::Dead => "dead",
            Self::Back => "healthy again",
        }
    }

    /// Whether nothing is wrong.
    pub(crate) const fn is_good(self) -> bool {
        matches!(self, Self::Healthy | Self::Back)
    }

    /// Whether callers get what they ask for, if late.
    pub(crate) const fn answers(self) -> bool {
        matches!(self, Self::Healthy | Self::Slow | Self::Back)
    }
}

/// A part of the script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) health: Health,
    /// From this moment of the story on,
    pub(crate) from: Duration,
    /// and until just before this one.
    pub(crate) to: Duration,
}

impl Act {
    const fn new(health: Health, from_millis: u64, to_millis: u64) -> Self {
        Self { health, from: Duration::from_millis(from_millis), to: Duration::from_millis(to_millis) }
    }

    /// How much of the act is over, from 0 to 1.
    pub(crate) fn progress(&self, at: Duration) -> f64 {
        at.saturating_sub(self.from).div_duration_f64(self.to.saturating_sub(self.from)).min(1.0)
    }
}

pub(crate) const SCRIPT: [Act; 5] = [
    Act::new(Health::Healthy, 0, 3_000),
    Act::new(Health::Slow, 3_000, 6_000),
    Act::new(Health::Failing, 6_000, 8_500),
    Act::new(Health::Dead, 8_500, 13_000),
    Act::new(Health::Back, 13_000, 17_000),
];

/// How long the story is by its own clock.
pub(crate) const LENGTH: Duration = SCRIPT[SCRIPT.len() - 1].to;

/// When the server becomes so.
pub(crate) fn begin_of(health: Health) -> Duration {
    SCRIPT.iter().find(|act| act.health == health).map_or(LENGTH, |act| act.from)
}

/// What goes on at a moment of the story. The last act does not end: the last calls return after it.
pub(crate) fn act(at: Duration) -> &'static Act {
    SCRIPT.iter().rfind(|act| act.from <= at).unwrap_or(&SCRIPT[0])
}

/// A clock that begins with the story and goes faster than the wall's where the story is told in less than its length.
///
/// Delays, timeouts and the circuit breaker all go by it, so that a short run tells the same story.
struct Clock {
    began: Instant,
    speed: f64,
}

static CLOCK: OnceLock<Clock> = OnceLock::new();

fn clock() -> &'static Clock {
    CLOCK.get_or_init(|| Clock { began: Instant::now(), speed: 1.0 })
}

/// Starts the clock, so that the story takes this long. A clock that is going stays as it is.
pub(crate) fn begin(takes: Duration) {
    CLOCK.get_or_init(|| Clock { began: Instant::now(), speed: LENGTH.div_duration_f64(takes) });
}

/// The moment of the story, as an `Instant`: the breaker's `timer`.
pub(crate) fn now() -> Instant {
    clock().began + elapsed()
}

/// The moment of the story, counted from its begin.
pub(crate) fn elapsed() -> Duration {
    clock().began.elapsed().mul_f64(clock().speed)
}

/// How long a time of the story is on the wall's clock.
pub(crate) fn on_the_wall(time: Duration) -> Duration {
    time.div_f64(clock().speed)
}

/// Sleeps for a time of the story.
pub(crate) async fn sleep(time: Duration) {
    tokio::time::sleep(on_the_wall(time)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_follow_one_another_without_a_gap() {
        assert_eq!(SCRIPT[0].from, Duration::ZERO);
        assert!(SCRIPT.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].from < pair[0].to));
    }

    #[test]
    fn an_act_begins_at_its_first_moment_and_the_last_one_stays() {
        assert_eq!(act(Duration::ZERO).health, Health::Healthy);
        assert_eq!(act(Duration::from_nanos(2_999_999_999)).health, Health::Healthy);
        assert_eq!(act(Duration::from_secs(3)).health, Health::Slow);
        assert_eq!(act(LENGTH * 2).health, Health::Back);
    }

    #[test]
    fn progress_goes_from_nothing_to_all() {
        let slow = act(Duration::from_secs(3));
        assert!((slow.progress(Duration::from_secs(3))).abs() < 1e-9);
        assert!((slow.progress(Duration::from_millis(4_500)) - 0.5).abs() < 1e-9);
        assert!((slow.progress(Duration::from_secs(9)) - 1.0).abs() < 1e-9);
    }
}
