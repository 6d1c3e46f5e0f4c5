use altlocks::{circuit_breaker, CircuitBreakerError};

#[tokio::test]
#[circuit_breaker]
async fn load() -> Result<(), CircuitBreakerError> {
    Ok(())
}

fn main() {}
