//! Guards, side by side: what fails at once where another has it.

use std::hint::black_box;

use altlocks::{ResourceGuard, UniqueResourceGuard};
use altlocks_benches::{Effort, Harness, Rows};

fn main() {
    let mut harness = Harness::from_arguments();
    for threads in [1, 2] {
        enter_and_leave(&mut harness, threads);
        refused(&mut harness, threads);
    }
    harness.end();
}

/// In, and out again. Who is refused tries again: by attempts, the one that refuses the most often would be the quickest.
fn enter_and_leave(harness: &mut Harness, threads: usize) {
    static GUARD: ResourceGuard<u64> = ResourceGuard::new(7);
    static STD: std::sync::Mutex<u64> = std::sync::Mutex::new(7);
    static TOKIO: tokio::sync::Mutex<u64> = tokio::sync::Mutex::const_new(7);
    let unique = UniqueResourceGuard::of("entered");

    let mut rows = Rows::new("guard: enter and leave", threads, Effort::Calls);
    rows.calls("altlocks", |n| (0..n).for_each(|_| entered(|| GUARD.enter())));
    rows.calls("altlocks, unique", |n| (0..n).for_each(|_| entered(|| unique.enter())));
    rows.calls("tokio Mutex::try_lock", |n| (0..n).for_each(|_| entered(|| TOKIO.try_lock())));
    rows.calls("std Mutex::try_lock", |n| (0..n).for_each(|_| entered(|| STD.try_lock())));
    harness.each(&rows);
    harness.in_turns(&rows, "altlocks", "tokio Mutex::try_lock");
}

/// An attempt while somebody else has it.
fn refused(harness: &mut Harness, threads: usize) {
    let guard = ResourceGuard::new(7);
    let unique = UniqueResourceGuard::of("refused");
    let (std, tokio) = (std::sync::Mutex::new(7), tokio::sync::Mutex::new(7));
    let _held = (guard.enter(), unique.enter(), std.lock(), tokio.try_lock());

    let mut rows = Rows::new("guard: refused", threads, Effort::Calls);
    rows.calls("altlocks", |n| (0..n).for_each(|_| seen(&guard.enter())));
    rows.calls("altlocks, unique", |n| (0..n).for_each(|_| seen(&unique.enter())));
    rows.calls("tokio Mutex::try_lock", |n| (0..n).for_each(|_| seen(&tokio.try_lock())));
    rows.calls("std Mutex::try_lock", |n| (0..n).for_each(|_| seen(&std.try_lock())));
    harness.each(&rows);
}

/// Attempts until one is let in.
fn entered<T, E>(attempt: impl Fn() -> Result<T, E>) {
    loop {
        let attempted = attempt();
        seen(&attempted);
        if attempted.is_ok() {
            return;
        }
    }
}

/// Where it stands: to move it through here would cost as much as to make it.
fn seen<T>(value: &T) {
    black_box(value);
}
