//! Releasing: nobody else is in while the lock is held, before or after the section without it, and no lock is lost.

use std::convert::Infallible;
use std::ops::DerefMut;
use std::sync::Arc;

use altlocks::{Releasing, Relock, Unlocked};
use fastrand::Rng;
use tokio::sync::{Mutex, RwLock, Semaphore};
use tokio::task::{JoinSet, yield_now};

use crate::occupancy::Occupancy;
use crate::risk;
use crate::station::{Count, Station, Tally};
use crate::verdict::{self, require};

const TASKS: usize = 6;
const PERMITS: usize = 3;

static IN_MUTEX: Occupancy = Occupancy::new("Releasing, Mutex: holders", 1);
static IN_RW_LOCK: Occupancy = Occupancy::new("Releasing, RwLock: writers", 1);
static IN_SEMAPHORE: Occupancy = Occupancy::new("Releasing, Semaphore: holders", PERMITS as u32);
static WRITTEN: [Count; 2] = [const { Count::new() }; 2];

#[derive(Clone)]
struct Locks {
    mutex: Arc<Mutex<u64>>,
    rw_lock: Arc<RwLock<u64>>,
    semaphore: Arc<Semaphore>,
}

pub(crate) struct Released {
    tally: Arc<Tally>,
    locks: Locks,
}

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Released {
    let locks = Locks { mutex: Arc::default(), rw_lock: Arc::default(), semaphore: Arc::new(Semaphore::new(PERMITS)) };
    let released = Released { tally: Arc::default(), locks };
    for _ in 0..TASKS {
        tasks.spawn(hammer(luck.fork(), Arc::clone(&released.tally), released.locks.clone()));
    }
    released
}

async fn hammer(mut luck: Rng, tally: Arc<Tally>, locks: Locks) {
    while verdict::is_open() {
        let (mut inner, locks) = (luck.fork(), locks.clone());
        let call = async {
            match inner.u8(..3) {
                0 => {
                    let guard = locks.mutex.lock_owned().await;
                    tally.admitted.add();
                    hold(guard, &IN_MUTEX, &WRITTEN[0], &mut inner).await;
                }
                1 => {
                    let guard = locks.rw_lock.write_owned().await;
                    tally.admitted.add();
                    hold(guard, &IN_RW_LOCK, &WRITTEN[1], &mut inner).await;
                }
                _ => {
                    let permit = locks.semaphore.acquire_owned().await.expect("never closed");
                    tally.admitted.add();
                    drop(IN_SEMAPHORE.enter());
                    let released = Releasing::new(permit);
                    risk::work(&mut inner).await;
                    let _permit = released.reacquire().await.expect("never closed");
                    let _inside = IN_SEMAPHORE.enter();
                    risk::work(&mut inner).await;
                }
            }
        };
        let end = risk::run(&mut luck, call).await;
        tally.end(end);
        yield_now().await;
    }
}

/// Writes, lets go for a while, writes again.
async fn hold<G>(mut guard: G, holders: &Occupancy, written: &Count, luck: &mut Rng)
where
    G: Relock<Error = Infallible> + DerefMut<Target = u64>,
{
    write(&mut guard, holders, written);
    let mut guard = if luck.bool() {
        guard.unlocked(risk::work(luck)).await.0
    } else {
        let released = Releasing::new(guard);
        risk::work(luck).await;
        let Ok(guard) = released.reacquire().await;
        guard
    };
    write(&mut guard, holders, written);
    let _inside = holders.enter();
    risk::work(luck).await;
}

fn write(number: &mut u64, holders: &Occupancy, written: &Count) {
    let _inside = holders.enter();
    *number += 1;
    let all = written.add();
    require(*number == all, || format!("Releasing: {all} writes, of which {number} are seen"));
}

impl Station for Released {
    fn name(&self) -> &'static str {
        "releasing"
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn worst(&self) -> String {
        let alone = IN_MUTEX.most().max(IN_RW_LOCK.most());
        format!("{alone} holder of 1, {} permits of {PERMITS}", IN_SEMAPHORE.most())
    }

    fn settle(&self) {
        let Locks { mutex, rw_lock, semaphore } = &self.locks;
        require(mutex.try_lock().is_ok() && rw_lock.try_write().is_ok(), || "Releasing: a lock is lost".to_owned());
        let permits = semaphore.available_permits();
        require(permits == PERMITS, || format!("Releasing: {permits} permits are left of {PERMITS}"));
    }
}
