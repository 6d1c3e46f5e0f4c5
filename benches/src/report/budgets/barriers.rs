//! Of barriers.

use super::super::results::{Results, is_peer};
use super::{Budget, Verdict};

const PARTIES: [u32; 5] = [2, 8, 64, 1024, 100_000];

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let by_hand = |parties: u32| format!("barrier: n = {parties}, polled by hand, 1 thread");
    let tasks = |threads: &'static str| move |parties: u32| format!("barrier: n = {parties}, tasks, {threads}");
    let quickest = |group: &str| results.rows(group).find(|row| is_peer(&row.peer)).map(|row| row.median);
    vec![
        Budget {
            path: "barrier, polled by hand, n = 2 … 100 000",
            promise: "at most 1/2 of tokio's, at the worst n",
            verdict: worst(results, &PARTIES, by_hand, |group| results.median(group, "tokio Barrier"), 0.5),
        },
        Budget {
            path: "barrier, polled by hand, n = 2 … 100 000",
            promise: "at most 1.3 × the quickest peer, at the worst n",
            verdict: worst(results, &PARTIES, by_hand, quickest, 1.3),
        },
        Budget {
            path: "barrier, tasks on 1 thread, from n = 64 on",
            promise: "at most the quickest peer, at the worst n",
            verdict: worst(results, &PARTIES[2..], tasks("1 thread"), quickest, 1.0),
        },
        Budget {
            path: "barrier, tasks on 2 threads, from n = 64 on",
            promise: "at most the quickest peer, at the worst n",
            verdict: worst(results, &PARTIES[2..], tasks("2 threads"), quickest, 1.0),
        },
    ]
}

/// The largest ratio over all n, each of which has to be there.
fn worst(
    results: &Results,
    parties: &[u32],
    group: impl Fn(u32) -> String,
    theirs: impl Fn(&str) -> Option<f64>,
    bound: f64,
) -> Option<Verdict> {
    let ratio = |&parties: &u32| {
        let group = group(parties);
        Some((results.median(&group, "altlocks")? / theirs(&group)?, parties))
    };
    let ratios: Option<Vec<_>> = parties.iter().map(ratio).collect();
    let (worst, parties) = ratios?.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Verdict::ratio(worst, &format!("n = {parties}"), bound))
}
