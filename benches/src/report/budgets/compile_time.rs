//! Of what the compiler takes.

use super::super::results::Results;
use super::{Budget, Verdict};

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let budget = |path, peer| {
        let group = "compile time: check of 1000 functions";
        let median = |peer| results.median(group, peer);
        let verdict = median(peer).zip(median("tracing::instrument")).map(|of| Verdict::duration(of.0, of.1));
        Budget { path, promise: "at most that with `tracing::instrument`", verdict }
    };
    vec![
        budget("check of 1000 functions, breaker", "altlocks, circuit_breaker"),
        budget("check of 1000 functions, throttle", "altlocks, throttle"),
        budget("check of 1000 functions, guard", "altlocks, resource_guard"),
    ]
}
