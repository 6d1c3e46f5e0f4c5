//! `Releasing`, `Relock` and `Unlocked`: every statement about them.

mod generic;
mod locks;
mod sections;
