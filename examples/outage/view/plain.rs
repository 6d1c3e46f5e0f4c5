//! A line a second, for files and pipes.

use std::io::{self, Write, stdout};
use std::time::Duration;

use super::{Figures, Scene, sentence};
use crate::circuit::{self, Change};
use crate::load::CALLERS;
use crate::story::{self, LENGTH};
use crate::units;

const SECOND: Duration = Duration::from_secs(1);

pub(super) struct Plain {
    /// When the next line is due.
    next: Duration,
}

impl Plain {
    pub(super) fn open() -> io::Result<Self> {
        writeln!(
            stdout(),
            "{:34}| {:^45} | {:^45}\n{:>8}  {:13} {:10}| {TITLES} | {TITLES}",
            "",
            "with breaker",
            "without breaker",
            "time",
            "server",
            "circuit"
        )?;
        Ok(Self { next: SECOND })
    }

    pub(super) fn tell(change: &Change) -> io::Result<()> {
        writeln!(stdout(), "{}", sentence(change))
    }

    pub(super) fn show(&mut self, scene: &Scene) -> io::Result<()> {
        if scene.at < self.next || scene.at > LENGTH + SECOND {
            return Ok(());
        }
        let second = self.next;
        self.next += SECOND;
        writeln!(
            stdout(),
            "{:>6} s  {:13} {:10}| {} | {}",
            second.as_secs(),
            story::act(second.saturating_sub(Duration::from_millis(1))).health.name(),
            circuit::name(scene.state),
            figures(&scene.with),
            figures(&scene.without),
        )
    }
}

const TITLES: &str = "served/s failed/s refused/s waiting time lost";

fn figures(figures: &Figures) -> String {
    format!(
        "{:>8} {:>8} {:>9} {:>7} {:>9}",
        figures.served,
        figures.failed,
        figures.refused,
        format!("{}/{CALLERS}", figures.waiting),
        units::seconds(figures.lost),
    )
}
