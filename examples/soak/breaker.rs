//! The circuit breaker: trials within their budget, and changes of state in order.
//!
//! Which trials are of one round nobody outside can tell by looking, for a trial of an old round may still run. So three
//! breakers have a clock that stands still during an *era*: callers share the era, a referee ends it when all have left,
//! and moves the clock. A circuit that opens in an era stays open until its end, so of an era's trials all are of one
//! round: at no time run more of them than `max_half_open_calls`, nor do more end with a result. Trials that hang outlast
//! their era, and end when nobody counts on them any more. A fourth breaker lives in real time, where rounds are counted by
//! its hook.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use altlocks::{CircuitBreaker, Outcome, Permit, State, Transition};
use fastrand::Rng;
use tokio::sync::RwLock;
use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;

use crate::occupancy::{Occupancy, Presence};
use crate::risk;
use crate::station::{Count, Station, Tally};
use crate::verdict::{self, require};

const TASKS: usize = 8;
const RESET: Duration = Duration::from_secs(10);
/// In real time.
const SHORT_RESET: Duration = Duration::from_millis(1);

/// Shared by calls, alone with the referee.
static ERA: RwLock<()> = RwLock::const_new(());

static SECONDS: AtomicU64 = AtomicU64::new(0);

fn clock() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now) + Duration::from_secs(SECONDS.load(Ordering::SeqCst))
}

/// A breaker, and what is known of it.
struct Subject {
    breaker: CircuitBreaker,
    trials: u32,
    in_eras: bool,
    /// Trials of this era that run.
    running: Occupancy,
    /// Trials of this era that had a result.
    spent: Count,
    /// Of all eras.
    spent_ever: Count,
    /// Rounds begun.
    rounds: Count,
    /// As the hook was told.
    state: AtomicU8,
    /// From an end of an era on to another.
    forced: AtomicBool,
}

impl Subject {
    const fn new(name: &'static str, trials: u32, threshold: u32, in_eras: bool) -> Self {
        let builder = CircuitBreaker::builder(name).max_half_open_calls(trials).success_threshold(threshold);
        let builder = if in_eras {
            builder.reset(RESET).timer(clock)
        } else {
            builder.max_fails(1).reset(SHORT_RESET).trial_lease(Duration::from_secs(86_400))
        };
        Self {
            breaker: builder.on_transition(transition).build(),
            trials,
            in_eras,
            running: Occupancy::new(name, if in_eras { trials } else { u32::MAX }),
            spent: Count::new(),
            spent_ever: Count::new(),
            rounds: Count::new(),
            state: AtomicU8::new(State::Closed as u8),
            forced: AtomicBool::new(false),
        }
    }

    fn name(&self) -> &str {
        self.breaker.name()
    }

    /// A trial has a result.
    fn spend(&self) {
        self.spent_ever.add();
        let spent = self.spent.add();
        let within = !self.in_eras || spent <= self.trials.into();
        require(within, || format!("{}: {spent} trials in a round of {}", self.name(), self.trials));
    }
}

static SUBJECTS: [Subject; 4] = [
    Subject::new("CircuitBreaker: trials (1)", 1, 1, true),
    Subject::new("CircuitBreaker: trials (3)", 3, 2, true),
    Subject::new("CircuitBreaker: trials (8)", 8, 5, true),
    Subject::new("CircuitBreaker: trials (in real time)", 2, 1, false),
];

/// Trials that hang, by the number of their breaker.
static HUNG: Mutex<Vec<Permit<'static>>> = Mutex::new(Vec::new());
const HUNG_AT_MOST: usize = 8;

/// The hook.
fn transition(breaker: &CircuitBreaker, transition: Transition) {
    let Some(subject) = SUBJECTS.iter().find(|subject| subject.name() == breaker.name()) else {
        return require(false, || "CircuitBreaker: the hook is called for another one".to_owned());
    };
    // Time for others to overtake, now and then: a hook that is slower than the changes would hold its caller for ever.
    if fastrand::u8(..16) == 0 {
        std::thread::yield_now();
    }
    let Transition { from, to, .. } = transition;
    if to == State::HalfOpen {
        subject.rounds.add();
    }
    let known = subject.state.swap(to as u8, Ordering::SeqCst);
    let fits = known == from as u8 && from != to && (from, to) != (State::Closed, State::HalfOpen);
    require(fits, || format!("{}: from {from:?} to {to:?}, when {known} was told last", subject.name()));
}

/// A trial of this era, while it runs.
struct Trial<'a> {
    subject: &'a Subject,
    _running: Presence<'a>,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        // Its permit, which is dropped next, makes a failure of that.
        if std::thread::panicking() {
            self.subject.spend();
        }
    }
}

pub(crate) struct Breakers(Arc<Tally>);

pub(crate) fn start(tasks: &mut JoinSet<()>, luck: &mut Rng) -> Breakers {
    let breakers = Breakers(Arc::default());
    for _ in 0..TASKS {
        tasks.spawn(hammer(luck.fork(), Arc::clone(&breakers.0)));
    }
    tasks.spawn(referee(luck.fork()));
    breakers
}

async fn hammer(mut luck: Rng, tally: Arc<Tally>) {
    while verdict::is_open() {
        let mut inner = luck.fork();
        let end = risk::run(&mut luck, call(&mut inner, &tally)).await;
        tally.end(end);
        yield_now().await;
    }
}

async fn call(luck: &mut Rng, tally: &Tally) {
    let _era = ERA.read().await;
    let subject = &SUBJECTS[luck.usize(..SUBJECTS.len())];
    if luck.u16(..2000) == 0 {
        subject.breaker.reset();
        subject.forced.store(false, Ordering::SeqCst);
    }
    let Ok(permit) = subject.breaker.try_acquire() else {
        tally.refuse();
        return;
    };
    tally.admitted.add();
    let trial = permit.is_trial().then(|| Trial { subject, _running: subject.running.enter() });
    risk::work(luck).await;
    let outcome = match luck.u8(..8) {
        0..4 => Outcome::Failure,
        4 => Outcome::Ignored,
        _ => Outcome::Success,
    };
    if trial.is_some() && outcome != Outcome::Ignored {
        if subject.in_eras && luck.u8(..16) == 0 {
            hang(permit, luck);
            return;
        }
        subject.spend();
    }
    drop(trial);
    permit.record(outcome);
}

/// Keeps a trial for a later era; if there are enough of them, one ends now, as late as it is.
fn hang(permit: Permit<'static>, luck: &mut Rng) {
    let mut hung = HUNG.lock().unwrap_or_else(PoisonError::into_inner);
    hung.push(permit);
    let late = (hung.len() > HUNG_AT_MOST).then(|| hung.remove(0));
    drop(hung);
    match (late, luck.u8(..3)) {
        (Some(late), 0) => late.record(Outcome::Failure),
        (Some(late), 1) => late.record(Outcome::Success),
        (late, _) => drop(late),
    }
}

/// Ends eras, and begins others.
async fn referee(mut luck: Rng) {
    while verdict::is_open() {
        for _ in 0..luck.u8(1..) {
            yield_now().await;
        }
        let era = ERA.write().await;
        for subject in SUBJECTS.iter().filter(|subject| subject.in_eras) {
            let left = subject.running.inside();
            require(left == 0, || format!("the soak itself: {left} trials run between eras"));
            subject.spent.clear();
            oversee(subject, &mut luck);
        }
        // To the end of an open time, or of a lease, or not quite.
        SECONDS.fetch_add(luck.u64(RESET.as_secs() - 1..=RESET.as_secs()), Ordering::SeqCst);
        drop(era);
    }
}

/// What holds while nobody calls.
fn oversee(subject: &Subject, luck: &mut Rng) {
    let breaker = &subject.breaker;
    let (state, forced) = (breaker.state(), subject.forced.load(Ordering::SeqCst));
    let told = subject.state.load(Ordering::SeqCst);
    require(told == state as u8, || format!("{}: {state:?}, and the hook was told {told}", subject.name()));
    require(!forced || state == State::Open, || format!("{}: {state:?} though opened by force", subject.name()));
    let wait = breaker.retry_after();
    let fits = wait.is_some() == (state == State::Open && !forced) && wait.is_none_or(|wait| wait <= RESET);
    require(fits, || format!("{}: {state:?}, to be tried again after {wait:?}", subject.name()));
    if forced || luck.u16(..500) == 0 {
        if forced {
            breaker.reset();
        } else {
            breaker.force_open();
        }
        subject.forced.store(!forced, Ordering::SeqCst);
    }
}

impl Station for Breakers {
    fn name(&self) -> &'static str {
        "breaker"
    }

    fn tally(&self) -> &Tally {
        &self.0
    }

    fn worst(&self) -> String {
        let most: Vec<_> = SUBJECTS
            .iter()
            .filter(|subject| subject.in_eras)
            .map(|subject| format!("{} of {}", subject.running.most(), subject.trials))
            .collect();
        let rounds: u64 = SUBJECTS.iter().map(|subject| subject.rounds.get()).sum();
        format!("{} trials at once, in {rounds} rounds", most.join(", "))
    }

    fn settle(&self) {
        for subject in SUBJECTS.iter().filter(|subject| !subject.in_eras) {
            let (spent, rounds) = (subject.spent_ever.get(), subject.rounds.get());
            let within = spent <= rounds * u64::from(subject.trials);
            require(within, || format!("{}: {spent} trials in {rounds} rounds of {}", subject.name(), subject.trials));
            // Nobody is in, so whatever its state, one is let in once the reset has passed.
            std::thread::sleep(2 * SHORT_RESET);
            let free = subject.breaker.try_acquire().is_ok();
            require(free, || format!("{}: trials that are over were not given back", subject.name()));
        }
    }
}
