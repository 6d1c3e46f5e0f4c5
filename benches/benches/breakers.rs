//! Circuit breakers, side by side.

#[path = "../src/breakers/mod.rs"]
mod breakers;

use altlocks_benches::{BARE, Effort, Harness, Rows, is_peer, runtime};
use breakers::{Caller, Case, Visit, each};

fn main() {
    let mut harness = Harness::from_arguments();
    for (case, threads) in [
        (Case::ClosedSuccess, 1),
        (Case::ClosedSuccess, 2),
        (Case::ClosedSuccessDetailed, 1),
        (Case::ClosedFailure, 1),
        (Case::ClosedFailure, 2),
        (Case::Refused, 1),
        (Case::Refused, 2),
        // Two threads would take the trials from each other.
        (Case::RoundTrip, 1),
    ] {
        let mut callers = Callers { case, rows: Rows::new(case.name(), threads, Effort::Calls) };
        each(case, &mut callers);
        let rows = callers.rows;
        harness.each(&rows);
        if case == Case::ClosedSuccess {
            for peer in rows.peers().filter(|peer| is_peer(peer)) {
                harness.in_turns_over(&rows, BARE, "altlocks, annotated", peer);
            }
        }
    }
    harness.end();
}

struct Callers {
    case: Case,
    rows: Rows<'static>,
}

impl Visit for Callers {
    fn visit<C: Caller>(&mut self, peer: &'static str, caller: C) {
        let case = self.case;
        self.rows.calls(peer, move |n| {
            let _context = runtime().enter();
            case.repeat(&mut caller.clone(), n);
        });
    }
}
