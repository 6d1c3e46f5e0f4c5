//! Throttles, side by side: the way in while nobody has to wait, the refusal, the way out of a queue.

#[path = "throttles/bare.rs"]
mod bare;
#[path = "throttles/cancels.rs"]
mod cancels;
#[path = "throttles/entry.rs"]
mod entry;
#[path = "throttles/refused.rs"]
mod refused;

fn main() {
    let mut harness = altlocks_benches::Harness::from_arguments();
    let _context = altlocks_benches::runtime().enter();
    for threads in [1, 2] {
        entry::rows(&mut harness, threads);
        refused::rows(&mut harness, threads);
    }
    cancels::rows(&mut harness);
    harness.end();
}
