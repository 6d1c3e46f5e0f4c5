//! *Threads*: nobody shares, nobody is told nonsense.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use altlocks::{ResourceGuard, UniqueResourceGuard};

const THREADS: usize = 4;
const ROUNDS: usize = 20_000;

/// Two halves that are only ever changed together.
#[derive(Default)]
struct Pair(usize, usize);

#[test]
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn a_hammer_of_threads_never_tears_the_resource_or_the_account_of_it() {
    let guard = Arc::new(ResourceGuard::new(Pair::default()).with_name("pair"));
    let (entered, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let first = line!();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (guard, entered, refused) = (&guard, &entered, &refused);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    // The resource goes with the token: one that is free without it would show here.
                    let result = if (round + number) % 2 == 0 {
                        guard.enter().map(|mut pair| add(&mut pair))
                    } else {
                        guard.enter_owned().map(|mut pair| add(&mut pair))
                    };
                    match result {
                        Ok(()) => entered.fetch_add(1, Ordering::Relaxed),
                        Err(busy) => {
                            let at = busy.held_at().expect("a holder has a place");
                            assert!(at.file() == file!() && at.line() > first, "{busy}");
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                    };
                }
            });
        }
    });
    let (entered, refused) = (entered.into_inner(), refused.into_inner());
    assert!(!guard.is_guarded());
    assert!((guard.success_ratio() - entered as f64 / (entered + refused) as f64).abs() < 1e-12);
    let pair = Arc::into_inner(guard).expect("the last").into_inner();
    assert_eq!((pair.0, pair.1), (entered, entered));
}

fn add(pair: &mut Pair) {
    assert_eq!(pair.0, pair.1);
    pair.0 += 1;
    std::hint::spin_loop();
    pair.1 += 1;
}

#[test]
fn of_equal_resources_that_come_and_go_no_two_are_ever_in_use() {
    // A guard that dies while another thread looks for it: the successor must not meet a holder of the old one.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Hammered;
    let inside = AtomicUsize::new(0);
    let entered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let Ok(held) = UniqueResourceGuard::of(Hammered).enter() else { continue };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "alone");
                    entered.fetch_add(1, Ordering::Relaxed);
                    if entered.load(Ordering::Relaxed).is_multiple_of(64) {
                        UniqueResourceGuard::<Hammered>::clear_cache();
                    }
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                }
            });
        }
    });
    assert!(entered.into_inner() >= ROUNDS, "at least one at a time got in");
}
