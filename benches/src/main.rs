//! Measures everything and rewrites `RESULTS.md`.
//!
//! ```text
//! cargo run --release -p altlocks-benches [-- --report]
//! ```

mod facts;

fn main() {
    for fact in facts::facts() {
        println!("{fact:?}");
    }
}
