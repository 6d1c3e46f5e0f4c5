//! Barriers, side by side: how long a meeting takes.

use altlocks_benches::barriers::{Barrier, Visit, by_hand, cancelled, each, on_runtime};
use altlocks_benches::{Effort, Harness, Rows, is_peer};
use tokio::runtime::{Builder, Runtime};

const PARTIES: [usize; 6] = [1, 2, 8, 64, 1024, 100_000];

fn main() {
    let mut harness = Harness::from_arguments();
    let one = Builder::new_current_thread().build().expect("a runtime");
    let two = Builder::new_multi_thread().worker_threads(2).build().expect("two threads");
    for parties in PARTIES {
        let tasks = if parties < 64 { Against::Nobody } else { Against::Peers };
        // A party that meets itself needs no other, and one thread.
        let several = if parties == 1 { Against::Nobody } else { Against::Peers };
        rows(&mut harness, parties, "polled by hand", 1, Way::ByHand, several);
        rows(&mut harness, parties, "tasks", 1, Way::Tasks(&one), tasks);
        if parties > 1 {
            rows(&mut harness, parties, "tasks", 2, Way::Tasks(&two), tasks);
        }
    }
    for parties in [64, 1024, 100_000] {
        rows(&mut harness, parties, "all who wait are cancelled", 1, Way::Cancelled, Against::Nobody);
    }
    harness.end();
}

/// What is timed.
#[derive(Clone, Copy)]
enum Way<'a> {
    ByHand,
    Tasks(&'a Runtime),
    Cancelled,
}

/// With whom to take turns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Against {
    Nobody,
    Peers,
}

fn rows(harness: &mut Harness, parties: usize, case: &str, threads: usize, way: Way<'_>, against: Against) {
    let effort = if parties > 10_000 { Effort::Crowds } else { Effort::Meetings };
    let case = format!("barrier: n = {parties}, {case}");
    let mut meetings = Meetings { rows: Rows::new(&case, threads, effort), parties, way };
    each(&mut meetings);
    let rows = meetings.rows;
    harness.each(&rows);
    if against == Against::Peers {
        for peer in rows.peers().filter(|peer| is_peer(peer)) {
            harness.in_turns(&rows, "altlocks", peer);
        }
    }
}

struct Meetings<'a> {
    rows: Rows<'a>,
    parties: usize,
    way: Way<'a>,
}

impl Visit for Meetings<'_> {
    fn visit<B: Barrier>(&mut self, peer: &'static str) {
        let (parties, way) = (self.parties, self.way);
        self.rows.timed(peer, move |n| match way {
            Way::ByHand => by_hand::<B>(parties, n),
            Way::Tasks(runtime) => on_runtime::<B>(runtime, parties, n),
            Way::Cancelled => cancelled::<B>(parties, n),
        });
    }
}
