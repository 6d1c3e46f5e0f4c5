//! `StatefulBarrier`: every statement about it.

mod breaking;
mod meeting;
mod threads;
mod waking;
mod withdrawing;
