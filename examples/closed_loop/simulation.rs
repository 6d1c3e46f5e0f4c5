//! The closed loop: clients that a [`DynamicThrottle`] paces, and a server whose capacity changes under them.
//!
//! A client always has work. The server has a capacity C(t) in calls per second, as a token bucket with a depth of 5 % of
//! C, at least 2; a call that finds no token fails. The answer takes its time, and only then does the throttle learn what
//! became of the call. Time is virtual: run it on a paused tokio clock.
//!
//! The figure of merit is U = (successes − failures) / ∫C dt: what was made of the capacity, each failure counted against
//! it.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, Outcome};
use tokio::time::{Instant, sleep_until};

/// The course of a server's capacity, and who calls it.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) short: &'static str,
    pub(crate) seconds: u32,
    /// Calls per second, after so many seconds.
    pub(crate) capacity: fn(f64) -> f64,
    /// The share of calls that fail for other reasons.
    pub(crate) background: f64,
    pub(crate) clients: u32,
    /// When an outage ends, if there is one.
    pub(crate) back_after: Option<f64>,
}

const STEPS: Scenario = Scenario {
    name: "steps",
    short: "steps",
    seconds: 260,
    capacity: |at| match at {
        ..60.0 => 50.0,
        ..120.0 => 10.0,
        ..180.0 => 80.0,
        ..200.0 => 0.0,
        _ => 50.0,
    },
    background: 0.0,
    clients: 1,
    back_after: None,
};

pub(crate) const SCENARIOS: [Scenario; 5] = [
    STEPS,
    Scenario { name: "steps, 3 % background errors", short: "3 %", background: 0.03, ..STEPS },
    Scenario {
        name: "sine",
        short: "sine",
        seconds: 240,
        capacity: |at| 45.0 + 30.0 * (at / 60.0 * TAU).sin(),
        ..STEPS
    },
    Scenario {
        name: "outage",
        short: "outage",
        seconds: 240,
        capacity: |at| if (60.0..120.0).contains(&at) { 0.0 } else { 50.0 },
        back_after: Some(120.0),
        ..STEPS
    },
    Scenario { name: "four clients", short: "four", seconds: 240, capacity: |_| 60.0, clients: 4, ..STEPS },
];

/// Who sets the rate.
#[derive(Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) throttle: fn() -> DynamicThrottle,
    /// Told the capacity all the time, which no client is: the best that pacing can do.
    pub(crate) is_oracle: bool,
}

const START: f64 = 10.0;

pub(crate) const ORACLE: Policy = Policy {
    name: "oracle",
    throttle: || DynamicThrottle::builder(START).adaptation(Adaptation::Fixed).build(),
    is_oracle: true,
};

pub(crate) const RATIO: Policy =
    Policy { name: "ratio, its defaults", throttle: || DynamicThrottle::new(START), is_oracle: false };

pub(crate) const NARROW_RATIO: Policy = Policy {
    name: "ratio, bounds .95/.90, 20 calls or 1 s",
    throttle: || {
        DynamicThrottle::builder(START).ubound(0.95).lbound(0.9).window(20).window_time(Duration::from_secs(1)).build()
    },
    is_oracle: false,
};

pub(crate) const PROPORTIONAL: Policy = Policy {
    name: "proportional",
    throttle: || DynamicThrottle::builder(START).adaptation(Adaptation::Proportional).build(),
    is_oracle: false,
};

/// What came of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) successes: u32,
    pub(crate) failures: u32,
    /// ∫C dt: how many calls could have succeeded.
    pub(crate) servable: f64,
    /// Seconds from the end of the outage until 80 % of the capacity was used, over a second. `None`: never, or there was
    /// no outage.
    pub(crate) recovery: Option<f64>,
    /// The sum of the clients' rates, each tenth of a second.
    pub(crate) rates: Vec<f64>,
}

impl Story {
    /// The figure of merit.
    pub(crate) fn merit(&self) -> f64 {
        (f64::from(self.successes) - f64::from(self.failures)) / self.servable
    }

    pub(crate) fn error_share(&self) -> f64 {
        f64::from(self.failures) / (f64::from(self.failures) + f64::from(self.successes))
    }
}

/// Samples of rate and capacity per second.
pub(crate) const SAMPLES: u32 = 10;

/// Runs one scenario, in virtual time. Answers take `delay` × 0.4…1.6; the same seed gives the same luck.
pub(crate) async fn run(scenario: Scenario, policy: Policy, delay: Duration, seed: u64) -> Story {
    let server = Arc::new(Server::new(scenario, seed));
    let mut clients = tokio::task::JoinSet::new();
    let mut throttles = Vec::new();
    for client in 0..scenario.clients {
        let throttle = Arc::new((policy.throttle)());
        throttles.push(Arc::clone(&throttle));
        let luck = fastrand::Rng::with_seed(seed.wrapping_mul(31).wrapping_add(client.into()));
        clients.spawn(call_on_and_on(throttle, Arc::clone(&server), delay, luck));
    }
    let mut rates = Vec::new();
    let samples = scenario.seconds * SAMPLES;
    for sample in 0..samples {
        let at = f64::from(sample) / f64::from(SAMPLES);
        sleep_until(server.start + Duration::from_secs_f64(at)).await;
        if policy.is_oracle {
            for throttle in &throttles {
                let share = (scenario.capacity)(at) * 0.98 / f64::from(scenario.clients);
                throttle.set_rate(share.max(0.5)).expect("a rate above 0");
            }
        }
        rates.push(throttles.iter().map(|throttle| throttle.rate()).sum());
    }
    sleep_until(server.start + Duration::from_secs(scenario.seconds.into())).await;
    clients.abort_all();
    let bucket = server.bucket();
    Story {
        successes: bucket.successes,
        failures: bucket.failures,
        servable: (0..samples)
            .map(|at| (scenario.capacity)(f64::from(at) / f64::from(SAMPLES)) / f64::from(SAMPLES))
            .sum(),
        recovery: bucket.recovery,
        rates,
    }
}

/// One client: enters whenever it may, and records each answer when it comes.
async fn call_on_and_on(throttle: Arc<DynamicThrottle>, server: Arc<Server>, delay: Duration, mut luck: fastrand::Rng) {
    // Clients do not start as one.
    tokio::time::sleep(Duration::from_secs_f64(luck.f64() / START)).await;
    let mut answers = BTreeMap::new();
    let mut calls = 0_u64;
    let mut entering = pin!(throttle.enter());
    loop {
        let next = answers.first_key_value().map(|(&(due, _), _)| due);
        tokio::select! {
            biased;
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                if let Some((_, (pass, outcome))) = answers.pop_first() {
                    altlocks::Pass::record(pass, outcome);
                }
            }
            pass = &mut entering => {
                let due = Instant::now() + delay.mul_f64(0.4 + 1.2 * luck.f64());
                calls += 1;
                answers.insert((due, calls), (pass, server.call()));
                entering.set(throttle.enter());
            }
        }
    }
}

struct Server {
    scenario: Scenario,
    start: Instant,
    bucket: Mutex<Bucket>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
    luck: fastrand::Rng,
    successes: u32,
    failures: u32,
    recovery: Option<f64>,
    /// Successes since the outage, of the last second.
    recent: Vec<f64>,
}

impl Server {
    fn new(scenario: Scenario, seed: u64) -> Self {
        let start = Instant::now();
        let bucket = Bucket {
            tokens: 0.0,
            filled: start,
            luck: fastrand::Rng::with_seed(seed),
            successes: 0,
            failures: 0,
            recovery: None,
            recent: Vec::new(),
        };
        Self { scenario, start, bucket: Mutex::new(bucket) }
    }

    fn bucket(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self) -> Outcome {
        let now = Instant::now();
        let at = now.duration_since(self.start).as_secs_f64();
        let capacity = (self.scenario.capacity)(at);
        let mut bucket = self.bucket();
        let filled = bucket.tokens + capacity * now.duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = filled.min((0.05 * capacity).max(2.0));
        bucket.filled = now;
        let served = capacity > 0.0 && bucket.tokens >= 1.0;
        if served {
            bucket.tokens -= 1.0;
        }
        if served && bucket.luck.f64() >= self.scenario.background {
            bucket.successes += 1;
            bucket.note_success(at, capacity, self.scenario.back_after);
            Outcome::Success
        } else {
            bucket.failures += 1;
            Outcome::Failure
        }
    }
}

impl Bucket {
    fn note_success(&mut self, at: f64, capacity: f64, back_after: Option<f64>) {
        let Some(back) = back_after.filter(|&back| at >= back && self.recovery.is_none()) else { return };
        self.recent.retain(|&earlier| earlier > at - 1.0);
        self.recent.push(at);
        if u32::try_from(self.recent.len()).is_ok_and(|recent| f64::from(recent) >= 0.8 * capacity) {
            self.recovery = Some(at - back);
        }
    }
}
