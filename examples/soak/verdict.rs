//! Whether all is well: where a broken invariant is told, from whatever thread.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The first that was found broken.
static BROKEN: OnceLock<String> = OnceLock::new();
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Takes down what is broken, if it does not hold.
pub(crate) fn require(holds: bool, what: impl FnOnce() -> String) {
    if !holds {
        BROKEN.get_or_init(what);
    }
}

/// An error if anything is broken.
pub(crate) fn pronounce() -> anyhow::Result<()> {
    BROKEN.get().map_or(Ok(()), |what| Err(anyhow::anyhow!("{what}")))
}

/// Whether tasks go on.
pub(crate) fn is_open() -> bool {
    !CLOSED.load(Ordering::Relaxed)
}

/// Tasks end what they are at, and go home.
pub(crate) fn close() {
    CLOSED.store(true, Ordering::Relaxed);
}
