//! The arguments.

use std::time::Duration;

use anyhow::{Context, ensure};
use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Hammers every primitive from all cores, with cancellations, panics and changes of rates, and checks what they promise.

Usage: soak [--seconds N] [--seed N]

  --seconds N   for how long, 4 to 1000000 (60 unless given)
  --seed N      draw what an earlier run drew (another one each time unless given)
  --help        this

A line a second says how many calls ended in it. Exits with an error as soon as something is broken, and says what.
";

/// What the user asked for.
pub(crate) enum Request {
    Help,
    Soak { takes: Duration, seed: u64 },
}

impl Request {
    pub(crate) fn from_args() -> anyhow::Result<Self> {
        let (mut takes, mut seed) = (Duration::from_secs(60), fastrand::u64(..1_000_000));
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("seconds") => takes = seconds(parser.value()?.parse()?)?,
                Long("seed") => seed = parser.value()?.parse()?,
                Short('h') | Long("help") => return Ok(Self::Help),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self::Soak { takes, seed })
    }
}

fn seconds(seconds: f64) -> anyhow::Result<Duration> {
    ensure!((4.0..=1e6).contains(&seconds), "--seconds must be from 4 to 1000000, not {seconds}");
    Duration::try_from_secs_f64(seconds).context("--seconds")
}
