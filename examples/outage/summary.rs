//! What the story comes to: the two loads side by side, and whether the story happened at all.

use std::io::{self, Write};
use std::time::Duration;

use altlocks::State;
use anyhow::ensure;

use crate::circuit::{self, Change};
use crate::load::CALLERS;
use crate::record::{End, Record};
use crate::story::{self, Health, LENGTH, SCRIPT};
use crate::units;

/// All that is known when the story is over.
pub(crate) struct Summary {
    /// By the clock on the wall.
    pub(crate) took: Duration,
    pub(crate) with: Side,
    pub(crate) without: Side,
    pub(crate) changes: Vec<Change>,
}

/// One load, and what its server says.
pub(crate) struct Side {
    pub(crate) record: Record,
    pub(crate) sent_into_failing: u64,
    pub(crate) sent_into_dead: u64,
}

impl Summary {
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let acts: Vec<&str> = SCRIPT.iter().map(|act| act.health.name()).collect();
        writeln!(
            out,
            "\n{CALLERS} callers, a story of {:.0} s told in {}. The server was {}.\n\n  {:46}{:>14}{:>18}",
            LENGTH.as_secs_f64(),
            units::seconds(self.took),
            acts.join(", "),
            "",
            "with breaker",
            "without breaker",
        )?;
        let mut row = |title: &str, of: &dyn Fn(&Side) -> String| {
            writeln!(out, "  {title:46}{:>14}{:>18}", of(&self.with), of(&self.without))
        };
        let count = |end| move |side: &Side| side.record.count(end).to_string();
        row("calls served", &count(End::Served))?;
        row("calls failed", &count(End::Failed))?;
        row("calls refused", &count(End::Refused))?;
        row("requests sent into the failing server", &|side| side.sent_into_failing.to_string())?;
        row("requests sent into the dead server", &|side| side.sent_into_dead.to_string())?;
        row("callers' time wasted on calls that failed", &|side| units::seconds(side.record.wasted()))?;
        row("a refusal takes (median)", &|side| side.record.median_refusal().map_or("-".to_owned(), units::micros))?;
        row("the price: refused while the server answered", &|side| {
            side.record.count_while(End::Refused, |at| story::act(at).health.answers()).to_string()
        })?;
        writeln!(out, "\nThe circuit")?;
        for Change { at, from, to } in &self.changes {
            writeln!(out, "  {:6.2} s  {:9} → {}", at.as_secs_f64(), circuit::name(*from), circuit::name(*to))?;
        }
        Ok(())
    }

    /// An error that says what is missing, if this is not the story of the script.
    pub(crate) fn verify(&self) -> anyhow::Result<()> {
        let (with, without) = (&self.with, &self.without);
        let opened = self.changes.iter().find(|change| change.to == State::Open);
        ensure!(opened.is_some_and(|change| change.at < back()), "the circuit did not open in the outage");
        let closed = self.changes.iter().find(|change| change.to == State::Closed && change.at >= back());
        ensure!(closed.is_some(), "the circuit did not close when the server was healthy again");
        ensure!(with.record.count(End::Refused) > 0, "no call was refused");
        for (title, side) in [("with", with), ("without", without)] {
            ensure!(
                side.record.count_while(End::Served, |at| at >= back()) > 0,
                "no call was served in the end {title} the breaker"
            );
        }
        for (server, with, without) in [
            ("failing", with.sent_into_failing, without.sent_into_failing),
            ("dead", with.sent_into_dead, without.sent_into_dead),
        ] {
            ensure!(
                with < without,
                "the breaker did not spare the {server} server: {with} requests, {without} without"
            );
        }
        let (with, without) = (with.record.wasted(), without.record.wasted());
        ensure!(with < without, "the breaker did not spare the callers: {with:?} wasted, {without:?} without");
        Ok(())
    }
}

/// When the server was healthy again.
fn back() -> Duration {
    SCRIPT.iter().find(|act| act.health == Health::Back).map_or(LENGTH, |act| act.from)
}
