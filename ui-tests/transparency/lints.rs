//! See `Cargo.toml`.

#[cfg(transparency)]
mod attribute;
#[cfg(transparency)]
#[path = "cases/lints.rs"]
mod cases;

fn main() {}
