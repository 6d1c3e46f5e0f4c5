//! The way out of a queue, for those who give up.

use std::task::Waker;
use std::time::{Duration, Instant};

use altlocks_benches::throttles::{Throttle, Visit, each};
use altlocks_benches::{Effort, Harness, Rooms, Rows, finish};

const WAITERS: usize = 10_000;

/// All who wait give up, those first who came first, which is the worst order where it matters who is next. It is the way
/// out alone that is timed, not that in.
pub(crate) fn rows(harness: &mut Harness) {
    let mut cancels = Cancels(Rows::new("throttle: 10000 cancels in a queue", 1, Effort::Crowds));
    each(&mut cancels);
    harness.each(&cancels.0);
}

struct Cancels(Rows<'static>);

impl Visit for Cancels {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        self.0.timed(peer, |times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let throttle = T::new(1);
                let mut rooms = Rooms::new(WAITERS);
                // The first does not wait.
                drop(finish(throttle.enter()));
                rooms.queue(Waker::noop(), |_| throttle.enter());
                let start = Instant::now();
                rooms.leave();
                took += start.elapsed();
            }
            took
        });
    }
}
