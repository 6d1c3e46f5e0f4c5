use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const ONE: u32 = 1;

#[circuit_breaker(success_threshold = 2, max_half_open_calls = ONE)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
