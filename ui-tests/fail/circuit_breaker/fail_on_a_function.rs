use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

fn is_transient(_: &ApiError) -> bool {
    true
}

#[circuit_breaker(fail_on = is_transient)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
