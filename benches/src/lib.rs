//! altlocks and its peers, side by side: what the benchmarks share.
//!
//! `cargo run --release -p altlocks-benches` measures everything and rewrites `RESULTS.md`. Each file in `benches/` times one
//! subject. What is counted rather than timed is in `src/facts`, which is part of the program and not of this library,
//! since its counting allocator would slow down the peers that allocate.

pub mod barriers;
mod harness;
mod names;
mod polling;
mod rooms;
mod statics;
pub mod throttles;
mod timing;

pub use self::harness::{Effort, Harness, IN_TURNS, Rows, TO};
pub use self::names::{BARE, is_ours, is_peer};
pub use self::polling::{finish, poll, ready, runtime};
pub use self::rooms::Rooms;
pub use self::statics::leak;
pub use self::timing::time;
