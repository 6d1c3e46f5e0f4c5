use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

#[circuit_breaker]
struct Load;

fn main() {
    drop(Load);
}
