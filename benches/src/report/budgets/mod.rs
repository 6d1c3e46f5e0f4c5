//! What was promised, and whether it holds in this run.

mod barriers;
mod breakers;
mod compile_time;
mod guards;
mod sizes;
mod throttles;

use std::fmt::Write as _;

use super::results::Results;
use super::table::{duration, number, ratio};

/// A promise about a path.
struct Budget {
    path: &'static str,
    promise: &'static str,
    /// `None` if something was not measured.
    verdict: Option<Verdict>,
}

/// The figure, its bound and whether it is within.
struct Verdict {
    figure: String,
    bound: String,
    met: bool,
}

impl Verdict {
    fn duration(figure: f64, bound: f64) -> Self {
        Self { figure: duration(figure), bound: duration(bound), met: figure <= bound }
    }

    fn number(figure: f64, bound: f64) -> Self {
        Self { figure: number(figure), bound: number(bound), met: figure <= bound }
    }

    fn ratio(figure: f64, bound: f64) -> Self {
        Self { figure: ratio(figure), bound: ratio(bound), met: figure <= bound }
    }

    /// A ratio, with where it was found.
    fn ratio_at(figure: f64, at: &str, bound: f64) -> Self {
        let Self { figure, bound, met } = Self::ratio(figure, bound);
        Self { figure: format!("{figure} ({at})"), bound, met }
    }
}

/// The table of all of them.
pub(super) fn render(results: &Results) -> String {
    let mut table = String::from("| path | promised | figure | bound | |\n|---|---|---:|---:|---|\n");
    let budgets = [
        breakers::budgets,
        sizes::budgets,
        throttles::budgets,
        barriers::budgets,
        guards::budgets,
        compile_time::budgets,
    ];
    for Budget { path, promise, verdict } in budgets.into_iter().flat_map(|of| of(results)) {
        let (figure, bound, word) = match verdict {
            Some(Verdict { figure, bound, met: true }) => (figure, bound, "met"),
            Some(Verdict { figure, bound, met: false }) => (figure, bound, "**not met**"),
            None => (String::new(), String::new(), "not measured"),
        };
        writeln!(table, "| {path} | {promise} | {figure} | {bound} | {word} |").expect("a string");
    }
    table
}

/// A row against so much of another one of its group.
fn in_turns(results: &Results, group: &str, ours: &str, theirs: &str, bound: f64) -> Option<Verdict> {
    Some(Verdict::ratio(results.ratio(group, ours, theirs)?, bound))
}

/// What was counted against the most that it may be.
fn counted(results: &Results, table: &str, peer: &str, bound: f64) -> Option<Verdict> {
    results.fact(table, peer).map(|figure| Verdict::number(figure, bound))
}
