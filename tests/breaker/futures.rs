//! `#[circuit_breaker]` on functions that are not `async` but return a future.

use std::future::{Future, ready};
use std::pin::Pin;

use altlocks::{CircuitBreaker, State, circuit_breaker};

use super::ApiError;
use crate::support::{log, logged, poll};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

static OPAQUE: CircuitBreaker = CircuitBreaker::builder("opaque").max_fails(2).build();

#[circuit_breaker(breaker = OPAQUE)]
fn opaque(fail: bool) -> impl Future<Output = Result<u8, ApiError>> + Send {
    log("at the call");
    let error = ApiError::Timeout;
    async move {
        log("at the poll");
        tokio::task::yield_now().await;
        if fail {
            return Err(error);
        }
        let one = Ok::<u8, ApiError>(1)?;
        Ok(one)
    }
}

#[tokio::test]
async fn what_stands_before_the_future_runs_at_the_call_and_admission_is_at_the_first_poll() {
    let mut call = Box::pin(opaque(true));
    assert_eq!(logged(), ["at the call"]);
    assert!(poll(call.as_mut()).is_pending());
    assert_eq!((logged(), OPAQUE.fails()), (vec!["at the poll".to_owned()], 0));
    assert_eq!(call.await, Err(ApiError::Timeout));
    assert_eq!(OPAQUE.fails(), 1, "recorded when it completes");
    assert_eq!(opaque(false).await, Ok(1));
    assert_eq!(OPAQUE.fails(), 0);
    OPAQUE.force_open();
    logged();
    assert!(matches!(opaque(false).await, Err(ApiError::Refused(_))));
    assert_eq!(logged(), ["at the call"]);
}

static OTHERS: CircuitBreaker = CircuitBreaker::builder("others").max_fails(u32::MAX).build();

struct Client(Vec<u8>);

impl Client {
    #[circuit_breaker(breaker = OTHERS)]
    fn boxed<'a>(&'a self, other: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, ApiError>> + Send + 'a>> {
        let base = self.0.len();
        Box::pin(async move {
            if other.is_empty() {
                return Err(ApiError::NotFound);
            }
            Ok(base + other.len())
        })
    }

    #[circuit_breaker(breaker = OTHERS)]
    fn boxed_elsewhere(&mut self, early: bool) -> Pin<Box<dyn Future<Output = Result<usize, ApiError>> + '_>> {
        if early {
            return Box::pin(ready(Err(ApiError::Timeout)));
        }
        let future = async {
            self.0.push(1);
            Ok(self.0.len())
        };
        Box::pin(future)
    }

    #[circuit_breaker(breaker = OTHERS)]
    fn opaque_elsewhere(&self, early: bool) -> impl Future<Output = Result<usize, ApiError>> + Send + use<'_> {
        if early {
            return ready(Err(ApiError::Timeout));
        }
        ready(Ok(self.0.len()))
    }

    #[circuit_breaker(breaker = OTHERS)]
    fn aliased(&self) -> futures_like::BoxFuture<'_, Result<usize, ApiError>> {
        Box::pin(async { Ok(self.0.len()) })
    }
}

/// As the crate `futures` has it.
mod futures_like {
    pub(super) type BoxFuture<'a, T> = super::Boxed<'a, T>;
}

#[tokio::test]
async fn boxed_and_handed_on_futures_are_recorded_when_they_complete() {
    let mut client = Client(vec![0; 3]);
    assert_eq!(client.boxed("ab").await, Ok(5));
    assert_eq!(client.boxed("").await, Err(ApiError::NotFound));
    assert_eq!(OTHERS.fails(), 1);
    assert_eq!(client.boxed_elsewhere(true).await, Err(ApiError::Timeout));
    assert_eq!(OTHERS.fails(), 2);
    assert_eq!(client.opaque_elsewhere(true).await, Err(ApiError::Timeout));
    assert_eq!(OTHERS.fails(), 3);
    drop(client.boxed("never polled"));
    assert_eq!(client.boxed_elsewhere(false).await, Ok(4));
    assert_eq!(OTHERS.fails(), 0);
    assert_eq!(client.opaque_elsewhere(false).await, Ok(4));
    assert_eq!(client.aliased().await, Ok(4));
    OTHERS.force_open();
    assert!(matches!(client.boxed("ab").await, Err(ApiError::Refused(_))));
    assert!(matches!(client.boxed_elsewhere(false).await, Err(ApiError::Refused(_))));
    assert_eq!((client.0.len(), OTHERS.state()), (4, State::Open), "the refused body did not run");
}

static TRAIT: CircuitBreaker = CircuitBreaker::builder("async trait").max_fails(u32::MAX).build();

#[async_trait::async_trait]
trait Store: Sync {
    async fn load(&self, key: &str) -> Result<String, ApiError>;

    #[circuit_breaker(breaker = TRAIT)]
    async fn load_twice(&self, key: &str) -> Result<String, ApiError> {
        Ok(self.load(key).await? + &self.load(key).await?)
    }
}

#[async_trait::async_trait]
impl Store for Client {
    #[circuit_breaker(breaker = TRAIT)]
    async fn load(&self, key: &str) -> Result<String, ApiError> {
        tokio::task::yield_now().await;
        if key.is_empty() {
            return Err(ApiError::NotFound);
        }
        Ok(format!("{key}{}", self.0.len()))
    }
}

#[async_trait::async_trait(?Send)]
trait Local {
    async fn get(&mut self) -> Option<usize>;
}

#[async_trait::async_trait(?Send)]
impl Local for Client {
    #[circuit_breaker(breaker = TRAIT)]
    async fn get(&mut self) -> Option<usize> {
        let not_send = std::rc::Rc::new(self.0.len());
        tokio::task::yield_now().await;
        self.0.clear();
        Some(*not_send)
    }
}

#[tokio::test]
async fn methods_under_async_trait_are_protected_too() {
    let mut client = Client(vec![0; 2]);
    let store: &dyn Store = &client;
    assert_eq!(store.load_twice("k").await.as_deref(), Ok("k2k2"));
    assert_eq!(store.load("").await, Err(ApiError::NotFound));
    assert_eq!(TRAIT.fails(), 1);
    assert_eq!(store.load_twice("").await, Err(ApiError::NotFound));
    assert_eq!(TRAIT.fails(), 3, "by the inner and by the outer one");
    assert_eq!(client.get().await, Some(2));
    TRAIT.force_open();
    assert!(matches!(Store::load(&client, "k").await, Err(ApiError::Refused(_))));
    assert_eq!(client.get().await, None);
}
