//! A few lines that are redrawn in place.

use std::io::{self, Write, stderr};
use std::time::Duration;

use altlocks::State;
use console::{Style, style};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{Figures, Scene, sentence};
use crate::circuit::{self, Change};
use crate::load::CALLERS;
use crate::story::{self, Health, LENGTH};
use crate::units;

pub(super) struct Live {
    all: MultiProgress,
    progress: ProgressBar,
    circuit: ProgressBar,
    head: ProgressBar,
    with: ProgressBar,
    without: ProgressBar,
}

impl Live {
    /// None where there is no terminal.
    pub(super) fn open() -> Option<Self> {
        let all = MultiProgress::new();
        if all.is_hidden() {
            return None;
        }
        let bar = ProgressStyle::with_template("{bar:40.cyan/dim}  {msg}").ok()?.progress_chars("━╸─");
        let plain = ProgressStyle::with_template("{msg}").ok()?;
        let add = |style: &ProgressStyle| {
            all.add(ProgressBar::new(u64::try_from(LENGTH.as_millis()).unwrap_or(u64::MAX)).with_style(style.clone()))
        };
        let screen = Self {
            progress: add(&bar),
            circuit: add(&plain),
            head: add(&plain),
            with: add(&plain),
            without: add(&plain),
            all: all.clone(),
        };
        let titles = format!(
            "{:16}{:>10}{:>10}{:>11}{:>11}{:>12}",
            "", "served/s", "failed/s", "refused/s", "waiting", "time lost"
        );
        screen.head.set_message(style(titles).for_stderr().dim().to_string());
        Some(screen)
    }

    pub(super) fn tell(&self, change: &Change) -> io::Result<()> {
        self.all.println(colour(change.to).apply_to(sentence(change)).to_string())
    }

    pub(super) fn show(&self, scene: &Scene) {
        let at = scene.at.min(LENGTH);
        let health = story::act(at).health;
        self.progress.set_position(u64::try_from(at.as_millis()).unwrap_or(u64::MAX));
        self.progress.set_message(format!(
            "{:4.1} of {:.0} s   server {}",
            at.as_secs_f64(),
            LENGTH.as_secs_f64(),
            colour_of_health(health).apply_to(health.name()),
        ));
        self.circuit.set_message(circuit_line(scene));
        self.with.set_message(figures("with breaker", &scene.with));
        self.without.set_message(figures("without breaker", &scene.without));
    }

    /// Leaves the last picture where it is.
    pub(super) fn close(self) -> io::Result<()> {
        for line in [self.progress, self.circuit, self.head, self.with, self.without] {
            line.abandon();
        }
        writeln!(stderr())
    }
}

fn circuit_line(scene: &Scene) -> String {
    let state = colour(scene.state).bold().apply_to(format!("{:9}", circuit::name(scene.state)));
    let retry = match scene.retry_after {
        Some(Duration::ZERO) => "the next call is a trial".to_owned(),
        Some(wait) => format!("trials in {:.1} s", wait.as_secs_f64()),
        None if scene.state == State::HalfOpen => "trials are under way".to_owned(),
        None => String::new(),
    };
    let refusal = scene.refusal.map_or_else(String::new, |took| format!("a refusal takes {}", units::micros(took)));
    format!("{:16}{state}  {retry:24}  {refusal}", "circuit")
}

fn figures(title: &str, figures: &Figures) -> String {
    let red = |text: String, bad: bool| if bad { style(text).for_stderr().red() } else { style(text) };
    format!(
        "{title:16}{:>10}{}{:>11}{}{:>12}",
        figures.served,
        red(format!("{:>10}", figures.failed), figures.failed > 0),
        figures.refused,
        red(format!("{:>11}", format!("{}/{CALLERS}", figures.waiting)), figures.waiting > usize::from(CALLERS) / 2),
        units::seconds(figures.lost),
    )
}

const fn colour(state: State) -> Style {
    match state {
        State::Closed => Style::new().for_stderr().green(),
        State::HalfOpen => Style::new().for_stderr().yellow(),
        State::Open => Style::new().for_stderr().red(),
    }
}

const fn colour_of_health(health: Health) -> Style {
    match health {
        Health::Healthy | Health::Back => Style::new().for_stderr().green(),
        Health::Slow => Style::new().for_stderr().yellow(),
        Health::Failing | Health::Dead => Style::new().for_stderr().red(),
    }
}
