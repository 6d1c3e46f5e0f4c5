use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

static BREAKER: altlocks::CircuitBreaker = altlocks::CircuitBreaker::new("b");

#[circuit_breaker(name = "b", breaker = BREAKER)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
