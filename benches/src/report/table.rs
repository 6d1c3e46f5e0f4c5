//! Tables in Markdown.

use std::fmt::Write as _;

use altlocks_benches::{BARE, is_ours};

use super::results::{Ratio, Results};

/// A group, the quickest row first, each against altlocks and over the bare function where the group has one.
pub(super) fn timed(results: &Results, group: &str) -> String {
    let rows = || results.rows(group);
    let ours = ["altlocks", "altlocks, annotated"].iter().find_map(|name| results.median(group, name));
    let ours = ours.or_else(|| rows().find(|row| is_ours(&row.peer)).map(|row| row.median));
    let bare = results.median(group, BARE);

    let mut table = String::from("| | median | against altlocks |");
    table += if bare.is_some() { " over bare |\n|---|---:|---:|---:|\n" } else { "\n|---|---:|---:|\n" };
    for row in rows() {
        let against = ours.map_or_else(String::new, |ours| format!("{:.2} ×", row.median / ours));
        write!(table, "| {} | {} | {against} |", named(&row.peer), duration(row.median)).expect("a string");
        if let Some(bare) = bare {
            let over = if row.peer == BARE { String::new() } else { duration(row.median - bare) };
            write!(table, " {over} |").expect("a string");
        }
        table.push('\n');
    }
    table
}

/// All that was timed in turns.
pub(super) fn in_turns(results: &Results) -> String {
    let mut table = String::from("| | | to | ratio |\n|---|---|---|---:|\n");
    for Ratio { group, ours, theirs, median } in results.ratios() {
        writeln!(table, "| {group} | {} | {theirs} | {} |", named(ours), ratio(median)).expect("a string");
    }
    table
}

/// What was counted, in the order in which it was.
pub(super) fn counted(results: &Results, name: &str) -> String {
    let mut table = String::from("| | |\n|---|---:|\n");
    for fact in results.facts(name) {
        writeln!(table, "| {} | {} {} |", named(fact.peer), number(fact.value), fact.unit).expect("a string");
    }
    table
}

fn named(peer: &str) -> String {
    if is_ours(peer) { format!("**{peer}**") } else { peer.to_owned() }
}

/// Nanoseconds, in a unit that reads well.
pub(super) fn duration(nanos: f64) -> String {
    match nanos.abs() {
        ..10.0 => format!("{nanos:.2} ns"),
        ..1e3 => format!("{nanos:.1} ns"),
        ..1e6 => format!("{:.2} µs", nanos / 1e3),
        ..1e9 => format!("{:.2} ms", nanos / 1e6),
        _ => format!("{:.2} s", nanos / 1e9),
    }
}

/// With as many digits as tell something.
pub(super) fn ratio(ratio: f64) -> String {
    if ratio.abs() < 0.1 { format!("{ratio:.3} ×") } else { format!("{ratio:.2} ×") }
}

/// Whole numbers as such.
pub(super) fn number(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.3}") }
}
