//! Annotated functions of a crate that others use.

use altlocks::{CircuitBreakerError, circuit_breaker, throttle};

/// Has a breaker of its own.
#[circuit_breaker(max_fails = 2)]
pub async fn own() -> Option<u32> {
    Some(1)
}

/// Gives the settings that functions of other crates join.
#[circuit_breaker(name = "from the library", max_fails = 4)]
pub async fn with_settings() -> Option<u32> {
    None
}

/// Joins settings that another crate gives.
#[throttle(name = "from the program")]
pub async fn joining() -> u32 {
    2
}

/// Has settings that another crate contradicts.
///
/// # Errors
///
/// If the circuit is open.
#[circuit_breaker(name = "differing", max_fails = 5)]
pub async fn differing() -> Result<u32, CircuitBreakerError> {
    Ok(3)
}

/// A corner of the library that the program never names.
pub mod unnamed {
    use altlocks::circuit_breaker;

    /// Nobody calls this.
    #[circuit_breaker(max_fails = 6)]
    pub async fn never_called() -> Option<u32> {
        None
    }
}
