//! Where a primitive reads the time.

use tokio::time::Instant;

use crate::moment::Moment;

/// A function, or the time-stamp counter of the processor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    Given(fn() -> Instant),
    #[cfg(feature = "quanta")]
    Counter,
}

impl Clock {
    #[inline]
    pub(crate) fn now(self) -> Moment {
        match self {
            Self::Given(timer) => Moment::from(timer()),
            #[cfg(feature = "quanta")]
            Self::Counter => counter::now(),
        }
    }

    #[inline]
    pub(crate) fn instant(self) -> Instant {
        match self {
            Self::Given(timer) => timer(),
            #[cfg(feature = "quanta")]
            Self::Counter => counter::now().to_instant(),
        }
    }
}

#[cfg(feature = "quanta")]
mod counter {
    use super::{Instant, Moment};
    use crate::sync::Memo;

    struct Counter {
        clock: quanta::Clock,
        /// What the counter stood at when the moment was `began`.
        start: u64,
        began: i64,
    }

    #[inline]
    pub(super) fn now() -> Moment {
        static COUNTER: Memo<Counter> = Memo::new();
        let Counter { clock, start, began } = COUNTER.get_or_init(|| {
            let clock = quanta::Clock::new();
            Counter { start: clock.raw(), began: Moment::from(Instant::now()).as_nanos(), clock }
        });
        // No process runs for the 292 years after which this would wrap.
        Moment::from_nanos(began.wrapping_add_unsigned(clock.delta_as_nanos(*start, clock.raw())))
    }
}

#[cfg(all(test, feature = "quanta"))]
mod tests {
    use super::*;

    #[test]
    fn the_counter_tells_the_time_of_the_other_clock_and_never_goes_back() {
        let given = Clock::Given(Instant::now);
        let mut last = Clock::Counter.now();
        for _ in 0..10_000 {
            let now = Clock::Counter.now();
            assert!(now >= last);
            last = now;
        }
        // As near as two clocks are read on a busy machine.
        let (before, counted, after) = (given.now(), Clock::Counter.now(), given.now());
        let second = std::time::Duration::from_secs(1);
        assert!(counted.after(second) >= before && after.after(second) >= counted, "{before:?} {counted:?} {after:?}");
    }

    #[test]
    fn a_moment_of_the_counter_is_the_instant_that_it_was_made_from() {
        let instant = Clock::Counter.instant();
        assert_eq!(Moment::from(instant).to_instant(), instant);
    }
}
