//! A soak: everything at once, from all cores, for as long as you like.
//!
//! ```sh
//! cargo run --release --example soak -- --seconds 60
//! ```
//!
//! Tasks hammer every primitive: they call, wait, meet, hold; they are cancelled at any poll, they panic, rates change,
//! barriers break, circuits are opened by force. Meanwhile the invariants are checked that the documentation promises.
//! A broken one ends the run with what it was and the seed. The seed reproduces what the tasks draw; the interleaving of
//! the threads is the machine's.

mod barrier;
mod breaker;
mod budget;
mod crowd;
mod guard;
mod memory;
mod occupancy;
mod options;
mod registry;
mod releasing;
mod risk;
mod station;
mod throttle;
mod verdict;

use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::memory::Memory;
use crate::options::{HELP, Request};
use crate::station::Station;

fn main() -> anyhow::Result<()> {
    match Request::from_args()? {
        Request::Help => write!(stdout(), "{HELP}")?,
        Request::Soak { takes, seed } => {
            writeln!(stdout(), "--seconds {} --seed {seed}", takes.as_secs_f64())?;
            risk::silence_the_expected();
            // One worker a core.
            let runtime = Builder::new_multi_thread().enable_time().build()?;
            let soaked = Soak::begin(&runtime, seed).run(takes);
            // Where something is broken, tasks may wait for ever.
            runtime.shutdown_background();
            soaked.with_context(|| format!("broken, with --seed {seed}"))?;
        }
    }
    Ok(())
}

/// How often the whole is looked at.
const ROUND: Duration = Duration::from_millis(20);

/// Who gets nothing done for so long waits for a wake-up that was lost.
const PATIENCE: Duration = Duration::from_secs(5);

struct Soak {
    stations: Vec<Box<dyn Station>>,
    tasks: JoinSet<()>,
    memory: Memory,
}

impl Soak {
    fn begin(runtime: &Runtime, seed: u64) -> Self {
        let _inside = runtime.enter();
        let (mut luck, mut tasks) = (fastrand::Rng::with_seed(seed), JoinSet::new());
        let stations: Vec<Box<dyn Station>> = vec![
            Box::new(breaker::start(&mut tasks, &mut luck)),
            Box::new(throttle::start(&mut tasks, &mut luck)),
            Box::new(guard::start(&mut tasks, &mut luck)),
            Box::new(barrier::start(&mut tasks, &mut luck)),
            Box::new(releasing::start(&mut tasks, &mut luck)),
            Box::new(registry::start(&mut tasks, &mut luck)),
        ];
        Self { stations, tasks, memory: Memory::default() }
    }

    fn run(mut self, takes: Duration) -> anyhow::Result<()> {
        let names: Vec<_> = self.stations.iter().map(|station| format!("{:>10}", station.name())).collect();
        writeln!(stdout(), "{:>6} {}   memory", "calls", names.join(" "))?;
        let began = Instant::now();
        let (mut second, mut before) = (1, self.calls());
        let mut busy: Vec<_> = before.iter().map(|&calls| (calls, began)).collect();
        while began.elapsed() < takes {
            self.look()?;
            let calls = self.calls();
            for ((station, busy), &calls) in self.stations.iter().zip(&mut busy).zip(&calls) {
                if busy.0 != calls {
                    *busy = (calls, Instant::now());
                }
                if busy.1.elapsed() > PATIENCE {
                    bail!("{}: nothing gets done any more", station.name());
                }
            }
            if began.elapsed() >= Duration::from_secs(second) {
                let figures: Vec<_> =
                    calls.iter().zip(&before).map(|(now, then)| format!("{:>10}", now - then)).collect();
                self.memory.sample(began.elapsed(), takes);
                writeln!(stdout(), "{second:>4} s {} {}", figures.join(" "), self.memory)?;
                (second, before) = (second + 1, calls);
            }
        }
        self.end()
    }

    /// Once the time is up: everybody comes home, and what can be said only then is said.
    fn end(mut self) -> anyhow::Result<()> {
        verdict::close();
        let began = Instant::now();
        while !self.tasks.is_empty() {
            self.look()?;
            if began.elapsed() > PATIENCE {
                bail!("{} tasks wait for ever", self.tasks.len());
            }
        }
        for station in &self.stations {
            station.settle();
        }
        verdict::pronounce()?;
        self.memory.judge()?;
        writeln!(
            stdout(),
            "\n{:10} {:>11} {:>11} {:>11} {:>11}  worst",
            "",
            "admitted",
            "refused",
            "cancelled",
            "panicked"
        )?;
        for station in &self.stations {
            writeln!(stdout(), "{:10} {}  {}", station.name(), station.tally(), station.worst())?;
        }
        writeln!(stdout(), "{:10} {:47}  {}", "memory", "", self.memory.worst())?;
        Ok(())
    }

    fn look(&mut self) -> anyhow::Result<()> {
        std::thread::sleep(ROUND);
        for station in &self.stations {
            station.look();
        }
        while let Some(ended) = self.tasks.try_join_next() {
            ended.context("a panic that nobody expected")?;
        }
        verdict::pronounce()
    }

    fn calls(&self) -> Vec<u64> {
        self.stations.iter().map(|station| station.tally().calls()).collect()
    }
}
