//! Of the bytes of an annotated future.

use altlocks_benches::BARE;

use super::super::results::Results;
use super::{Budget, Verdict};

const TABLE: &str = "bytes of the future";

pub(super) fn budgets(results: &Results) -> Vec<Budget> {
    let budget = |path, promise, peer, attributes, room| {
        let verdict = bytes(results, peer, attributes, room);
        Budget { path, promise, verdict }
    };
    vec![
        budget("bytes, breaker", "bare + 32, and the arguments once", "altlocks, breaker", 1, 0.0),
        budget("bytes, guard", "bare + 32, and the arguments once", "altlocks, guard", 1, 0.0),
        budget("bytes, breaker and guard", "16 more", "altlocks, breaker and guard", 2, 0.0),
        budget("bytes, throttle", "the same over 192, where the body is smaller", "altlocks, throttle", 1, WAITER),
        budget("bytes, throttle and breaker", "16 more", "altlocks, throttle and breaker", 2, WAITER),
        budget("bytes, throttle, breaker and guard", "32 more", "altlocks, throttle, breaker and guard", 3, WAITER),
    ]
}

/// What a throttle's waiter may take; the body shares its room.
const WAITER: f64 = 192.0;

fn bytes(results: &Results, peer: &str, attributes: u32, room: f64) -> Option<Verdict> {
    let bare = results.fact(TABLE, BARE)?.max(room);
    let arguments = results.fact(TABLE, "its arguments by value")?;
    Some(Verdict::number(results.fact(TABLE, peer)?, bare + arguments + 32.0 + 16.0 * f64::from(attributes - 1)))
}
