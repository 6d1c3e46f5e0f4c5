//! The guards: one holder at a time, and one guard for equal resources.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use altlocks::{ResourceGuard, UniqueResourceGuard};
use fastrand::Rng;
use tokio::task::{JoinSet, yield_now};

use crate::occupancy::Occupancy;
use crate::risk;
use crate::station::{Station, Tally};
use crate::verdict::{self, require};

const TASKS: usize = 6;

/// The guarded number counts those who held it.
static NUMBER: ResourceGuard<u64> = ResourceGuard::new(0);
static HOLDERS: Occupancy = Occupancy::new("ResourceGuard: holders", 1);

const ROOMS: usize = 8;
static ROOMS_HOLDERS: [Occupancy; ROOMS] = [const { Occupancy::new("UniqueResourceGuard: holders", 1) }; ROOMS];

/// A resource that is known by its number.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Room(usize);

/// Few hashes, so that different rooms meet in the registry of the guards.
impl Hash for Room {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0 % 3).hash(state);
    }
}

#[derive(Default)]
pub(crate) struct Guards {
    tally: Arc<Tally>,
    /// Of the number alone.
    held: Arc<Tally>,
}

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Guards {
    let guards = Guards::default();
    for _ in 0..TASKS {
        tasks.spawn(hammer(luck.fork(), Arc::clone(&guards.tally), Arc::clone(&guards.held)));
    }
    guards
}

async fn hammer(mut luck: Rng, tally: Arc<Tally>, held: Arc<Tally>) {
    while verdict::is_open() {
        let mut inner = luck.fork();
        let end = if luck.bool() {
            risk::run(&mut luck, hold_number(&mut inner, &tally, &held)).await
        } else {
            risk::run(&mut luck, hold_room(&mut inner, &tally)).await
        };
        tally.end(end);
        yield_now().await;
    }
}

async fn hold_number(luck: &mut Rng, tally: &Tally, held: &Tally) {
    let Ok(mut number) = NUMBER.enter() else {
        tally.refuse();
        return;
    };
    let _inside = HOLDERS.enter();
    tally.admitted.add();
    let others = held.admitted.add() - 1;
    require(*number == others, || format!("ResourceGuard: {others} held it, of whom {} are seen", *number));
    *number += 1;
    require(NUMBER.is_guarded(), || "ResourceGuard: free, while held".to_owned());
    risk::work(luck).await;
}

async fn hold_room(luck: &mut Rng, tally: &Tally) {
    let room = luck.usize(..ROOMS);
    let guard = UniqueResourceGuard::of(Room(room));
    if luck.u8(..16) == 0 {
        UniqueResourceGuard::<Room>::clear_cache();
    }
    require(guard.is_same(&UniqueResourceGuard::of(Room(room))), || "UniqueResourceGuard: two of equals".to_owned());
    let Ok(_token) = guard.enter() else {
        tally.refuse();
        return;
    };
    drop(guard);
    let _inside = ROOMS_HOLDERS[room].enter();
    tally.admitted.add();
    risk::work(luck).await;
}

impl Station for Guards {
    fn name(&self) -> &'static str {
        "guard"
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn worst(&self) -> String {
        let rooms = ROOMS_HOLDERS.iter().map(Occupancy::most).max().unwrap_or(0);
        format!("{} holder of 1, by value {rooms} of 1", HOLDERS.most())
    }

    fn settle(&self) {
        require(NUMBER.enter().is_ok(), || "ResourceGuard: held by nobody, and not free".to_owned());
        for room in (0..ROOMS).map(Room) {
            let free = UniqueResourceGuard::of(room).enter().is_ok();
            require(free, || "UniqueResourceGuard: held by nobody, and not free".to_owned());
        }
    }
}
