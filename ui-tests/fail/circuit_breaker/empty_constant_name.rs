use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const EMPTY: &str = "";

#[circuit_breaker(name = EMPTY)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
