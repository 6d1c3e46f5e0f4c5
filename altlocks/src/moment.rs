//! Points in time as one machine word, so that kernels and atomics can hold them.

use std::time::Duration;

use tokio::time::Instant;

use crate::sync::Memo;

/// Nanoseconds since an instant that the process chose once. Signed, because a paused test clock may run before or
/// behind that instant; ±292 years, and arithmetic saturates at the ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Moment(i64);

impl Moment {
    /// Later than every clock reading: what waits for it waits for ever.
    pub(crate) const NEVER: Self = Self(i64::MAX);

    /// Earlier than every clock reading.
    pub(crate) const BEFORE_ALL: Self = Self(i64::MIN);

    pub(crate) const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    pub(crate) const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Saturates to [`Moment::NEVER`].
    #[must_use]
    pub(crate) fn after(self, wait: Duration) -> Self {
        let nanos = i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// From `earlier` to here; zero if that lies ahead, `Duration::MAX` if here is [`Moment::NEVER`].
    pub(crate) fn since(self, earlier: Self) -> Duration {
        if self == Self::NEVER {
            return Duration::MAX;
        }
        let nanos = i128::from(self.0) - i128::from(earlier.0);
        // An i64 apart each, they fit a u64; a negative distance is none.
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

/// Chosen at the first conversion: no clock is read that the caller did not read.
static ORIGIN: Memo<Instant> = Memo::new();

impl From<Instant> for Moment {
    #[inline]
    fn from(instant: Instant) -> Self {
        let origin = *ORIGIN.get_or_init(|| instant);
        match instant.checked_duration_since(origin) {
            Some(distance) => Self(nanos(distance)),
            None => Self(-nanos(origin.saturating_duration_since(instant))),
        }
    }
}

#[cfg(feature = "quanta")]
impl Moment {
    /// The instant that it was made from.
    pub(crate) fn to_instant(self) -> Instant {
        let origin = *ORIGIN.get_or_init(Instant::now);
        let distance = Duration::from_nanos(self.0.unsigned_abs());
        if self.0 < 0 { origin - distance } else { origin + distance }
    }
}

/// Of a distance between clock readings; the ends are not clock readings. (Cheaper than `as_nanos`, which is 128 bits
/// wide, on a path where that counts.)
#[inline]
fn nanos(distance: Duration) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    match i64::try_from(distance.as_secs()) {
        Ok(seconds) if seconds < i64::MAX / SECOND => seconds * SECOND + i64::from(distance.subsec_nanos()),
        _ => i64::MAX - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_two_moments_is_that_of_their_instants() {
        let now = Instant::now();
        let (a, b) = (Moment::from(now), Moment::from(now + Duration::from_nanos(7)));
        assert_eq!(b.since(a), Duration::from_nanos(7));
        assert_eq!(a.since(b), Duration::ZERO);
        assert_eq!(a.after(Duration::from_nanos(7)), b);
    }

    #[test]
    fn an_instant_before_the_origin_is_a_moment_too() {
        let now = Instant::now();
        let origin = Moment::from(now);
        let earlier = Moment::from(now - Duration::from_millis(5));
        assert!(earlier < origin);
        assert_eq!(origin.since(earlier), Duration::from_millis(5));
    }

    #[test]
    fn a_distance_is_told_to_the_nanosecond_up_to_just_before_never() {
        let told = |seconds, rest| nanos(Duration::new(seconds, rest));
        assert_eq!(
            (told(0, 0), told(0, 7), told(3, 4), told(9_223_372_035, 999_999_999)),
            (0, 7, 3_000_000_004, 9_223_372_035_999_999_999,)
        );
        let (whole, longest) = (told(9_223_372_036, 0), told(u64::MAX, 999_999_999));
        assert_eq!((whole, longest), (i64::MAX - 1, i64::MAX - 1));
    }

    #[test]
    fn an_instant_far_before_the_origin_is_as_far_before_it() {
        let (now, distance) = (Instant::now(), Duration::from_millis(5));
        let (origin, earlier) = (Moment::from(now), Moment::from(now - distance));
        assert_eq!(origin.as_nanos() - earlier.as_nanos(), 5_000_000);
    }

    #[cfg(feature = "quanta")]
    #[test]
    fn a_moment_is_the_instant_that_it_was_made_from_on_either_side_of_the_origin() {
        let now = Instant::now();
        let origin = Moment::from_nanos(0).to_instant();
        for instant in [origin, now, origin + Duration::from_secs(3), origin - Duration::from_millis(5)] {
            assert_eq!(Moment::from(instant).to_instant(), instant);
        }
    }

    #[test]
    fn never_is_out_of_reach() {
        let never = Moment::from_nanos(-3).after(Duration::MAX);
        assert_eq!(Moment::from_nanos(5).after(Duration::MAX), Moment::NEVER);
        assert_eq!(Moment::NEVER.since(Moment::from_nanos(-9)), Duration::MAX);
        assert!(never > Moment::from_nanos(i64::MAX - 10));
    }
}
