//! Guards, side by side: what fails at once where another has it.

use std::hint::black_box;

use altlocks::{ResourceGuard, UniqueResourceGuard};
use altlocks_benches::{bench, criterion, group};

fn main() {
    let mut criterion = criterion();
    for threads in [1, 2] {
        enter_and_leave(&mut criterion, threads);
        refused(&mut criterion, threads);
    }
    criterion.final_summary();
}

/// In, and out again. Who is refused tries again: by attempts, the one that refuses the most often would be the quickest.
fn enter_and_leave(criterion: &mut criterion::Criterion, threads: usize) {
    static GUARD: ResourceGuard<u64> = ResourceGuard::new(7);
    static STD: std::sync::Mutex<u64> = std::sync::Mutex::new(7);
    static TOKIO: tokio::sync::Mutex<u64> = tokio::sync::Mutex::const_new(7);
    let unique = UniqueResourceGuard::of("entered");

    let mut group = group(criterion, "guard: enter and leave", threads);
    bench(&mut group, "altlocks", threads, |n| (0..n).for_each(|_| entered(|| GUARD.enter())));
    bench(&mut group, "altlocks, unique", threads, |n| (0..n).for_each(|_| entered(|| unique.enter())));
    bench(&mut group, "tokio Mutex::try_lock", threads, |n| (0..n).for_each(|_| entered(|| TOKIO.try_lock())));
    bench(&mut group, "std Mutex::try_lock", threads, |n| (0..n).for_each(|_| entered(|| STD.try_lock())));
    group.finish();
}

/// An attempt while somebody else has it.
fn refused(criterion: &mut criterion::Criterion, threads: usize) {
    let guard = ResourceGuard::new(7);
    let unique = UniqueResourceGuard::of("refused");
    let (std, tokio) = (std::sync::Mutex::new(7), tokio::sync::Mutex::new(7));
    let _held = (guard.enter(), unique.enter(), std.lock(), tokio.try_lock());

    let mut group = group(criterion, "guard: refused", threads);
    bench(&mut group, "altlocks", threads, |n| (0..n).for_each(|_| seen(&guard.enter())));
    bench(&mut group, "altlocks, unique", threads, |n| (0..n).for_each(|_| seen(&unique.enter())));
    bench(&mut group, "tokio Mutex::try_lock", threads, |n| (0..n).for_each(|_| seen(&tokio.try_lock())));
    bench(&mut group, "std Mutex::try_lock", threads, |n| (0..n).for_each(|_| seen(&std.try_lock())));
    group.finish();
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
