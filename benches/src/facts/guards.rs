//! What is counted of guards.

use altlocks::{ResourceGuard, UniqueResourceGuard};

use super::Fact;

pub(super) fn facts() -> Vec<Fact> {
    let guard = ResourceGuard::new(7);
    let unique = UniqueResourceGuard::of("counted");
    let (std, tokio) = (std::sync::Mutex::new(7), tokio::sync::Mutex::new(7));
    let enter = "guard: allocations per enter and leave";
    let mut facts = vec![
        allocations(enter, "altlocks", || drop(guard.enter())),
        allocations(enter, "altlocks, unique", || drop(unique.enter())),
        allocations(enter, "tokio Mutex::try_lock", || drop(tokio.try_lock())),
        allocations(enter, "std Mutex::try_lock", || drop(std.try_lock())),
    ];
    let _held = (guard.enter(), unique.enter());
    let refused = "guard: allocations per refusal";
    facts.push(allocations(refused, "altlocks", || drop(guard.enter())));
    facts.push(allocations(refused, "altlocks, unique", || drop(unique.enter())));
    facts
}

fn allocations(table: &'static str, peer: &'static str, call: impl Fn()) -> Fact {
    // The first may be of what is made once: a name, a thread's own.
    call();
    let counted = allocation_counter::measure(call);
    Fact { table, peer, value: f64::from(u32::try_from(counted.count_total).expect("not so many")), unit: "" }
}
