use altlocks::{CircuitBreaker, CircuitBreakerError, State, circuit_breaker, registry};

#[derive(Debug, PartialEq)]
enum ApiError {
    Timeout,
    Io(u8),
    Bad,
    Refused(CircuitBreakerError),
}
impl From<CircuitBreakerError> for ApiError {
    fn from(e: CircuitBreakerError) -> Self {
        Self::Refused(e)
    }
}

#[circuit_breaker(max_fails = 2, reset = "1m30s")]
async fn own(fail: bool) -> Result<u32, ApiError> {
    if fail {
        return Err(ApiError::Timeout);
    }
    Ok(1)
}
struct Client {
    breaker: CircuitBreaker,
}
impl Client {
    #[circuit_breaker(breaker = self.breaker, fail_on = ApiError::Timeout | ApiError::Io(_) if x > 0)]
    async fn get(&self, x: u32, e: ApiError) -> Result<u32, ApiError> {
        let _ = x;
        Err(e)
    }

    #[circuit_breaker(name = "shared", max_fails = 1, default = 7)]
    async fn shared(&self) -> Option<u32> {
        None
    }

    #[circuit_breaker(name = "shared", fallback = |e: CircuitBreakerError| e.to_string().len(), fail_if = |n| *n > 3)]
    #[circuit_breaker(fail_if = |_| false, fallback = |_| 0)]
    async fn sh(&self, n: usize) -> usize {
        n
    }
}

#[tokio::test(start_paused = true)]
async fn smoke() {
    assert_eq!(own(true).await, Err(ApiError::Timeout));
    assert_eq!(own(true).await, Err(ApiError::Timeout));
    println!(
        "{}",
        match own(true).await {
            Err(ApiError::Refused(e)) => e,
            x => panic!("{x:?}"),
        }
    );
    let c = Client { breaker: CircuitBreaker::builder("c").max_fails(1).build() };
    assert_eq!(c.get(0, ApiError::Timeout).await, Err(ApiError::Timeout));
    assert_eq!(c.get(1, ApiError::Bad).await, Err(ApiError::Bad));
    assert_eq!(c.breaker.state(), State::Closed);
    assert_eq!(c.get(1, ApiError::Io(1)).await, Err(ApiError::Io(1)));
    assert_eq!(c.breaker.state(), State::Open);
    for s in registry::sites() {
        println!("{s:?}");
    }
    assert_eq!(c.sh(3).await, 3);
    assert_eq!(c.shared().await, Some(7));
    assert_eq!(c.shared().await, None);
    println!("{}", c.sh(3).await);
    registry::verify().unwrap();
    for s in registry::circuit_breakers() {
        println!("{s:?}");
    }
}
