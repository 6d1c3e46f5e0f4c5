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
        scale: Scale,
        /// What the counter stood at when the moment was `began`.
        start: u64,
        began: i64,
    }

    #[inline]
    pub(super) fn now() -> Moment {
        static COUNTER: Memo<Counter> = Memo::new();
        let Counter { clock, scale, start, began } = COUNTER.get_or_init(|| {
            let clock = quanta::Clock::new();
            let scale = Scale::new(|ticks| clock.delta_as_nanos(0, ticks));
            Counter { scale, start: clock.raw(), began: Moment::from(Instant::now()).as_nanos(), clock }
        });
        // No process runs for the 292 years after which this would wrap.
        Moment::from_nanos(began.wrapping_add_unsigned(scale.nanos(clock.raw().wrapping_sub(*start))))
    }

    /// From ticks to nanoseconds, as quanta reckons it, but with the point between the two words of a product: nothing is
    /// left to be shifted once the counter is read, which is a tenth of an entry.
    pub(super) struct Scale {
        /// A tick is shorter than 2 to this many nanoseconds.
        shift: u32,
        /// The share of those that it is, of 2⁶⁴.
        factor: u64,
    }

    impl Scale {
        /// Of a counter of which so many ticks take so many nanoseconds: less than 128 each.
        pub(super) fn new(nanos_of: impl FnOnce(u64) -> u64) -> Self {
            /// Four years of the quickest counters. What is known of so many is right to a nanosecond a year.
            const SPAN: u32 = 57;
            let nanos = nanos_of(1 << SPAN);
            let shift = (u64::BITS - SPAN).saturating_sub(nanos.leading_zeros());
            Self { shift, factor: nanos << (u64::BITS - SPAN - shift) }
        }

        #[inline]
        pub(super) const fn nanos(&self, ticks: u64) -> u64 {
            (((ticks << self.shift) as u128 * self.factor as u128) >> u64::BITS) as u64
        }
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

    /// Counters of 5 GHz to 8 MHz.
    #[test]
    fn ticks_are_as_many_nanoseconds_as_by_a_division() {
        for picos in [200_u64, 385, 999, 1000, 1001, 41_666, 125_000] {
            let exact = |ticks: u64| (u128::from(ticks) * u128::from(picos) / 1000) as u64;
            let scale = counter::Scale::new(exact);
            for ticks in [0, 1, 2, 3, 7, 1000, 123_456_789, 1 << 40, 1 << 50] {
                let (told, exact) = (scale.nanos(ticks), exact(ticks));
                assert!(told == exact || told + 1 == exact, "{ticks} of {picos} ps: {told}, not {exact}");
            }
        }
    }

    #[test]
    fn a_moment_of_the_counter_is_the_instant_that_it_was_made_from() {
        let instant = Clock::Counter.instant();
        assert_eq!(Moment::from(instant).to_instant(), instant);
    }
}
