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
    let mut criterion = altlocks_benches::criterion();
    let _context = altlocks_benches::runtime().enter();
    for threads in [1, 2] {
        entry::rows(&mut criterion, threads);
        refused::rows(&mut criterion, threads);
    }
    cancels::rows(&mut criterion);
    criterion.final_summary();
}
