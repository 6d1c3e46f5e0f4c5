use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

#[circuit_breaker(default = vec![3], fail_if = |_| false, fallback = |_| Vec::new())]
async fn load() -> Vec<u8> {
    Vec::new()
}

fn main() {
    drop(load());
}
