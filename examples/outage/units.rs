//! Times as people read them.

use std::time::Duration;

/// `0.4 µs`
pub(crate) fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

/// `400 ms`
pub(crate) fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// `12.3 s`
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
