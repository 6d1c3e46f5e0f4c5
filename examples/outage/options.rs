//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use lexopt::prelude::*;

use crate::story::LENGTH;

pub(crate) const HELP: &str = "\
An outage of an HTTP server, as its callers see it with a circuit breaker and without.

Usage: outage [--seconds N] [--plot FILE]

  --seconds N   tell the story of 17 s in N s, 2 to 120 (17 unless given): the script, the delays, the
                timeouts and the circuit breaker go faster as one. Times and rates are those of the story,
                but for how long a refusal takes. A delay of this machine's own is so much longer in a fast
                story, and may open the circuit too.
  --plot FILE   where the plot is written (outage.svg unless given)
  --help        this

Exits with an error if the circuit did not open and close again, or if the breaker spared nobody anything.
";

/// What the user asked for.
pub(crate) enum Request {
    Help,
    Tell { takes: Duration, plot: PathBuf },
}

impl Request {
    pub(crate) fn from_args() -> anyhow::Result<Self> {
        let (mut takes, mut plot) = (LENGTH, PathBuf::from("outage.svg"));
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("seconds") => takes = seconds(parser.value()?.parse()?)?,
                Long("plot") => plot = parser.value()?.into(),
                Short('h') | Long("help") => return Ok(Self::Help),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self::Tell { takes, plot })
    }
}

fn seconds(seconds: f64) -> anyhow::Result<Duration> {
    ensure!((2.0..=120.0).contains(&seconds), "--seconds must be from 2 to 120, not {seconds}");
    Duration::try_from_secs_f64(seconds).context("--seconds")
}
