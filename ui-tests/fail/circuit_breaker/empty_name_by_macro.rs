use altlocks::{circuit_breaker, CircuitBreakerError};

struct ApiError;

impl From<CircuitBreakerError> for ApiError {
    fn from(_: CircuitBreakerError) -> Self {
        Self
    }
}

macro_rules! protected {
    ($name:expr, $fails:expr) => {
        #[circuit_breaker(name = $name, max_fails = $fails)]
        async fn load() -> Result<u32, ApiError> {
            Ok(1)
        }
    };
}

protected!("", 0);

fn main() {
    drop(load());
}
