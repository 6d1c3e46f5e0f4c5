//! All numbers of a run, to be asked by name.

use std::time::SystemTime;

use altlocks_benches::{IN_TURNS, TO, is_peer};

use super::estimates::{Estimate, Measured};
use crate::facts::Fact;

/// What was timed and what was counted.
#[derive(Debug)]
pub(crate) struct Results {
    measured: Measured,
    facts: Vec<Fact>,
}

impl Results {
    pub(crate) fn new(mut measured: Measured, facts: Vec<Fact>) -> Self {
        measured.rows.sort_by(|a, b| natural(&a.group).cmp(&natural(&b.group)).then(a.median.total_cmp(&b.median)));
        Self { measured, facts }
    }

    pub(super) fn measured_at(&self) -> SystemTime {
        self.measured.at
    }

    /// The groups that were timed, in order of their names.
    pub(super) fn groups(&self) -> Vec<&str> {
        let timed = self.measured.rows.iter().map(|row| row.group.as_str()).filter(|group| !group.ends_with(IN_TURNS));
        let mut groups: Vec<_> = timed.collect();
        groups.dedup();
        groups
    }

    /// What was timed in turns, the least ratio of a group first.
    pub(super) fn ratios(&self) -> impl Iterator<Item = Ratio<'_>> {
        self.measured.rows.iter().filter_map(|row| {
            let group = row.group.strip_suffix(IN_TURNS)?;
            let (ours, theirs) = row.peer.split_once(TO)?;
            Some(Ratio { group, ours, theirs, median: row.median })
        })
    }

    /// How many times as long as another row a row takes.
    pub(super) fn ratio(&self, group: &str, ours: &str, theirs: &str) -> Option<f64> {
        let of = |ratio: &Ratio<'_>| (ratio.group, ratio.ours, ratio.theirs) == (group, ours, theirs);
        self.ratios().find(of).map(|ratio| ratio.median)
    }

    /// The same to the quickest peer.
    pub(super) fn ratio_to_quickest(&self, group: &str, ours: &str) -> Option<f64> {
        let of = |ratio: &Ratio<'_>| (ratio.group, ratio.ours) == (group, ours) && is_peer(ratio.theirs);
        self.ratios().filter(of).map(|ratio| ratio.median).max_by(f64::total_cmp)
    }

    /// The rows of a group, the quickest first.
    pub(super) fn rows<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Estimate> + Clone {
        self.measured.rows.iter().filter(move |row| row.group == group)
    }

    /// The median of a row, in nanoseconds.
    pub(super) fn median(&self, group: &str, peer: &str) -> Option<f64> {
        self.rows(group).find(|row| row.peer == peer).map(|row| row.median)
    }

    /// The tables of what was counted, in the order in which it was.
    pub(super) fn tables(&self) -> Vec<&'static str> {
        let mut tables: Vec<&str> = Vec::new();
        for fact in &self.facts {
            if !tables.contains(&fact.table) {
                tables.push(fact.table);
            }
        }
        tables
    }

    pub(super) fn facts<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.table == table)
    }

    pub(super) fn fact(&self, table: &str, peer: &str) -> Option<f64> {
        self.facts(table).find(|fact| fact.peer == peer).map(|fact| fact.value)
    }
}

/// Two rows of a group, timed in turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio<'a> {
    pub(super) group: &'a str,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
    /// How many times as long ours takes.
    pub(super) median: f64,
}

/// A key in whose order 1024 comes before 100000: words, and numbers as such.
fn natural(name: &str) -> Vec<(u64, &str)> {
    let words = name.split_inclusive(|letter: char| !letter.is_ascii_digit());
    words
        .map(|word| (word.trim_end_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap_or(0), word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_turns_are_ratios_and_the_quickest_peer_is_the_one_that_most_is_taken_of() {
        let row = |group: &str, peer: &str, median| Estimate { group: group.to_owned(), peer: peer.to_owned(), median };
        let turns = format!("case{IN_TURNS}");
        let to = |theirs: &str| format!("altlocks{TO}{theirs}");
        let rows = vec![
            row("case", "peer", 7.0),
            row(&turns, &to("slow peer"), 0.5),
            row(&turns, &to("quick peer"), 1.5),
            row(&turns, &to("bare loop"), 2.5),
            row(&turns, &format!("altlocks, annotated{TO}quick peer"), 3.5),
        ];
        let results = Results::new(Measured { rows, at: SystemTime::UNIX_EPOCH }, Vec::new());
        assert_eq!(results.groups(), ["case"]);
        assert_eq!(results.ratio("case", "altlocks", "slow peer"), Some(0.5));
        assert_eq!(results.ratio("case", "altlocks", "no peer"), None);
        assert_eq!(results.ratio_to_quickest("case", "altlocks"), Some(1.5));
        assert_eq!(results.ratio_to_quickest("another case", "altlocks"), None);
    }

    #[test]
    fn numbers_are_in_order() {
        let mut names = ["n = 100000, tasks", "n = 2, tasks", "n = 1024, tasks", "n = 2, by hand", "m = 3"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["m = 3", "n = 2, by hand", "n = 2, tasks", "n = 1024, tasks", "n = 100000, tasks"]);
    }
}
