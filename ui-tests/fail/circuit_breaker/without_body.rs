use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

trait Api {
#[circuit_breaker]
async fn load(&self) -> Result<u32, ApiError>;
}

fn main() {}
