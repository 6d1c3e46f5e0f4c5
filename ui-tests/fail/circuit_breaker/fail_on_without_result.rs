use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

#[circuit_breaker(fail_on = ApiError)]
async fn load() -> Option<u32> {
    None
}

fn main() {
    drop(load());
}
