//! The throttle: those who wait are let in as they came, and as many as the rate says.
//!
//! At each of two throttles a [`Crowd`] waits, whose order is known, among others that come, give up, or would rather not
//! wait. The rate of one of them changes. Whoever gives up late, with a slot that is his, may take it with him, so nobody
//! can say how many these have to let in; at two more there are crowds in which nobody gives up, for that. At a fifth
//! nobody waits: who comes too early goes away and comes again at once, so calls race for each slot. A sixth adapts its
//! rate to what the calls come to, and tasks change whatever can be changed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, Outcome, Pass};
use fastrand::Rng;
use tokio::task::{JoinSet, yield_now};

use crate::budget::{Budget, Looks};
use crate::crowd::{self, Crowd};
use crate::risk;
use crate::station::{Count, Station, Tally};
use crate::verdict::{self, require};

const STEADY: f64 = 2000.0;
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 5000.0;
/// Of those that are looked at: see [`Looks`].
const LOWEST_PATIENT: f64 = 2500.0;
/// Seldom enough for several to be asking when a slot comes.
const CONTESTED: f64 = 20_000.0;
/// So low that those who wait are not many at the end.
const LOWEST_ADAPTED: f64 = 250.0;
const WINDOW: u32 = 20;

const OUTSIDERS: usize = 4;
const CONTESTANTS: usize = 2;

/// How often a rate is set, in rounds.
const CHANGES: u32 = 20;

/// A throttle whose admissions are counted.
struct Lane {
    throttle: DynamicThrottle,
    entered: Count,
}

impl Lane {
    const fn new(name: &'static str, rate: f64, jitter: f64) -> Self {
        let builder = DynamicThrottle::builder(rate).name(name).max_rate(rate).jitter(jitter);
        Self { throttle: builder.adaptation(Adaptation::Fixed).build(), entered: Count::new() }
    }

    /// For so many callers at once.
    fn budget(&'static self, callers: usize) -> Budget {
        Budget::new(self.throttle.name(), self.throttle.rate(), None, callers)
    }

    fn patient_budget(&'static self, looks: &'static Looks) -> Budget {
        Budget::new(self.throttle.name(), self.throttle.rate(), Some(looks), crowd::SIZE)
    }

    fn let_in(&self, pass: Pass<'_>) {
        self.entered.add();
        TALLY.admitted.add();
        pass.record(Outcome::Success);
    }
}

static STEADY_LANE: Lane = Lane::new("DynamicThrottle (steady)", STEADY, 0.2);
/// Without jitter: it is drawn anew at each change, which lets in a few more.
static CHANGING_LANE: Lane = Lane::new("DynamicThrottle (changing)", HIGHEST, 0.0);
static CONTESTED_LANE: Lane = Lane::new("DynamicThrottle (contested)", CONTESTED, 0.2);

static PATIENT_LANE: Lane = Lane::new("DynamicThrottle (patient)", HIGHEST, 0.2);
static PATIENT_CHANGING_LANE: Lane = Lane::new("DynamicThrottle (patient, changing)", HIGHEST, 0.0);
static LOOKS: [Looks; 2] = [const { Looks::new() }; 2];

static ADAPTIVE: DynamicThrottle = DynamicThrottle::builder(HIGHEST)
    .name("DynamicThrottle (adaptive)")
    .min_rate(LOWEST_ADAPTED)
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
    contested: Budget,
    patient: Budget,
    patient_changing: Budget,
}

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Throttles {
    let [steady, changing] = [&STEADY_LANE, &CHANGING_LANE].map(|lane| lane.budget(crowd::SIZE + OUTSIDERS));
    let contested = CONTESTED_LANE.budget(CONTESTANTS);
    for lane in [&STEADY_LANE, &CHANGING_LANE] {
        tasks.spawn(Crowd::new(&lane.throttle).wait(luck.fork(), |pass| lane.let_in(pass), || TALLY.cancel()));
        for _ in 0..OUTSIDERS {
            tasks.spawn(hammer(lane, luck.fork()));
        }
    }
    for _ in 0..CONTESTANTS {
        tasks.spawn(contest());
    }
    for _ in 0..OUTSIDERS {
        tasks.spawn(hammer_adaptive(luck.fork()));
    }
    let [patient, patient_changing] =
        [(&PATIENT_LANE, &LOOKS[0]), (&PATIENT_CHANGING_LANE, &LOOKS[1])].map(|(lane, looks)| {
            let budget = lane.patient_budget(looks);
            tasks.spawn(Crowd::new(&lane.throttle).look(looks, |pass| lane.let_in(pass)));
            budget
        });
    Throttles(Mutex::new(Budgets { luck: luck.fork(), steady, changing, contested, patient, patient_changing }))
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
            TALLY.refuse();
        }
        yield_now().await;
    }
}

async fn contest() {
    while verdict::is_open() {
        for _ in 0..64 {
            match CONTESTED_LANE.throttle.try_enter() {
                Some(pass) => CONTESTED_LANE.let_in(pass),
                None => TALLY.refuse(),
            }
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
        require((LOWEST_ADAPTED..=HIGHEST).contains(&rate), || format!("DynamicThrottle: adapted to {rate}"));
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
        let Budgets { steady, changing, contested, patient, patient_changing, .. } = &*budgets;
        let all = [steady, changing, contested, patient, patient_changing];
        let above = all.map(|budget| format!("{}", budget.above())).join(", ");
        format!("{}, of one that changes {}; {above} above", patient.shares(), patient_changing.shares())
    }

    fn look(&self) {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Budgets { luck, steady, changing, contested, patient, patient_changing } = &mut *budgets;
        let set = |lane: &Lane, rate| {
            let set = lane.throttle.set_rate(rate);
            require(set.is_ok(), || format!("DynamicThrottle: {rate} is refused"));
        };
        if !verdict::is_open() {
            // Nobody who waits keeps the others waiting.
            return set(&CHANGING_LANE, HIGHEST);
        }
        steady.check(&STEADY_LANE.entered);
        changing.check(&CHANGING_LANE.entered);
        contested.check(&CONTESTED_LANE.entered);
        patient.check(&PATIENT_LANE.entered);
        patient_changing.check(&PATIENT_CHANGING_LANE.entered);
        if luck.u32(..CHANGES) == 0 {
            let rate = if luck.u8(..4) == 0 { LOWEST } else { LOWEST + luck.f64() * (HIGHEST - LOWEST) };
            changing.change(rate, || set(&CHANGING_LANE, rate));
        }
        if luck.u32(..CHANGES) == 0 {
            let rate = LOWEST_PATIENT + luck.f64() * (HIGHEST - LOWEST_PATIENT);
            patient_changing.change(rate, || set(&PATIENT_CHANGING_LANE, rate));
        }
    }
}
