//! An outage, as the callers see it with a circuit breaker and without.
//!
//! ```sh
//! cargo run --release --example outage
//! ```
//!
//! Two HTTP servers on loopback follow one script: healthy, slow, failing, dead, healthy again. The same load calls
//! both, one through [`search`](client::Api::search), which carries the circuit breaker, the other through the same
//! function without it. The terminal shows what happens, a summary compares, and `outage.svg` shows it over time.
//!
//! The circuit breaker stands in `client.rs`; all else is stage machinery.

mod circuit;
mod client;
mod load;
mod options;
mod plot;
mod record;
mod server;
mod story;
mod summary;
mod units;
mod view;

use std::fs::OpenOptions;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use altlocks::registry;
use anyhow::Context;
use tokio::time::{MissedTickBehavior, interval};

use crate::client::Api;
use crate::load::{Load, Protection};
use crate::options::{HELP, Request};
use crate::record::Record;
use crate::server::Server;
use crate::summary::{Side, Summary};
use crate::view::{Scene, View};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Request::from_args()? {
        Request::Help => write!(stdout(), "{HELP}")?,
        Request::Tell { takes, plot } => {
            // A place that cannot be written to is told now, not after the story.
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(&plot)
                .with_context(|| format!("writing {}", plot.display()))?;
            let summary = tell(takes).await?;
            summary.print(&mut stdout())?;
            plot::draw(&summary, &plot).context("drawing the plot")?;
            writeln!(stdout(), "\nThe plot is in {}.", plot.display())?;
            summary.verify().context("the story did not happen")?;
        }
    }
    Ok(())
}

const FRAME: Duration = Duration::from_millis(50);

/// Runs both loads at once, shows them, and takes down what happens.
async fn tell(takes: Duration) -> anyhow::Result<Summary> {
    registry::verify()?;
    let breaker = registry::circuit_breaker("search-api").context("no function carries `search-api`")?;
    let began = Instant::now();
    story::begin(takes);
    let mut with = Stage::set(Protection::Breaker).await?;
    let mut without = Stage::set(Protection::None).await?;
    let mut view = View::open()?;
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !(with.is_over() && without.is_over()) {
        frames.tick().await;
        with.listen().await?;
        without.listen().await?;
        view.show(&Scene::now(breaker, (&with.load, &with.record), (&without.load, &without.record)))?;
    }
    view.close()?;
    Ok(Summary { took: began.elapsed(), with: with.strike(), without: without.strike(), changes: circuit::changes() })
}

/// A server, its callers, and what is known of their calls.
struct Stage {
    server: Server,
    load: Load,
    record: Record,
}

impl Stage {
    async fn set(protection: Protection) -> anyhow::Result<Self> {
        let server = Server::start().await.context("starting the server")?;
        let load = Load::start(Api::new(server.address), protection);
        Ok(Self { server, load, record: Record::default() })
    }

    /// Takes down the calls that ended since the last time. An error if a caller panicked or the server gave up.
    async fn listen(&mut self) -> anyhow::Result<()> {
        while let Some(caller) = self.load.callers.try_join_next() {
            caller.context("a caller gave up")?;
        }
        while let Ok(call) = self.load.calls.try_recv() {
            self.record.push(call);
        }
        if self.server.accepting.is_finished() {
            let Err(error) = (&mut self.server.accepting).await?;
            return Err(error).context("the server gave up");
        }
        Ok(())
    }

    /// Whether all callers went home.
    fn is_over(&self) -> bool {
        self.load.callers.is_empty()
    }

    fn strike(self) -> Side {
        Side {
            sent_into_failing: self.server.received_failing(),
            sent_into_dead: self.server.received_dead(),
            record: self.record,
        }
    }
}
