//! The behaviour of the crate from outside, a module a subject.

mod throttle;
