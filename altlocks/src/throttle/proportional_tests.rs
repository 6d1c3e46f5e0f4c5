//! The table of the kernel, row by row, at the bounds of each.

#![expect(clippy::float_cmp, reason = "what is expected is reckoned in the same steps")]

use super::*;

const NOW: Moment = Moment::from_nanos(5_000_000_000);

/// Between 0.01 and 100 calls per second.
fn rules() -> Rules {
    Rules::new(1.0)
}

/// What is known after that many results, of which so many were failures; and the rate after it.
fn close(known: Trend, rate: f64, results: u32, fails: u32) -> (Trend, f64) {
    known.close(rate, results - fails, fails, NOW, &rules())
}

fn at_limit(ceiling: f64) -> Trend {
    Trend { ceiling, changed: Moment::from_nanos(0), ..Trend::NEW }
}

#[test]
fn an_outage_halves_the_rate_down_to_the_probing_rate_and_is_no_limit() {
    let cut = Trend { changed: NOW, ..Trend::NEW };
    assert_eq!(close(Trend::NEW, 10.0, 3, 3), (cut, 5.0));
    assert_eq!((close(Trend::NEW, 0.8, 3, 3).1, close(Trend::NEW, 0.3, 3, 3).1), (0.5, 0.3));
    let known = at_limit(4.0);
    assert_eq!(close(known, 0.3, 3, 3), (Trend { changed: NOW, ..known }, 4.0 * 0.05));
    // Two are no outage yet, but one more makes it one.
    let (known, rate) = close(Trend::NEW, 10.0, 2, 2);
    assert_eq!((known, rate), (Trend { seen: 2.0, failed: 2.0, ..Trend::NEW }, 10.0));
    assert_eq!(close(known, rate, 1, 1), (cut, 5.0));
}

#[test]
fn failures_beyond_doubt_cut_the_rate_to_what_was_served() {
    let cut = |ceiling| Trend { ceiling, changed: NOW, ..Trend::NEW };
    assert_eq!(close(Trend::NEW, 10.0, 20, 5), (cut(7.5), 7.5));
    let (known, rate) = close(Trend::NEW, 10.0, 20, 16);
    assert_eq!((known, rate), (cut(10.0 * (1.0 - 16.0 / 20.0)), 5.0), "not by more than half at once");
    // The fewest results that tell of a share.
    assert_eq!(close(Trend::NEW, 10.0, 6, 4).0.ceiling, 10.0 * (1.0 - 4.0 / 6.0));
}

#[test]
fn failures_in_doubt_hold_the_rate() {
    // Five results tell nothing of a share, whatever it is.
    assert_eq!(close(Trend::NEW, 10.0, 5, 4).1, 10.0);
    // Three above those that are tolerated are not yet beyond doubt.
    let (known, rate) = close(Trend::NEW, 10.0, 50, 6);
    assert_eq!((known.excess, rate), (3.0, 10.0));
    assert_eq!((known.seen, known.failed), (25.0, 3.0), "half is forgotten");
    // But they add up.
    assert_eq!(
        close(known, 10.0, 10, 1),
        (Trend { ceiling: 10.0 * (1.0 - 4.0 / 35.0), changed: NOW, ..Trend::NEW }, 10.0 * (1.0 - 4.0 / 35.0))
    );
    let (known, rate) = close(Trend::NEW, 10.0, 39, 4);
    assert_eq!((known.seen, known.failed, rate), (39.0, 4.0, 10.0), "nothing is forgotten");
    assert_eq!(close(Trend::NEW, 10.0, 40, 4).0.seen, 20.0, "more than these are not kept in mind");
    // And successes take away again.
    let (known, _) = close(known, 10.0, 10, 0);
    assert_eq!(known.excess, 4.0 - 39.0 * 0.06 - 10.0 * 0.06);
    assert_eq!(close(known, 10.0, 100, 0).0.excess, 0.0);
}

#[test]
fn far_below_the_ceiling_the_rate_leaps() {
    // Half a failure above the tolerated ones is no doubt.
    let (known, rate) = close(Trend::NEW, 10.0, 25, 2);
    assert_eq!((known, rate), (Trend { excess: 0.5, changed: NOW, ..Trend::NEW }, 30.0));
    assert_eq!(close(at_limit(20.0), 10.0, 1, 0), (Trend { changed: NOW, ..at_limit(20.0) }, 20.0 * 0.95));
}

#[test]
fn near_the_ceiling_it_grows_by_steps_that_double() {
    let near = at_limit(100.0);
    // Two and a half times the time in which a step doubles.
    let (known, rate) = close(near, 90.0, 6, 0);
    assert_eq!((known.doublings, known.changed, known.seen), (2.5, NOW, 0.0));
    assert_eq!(rate, 90.0 + 100.0 * 0.003);
    let (known, next) = close(known, rate, 6, 0);
    assert_eq!(known.doublings, 3.5, "no less than one doubling from change to change");
    assert_eq!(next, rate + 0.3 * 2.5_f64.exp2());
    let long_ago = Trend { changed: Moment::from_nanos(-60_000_000_000), ..near };
    assert_eq!(close(long_ago, 90.0, 6, 0).0.doublings, 3.0, "and no more than three");
    assert_eq!(close(near, 90.0, 5, 0), (Trend { seen: 5.0, ..near }, 90.0), "too few to tell");
    // A small rate grows by a share of itself, and to three times itself at most.
    assert_eq!(close(at_limit(1.0), 1.0, 6, 0).1, 1.0 + 0.03);
    assert_eq!(close(Trend { doublings: 20.0, ..at_limit(1.0) }, 1.0, 6, 0).1, 3.0);
}

#[test]
fn most_of_at_least_three_results_are_an_alarm() {
    let alarming = |successes, fails| Trend::is_alarming(successes, fails);
    assert!(alarming(0, 3) && alarming(2, 3) && alarming(3, 4));
    assert!(!alarming(0, 2) && !alarming(3, 3) && !alarming(5, 4));
}
