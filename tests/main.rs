//! Behaviour from outside, a module a subject; each test is named as the fact that it states.

#![allow(clippy::unchecked_time_subtraction, reason = "the numbers are the test's own")]

mod barrier;
mod breaker;
mod by_hand;
mod guard;
mod releasing;
mod support;
mod throttle;
