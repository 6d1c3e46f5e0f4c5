//! The kernel of the guard: where the resource is, and what an attempt to take it comes to.
//!
//! | event         | free                         | held                                     |
//! |---------------|------------------------------|------------------------------------------|
//! | an attempt    | held; the resource goes with | refused, with where it is held;          |
//! |               | it; a success                | a failure                                |
//! | a return      | –                            | free                                     |

use std::panic::Location;

#[derive(Debug)]
pub(super) struct Occupancy<T> {
    place: Place<T>,
    successes: u64,
    failures: u64,
}

/// Whoever holds the resource has it, so there is nothing to hold for a second one.
#[derive(Debug)]
enum Place<T> {
    Free(T),
    Held(&'static Location<'static>),
}

impl<T> Occupancy<T> {
    pub(super) const fn new(resource: T) -> Self {
        Self { place: Place::Free(resource), successes: 0, failures: 0 }
    }

    /// An attempt, made at `at`: the resource, or where it is held.
    pub(super) fn enter(&mut self, at: &'static Location<'static>) -> Result<T, &'static Location<'static>> {
        // Looked at before it is moved: a resource that is held elsewhere leaves nothing to move here.
        if let Place::Held(since) = self.place {
            self.failures += 1;
            return Err(since);
        }
        match std::mem::replace(&mut self.place, Place::Held(at)) {
            Place::Free(resource) => {
                self.successes += 1;
                Ok(resource)
            }
            Place::Held(_) => unreachable!("looked at above"),
        }
    }

    /// The holder brings the resource back.
    pub(super) fn leave(&mut self, resource: T) {
        debug_assert!(matches!(self.place, Place::Held(_)), "only what was taken is brought back");
        self.place = Place::Free(resource);
    }

    /// Attempts that succeeded, of all; 0 before any.
    pub(super) fn success_ratio(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts past 2^53 loses nothing that one could see")]
        let (successes, all) = (self.successes as f64, (self.successes + self.failures).max(1) as f64);
        successes / all
    }

    /// The resource, unless somebody holds it.
    pub(super) fn into_resource(self) -> Option<T> {
        match self.place {
            Place::Free(resource) => Some(resource),
            Place::Held(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_attempt_leaves_the_holder_and_its_place_as_they_were() {
        let (first, second) = (Location::caller(), Location::caller());
        let mut guard = Occupancy::new(7);
        assert_eq!(guard.enter(first), Ok(7));
        for _ in 0..2 {
            let since = guard.enter(second).expect_err("held");
            assert!(std::ptr::eq(since, first));
        }
        guard.leave(8);
        assert_eq!(guard.enter(second), Ok(8));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the quotients are exact")]
    fn the_success_ratio_counts_all_attempts_and_nothing_else() {
        let mut guard = Occupancy::new(());
        assert_eq!(guard.success_ratio(), 0.0);
        for failures in [0, 1, 2] {
            for _ in 0..failures {
                assert!(guard.enter(Location::caller()).is_err());
            }
            guard = Occupancy { place: Place::Free(()), ..guard };
            assert!(guard.enter(Location::caller()).is_ok());
        }
        assert_eq!(guard.success_ratio(), 0.5);
    }
}
