//! Tasks that enter again and again, so that always as many wait, and what that takes.
//!
//! On a real runtime of one thread, with its timer: what is woken in vain is paid for, as in a service. At 10 000 calls per
//! second there are some for every tick of a timer of a millisecond, so nobody is charged for a timer of his own who need not
//! have one.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use altlocks_benches::throttles::Throttle;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Builder;

const RATE: u32 = 10_000;
const LENGTH: Duration = Duration::from_millis(400);

/// Per admission.
pub(super) struct Counted {
    pub(super) polls: f64,
    /// In per cent of the admissions: who went on after one that came later. A few of those are of the runtime's making, which
    /// does not run all tasks in the order in which it was told to.
    pub(super) overtaken: f64,
    /// In microseconds, of all threads of the process.
    pub(super) processor: f64,
}

/// What is counted while so many wait.
pub(super) fn watched<T: Throttle>(waiters: u32) -> Counted {
    let Tally { admissions, polls, overtaken, processor } = gather::<T>(RATE, waiters, LENGTH, || ());
    assert!(admissions > 0, "somebody is admitted");
    let number = |count: u64| f64::from(u32::try_from(count).expect("not so many"));
    Counted {
        polls: number(polls) / number(admissions),
        overtaken: number(overtaken) / number(admissions) * 100.0,
        processor: processor.as_secs_f64() * 1e6 / number(admissions),
    }
}

/// So many tasks enter again and again for so long; tells of each admission.
pub(super) fn gather<T: Throttle>(
    rate: u32,
    waiters: u32,
    length: Duration,
    admitted: impl Fn() + Clone + Send + 'static,
) -> Tally {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let throttle = {
        let _context = runtime.enter();
        Arc::new(T::new(rate))
    };
    let watch = Arc::new(Watch::default());
    runtime.block_on(async {
        for _ in 0..waiters {
            let (throttle, watch, admitted) = (Arc::clone(&throttle), Arc::clone(&watch), admitted.clone());
            tokio::spawn(async move {
                loop {
                    watch.enter(&*throttle).await;
                    admitted();
                }
            });
        }
        // Not counted is what it takes until all are there.
        while watch.arrivals.load(Ordering::Relaxed) < waiters.into() {
            tokio::task::yield_now().await;
        }
        let before = watch.tally();
        tokio::time::sleep(length).await;
        watch.tally().since(&before)
    })
}

/// What was counted so far.
pub(super) struct Tally {
    admissions: u64,
    polls: u64,
    overtaken: u64,
    processor: Duration,
}

impl Tally {
    fn since(&self, before: &Self) -> Self {
        Self {
            admissions: self.admissions - before.admissions,
            polls: self.polls - before.polls,
            overtaken: self.overtaken - before.overtaken,
            processor: self.processor.saturating_sub(before.processor),
        }
    }
}

#[derive(Default)]
struct Watch {
    arrivals: AtomicU64,
    admissions: AtomicU64,
    polls: AtomicU64,
    overtaken: AtomicU64,
    /// Who came latest of those admitted.
    latest: AtomicU64,
}

impl Watch {
    async fn enter(&self, throttle: &impl Throttle) {
        let ticket = self.arrivals.fetch_add(1, Ordering::Relaxed);
        let mut entry = pin!(throttle.enter());
        drop(
            poll_fn(|cx| {
                self.polls.fetch_add(1, Ordering::Relaxed);
                entry.as_mut().poll(cx)
            })
            .await,
        );
        self.admissions.fetch_add(1, Ordering::Relaxed);
        if self.latest.fetch_max(ticket, Ordering::Relaxed) > ticket {
            self.overtaken.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn tally(&self) -> Tally {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Tally {
            admissions: read(&self.admissions),
            polls: read(&self.polls),
            overtaken: read(&self.overtaken),
            processor: processor(),
        }
    }
}

/// What the process has used up.
fn processor() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("not negative")
}
