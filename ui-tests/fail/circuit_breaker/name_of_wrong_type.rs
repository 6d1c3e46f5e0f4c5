use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const N: u32 = 3;

#[circuit_breaker(name = N)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
