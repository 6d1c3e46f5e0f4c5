//! Behaviour from outside, a module a subject; each test is named as the fact that it states.

mod smoke;
