//! What was promised, and whether it holds in this run.

use std::fmt::Write as _;

use super::results::{BARE, Results, is_peer};
use super::table::{duration, number};

/// A promise about a path.
struct Budget {
    path: &'static str,
    promise: &'static str,
    /// The figure, its bound and whether it is within; `None` if something was not measured.
    verdict: Option<Verdict>,
}

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
}

pub(super) fn render(results: &Results) -> String {
    let mut table = String::from("| path | promised | figure | bound | |\n|---|---|---:|---:|---|\n");
    for Budget { path, promise, verdict } in budgets(results) {
        let (figure, bound, word) = match verdict {
            Some(Verdict { figure, bound, met: true }) => (figure, bound, "met"),
            Some(Verdict { figure, bound, met: false }) => (figure, bound, "**not met**"),
            None => (String::new(), String::new(), "not measured"),
        };
        writeln!(table, "| {path} | {promise} | {figure} | {bound} | {word} |").expect("a string");
    }
    table
}

fn budgets(results: &Results) -> Vec<Budget> {
    let mut budgets = vec![
        Budget {
            path: "closed success, 1 thread",
            promise: "over the bare function at most 1/20 of what the quickest peer is",
            verdict: over_bare(results, "breaker: closed success, 1 thread", 20.0),
        },
        Budget {
            path: "closed success, 2 threads",
            promise: "over the bare function at most 1/40 of what the quickest peer is",
            verdict: over_bare(results, "breaker: closed success, 2 threads", 40.0),
        },
        counted(results, "closed success, allocations", "none", ("breaker: closed success", ANNOTATED), 0.0),
        counted(
            results,
            "closed success, clock",
            "not read",
            ("breaker: clock reads per call", "altlocks, closed"),
            0.0,
        ),
        counted(results, "refused call, allocations", "none", ("breaker: refused", ANNOTATED), 0.0),
        counted(
            results,
            "refused call, clock",
            "read once",
            ("breaker: clock reads per call", "altlocks, refused"),
            1.0,
        ),
    ];
    budgets.extend(sizes(results));
    budgets.push(Budget {
        path: "guard, enter and leave",
        promise: "at most 1.5 × tokio's `Mutex::try_lock`",
        verdict: against(results, "guard: enter and leave, 1 thread", "altlocks", "tokio Mutex::try_lock", 1.5),
    });
    budgets
}

const ANNOTATED: &str = "altlocks, annotated";

fn over_bare(results: &Results, group: &str, share: f64) -> Option<Verdict> {
    let bare = results.median(group, BARE)?;
    let quickest = results.rows(group).find(|row| is_peer(&row.peer))?.median - bare;
    Some(Verdict::duration(results.median(group, ANNOTATED)? - bare, quickest / share))
}

fn against(results: &Results, group: &str, ours: &str, theirs: &str, factor: f64) -> Option<Verdict> {
    Some(Verdict::duration(results.median(group, ours)?, results.median(group, theirs)? * factor))
}

fn counted(
    results: &Results,
    path: &'static str,
    promise: &'static str,
    (table, peer): (&str, &str),
    bound: f64,
) -> Budget {
    Budget { path, promise, verdict: results.fact(table, peer).map(|figure| Verdict::number(figure, bound)) }
}

/// The bytes of an annotated future over the bare one, its by-value arguments once more among them.
fn sizes(results: &Results) -> [Budget; 4] {
    let over_bare = |peer: &str, attributes: f64| {
        let table = "bytes of the future";
        let (bare, size) = (results.fact(table, BARE)?, results.fact(table, peer)?);
        let arguments = results.fact(table, "its by-value arguments")?;
        Some(Verdict::number(size, bare + arguments + 32.0 + 16.0 * (attributes - 1.0)))
    };
    let budget = |path, promise, peer, attributes| Budget { path, promise, verdict: over_bare(peer, attributes) };
    [
        budget("bytes, breaker", "bare + arguments + 32", "altlocks, breaker", 1.0),
        budget("bytes, guard", "bare + arguments + 32", "altlocks, guard", 1.0),
        budget("bytes, breaker and guard", "16 more", "altlocks, breaker and guard", 2.0),
        budget("bytes, throttle, breaker and guard", "32 more", "altlocks, throttle, breaker and guard", 3.0),
    ]
}
