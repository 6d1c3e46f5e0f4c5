//! Of barriers.

use super::super::results::Results;
use super::{Budget, Verdict};

const PARTIES: [u32; 5] = [2, 8, 64, 1024, 100_000];

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let by_hand = |parties: u32| format!("barrier: n = {parties}, polled by hand, 1 thread");
    let tasks = |threads: &'static str| move |parties: u32| format!("barrier: n = {parties}, tasks, {threads}");
    let to_tokio = |group: &str| results.ratio(group, "altlocks", "tokio Barrier");
    let to_quickest = |group: &str| results.ratio_to_quickest(group, "altlocks");
    vec![
        Budget {
            path: "barrier, polled by hand, n = 2 … 100 000",
            promise: "at most 1/2 of tokio's, at the worst n",
            verdict: worst(&PARTIES, by_hand, to_tokio, 0.5),
        },
        Budget {
            path: "barrier, polled by hand, n = 2 … 100 000",
            promise: "at most 1.3 × the quickest peer, at the worst n",
            verdict: worst(&PARTIES, by_hand, to_quickest, 1.3),
        },
        Budget {
            path: "barrier, tasks on 1 thread, from n = 64 on",
            promise: "at most the quickest peer, at the worst n",
            verdict: worst(&PARTIES[2..], tasks("1 thread"), to_quickest, 1.0),
        },
        Budget {
            path: "barrier, tasks on 2 threads, from n = 64 on",
            promise: "at most the quickest peer, at the worst n",
            verdict: worst(&PARTIES[2..], tasks("2 threads"), to_quickest, 1.0),
        },
    ]
}

/// The largest ratio over all n, each of which has to be there.
fn worst(
    parties: &[u32],
    group: impl Fn(u32) -> String,
    ratio: impl Fn(&str) -> Option<f64>,
    bound: f64,
) -> Option<Verdict> {
    let ratios: Option<Vec<_>> = parties.iter().map(|&parties| Some((ratio(&group(parties))?, parties))).collect();
    let (worst, parties) = ratios?.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Verdict::ratio_at(worst, &format!("n = {parties}"), bound))
}
