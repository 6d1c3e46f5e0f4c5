//! Circuit breakers.

mod cases;
mod peers;

use self::peers::PEERS;
use crate::table::render;

pub(crate) fn table() -> String {
    let cases = [
        "8 callers at once when a trial is due",
        "a trial is dropped",
        "a trial never ends",
        "a success from before it opened",
        "a failure from before it opened",
        "20 panics",
    ];
    let rows: Vec<_> = PEERS
        .iter()
        .map(|peer| {
            let verdicts = vec![
                cases::concurrent_trials(peer),
                cases::dropped_trial(peer),
                cases::hung_trial(peer),
                cases::stale_success(peer),
                cases::stale_failure(peer),
                cases::panics(peer),
            ];
            (peer.name, verdicts)
        })
        .collect();
    render("circuit breaker", &cases, &rows)
}
