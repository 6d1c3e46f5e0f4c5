//! Of guards.

use super::super::results::Results;
use super::{Budget, in_turns};

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let budget = |path, group| {
        let verdict = in_turns(results, group, "altlocks", "tokio Mutex::try_lock", 1.5);
        Budget { path, promise: "at most 1.5 × tokio's `Mutex::try_lock`", verdict }
    };
    vec![
        budget("guard, enter and leave, 1 thread", "guard: enter and leave, 1 thread"),
        budget("guard, enter and leave, 2 threads", "guard: enter and leave, 2 threads"),
    ]
}
