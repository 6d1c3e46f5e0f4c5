//! The story as it happens: redrawn in place on a terminal, a line a second elsewhere.

mod live;
mod plain;

use std::io;
use std::time::Duration;

use altlocks::{CircuitBreaker, State};

use self::live::Live;
use self::plain::Plain;
use crate::circuit::{self, Change};
use crate::load::Load;
use crate::record::{End, Record};
use crate::story;

/// What is to be seen at one moment.
pub(crate) struct Scene {
    at: Duration,
    state: State,
    retry_after: Option<Duration>,
    /// A refusal takes this long by the clock on the wall.
    refusal: Option<Duration>,
    with: Figures,
    without: Figures,
}

/// One load at one moment.
struct Figures {
    /// In the last second.
    served: usize,
    failed: usize,
    refused: usize,
    waiting: usize,
    /// In all.
    lost: Duration,
}

impl Scene {
    pub(crate) fn now(breaker: &CircuitBreaker, with: (&Load, &Record), without: (&Load, &Record)) -> Self {
        let at = story::elapsed();
        let (state, retry_after) = (breaker.state(), breaker.retry_after());
        let refusal = with.1.median_refusal();
        Self { at, state, retry_after, refusal, with: Figures::new(with, at), without: Figures::new(without, at) }
    }
}

impl Figures {
    fn new((load, record): (&Load, &Record), at: Duration) -> Self {
        Self {
            served: record.last_second(End::Served, at),
            failed: record.last_second(End::Failed, at),
            refused: record.last_second(End::Refused, at),
            waiting: load.waiting(),
            lost: record.lost(),
        }
    }
}

/// Where the story is shown.
pub(crate) struct View {
    screen: Screen,
    /// How many of the circuit's changes are told.
    told: usize,
}

enum Screen {
    Live(Live),
    Plain(Plain),
}

impl View {
    pub(crate) fn open() -> io::Result<Self> {
        let screen = match Live::open() {
            Some(live) => Screen::Live(live),
            None => Screen::Plain(Plain::open()?),
        };
        Ok(Self { screen, told: 0 })
    }

    pub(crate) fn show(&mut self, scene: &Scene) -> io::Result<()> {
        for change in circuit::changes().drain(..).skip(self.told) {
            self.told += 1;
            match &self.screen {
                Screen::Live(live) => live.tell(&change)?,
                Screen::Plain(_) => Plain::tell(&change)?,
            }
        }
        match &mut self.screen {
            Screen::Live(live) => live.show(scene),
            Screen::Plain(plain) => plain.show(scene)?,
        }
        Ok(())
    }

    pub(crate) fn close(self) -> io::Result<()> {
        match self.screen {
            Screen::Live(live) => live.close(),
            Screen::Plain(_) => Ok(()),
        }
    }
}

/// `  5.38 s  circuit closed → open (5 calls in a row took over 400 ms)`
fn sentence(change: &Change) -> String {
    let (from, to) = (circuit::name(change.from), circuit::name(change.to));
    format!("{:6.2} s  circuit {from} → {to} ({})", change.at.as_secs_f64(), change.why())
}
