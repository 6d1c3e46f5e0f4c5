//! What those who wait hold: bytes and timers.

use std::mem::size_of_val;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Wake, Waker};

use altlocks_benches::Rooms;
use altlocks_benches::throttles::Throttle;
use tokio::runtime::{Builder, Runtime};

pub(super) struct Bytes {
    pub(super) future: f64,
    pub(super) heap: f64,
}

/// What one who waits takes, in its future and beside it, in a queue of a thousand.
pub(super) fn bytes<T: Throttle>() -> Bytes {
    const WAITERS: u32 = 1000;
    let (runtime, throttle) = busy::<T>();
    let _context = runtime.enter();
    let future = size_of_val(&throttle.enter());
    let mut rooms = Rooms::new(WAITERS as usize);
    let counted = allocation_counter::measure(|| rooms.queue(Waker::noop(), |_| throttle.enter()));
    let number = |count: i64| f64::from(i32::try_from(count).expect("not so many"));
    Bytes {
        future: number(future.try_into().expect("not so many")),
        heap: number(counted.bytes_current) / f64::from(WAITERS),
    }
}

/// How many timers are armed while so many wait. A runtime that ends wakes all who have armed one.
pub(super) fn armed<T: Throttle>(waiters: u32) -> f64 {
    let (runtime, throttle) = busy::<T>();
    let context = runtime.enter();
    let bell = Arc::new(Bell::default());
    let mut rooms = Rooms::new(waiters as usize);
    rooms.queue(&Waker::from(Arc::clone(&bell)), |_| throttle.enter());
    drop(context);
    bell.0.store(0, Ordering::Relaxed);
    drop(runtime);
    bell.0.load(Ordering::Relaxed).into()
}

/// A throttle that has just let somebody in, for a second.
fn busy<T: Throttle>() -> (Runtime, T) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let throttle = {
        let _context = runtime.enter();
        T::new(1)
    };
    drop(runtime.block_on(throttle.enter()));
    (runtime, throttle)
}

#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
