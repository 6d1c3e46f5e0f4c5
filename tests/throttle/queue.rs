//! The order of those who wait, and what it costs.

use super::{even, ms, pass, queue_up};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn probe() {
    for (n, rate) in [(5, 100.0), (5, 7.0), (5, 250.0), (5, 300.0), (50, 997.0), (500, 3000.0), (1000, 7.0)] {
        let throttle = even(rate);
        let start = Instant::now();
        let mut calls = queue_up(&throttle, n);
        let order = pass(ms((n as f64 / rate * 1e3) as u64 + 50), &mut calls).await;
        let polls: u32 = calls.iter().map(|c| c.polls).sum();
        let max = calls.iter().map(|c| c.polls).max();
        let sorted = order.is_sorted();
        println!("{n} at {rate}: {} ready, polls {polls} {max:?} sorted {sorted}", order.len());
        if n < 10 {
            println!("{:?}", calls.iter().map(|c| c.ready_after(start).unwrap()).collect::<Vec<_>>())
        }
    }
    println!("sleep {} {}", size_of::<tokio::time::Sleep>(), size_of::<Option<tokio::time::Sleep>>());
    println!("size enter {}", std::mem::size_of_val(&even(1.0).enter()));
    println!("size enter_timeout {}", std::mem::size_of_val(&even(1.0).enter_timeout(ms(1))));
}
