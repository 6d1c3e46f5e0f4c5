//! `DynamicThrottle`: the statements of its documentation, each a test.

mod rate;
