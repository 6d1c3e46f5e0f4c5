use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

#[circuit_breaker(fallback = || Ok(7))]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
