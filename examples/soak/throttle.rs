//! The throttle: those who wait are let in as they came, and as many as the rate says.
//!
//! At each of two throttles a [`Crowd`] waits, whose order is known, among others that come, give up, or would rather not
//! wait. The rate of one of them changes; that of the other does not, so its bound is narrow. A third adapts its rate to
//! what the calls come to, and tasks change whatever can be changed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, Outcome, Pass};
use fastrand::Rng;
use tokio::task::{JoinSet, yield_now};

use crate::budget::Budget;
use crate::crowd::Crowd;
use crate::risk;
use crate::station::{Count, Station, Tally};
use crate::verdict::{self, require};

const STEADY: f64 = 2000.0;
/// From the lowest on, at which the gap is 4 ms, what may be caught up with is the same.
const LOWEST: f64 = 250.0;
const HIGHEST: f64 = 5000.0;
const WINDOW: u32 = 20;

const OUTSIDERS: usize = 4;

/// How often a rate is set, in rounds.
const CHANGES: u32 = 20;

/// A throttle whose admissions are counted.
struct Lane {
    throttle: DynamicThrottle,
    entered: Count,
}

impl Lane {
    fn let_in(&self, pass: Pass<'_>) {
        self.entered.add();
        TALLY.admitted.add();
        pass.record(Outcome::Success);
    }
}

static LANES: [Lane; 2] = [
    Lane {
        throttle: DynamicThrottle::builder(STEADY)
            .name("DynamicThrottle (steady)")
            .max_rate(STEADY)
            .adaptation(Adaptation::Fixed)
            .build(),
        entered: Count::new(),
    },
    Lane {
        // Without jitter: it is drawn anew at each change, which lets in a few more.
        throttle: DynamicThrottle::builder(HIGHEST)
            .name("DynamicThrottle (changing)")
            .max_rate(HIGHEST)
            .jitter(0.0)
            .adaptation(Adaptation::Fixed)
            .build(),
        entered: Count::new(),
    },
];

static ADAPTIVE: DynamicThrottle = DynamicThrottle::builder(HIGHEST)
    .name("DynamicThrottle (adaptive)")
    .min_rate(LOWEST)
    .max_rate(HIGHEST)
    .window(WINDOW)
    .adaptation(Adaptation::Proportional)
    .build();

static TALLY: Tally = Tally::new();

pub(crate) struct Throttles(Mutex<Budgets>);

struct Budgets {
    luck: Rng,
    steady: Budget,
    changing: Budget,
}

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Throttles {
    let [steady, changing] = LANES.each_ref().map(|lane| Budget::new(lane.throttle.name(), lane.throttle.rate()));
    for lane in &LANES {
        let luck = &mut *luck;
        tasks.spawn(Crowd::new(&lane.throttle).wait(luck.fork(), |pass| lane.let_in(pass), || TALLY.cancel()));
        for _ in 0..OUTSIDERS {
            tasks.spawn(hammer(lane, luck.fork()));
        }
    }
    for _ in 0..OUTSIDERS {
        tasks.spawn(hammer_adaptive(luck.fork()));
    }
    Throttles(Mutex::new(Budgets { luck: luck.fork(), steady, changing }))
}

async fn hammer(lane: &'static Lane, mut luck: Rng) {
    while verdict::is_open() {
        let mut inner = luck.fork();
        let call = async {
            let pass = match inner.u8(..4) {
                0 => lane.throttle.try_enter(),
                1 => lane.throttle.enter_timeout(Duration::from_millis(inner.u64(..40))).await.ok(),
                _ => Some(lane.throttle.enter().await),
            };
            let refused = pass.is_none();
            if let Some(pass) = pass {
                lane.let_in(pass);
            }
            risk::work(&mut inner).await;
            refused
        };
        let end = risk::run(&mut luck, call).await;
        if TALLY.end(end) == Some(true) {
            TALLY.refused.add();
        }
        yield_now().await;
    }
}

async fn hammer_adaptive(mut luck: Rng) {
    while verdict::is_open() {
        let mut inner = luck.fork();
        let call = ADAPTIVE.call(async {
            TALLY.admitted.add();
            risk::work(&mut inner).await;
            (inner.u8(..10) > 0).then_some(())
        });
        let end = risk::run(&mut luck, call).await;
        TALLY.end(end);
        match luck.u8(..) {
            0 => {
                let rate = luck.f64() * 2.0 * HIGHEST + 1.0;
                require(ADAPTIVE.set_rate(rate).is_ok(), || format!("DynamicThrottle: {rate} is refused"));
            }
            1 => require(ADAPTIVE.set_jitter(luck.f64()).is_ok(), || "DynamicThrottle: a jitter is refused".to_owned()),
            2 => ADAPTIVE.reset(),
            _ => {}
        }
        let (rate, counted) = (ADAPTIVE.rate(), ADAPTIVE.successes().max(ADAPTIVE.fails()));
        require((LOWEST..=HIGHEST).contains(&rate), || format!("DynamicThrottle: adapted to {rate}"));
        require(counted < WINDOW, || format!("DynamicThrottle: {counted} results in a window of {WINDOW}"));
        yield_now().await;
    }
}

impl Station for Throttles {
    fn name(&self) -> &'static str {
        "throttle"
    }

    fn tally(&self) -> &Tally {
        &TALLY
    }

    fn worst(&self) -> String {
        let budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{}; where it changes {}", budgets.steady, budgets.changing)
    }

    fn look(&self) {
        if !verdict::is_open() {
            return;
        }
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Budgets { luck, steady, changing } = &mut *budgets;
        // Counted before the time is read.
        steady.check(LANES[0].entered.get());
        changing.check(LANES[1].entered.get());
        if luck.u32(..CHANGES) == 0 {
            let rate = LOWEST + luck.f64() * (HIGHEST - LOWEST);
            changing.change(rate, || {
                let set = LANES[1].throttle.set_rate(rate);
                require(set.is_ok(), || format!("DynamicThrottle: {rate} is refused"));
            });
        }
    }
}
