//! Of circuit breakers.

use super::super::results::Results;
use super::{Budget, Verdict, counted};

const ANNOTATED: &str = "altlocks, annotated";

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let clock = "breaker: clock reads per call";
    vec![
        Budget {
            path: "breaker, closed success, 1 thread",
            promise: "over the bare function at most 1/20 of the quickest peer's",
            verdict: over_bare(results, "breaker: closed success, 1 thread", 20.0),
        },
        Budget {
            path: "breaker, closed success, 2 threads",
            promise: "over the bare function at most 1/40 of the quickest peer's",
            verdict: over_bare(results, "breaker: closed success, 2 threads", 40.0),
        },
        Budget {
            path: "breaker, closed success, allocations",
            promise: "none",
            verdict: counted(results, "breaker: closed success", ANNOTATED, 0.0),
        },
        Budget {
            path: "breaker, closed success, looks at the clock",
            promise: "none",
            verdict: counted(results, clock, "altlocks, closed", 0.0),
        },
        Budget {
            path: "breaker, refused, allocations",
            promise: "none",
            verdict: counted(results, "breaker: refused", ANNOTATED, 0.0),
        },
        Budget {
            path: "breaker, refused, looks at the clock",
            promise: "one",
            verdict: counted(results, clock, "altlocks, refused", 1.0),
        },
    ]
}

fn over_bare(results: &Results, group: &str, share: f64) -> Option<Verdict> {
    Some(Verdict::ratio(results.ratio_to_quickest(group, ANNOTATED)?, 1.0 / share))
}
