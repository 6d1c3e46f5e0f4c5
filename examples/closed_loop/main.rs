//! How a throttle's rate follows what a server can take.
//!
//! Five scenarios in virtual time, with the real `DynamicThrottle`: a table of what each policy makes of the server's
//! capacity, and a picture of each scenario.
//!
//! ```text
//! cargo run --release --example closed_loop [folder for the pictures]
//! ```

mod picture;
mod simulation;

use std::path::PathBuf;
use std::time::Duration;

use simulation::{NARROW_RATIO, ORACLE, PROPORTIONAL, Policy, RATIO, SCENARIOS, Scenario, Story};

const DELAY: Duration = Duration::from_millis(50);
const SEEDS: u64 = 10;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/closed_loop"), PathBuf::from);
    println!("U = (successes - failures) / what the server could have served; {SEEDS} seeds\n");
    print!("{:<46}{:>7}{:>7}", "policy, delay of the answers", "mean U", "worst");
    for scenario in SCENARIOS {
        print!("{:>9}", scenario.short);
    }
    println!("{:>11}{:>11}", "errors", "back after");
    for policy in [ORACLE, RATIO, NARROW_RATIO, PROPORTIONAL] {
        print_row(policy, DELAY);
    }
    for delay in [500, 2000] {
        print_row(PROPORTIONAL, Duration::from_millis(delay));
    }
    println!("\nThe columns are the scenarios: {}.", SCENARIOS.map(|scenario| scenario.name).join("; "));
    println!(
        "Errors are those on \"steps\"; back after: seconds from the end of the outage to 80 % of the capacity.\n"
    );

    std::fs::create_dir_all(&folder)?;
    for scenario in SCENARIOS {
        let stories = [RATIO, PROPORTIONAL].map(|policy| (policy.name, play(scenario, policy, DELAY, 0)));
        let file = picture::draw(&folder, scenario, &stories)?;
        println!("drawn: {}", file.display());
    }
    Ok(())
}

fn print_row(policy: Policy, delay: Duration) {
    let stories =
        SCENARIOS.map(|scenario| (0..SEEDS).map(|seed| play(scenario, policy, delay, seed)).collect::<Vec<_>>());
    let merits = stories.each_ref().map(|seeds| mean(seeds.iter().map(Story::merit)));
    let worst = merits.iter().copied().fold(f64::INFINITY, f64::min);
    print!("{:<46}{:>7.3}{:>7.3}", format!("{}, {delay:?}", policy.name), mean(merits.into_iter()), worst);
    for merit in merits {
        print!("{merit:>9.3}");
    }
    let errors = mean(stories[0].iter().map(Story::error_share)) * 100.0;
    let recoveries: Vec<f64> = stories.iter().flatten().filter_map(|story| story.recovery).collect();
    let recovery =
        if recoveries.is_empty() { "never".into() } else { format!("{:.1} s", mean(recoveries.into_iter())) };
    println!("{errors:>9.1} %{recovery:>11}");
}

/// One run on a clock of its own.
fn play(scenario: Scenario, policy: Policy, delay: Duration, seed: u64) -> Story {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime without I/O");
    runtime.block_on(simulation::run(scenario, policy, delay, seed))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
