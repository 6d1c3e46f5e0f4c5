//! What the story comes to: the two loads side by side, and whether the story happened at all.

use std::io::{self, Write};
use std::time::Duration;

use altlocks::State;
use anyhow::ensure;

use crate::circuit::{self, Change};
use crate::load::CALLERS;
use crate::record::{End, Record};
use crate::story::{self, Health, LENGTH};
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
        writeln!(
            out,
            "\n{CALLERS} callers, a story of {:.0} s told in {}.\n\
             The server is slow, failing or dead for {:.0} s of it, from {:.0} s to {:.0} s.\n\n  {:46}{:>14}{:>18}",
            LENGTH.as_secs_f64(),
            units::seconds(self.took),
            back().saturating_sub(trouble()).as_secs_f64(),
            trouble().as_secs_f64(),
            back().as_secs_f64(),
            "",
            "with breaker",
            "without breaker",
        )?;
        let mut row = |title: &str, of: &dyn Fn(&Side) -> String| {
            writeln!(out, "  {title:46}{:>14}{:>18}", of(&self.with), of(&self.without))
        };
        let count = |end| move |side: &Side| side.record.count(end).to_string();
        // What a breaker is for, and then what it costs.
        row("callers' time lost in calls that failed", &|side| units::seconds(side.record.lost()))?;
        row("requests sent into the failing server", &|side| side.sent_into_failing.to_string())?;
        row("requests sent into the dead server", &|side| side.sent_into_dead.to_string())?;
        row("calls failed", &count(End::Failed))?;
        row("calls refused", &count(End::Refused))?;
        row("a refusal takes (median)", &|side| side.record.median_refusal().map_or("-".to_owned(), units::micros))?;
        row("calls served", &count(End::Served))?;
        row("  the price: refused while the server answered", &|side| {
            side.record.count_while(End::Refused, |at| story::act(at).health.answers()).to_string()
        })?;
        writeln!(out, "\nThe circuit")?;
        for change in &self.changes {
            let (from, to) = (circuit::name(change.from), circuit::name(change.to));
            writeln!(out, "  {:6.2} s  {from:9} → {to:9}  {}", change.at.as_secs_f64(), change.why())?;
        }
        Ok(())
    }

    /// An error that says what is missing, if this is not the story of the script.
    pub(crate) fn verify(&self) -> anyhow::Result<()> {
        let (with, without) = (&self.with, &self.without);
        let opened =
            self.changes.iter().any(|change| change.to == State::Open && !story::act(change.at).health.is_good());
        ensure!(opened, "the circuit did not open in the outage");
        let closed = self.changes.iter().any(|change| change.to == State::Closed && change.at >= back());
        ensure!(closed, "the circuit did not close when the server was healthy again");
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
        let (with, without) = (with.record.lost(), without.record.lost());
        ensure!(with < without, "the breaker did not spare the callers: {with:?} lost, {without:?} without");
        Ok(())
    }
}

/// When the server stopped being healthy.
fn trouble() -> Duration {
    story::begin_of(Health::Slow)
}

/// When the server was healthy again.
fn back() -> Duration {
    story::begin_of(Health::Back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Call;

    fn side(sent: u64, calls: &[(u64, u64, End)]) -> Side {
        let mut record = Record::default();
        for &(began, ended, end) in calls {
            let (began, ended) = (Duration::from_millis(began), Duration::from_millis(ended));
            record.push(Call { began, ended, took: ended.saturating_sub(began), end });
        }
        Side { record, sent_into_failing: sent, sent_into_dead: sent }
    }

    fn change(millis: u64, from: State, to: State) -> Change {
        Change { at: Duration::from_millis(millis), from, to }
    }

    /// The story of the script, in few words.
    fn story() -> Summary {
        Summary {
            took: LENGTH,
            with: side(3, &[(6_000, 6_800, End::Failed), (7_000, 7_000, End::Refused), (16_000, 16_020, End::Served)]),
            without: side(
                9,
                &[(6_000, 6_800, End::Failed), (7_000, 7_800, End::Failed), (16_000, 16_020, End::Served)],
            ),
            changes: vec![
                change(6_800, State::Closed, State::Open),
                change(13_900, State::Open, State::HalfOpen),
                change(14_000, State::HalfOpen, State::Closed),
            ],
        }
    }

    /// What is said of the story with one thing changed.
    fn verdict(change: impl FnOnce(&mut Summary)) -> String {
        let mut summary = story();
        change(&mut summary);
        summary.verify().map_or_else(|missing| missing.to_string(), |()| String::new())
    }

    #[test]
    fn the_story_of_the_script_passes() {
        assert_eq!(verdict(|_| ()), "");
    }

    #[test]
    fn a_circuit_that_opens_in_health_only_is_no_story() {
        assert_eq!(verdict(|story| story.changes[0].at = LENGTH), "the circuit did not open in the outage");
    }

    #[test]
    fn a_circuit_that_closes_before_the_server_is_back_only_is_no_story() {
        let early = Duration::from_secs(7);
        assert_eq!(
            verdict(|story| story.changes[2].at = early),
            "the circuit did not close when the server was healthy again"
        );
    }

    #[test]
    fn a_breaker_that_refuses_nothing_is_no_story() {
        assert_eq!(
            verdict(|story| story.with = side(3, &[(6_000, 6_800, End::Failed), (16_000, 16_020, End::Served)])),
            "no call was refused"
        );
    }

    #[test]
    fn a_server_that_stays_away_is_no_story() {
        assert_eq!(
            verdict(|story| story.without = side(9, &[(6_000, 6_800, End::Failed), (7_000, 7_800, End::Failed)])),
            "no call was served in the end without the breaker"
        );
    }

    #[test]
    fn a_breaker_that_spares_no_server_is_no_story() {
        assert_eq!(
            verdict(|story| story.with.sent_into_dead = 9),
            "the breaker did not spare the dead server: 9 requests, 9 without"
        );
    }

    #[test]
    fn a_breaker_that_spares_no_caller_is_no_story() {
        assert_eq!(
            verdict(|story| {
                let slow = (6_000, 7_600, End::Failed);
                story.with = side(3, &[slow, (7_000, 7_000, End::Refused), (16_000, 16_020, End::Served)]);
            }),
            "the breaker did not spare the callers: 1.6s lost, 1.6s without"
        );
    }
}
