//! A call that asks whether its turn has come, and it has not.

use std::time::Duration;

use altlocks::DynamicThrottle;
use altlocks_benches::throttles::HandWritten;
use altlocks_benches::{Effort, Harness, Rows};
use governor::Quota;

use super::bare::Word;

/// Of the peers that can be asked, each at one call in a second, the least that all of them know.
pub(crate) fn rows(harness: &mut Harness, threads: usize) {
    let mut rows = Rows::new("throttle: refused", threads, Effort::Calls);
    let throttle = DynamicThrottle::new(1.0);
    row(&mut rows, "altlocks", move || throttle.try_enter().is_some());
    let throttle = DynamicThrottle::builder(1.0).quanta().build();
    row(&mut rows, "altlocks, quanta", move || throttle.try_enter().is_some());

    let second = Duration::from_secs(1);
    let governor = governor::RateLimiter::direct(Quota::with_period(second).expect("not zero"));
    row(&mut rows, "governor check", move || governor.check().is_ok());
    let leaky = leaky_bucket::RateLimiter::builder().interval(second).initial(0).max(1).build();
    row(&mut rows, "leaky-bucket try_acquire", move || leaky.try_acquire(1));
    let ratelimit = ratelimit::Ratelimiter::new(1);
    row(&mut rows, "ratelimit try_wait", move || ratelimit.try_wait().is_ok());
    let limiter = async_rate_limiter::RateLimiter::new(1);
    limiter.burst(1);
    row(&mut rows, "async-rate-limiter try_acquire", move || limiter.try_acquire().is_ok());
    let locked = HandWritten::of(second);
    row(&mut rows, "hand-written tokio Mutex<Instant>", move || locked.try_enter());
    let word = Word::never();
    row(&mut rows, "bare clock read + load", move || word.is_due());
    harness.each(&rows);
}

fn row<'a>(rows: &mut Rows<'a>, peer: &'static str, enter: impl Fn() -> bool + Sync + 'a) {
    rows.calls(peer, move |n| {
        let admitted = (0..n).filter(|_| enter()).count();
        // One at first, and one in each second that the samples take.
        assert!(admitted < 10, "{peer}: {admitted} of {n}");
    });
}
