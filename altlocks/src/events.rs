//! Reports to foreign code, in order and outside every lock.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Events in the order in which they happened. Kept under the lock of what they happen to; whoever takes the turn
/// reports them after unlocking, those too that are added meanwhile, so no two reports overlap or overtake.
pub(crate) struct Events<E> {
    waiting: VecDeque<E>,
    reporting: bool,
}

impl<E> Events<E> {
    pub(crate) const fn new() -> Self {
        Self { waiting: VecDeque::new(), reporting: false }
    }

    pub(crate) fn push(&mut self, event: E) {
        self.waiting.push_back(event);
    }

    /// Whether the caller has to report: there is something, and nobody is at it.
    #[must_use]
    pub(crate) fn take_turn(&mut self) -> bool {
        let mine = !self.reporting && !self.waiting.is_empty();
        self.reporting |= mine;
        mine
    }

    /// The next event for the caller that has the turn; with `None` the turn is over.
    pub(crate) fn pop(&mut self) -> Option<E> {
        let event = self.waiting.pop_front();
        self.reporting = event.is_some();
        event
    }
}

/// Runs foreign code whose panic is not our caller's business; the panic hook has reported it. Whether it returned.
pub(crate) fn isolated(foreign: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(foreign)) {
        Ok(()) => true,
        Err(payload) => {
            // Its drop is foreign code too, and could panic.
            std::mem::forget(payload);
            false
        }
    }
}
