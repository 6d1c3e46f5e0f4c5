//! Futures polled by hand: no runtime stands between the clock and what is measured.

use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};

/// Polls once, with a waker that does nothing.
#[inline]
pub fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The output of a future that is ready at its first poll.
///
/// # Panics
///
/// If it is not.
#[inline]
pub fn ready<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that has nothing to wait for was pending"),
    }
}

/// The output of a future that may have to wait for a lock that another thread has for a moment: polled until it is ready,
/// which is quicker than to sleep and be woken. Now and then it steps aside, as the other thread may not have a core.
#[inline]
pub fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut polled = 0_u8;
    loop {
        polled = polled.wrapping_add(1);
        match poll(future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending if polled == 0 => std::thread::yield_now(),
            Poll::Pending => std::hint::spin_loop(),
        }
    }
}

/// A runtime in the background, for peers that need its timers. Enter it; nothing runs on it that is measured.
///
/// # Panics
///
/// If the machine gives no thread.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a thread"))
}
