//! What is counted of barriers.

use std::collections::VecDeque;
use std::mem::size_of_val;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use altlocks_benches::Rooms;
use altlocks_benches::barriers::{self, Barrier, Visit, each};

use super::Fact;

const PARTIES: usize = 1000;

pub(super) fn facts() -> Vec<Fact> {
    let mut count = Count(Vec::new());
    each(&mut count);
    count.0
}

struct Count(Vec<Fact>);

impl Visit for Count {
    fn visit<B: Barrier>(&mut self, peer: &'static str) {
        let mut fact = |table, value: usize, unit| {
            let value = f64::from(u32::try_from(value).expect("not so many"));
            self.0.push(Fact { table, peer, value, unit });
        };
        let barrier = B::new(PARTIES);
        // What a peer allocates is not in it.
        fact("barrier: bytes of the future of a wait", size_of_val(&barrier.wait(0)), "bytes");
        let (wakes, polls) = meet(&barrier);
        fact("barrier: wakes for a meeting of 1000", wakes, "");
        fact("barrier: polls for a meeting of 1000", polls, "");
        let mut rooms = Rooms::new(PARTIES);
        let mut meet = || barriers::meet(&mut rooms, PARTIES, |state| barrier.wait(state));
        // What is kept from one meeting to the next is there now: the third, as what a peer holds may take two to grow.
        (0..2).for_each(|_| meet());
        let counted = allocation_counter::measure(meet);
        let count = |number: u64| usize::try_from(number).expect("not so many");
        fact("barrier: allocations for a meeting of 1000", count(counted.count_total), "");
        fact("barrier: bytes allocated for a meeting of 1000", count(counted.bytes_total), "bytes");
    }
}

/// A meeting as an executor sees it: each party is polled once, and again whenever it has been woken. How often they were
/// woken, and polled.
fn meet<B: Barrier>(barrier: &B) -> (usize, usize) {
    let woken = Arc::new(Woken::default());
    let bells: Vec<Waker> =
        (0..PARTIES).map(|party| Waker::from(Arc::new(Bell { party, woken: Arc::clone(&woken) }))).collect();
    let mut rooms = Rooms::new(PARTIES);
    (0..PARTIES).zip(0..).for_each(|(room, state)| rooms.come(room, barrier.wait(state)));
    let (mut wakes, mut polls, mut met) = (0, 0, 0);
    let mut poll = |party: usize| {
        polls += 1;
        met += usize::from(rooms.poll(party, &bells[party]).is_ready());
    };
    (0..PARTIES).for_each(&mut poll);
    while let Some(party) = woken.next() {
        wakes += 1;
        poll(party);
    }
    assert_eq!(met, PARTIES, "all have met");
    (wakes, polls)
}

/// Parties in the order in which they were woken.
#[derive(Default)]
struct Woken(Mutex<VecDeque<usize>>);

impl Woken {
    fn next(&self) -> Option<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

struct Bell {
    party: usize,
    woken: Arc<Woken>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.woken.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.party);
    }
}

#[cfg(test)]
mod tests {
    use altlocks::StatefulBarrier;

    use super::*;

    #[test]
    fn who_meets_is_woken_once_and_polled_twice_but_for_the_last() {
        let barrier = <StatefulBarrier<u64> as Barrier>::new(PARTIES);
        assert_eq!(meet(&barrier), (PARTIES - 1, 2 * PARTIES - 1));
    }
}
