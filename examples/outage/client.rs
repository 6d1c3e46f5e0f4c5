//! The client: one function with the circuit breaker, and the same one without.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use altlocks::{CircuitBreakerError, circuit_breaker};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::{circuit, story};

/// How long a caller waits for an answer.
const TIMEOUT: Duration = Duration::from_millis(800);

// What opens the circuit. Constants, because the terminal and the plot say it too.
/// So many calls in a row that fail
pub(crate) const MAX_FAILS: u32 = 5;
/// or that take longer than this.
pub(crate) const SLOW: Duration = Duration::from_millis(400);

/// Why a search brought nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("no answer within {TIMEOUT:?}")]
    Timeout,
    #[error("the server answered {0}")]
    Server(StatusCode),
    #[error("the request did not get through")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
    /// The caller's own mistake, and no fault of the server's.
    #[error("nothing about that")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] CircuitBreakerError),
}

/// A client of one server.
pub(crate) struct Api {
    http: Client<HttpConnector, Empty<Bytes>>,
    server: SocketAddr,
}

impl Api {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { http: Client::builder(TokioExecutor::new()).build(connector), server }
    }

    /// Searches, as long as the circuit lets it.
    ///
    /// Five failures in a row open the circuit, and an answer that takes half of the timeout is as bad as none: so it
    /// opens while the server still gets slower. `NotFound` counts as neither failure nor success. One answer may be
    /// luck: two of three trials have to succeed before all callers come back.
    #[circuit_breaker(
        name = "search-api",
        max_fails = MAX_FAILS,
        fail_on = ApiError::Timeout | ApiError::Server(_) | ApiError::Transport(_),
        slow_call = SLOW,
        reset = "1s",
        backoff = 1.5,
        max_reset = "1500ms",
        jitter = 0.1,
        max_half_open_calls = 3,
        success_threshold = 2,
        timer = story::now,
        on_transition = circuit::note,
    )]
    pub(crate) async fn search(&self, query: &str) -> Result<Vec<String>, ApiError> {
        self.get(query).await
    }

    /// The same without the circuit breaker.
    pub(crate) async fn search_without_breaker(&self, query: &str) -> Result<Vec<String>, ApiError> {
        self.get(query).await
    }

    async fn get(&self, query: &str) -> Result<Vec<String>, ApiError> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.server.to_string())
            .path_and_query(format!("/{query}"))
            .build()
            .map_err(transport)?;
        let exchange = async {
            let response = self.http.get(uri).await.map_err(transport)?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(transport)?.to_bytes();
            match status {
                StatusCode::NOT_FOUND => Err(ApiError::NotFound),
                status if status.is_success() => Ok(hits(&body)),
                status => Err(ApiError::Server(status)),
            }
        };
        tokio::time::timeout(story::on_the_wall(TIMEOUT), exchange).await.unwrap_or(Err(ApiError::Timeout))
    }
}

fn hits(body: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(body).lines().map(str::to_owned).collect()
}

fn transport(error: impl Error + Send + Sync + 'static) -> ApiError {
    ApiError::Transport(Box::new(error))
}
