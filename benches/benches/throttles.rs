//! Throttles, side by side.

fn main() {
    altlocks_benches::criterion().final_summary();
}
