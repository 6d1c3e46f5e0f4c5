//! How long calls take, on one thread and on two.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long n calls take on each of so many threads, all of which make calls all the while: the mean of the threads' times.
///
/// # Panics
///
/// If a call does.
pub fn time(threads: usize, n: u64, calls: &(impl Fn(u64) + Sync)) -> Duration {
    if threads == 1 {
        let start = Instant::now();
        calls(n);
        return start.elapsed();
    }
    let (arrived, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let run = || {
        // Spun, as a thread that has to be woken would begin late.
        arrived.fetch_add(1, Ordering::AcqRel);
        while arrived.load(Ordering::Acquire) < threads {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        let end = Ended(&ended);
        calls(n);
        let took = start.elapsed();
        drop(end);
        // Whoever is the first to end goes on, so that the others' last calls are contended as their first ones.
        while ended.load(Ordering::Acquire) < threads {
            calls((n / 64).clamp(1, 64));
        }
        took
    };
    let total: Duration = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let own = run();
        others.into_iter().map(|thread| thread.join().expect("a call panicked")).sum::<Duration>() + own
    });
    total / u32::try_from(threads).expect("a handful of threads")
}

/// Says that a thread has ended its calls, even by a panic, so that no other makes calls for ever.
struct Ended<'a>(&'a AtomicUsize);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
