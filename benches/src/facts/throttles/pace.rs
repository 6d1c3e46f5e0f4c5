//! How well a rate is kept if there is always somebody who waits, in real time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use altlocks_benches::throttles::Throttle;

use super::crowd::gather;

const WAITERS: u32 = 64;

pub(super) struct Pace {
    /// In per cent, above or below.
    pub(super) error: f64,
    /// In milliseconds: the 99th percentile.
    pub(super) late: f64,
}

/// How a peer keeps a rate.
pub(super) fn kept<T: Throttle>(rate: u32) -> Pace {
    // For a few dozen admissions at least.
    let length = Duration::from_secs(if rate < 100 { 3 } else { 1 });
    let admissions = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&admissions);
    gather::<T>(rate, WAITERS, length, move || {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    });
    let admissions = std::mem::take(&mut *admissions.lock().unwrap_or_else(PoisonError::into_inner));
    pace(&admissions, rate.into())
}

/// Late is who comes later than on the schedule that nobody is early for.
fn pace(admissions: &[Instant], rate: f64) -> Pace {
    let [first, .., last] = admissions else { panic!("somebody is admitted") };
    let seconds = |instant: &Instant| instant.duration_since(*first).as_secs_f64();
    let took = seconds(last);
    let turns = u32::try_from(admissions.len() - 1).expect("not so many");
    let due = (0..=turns).map(|turn| f64::from(turn) / rate);
    let mut late: Vec<f64> = admissions.iter().zip(due).map(|(admission, due)| seconds(admission) - due).collect();
    late.sort_by(f64::total_cmp);
    let earliest = late[0];
    let at = late.len() - 1 - late.len() / 100;
    Pace { error: (f64::from(turns) / took / rate - 1.0) * 100.0, late: (late[at] - earliest) * 1e3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_pace_has_no_error_and_one_late_call_in_ten_is_the_99th_percentile() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let even: Vec<_> = (0..10).map(|turn| at(turn * 100)).collect();
        let Pace { error, late } = pace(&even, 10.0);
        assert!(error.abs() < 1e-6 && late.abs() < 1e-6, "{error} {late}");
        let mut one_late = even;
        one_late[5] = at(520);
        let Pace { error, late } = pace(&one_late, 10.0);
        assert!(error.abs() < 1e-6 && (late - 20.0).abs() < 1e-6, "{error} {late}");
    }
}
