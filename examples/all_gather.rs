//! An all-gather: scores are scattered over workers, and each worker normalises its own share by what all of them
//! found.
//!
//! The softmax of a score is `exp(score - max) / sum`, where `max` and `sum` are over *all* scores. So no worker can go
//! on alone, twice: first each needs the others' maxima, then their sums. Nobody collects and sends back; at the
//! barrier each brings its part and leaves with all of them.
//!
//! If a worker is missing, the first that runs out of patience breaks the barrier, and all learn of it.
//!
//! ```sh
//! cargo run -p altlocks-examples --example all_gather
//! ```

use std::sync::Arc;
use std::time::Duration;

use altlocks::{BrokenBarrierError, StatefulBarrier};

const WORKERS: usize = 4;
const PATIENCE: Duration = Duration::from_millis(200);

/// Normalises one share of the scores.
async fn softmax(
    worker: usize,
    mut share: Vec<f64>,
    barrier: Arc<StatefulBarrier<f64>>,
) -> Result<Vec<f64>, BrokenBarrierError> {
    let highest = share.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let maxima = barrier.wait_timeout(highest, PATIENCE).await?;
    let max = maxima.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    println!("worker {worker}: my maximum is {highest:5.2}, all have {:5.2?}", maxima.states());

    for score in &mut share {
        *score = (*score - max).exp();
    }
    let sums = barrier.wait_timeout(share.iter().sum::<f64>(), PATIENCE).await?;
    let sum: f64 = sums.iter().sum();
    if sums.is_leader() {
        println!("worker {worker}: I came last; the sum of all is {sum:.3}");
    }
    for score in &mut share {
        *score /= sum;
    }
    Ok(share)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scores: Vec<f64> = (0..20_i32).map(|number| f64::from(number * 7 % 20) / 4.0).collect();

    // Cyclic: the same barrier serves the second round, and as many more as there are.
    let barrier = Arc::new(StatefulBarrier::builder(WORKERS).name("softmax").cyclic().build());
    let workers: Vec<_> = scores
        .chunks(scores.len() / WORKERS)
        .enumerate()
        .map(|(worker, share)| tokio::spawn(softmax(worker, share.to_vec(), Arc::clone(&barrier))))
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    println!("{} probabilities, which sum to {:.6}\n", all.len(), all.iter().sum::<f64>());

    println!("And with a worker missing:");
    let three: Vec<_> =
        (1..WORKERS).map(|worker| tokio::spawn(softmax(worker, vec![1.0], Arc::clone(&barrier)))).collect();
    for (worker, result) in (1..).zip(three) {
        match result.await? {
            Ok(_) => println!("worker {worker}: met"),
            Err(broken) => println!("worker {worker}: {broken}"),
        }
    }
    // The barrier stays broken, so that whoever comes late learns of it, until somebody puts it right.
    println!("then: {:?}", barrier.raise_for_abort().map_err(|broken| broken.to_string()));
    barrier.reset();
    println!("reset: {:?}", barrier.raise_for_abort());
    Ok(())
}
