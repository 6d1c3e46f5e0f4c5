//! What several subjects need: clocks and polls by hand, and a log for hooks, which are plain functions.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

/// Polls once, with a waker that does nothing.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs `f` and gives back whether it panicked; the message goes where the test's output goes.
pub(crate) fn panics(f: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err()
}

/// How long this thread has run: what others take of the processor is no part of it.
#[cfg(unix)]
pub(crate) fn busy() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a thread has not run for less than no time")
}

#[cfg(not(unix))]
pub(crate) fn busy() -> Duration {
    static ORIGIN: OnceLock<std::time::Instant> = OnceLock::new();
    ORIGIN.get_or_init(std::time::Instant::now).elapsed()
}

thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A clock of this thread's own, for tests without a runtime; [`advance`] moves it.
pub(crate) fn hand_clock() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now) + NOW.get()
}

pub(crate) fn advance(by: Duration) {
    NOW.set(NOW.get() + by);
}

/// Adds a line to this thread's log.
pub(crate) fn log(line: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(line.into()));
}

/// The log since the last call.
pub(crate) fn logged() -> Vec<String> {
    LOG.take()
}
