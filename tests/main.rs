//! What altlocks does, seen from outside; a module a subject.

mod barrier;
mod by_hand;
mod guard;
mod releasing;
