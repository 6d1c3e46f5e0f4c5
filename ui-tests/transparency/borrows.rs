//! See `Cargo.toml`.

#[cfg(transparency)]
mod attribute;
#[cfg(transparency)]
#[path = "cases/borrows.rs"]
mod cases;

fn main() {}
