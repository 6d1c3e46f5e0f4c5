//! Of throttles.

use super::super::results::Results;
use super::{Budget, Verdict, in_turns};

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let entry = |path, promise, group, ours, theirs, factor| {
        let verdict = in_turns(results, group, ours, theirs, factor);
        Budget { path, promise, verdict }
    };
    let (one, two) = ("throttle: entry without a wait, 1 thread", "throttle: entry without a wait, 2 threads");
    let bare = "bare clock read + CAS";
    // What governor's check does: it does not wait, and draws nothing at random.
    let even = "altlocks, quanta, no jitter, try_enter";
    let quanta = |path, group, ours| entry(path, "at most governor's `check`", group, ours, "governor check", 1.0);
    let most = |table: &str, bound| {
        let most = results.facts(table).filter(|fact| fact.peer.starts_with("altlocks")).map(|fact| fact.value);
        most.max_by(f64::total_cmp).map(|most| Verdict::number(most, bound))
    };
    vec![
        entry("throttle, entry, 1 thread", "at most 1.3 × a look at the clock and a CAS", one, "altlocks", bare, 1.3),
        entry("throttle, entry, 2 threads", "at most 1.3 × a look at the clock and a CAS", two, "altlocks", bare, 1.3),
        quanta("throttle, entry with `quanta`, 1 thread", one, "altlocks, quanta"),
        quanta("throttle, entry with `quanta`, 2 threads", two, "altlocks, quanta"),
        quanta("throttle, `try_enter` with `quanta`, as evenly as governor, 1 thread", one, even),
        quanta("throttle, `try_enter` with `quanta`, as evenly as governor, 2 threads", two, even),
        Budget {
            path: "throttle, polls per admission, whatever the number of waiters",
            promise: "at most 4",
            verdict: most("throttle: polls per admission", 4.0),
        },
        Budget {
            path: "throttle, armed timers, whatever the number of waiters",
            promise: "at most 2",
            verdict: most("throttle: armed timers", 2.0),
        },
        Budget {
            path: "throttle, who waits, bytes",
            promise: "at most 192",
            verdict: most("throttle: bytes of the future of an entry", 192.0),
        },
    ]
}
