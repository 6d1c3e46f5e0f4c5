//! altlocks and its peers, side by side: what the benchmarks share.
//!
//! `cargo run --release -p altlocks-benches` measures everything and rewrites `RESULTS.md`. Each file in `benches/` times one
//! subject. What is counted rather than timed is in `src/facts`, which is part of the program and not of this library,
//! since its counting allocator would slow down the peers that allocate.

pub mod barriers;
mod polling;
mod rooms;
pub mod throttles;
mod timing;

pub use self::polling::{finish, poll, ready, runtime};
pub use self::rooms::Rooms;
pub use self::timing::{bench, criterion, group, time};
