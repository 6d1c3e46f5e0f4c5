//! How many calls enter, and how far apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle};
use tokio::time::Instant;

/// How many of saturating callers enter in 5 s.
async fn admitted_in_5_s(rate: f64, callers: usize) -> u64 {
    let throttle = Arc::new(DynamicThrottle::builder(rate).jitter(0.0).adaptation(Adaptation::Fixed).build());
    let count = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + Duration::from_secs(5);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (throttle, count) = (Arc::clone(&throttle), Arc::clone(&count));
        tasks.spawn(async move {
            loop {
                drop(throttle.enter().await);
                if Instant::now() >= end {
                    break;
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tasks.join_all().await;
    count.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn saturating_callers_get_the_rate() {
    for callers in [1, 10, 1000] {
        for rate in [7.0, 100.0, 997.0, 3000.0, 123_456.0] {
            let t = std::time::Instant::now();
            let admitted = admitted_in_5_s(rate, callers).await;
            println!("{callers} {rate} {admitted} {:?}", t.elapsed());
        }
    }
}
