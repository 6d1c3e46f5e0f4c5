use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const FAILS: u32 = 0;
const HALF: f64 = 0.5;

#[circuit_breaker(max_fails = FAILS, backoff = HALF)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
