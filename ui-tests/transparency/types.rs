//! See `Cargo.toml`.

#[cfg(transparency)]
mod attribute;
#[cfg(transparency)]
#[path = "cases/types.rs"]
mod cases;

fn main() {}
