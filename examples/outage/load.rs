//! The load: callers that search, look at what they got, and search again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Api, ApiError};
use crate::record::{Call, End};
use crate::{server, story};

pub(crate) const CALLERS: u16 = 64;

/// How long a caller looks at what it got, at least,
const THINK: Duration = Duration::from_millis(50);
/// and at most so much longer.
const THINK_LONGER: Duration = Duration::from_millis(200);

/// What they search for. One in eight is not there: an error of the caller's own, of which the breaker takes no notice.
const QUERIES: [&str; 8] =
    ["rust", "ferris", "futures", "borrowing", "barriers", "lifetimes", "locks", server::UNKNOWN];

/// Which function the callers call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protection {
    Breaker,
    None,
}

/// Callers at work.
pub(crate) struct Load {
    pub(crate) callers: JoinSet<()>,
    /// Each call, as it ends.
    pub(crate) calls: mpsc::UnboundedReceiver<Call>,
    waiting: Arc<AtomicUsize>,
}

impl Load {
    pub(crate) fn start(api: Api, protection: Protection) -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let (api, waiting) = (Arc::new(api), Arc::new(AtomicUsize::new(0)));
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let caller = Caller {
                number,
                api: Arc::clone(&api),
                protection,
                waiting: Arc::clone(&waiting),
                calls: sender.clone(),
            };
            callers.spawn(caller.run());
        }
        Self { callers, calls, waiting }
    }

    /// How many callers wait for an answer now.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

struct Caller {
    number: u16,
    api: Arc<Api>,
    protection: Protection,
    waiting: Arc<AtomicUsize>,
    calls: mpsc::UnboundedSender<Call>,
}

impl Caller {
    async fn run(self) {
        for (turn, query) in (0..).zip(QUERIES.iter().cycle().skip(usize::from(self.number))) {
            story::sleep(self.think(turn)).await;
            if story::elapsed() >= story::LENGTH || self.calls.send(self.call(query).await).is_err() {
                return;
            }
        }
    }

    /// Another time for each caller and turn, so that those who failed together do not stay together; and the same
    /// ones in every run.
    fn think(&self, turn: u32) -> Duration {
        let part = (u32::from(self.number) * 37 + turn * 23) % 64;
        THINK + THINK_LONGER * part / 64
    }

    async fn call(&self, query: &str) -> Call {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let (began, watch) = (story::elapsed(), Instant::now());
        let result = match self.protection {
            Protection::Breaker => self.api.search(query).await,
            Protection::None => self.api.search_without_breaker(query).await,
        };
        let (took, ended) = (watch.elapsed(), story::elapsed());
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Call { began, ended, took, end: end(&result) }
    }
}

/// A caller that asked for what is not there was served: it has its answer.
fn end<T>(result: &Result<T, ApiError>) -> End {
    match result {
        Ok(_) | Err(ApiError::NotFound) => End::Served,
        Err(ApiError::Refused(_)) => End::Refused,
        Err(ApiError::Timeout | ApiError::Server(_) | ApiError::Transport(_)) => End::Failed,
    }
}
