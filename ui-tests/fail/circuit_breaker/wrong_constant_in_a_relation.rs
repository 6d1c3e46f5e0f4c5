use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const CALLS: u32 = 0;

#[circuit_breaker(max_half_open_calls = CALLS, success_threshold = 2)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
