//! An HTTP server on loopback that is as well as the script says.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::story::{self, Health};

/// How long an answer takes,
const HEALTHY: Duration = Duration::from_millis(20);
/// and how much longer a slow one does in the end.
const SLOWER: Duration = Duration::from_millis(580);

/// What this server has nothing about.
pub(crate) const UNKNOWN: &str = "unicorn";

/// A server that listens.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    received: Arc<Received>,
    /// Ends only with an error.
    pub(crate) accepting: JoinHandle<io::Result<Infallible>>,
}

/// How many requests arrived, by how the server was.
#[derive(Default)]
struct Received {
    failing: AtomicU64,
    dead: AtomicU64,
}

impl Server {
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let received = Arc::new(Received::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&received)));
        Ok(Self { address, received, accepting })
    }

    /// How many requests came while each answer was a 500.
    pub(crate) fn received_failing(&self) -> u64 {
        self.received.failing.load(Ordering::Relaxed)
    }

    /// How many requests came while there was no answer.
    pub(crate) fn received_dead(&self) -> u64 {
        self.received.dead.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, received: Arc<Received>) -> io::Result<Infallible> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &received));
            // Callers that time out close the connection under the server: nothing that anyone could act on.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(request: Request<Incoming>, received: &Received) -> Result<Response<Full<Bytes>>, Infallible> {
    let at = story::elapsed();
    let act = story::act(at);
    match act.health {
        Health::Healthy | Health::Back => story::sleep(HEALTHY).await,
        Health::Slow => story::sleep(HEALTHY + SLOWER.mul_f64(act.progress(at))).await,
        Health::Failing => {
            received.failing.fetch_add(1, Ordering::Relaxed);
            story::sleep(HEALTHY).await;
            return Ok(response(StatusCode::INTERNAL_SERVER_ERROR, String::new()));
        }
        Health::Dead => {
            received.dead.fetch_add(1, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
    }
    let query = request.uri().path().trim_start_matches('/');
    Ok(match query {
        UNKNOWN => response(StatusCode::NOT_FOUND, String::new()),
        _ => response(StatusCode::OK, format!("{query}, explained\nthe history of {query}\n{query} for two")),
    })
}

fn response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}
