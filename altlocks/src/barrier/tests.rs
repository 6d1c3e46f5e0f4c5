//! What the shell does that cannot be seen from outside.

use std::task::{Context, Poll};

use super::*;

fn poll<T>(wait: &mut Wait<'_, T>) -> Poll<Result<Arrival<T>, BrokenBarrierError>> {
    std::pin::pin!(wait).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_generation_that_nobody_shares_any_longer_leaves_its_room_to_the_next() {
    fn meet<T>(barrier: &StatefulBarrier<T>, states: [T; 2]) -> (*const T, *const Generation<T>, Arrival<T>) {
        let [mut first, mut last] = states.map(|state| barrier.wait(state));
        assert!(poll(&mut first).is_pending());
        let Poll::Ready(Ok(arrival)) = poll(&mut last) else { panic!("the last meets") };
        (arrival.as_ptr(), arrival.generation(), arrival)
    }
    let barrier = StatefulBarrier::builder(2).cyclic().build();
    let (buffer, generation, arrival) = meet(&barrier, [1, 2]);
    drop(arrival);
    let (again, same, kept) = meet(&barrier, [3, 4]);
    assert_eq!((again, same), (buffer, generation));
    let (other, another, arrival) = meet(&barrier, [5, 6]);
    assert!(other != buffer && another != generation, "somebody has a share in it");
    assert_eq!((kept.states(), arrival.states()), ([3, 4].as_slice(), [5, 6].as_slice()));
    assert!(barrier.hall.lock().last.is_some());

    let barrier = StatefulBarrier::builder(2).cyclic().build();
    drop(meet(&barrier, [String::new(), String::new()]));
    assert!(barrier.hall.lock().last.is_none(), "a drop could be seen to come late");
}

#[test]
fn to_go_on_after_the_trip_takes_no_lock() {
    let barrier = StatefulBarrier::new(4);
    let mut waits = [0, 1, 2].map(|state| barrier.wait(state));
    assert!(waits.iter_mut().all(|wait| poll(wait).is_pending()));
    assert!(poll(&mut barrier.wait(3)).is_ready());
    let locked = barrier.hall.lock();
    let [mut goes_on, dropped, mut late] = waits;
    assert!(matches!(poll(&mut goes_on), Poll::Ready(Ok(arrival)) if arrival.len() == 4));
    drop(dropped);
    drop(locked);
    assert!(matches!(poll(&mut late), Poll::Ready(Ok(arrival)) if arrival.position() == 2));
}

#[test]
fn what_every_arrival_writes_is_one_line_of_a_cache_and_what_it_reads_is_another() {
    const LINE: usize = 64;
    type Barrier = StatefulBarrier<[u64; 4]>;
    if !cfg!(all(target_os = "linux", target_pointer_width = "64")) {
        // A mutex of std's is something else there.
        return;
    }
    assert_eq!((size_of::<Barrier>(), align_of::<Barrier>()), (3 * LINE, LINE));
    let hall = size_of::<Mutex<Hall<[u64; 4]>>>();
    let lock = hall - size_of::<Hall<[u64; 4]>>();
    assert_eq!(lock + State::<[u64; 4], Waker>::WRITTEN_BY_ALL, LINE, "with the lock");
    assert_eq!(std::mem::offset_of!(Barrier, hall), 0);
    assert_eq!(std::mem::offset_of!(Barrier, last_is_next) % LINE, 0);
    assert_eq!(std::mem::offset_of!(Barrier, rules) / LINE, std::mem::offset_of!(Barrier, last_is_next) / LINE);
}
