//! The kernel of the guard: whether the resource is out, and what an attempt to take it comes to.
//!
//! | event         | free                         | held                                     |
//! |---------------|------------------------------|------------------------------------------|
//! | an attempt    | held; the resource goes with | refused, with where it is held;          |
//! |               | it; a success                | a failure                                |
//! | a return      | –                            | free                                     |

use std::panic::Location;

/// Free, or held since somebody entered at this place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Occupancy(Option<&'static Location<'static>>);

impl Occupancy {
    pub(super) const FREE: Self = Self(None);

    /// An attempt, made at `at`: held from now on, or where it is held already.
    pub(super) const fn entered(self, at: &'static Location<'static>) -> Result<Self, &'static Location<'static>> {
        match self.0 {
            None => Ok(Self(Some(at))),
            Some(since) => Err(since),
        }
    }

    pub(super) const fn is_held(self) -> bool {
        self.0.is_some()
    }
}

/// How often the resource was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempts {
    pub(super) successes: u64,
    pub(super) failures: u64,
}

impl Attempts {
    /// Those that succeeded, of all; 0 before any.
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts past 2^53 loses nothing that one could see")]
    pub(super) fn success_ratio(self) -> f64 {
        let (successes, failures) = (self.successes as f64, self.failures as f64);
        successes / (successes + failures).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_attempt_tells_the_place_of_the_first() {
        let (first, second) = (Location::caller(), Location::caller());
        let held = Occupancy::FREE.entered(first).expect("free");
        assert!(held.is_held() && !Occupancy::FREE.is_held());
        assert!(std::ptr::eq(held.entered(second).expect_err("held"), first));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the quotients are exact")]
    fn the_success_ratio_is_of_all_attempts() {
        let ratio = |successes, failures| Attempts { successes, failures }.success_ratio();
        assert_eq!((ratio(0, 0), ratio(0, 1), ratio(1, 0), ratio(3, 1)), (0.0, 0.0, 1.0, 0.75));
        assert_eq!(ratio(u64::MAX, u64::MAX), 0.5);
    }
}
