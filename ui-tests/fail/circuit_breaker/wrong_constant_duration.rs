use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

use std::time::Duration;

#[circuit_breaker(trial_lease = Duration::ZERO)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
