//! All numbers of a run, to be asked by name.

use std::time::SystemTime;

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

    /// The groups, in order of their names.
    pub(super) fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<_> = self.measured.rows.iter().map(|row| row.group.as_str()).collect();
        groups.dedup();
        groups
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

/// A key in whose order 1024 comes before 100000: words, and numbers as such.
fn natural(name: &str) -> Vec<(u64, &str)> {
    let words = name.split_inclusive(|letter: char| !letter.is_ascii_digit());
    words
        .map(|word| (word.trim_end_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap_or(0), word))
        .collect()
}

/// Whether a row is of altlocks.
pub(super) fn is_ours(peer: &str) -> bool {
    peer.starts_with("altlocks")
}

/// The function that nothing stands around.
pub(crate) const BARE: &str = "bare async fn";

/// Whether a row is of a peer: neither of altlocks nor of something that is there to compare with.
pub(super) fn is_peer(peer: &str) -> bool {
    !is_ours(peer) && !peer.starts_with("bare ") && !peer.starts_with("tracing::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order() {
        let mut names = ["n = 100000, tasks", "n = 2, tasks", "n = 1024, tasks", "n = 2, by hand", "m = 3"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["m = 3", "n = 2, by hand", "n = 2, tasks", "n = 1024, tasks", "n = 100000, tasks"]);
    }
}
