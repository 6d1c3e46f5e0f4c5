//! What adaptation makes of a server's capacity: the scenarios that the example `closed_loop` shows, with thresholds.

#[expect(dead_code, reason = "the example shows more than a test has to judge")]
#[path = "../../examples/closed_loop/simulation.rs"]
mod simulation;

use std::time::Duration;

use simulation::{ORACLE, PROPORTIONAL, Policy, SCENARIOS, Story};

/// The figure of merit of each scenario, in the mean over some seeds.
fn merits(policy: Policy, delay: Duration, seeds: [u64; SCENARIOS.len()]) -> [f64; SCENARIOS.len()] {
    std::array::from_fn(|index| {
        let stories = (0..seeds[index]).map(|seed| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
            runtime.expect("a runtime").block_on(simulation::run(SCENARIOS[index], policy, delay, seed))
        });
        stories.map(|story| Story::merit(&story)).sum::<f64>() / seeds[index] as f64
    })
}

fn worst(merits: &[f64]) -> f64 {
    merits.iter().copied().fold(f64::INFINITY, f64::min)
}

fn mean(merits: &[f64]) -> f64 {
    merits.iter().sum::<f64>() / merits.len() as f64
}

#[test]
fn proportional_makes_use_of_85_percent_and_never_of_less_than_75() {
    let merits = merits(PROPORTIONAL, Duration::from_millis(50), [4; SCENARIOS.len()]);
    assert!(mean(&merits) >= 0.85 && worst(&merits) >= 0.75, "{merits:?}");
}

// With background errors, a false alarm costs the more the later the answers come: the mean of few seeds says little.

#[test]
fn proportional_bears_answers_that_come_half_a_second_late() {
    let merits = merits(PROPORTIONAL, Duration::from_millis(500), [3, 6, 3, 3, 3]);
    assert!(worst(&merits) >= 0.65, "{merits:?}");
}

#[test]
fn proportional_bears_answers_that_come_two_seconds_late() {
    let merits = merits(PROPORTIONAL, Duration::from_secs(2), [4, 20, 4, 4, 4]);
    assert!(worst(&merits) >= 0.65, "{merits:?}");
}

#[test]
fn the_oracle_shows_that_the_scenarios_can_be_served() {
    let merits = merits(ORACLE, Duration::from_millis(50), [1; SCENARIOS.len()]);
    assert!(mean(&merits) >= 0.94 && worst(&merits) >= 0.9, "{merits:?}");
}
