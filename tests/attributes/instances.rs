//! Instances by expression.

use std::sync::{Arc, LazyLock, Mutex};

use altlocks::{CircuitBreaker, DynamicThrottle, ResourceGuard, circuit_breaker, resource_guard, throttle};

static LAZY: LazyLock<CircuitBreaker> = LazyLock::new(|| CircuitBreaker::builder("lazy").max_fails(1).build());

#[circuit_breaker(breaker = LAZY)]
async fn by_lazy_lock(value: Option<u8>) -> Option<u8> {
    value
}

struct Client {
    breaker: Arc<CircuitBreaker>,
    pace: Arc<DynamicThrottle>,
    port: Arc<ResourceGuard<()>>,
    calls: Mutex<Vec<u8>>,
    count: u8,
}

impl Client {
    /// The expression may use the arguments, and is evaluated before the body, once a call.
    fn breaker_of(&self, call: u8) -> &CircuitBreaker {
        self.calls.lock().expect("no panic").push(call);
        &self.breaker
    }

    #[circuit_breaker(breaker = self.breaker_of(call))]
    async fn by_method(&self, call: u8) -> Option<usize> {
        Some(self.calls.lock().expect("no panic").len())
    }

    #[circuit_breaker(breaker = Arc::clone(&self.breaker))]
    #[throttle(throttle = Arc::clone(&self.pace))]
    #[resource_guard(guard = Arc::clone(&self.port))]
    async fn under_a_unique_reference(&mut self) -> Option<u8> {
        self.count += 1;
        tokio::task::yield_now().await;
        Some(self.count)
    }

    #[circuit_breaker(breaker = Arc::clone(&self.breaker))]
    async fn by_value(self) -> Option<u8> {
        Some(self.count)
    }
}

#[circuit_breaker(breaker = breaker)]
async fn by_argument(breaker: &CircuitBreaker, value: Option<u8>) -> Option<u8> {
    value
}

#[circuit_breaker(breaker = *breaker)]
async fn by_generic<B>(breaker: &B, value: Option<u8>) -> Option<u8>
where
    B: std::ops::Deref<Target = CircuitBreaker>,
{
    value
}

#[tokio::test]
async fn whatever_gives_a_reference_will_do() {
    assert_eq!(
        (by_lazy_lock(Some(1)).await, by_lazy_lock(None).await, by_lazy_lock(Some(1)).await),
        (Some(1), None, None)
    );

    let breaker = Arc::new(CircuitBreaker::builder("b").max_fails(2).build());
    assert_eq!((by_argument(&breaker, None).await, breaker.fails()), (None, 1));
    assert_eq!((by_generic(&breaker, Some(1)).await, breaker.fails()), (Some(1), 0));

    let mut client = Client {
        breaker: Arc::clone(&breaker),
        pace: Arc::new(DynamicThrottle::new(1e9)),
        port: Arc::new(ResourceGuard::new(())),
        calls: Mutex::default(),
        count: 0,
    };
    assert_eq!((client.by_method(7).await, client.by_method(8).await), (Some(1), Some(2)));
    assert_eq!(*client.calls.lock().unwrap(), [7, 8]);
    assert_eq!((client.under_a_unique_reference().await, client.under_a_unique_reference().await), (Some(1), Some(2)));
    assert_eq!(client.pace.successes(), 2);
    breaker.force_open();
    assert_eq!((client.under_a_unique_reference().await, client.count), (None, 2));
    breaker.reset();
    assert_eq!(client.by_value().await, Some(2));
}
