//! Verdicts, and tables of them in Markdown.

use std::fmt::Write as _;

/// How a peer behaves in a case.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    text: String,
    right: bool,
}

impl Verdict {
    pub(crate) fn right(text: impl Into<String>) -> Self {
        Self { text: text.into(), right: true }
    }

    pub(crate) fn wrong(text: impl Into<String>) -> Self {
        Self { text: text.into(), right: false }
    }

    /// Right if it `holds`.
    pub(crate) fn of(holds: bool, text: impl Into<String>) -> Self {
        Self { text: text.into(), right: holds }
    }

    /// The case cannot be put to the peer.
    pub(crate) fn none() -> Self {
        Self::right("–")
    }
}

/// A row a peer, a column a case; what is wrong is marked.
pub(crate) fn render(title: &str, cases: &[&str], rows: &[(&str, Vec<Verdict>)]) -> String {
    let mut table = format!("| {title} | {} |\n|---|{}\n", cases.join(" | "), "---|".repeat(cases.len()));
    for (peer, verdicts) in rows {
        let name = if *peer == "altlocks" { format!("**{peer}**") } else { (*peer).to_owned() };
        let cells: Vec<String> = verdicts
            .iter()
            .map(|Verdict { text, right }| if *right { text.clone() } else { format!("{text} ✗") })
            .collect();
        writeln!(table, "| {name} | {} |", cells.join(" | ")).expect("a string");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_marked() {
        let rows = [("altlocks", vec![Verdict::right("1 of 8")]), ("peer", vec![Verdict::wrong("8 of 8")])];
        let table = render("breaker", &["trials"], &rows);
        assert_eq!(table, "| breaker | trials |\n|---|---|\n| **altlocks** | 1 of 8 |\n| peer | 8 of 8 ✗ |\n");
    }
}
