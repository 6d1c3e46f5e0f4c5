//! How many are in at once, where only so many may be.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::verdict;

pub(crate) struct Occupancy {
    /// Where, for whoever reads that it was too full.
    place: &'static str,
    limit: u32,
    inside: AtomicU32,
    most: AtomicU32,
}

/// One who is in.
#[must_use = "who is dropped is out again"]
pub(crate) struct Presence<'a>(&'a Occupancy);

impl Occupancy {
    pub(crate) const fn new(place: &'static str, limit: u32) -> Self {
        Self { place, limit, inside: AtomicU32::new(0), most: AtomicU32::new(0) }
    }

    pub(crate) fn enter(&self) -> Presence<'_> {
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(inside, Ordering::Relaxed);
        verdict::require(inside <= self.limit, || format!("{}: {inside} at once of {}", self.place, self.limit));
        Presence(self)
    }

    /// The most that were in at once.
    pub(crate) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    pub(crate) fn inside(&self) -> u32 {
        self.inside.load(Ordering::SeqCst)
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
    }
}
