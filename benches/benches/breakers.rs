//! Circuit breakers, side by side.

#[path = "../src/breakers/mod.rs"]
mod breakers;

use altlocks_benches::{bench, criterion, group, runtime};
use breakers::{Caller, Case, Visit, each};
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;

fn main() {
    let mut criterion = criterion();
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
        let group = group(&mut criterion, case.name(), threads);
        let mut rows = Rows { group, case, threads };
        each(case, &mut rows);
        rows.group.finish();
    }
    criterion.final_summary();
}

struct Rows<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    case: Case,
    threads: usize,
}

impl Visit for Rows<'_> {
    fn visit<C: Caller>(&mut self, peer: &'static str, caller: C) {
        bench(&mut self.group, peer, self.threads, |n| {
            let _context = runtime().enter();
            self.case.repeat(&mut caller.clone(), n);
        });
    }
}
