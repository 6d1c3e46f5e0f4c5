use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

const FAILS: u32 = 0;

#[circuit_breaker(name = "db", max_fails = FAILS)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
