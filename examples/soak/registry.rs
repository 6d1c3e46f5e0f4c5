//! Annotated functions: those of one name share one instance, which is the one that a look-up finds.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use altlocks::{CircuitBreakerError, ResourceBusy, circuit_breaker, registry, resource_guard, throttle};
use fastrand::Rng;
use tokio::task::{JoinSet, yield_now};

use crate::occupancy::Occupancy;
use crate::risk;
use crate::station::{Station, Tally};
use crate::verdict::{self, require};

const TASKS: usize = 4;

/// The name of them all.
const NAME: &str = "soak";

static GUARDED: Occupancy = Occupancy::new("#[resource_guard]: holders", 1);

enum Failed {
    Refused,
    Itself,
}

impl From<CircuitBreakerError> for Failed {
    fn from(_: CircuitBreakerError) -> Self {
        Self::Refused
    }
}

impl From<ResourceBusy> for Failed {
    fn from(_: ResourceBusy) -> Self {
        Self::Refused
    }
}

#[circuit_breaker(name = NAME, max_fails = 3, reset = "1ms")]
async fn call(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    work(tally, luck).await
}

/// Joins the name; the first call may be its own.
#[circuit_breaker(name = NAME)]
async fn call_likewise(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    work(tally, luck).await
}

#[throttle(name = NAME, rate = 5000.0, max_rate = 5000.0)]
#[circuit_breaker(name = NAME)]
async fn call_throttled(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    work(tally, luck).await
}

#[resource_guard(name = NAME)]
async fn call_alone(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    let _inside = GUARDED.enter();
    work(tally, luck).await
}

#[resource_guard(name = NAME)]
async fn call_alone_likewise(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    let _inside = GUARDED.enter();
    work(tally, luck).await
}

async fn work(tally: &Tally, luck: &mut Rng) -> Result<(), Failed> {
    tally.admitted.add();
    risk::work(luck).await;
    if luck.u8(..4) == 0 { Err(Failed::Itself) } else { Ok(()) }
}

pub(crate) struct Annotated(Arc<Tally>);

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Annotated {
    let annotated = Annotated(Arc::default());
    for _ in 0..TASKS {
        tasks.spawn(hammer(luck.fork(), Arc::clone(&annotated.0)));
    }
    annotated
}

async fn hammer(mut luck: Rng, tally: Arc<Tally>) {
    while verdict::is_open() {
        let mut inner = luck.fork();
        let call = async {
            match inner.u8(..5) {
                0 => call(&tally, &mut inner).await,
                1 => call_likewise(&tally, &mut inner).await,
                2 => call_throttled(&tally, &mut inner).await,
                3 => call_alone(&tally, &mut inner).await,
                _ => call_alone_likewise(&tally, &mut inner).await,
            }
        };
        let end = risk::run(&mut luck, call).await;
        if let Some(Err(Failed::Refused)) = tally.end(end) {
            tally.refuse();
        }
        look_up(&mut luck);
        yield_now().await;
    }
}

fn look_up(luck: &mut Rng) {
    static BREAKER: AtomicUsize = AtomicUsize::new(0);
    static THROTTLE: AtomicUsize = AtomicUsize::new(0);
    match luck.u8(..32) {
        0 => is_the_one(registry::circuit_breaker(NAME), &BREAKER),
        1 => is_the_one(registry::throttle(NAME), &THROTTLE),
        2 => {
            let listed = registry::circuit_breakers().filter(|breaker| breaker.name() == NAME).count();
            require(listed == 1, || format!("registry: one name is listed {listed} times"));
        }
        3 => require(registry::verify().is_ok(), || "registry: a conflict where there is none".to_owned()),
        4 => require(registry::throttle("nobody's").is_none(), || "registry: a throttle of no function".to_owned()),
        _ => {}
    }
}

/// It is there, and is the one that was found before.
fn is_the_one<T: fmt::Debug>(found: Option<&'static T>, first: &AtomicUsize) {
    let Some(found) = found else {
        return require(false, || format!("registry: `{NAME}` is not found"));
    };
    let place = std::ptr::from_ref(found).addr();
    let known =
        first.compare_exchange(0, place, Ordering::SeqCst, Ordering::SeqCst).map_or_else(|known| known, |_| place);
    require(known == place, || format!("registry: two instances of a name, one of them {found:?}"));
}

impl Station for Annotated {
    fn name(&self) -> &'static str {
        "attributes"
    }

    fn tally(&self) -> &Tally {
        &self.0
    }

    fn worst(&self) -> String {
        format!("{} holder of 1", GUARDED.most())
    }
}
