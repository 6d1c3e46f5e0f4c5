#![expect(clippy::cast_precision_loss, reason = "the numbers of tests are small")]

use proptest::prelude::*;

use super::*;

const MS: i64 = 1_000_000;

fn at(nanos: i64) -> Moment {
    Moment::from_nanos(nanos)
}

/// A draw that moves nothing and rounds down.
const STILL: Draw = Draw { offset: 0, fraction: u32::MAX };

fn any_draw() -> impl Strategy<Value = Draw> {
    (any::<i64>(), any::<u32>()).prop_map(|(offset, fraction)| Draw { offset, fraction })
}

fn any_rate() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::POSITIVE | prop::num::f64::SUBNORMAL,
        (-300.0..300.0).prop_map(|exponent| 10_f64.powf(exponent)),
        (-3.0..7.0).prop_map(|exponent| 10_f64.powf(exponent)),
    ]
}

fn admitted(entry: Entry) -> Moment {
    match entry {
        Entry::Admitted { next } => next,
        Entry::NotBefore(due) => panic!("not before {due:?}"),
    }
}

#[test]
fn an_early_slot_that_is_met_late_gives_its_gap_away_once() {
    let pace = Pace::new(1.0, 0.9);
    let early = Draw { offset: i64::MIN, fraction: u32::MAX };
    let (base, now) = (at(1000 * MS), at(700 * MS));
    assert_eq!(pace.due(base, early), at(550 * MS));
    // 150 ms late: the next base is a gap and that after this one, not a gap after now.
    assert_eq!(pace.enter(base, now, early), Entry::Admitted { next: at(2150 * MS) });
}

#[test]
fn the_first_call_enters_at_once_and_the_next_a_gap_later() {
    let pace = Pace::new(100.0, 0.2);
    for now in [0, -5 * MS, 12_345 * MS] {
        let next = admitted(pace.enter(Word::NEW.base(), at(now), STILL));
        assert_eq!(next, at(now + 10 * MS));
        assert_eq!(pace.enter(next, at(now + 10 * MS - 1), STILL), Entry::NotBefore(next));
        assert_eq!(pace.enter(next, next, STILL), Entry::Admitted { next: at(now + 20 * MS) });
    }
}

#[test]
fn slack_is_what_each_gap_and_jitter_allow() {
    let slack = |rate, jitter| Pace::new(rate, jitter).slack;
    // Dense: 2 ms, of which jitter takes its part.
    assert_eq!((slack(1e6, 0.0), slack(1e6, 0.5), slack(1000.0, 0.2)), (2 * MS, 2 * MS - 500, 18 * MS / 10));
    // Sparse: T/2, of which jitter takes its part.
    assert_eq!((slack(250.0, 0.0), slack(100.0, 0.0), slack(100.0, 0.2)), (2 * MS, 5 * MS, 3 * MS));
    // At least a tick, at most a stall.
    assert_eq!((slack(300.0, 0.9), slack(100.0, 0.5), slack(100.0, 0.9), slack(0.1, 0.2)), (MS, MS, MS, 10 * MS));
}

#[test]
fn lateness_is_kept_within_the_slack_lost_by_idling_and_owed_in_between() {
    let pace = Pace::new(100.0, 0.0);
    let due = at(0);
    let (slack, beyond, stall) = (at(5 * MS), at(5 * MS + 3), at(10 * MS + 1));
    assert_eq!(admitted(pace.enter(due, slack, STILL)), at(10 * MS));
    assert_eq!(admitted(pace.enter(due, beyond, STILL)), at(10 * MS + 3));
    assert_eq!(admitted(pace.enter(due, stall, STILL)), at(20 * MS + 1), "a gap after now");

    let mut debt = Debt { nanos: 0, served: due };
    assert_eq!(admitted(pace.serve(due, slack, STILL, &mut debt)), at(10 * MS));
    assert_eq!(debt.nanos, 0);
    assert_eq!(admitted(pace.serve(due, beyond, STILL, &mut debt)), at(10 * MS + 3));
    assert_eq!(debt.nanos, 3);
    assert_eq!(admitted(pace.serve(due, stall, STILL, &mut debt)), at(10 * MS + 5 * MS + 1));
    assert_eq!(debt.nanos, 3, "a stall is nobody's debt");
    // On time, all of the slack is left to pay back with; but no faster than time goes by.
    assert_eq!(admitted(pace.serve(stall, stall, STILL, &mut debt)), at(20 * MS + 1));
    assert_eq!(admitted(pace.serve(stall, at(10 * MS + 3), STILL, &mut debt)), at(20 * MS - 1));
    assert_eq!(debt.nanos, 1);
}

#[test]
fn a_debt_lapses_when_nobody_queues_for_a_while() {
    let pace = Pace::new(100.0, 0.0);
    let mut debt = Debt { nanos: MS, served: at(0) };
    assert_eq!(admitted(pace.serve(at(31 * MS), at(31 * MS), STILL, &mut debt)), at(41 * MS));
    assert_eq!(debt, Debt { nanos: 0, served: at(31 * MS) });
    let mut debt = Debt { nanos: MS, served: at(0) };
    assert_eq!(admitted(pace.serve(at(30 * MS), at(30 * MS), STILL, &mut debt)), at(39 * MS), "not quite");
}

#[test]
fn a_slot_at_the_end_of_time_is_never_due() {
    let pace = Pace::new(1e-12, 0.5);
    let next = admitted(pace.enter(Word::NEW.base(), at(7), STILL));
    let next = Word::NEW.with_base(next).base();
    assert_eq!(next, Word::NEVER);
    assert!(matches!(pace.enter(next, Moment::NEVER, STILL), Entry::NotBefore(_)));
    // Of such a gap hardly anything is over, so all of the new one is ahead.
    assert_eq!(pace.rescale(next, at(7), Pace::new(100.0, 0.0)), at(10 * MS + 7));
}

#[test]
fn rescaling_keeps_the_share_of_the_gap_ahead() {
    let (slow, fast) = (Pace::new(0.01, 0.0), Pace::new(100.0, 0.0));
    let now = at(50_000 * MS);
    assert_eq!(slow.rescale(at(100_000 * MS), now, fast), at(50_005 * MS));
    assert_eq!(fast.rescale(at(50_005 * MS), now, slow), at(100_000 * MS));
    assert_eq!(slow.rescale(now, now, fast), now, "what is due stays due");
    assert_eq!(slow.rescale(at(0), now, fast), at(0));
    // A nanosecond is many gaps of this one, of which no more than one and a half can be ahead.
    let dense = Pace::new(1e300, 0.0);
    assert_eq!(dense.rescale(at(1), at(0), fast), at(15 * MS));
}

#[test]
fn no_more_is_owed_than_a_stall() {
    let pace = Pace::new(1000.0, 0.0);
    let mut debt = Debt::NONE;
    for slot in 0..10 {
        let due = at(slot * 12 * MS);
        assert_eq!(admitted(pace.serve(due, at(slot * 12 * MS + 10 * MS), STILL, &mut debt)), add(due, 9 * MS));
    }
    assert_eq!(debt.nanos, 10 * MS);
}

#[test]
fn a_refund_takes_back_a_gap_only_where_calls_are_not_told_apart() {
    assert_eq!(Pace::new(1000.0, 0.0).refund(at(0), at(-MS), at(0)), at(-MS));
    assert_eq!(Pace::new(250.0, 0.0).refund(at(0), at(-MS), at(0)), at(0));
    let (fresh, stale) = (at(-2 * MS), at(-2 * MS - 1));
    assert_eq!(Pace::new(1000.0, 0.0).refund(at(0), fresh, at(0)), at(-MS));
    assert_eq!(Pace::new(1000.0, 0.0).refund(at(0), stale, at(0)), at(0), "beyond what may be caught up with");
}

#[test]
fn a_base_is_unwound_only_if_no_call_can_have_left_it() {
    let pace = Pace::new(100.0, 0.9);
    assert!(!pace.is_unwound(at(15 * MS + 1), at(0)));
    assert!(pace.is_unwound(at(15 * MS + 2), at(0)));
    assert!(!pace.is_unwound(Word::NEVER, at(0)));
}

#[test]
fn draws_reach_both_bounds() {
    let pace = Pace::new(100.0, 0.5);
    let due = |offset| pace.due(at(0), Draw { offset, fraction: 0 });
    assert_eq!((due(i64::MIN), due(0), due(i64::MAX)), (at(-5 * MS / 2), at(0), at(5 * MS / 2 - 1)));
    let share = |share| Draw::offset_of(share);
    assert_eq!((share(-1.0), share(0.0), share(1.0)), (i64::MIN, 0, i64::MAX));
    assert_eq!((share(-7.0), share(f64::NAN), share(f64::INFINITY)), (i64::MIN, 0, i64::MAX));
    assert_eq!((share(0.5), share(-0.25)), (1 << 62, -(1 << 61)));
}

#[test]
fn a_pace_is_even_if_nothing_is_to_be_drawn() {
    assert!(Pace::new(1000.0, 0.0).is_even());
    assert!(!Pace::new(1000.0, 0.1).is_even(), "moved");
    assert!(!Pace::new(3.0, 0.0).is_even(), "rounded");
}

#[test]
fn a_gap_that_is_not_whole_is_rounded_up_by_draws_below_its_fraction() {
    let pace = Pace { step: 3, fraction: 7, ..Pace::new(1000.0, 0.0) };
    let step = |fraction| pace.step(Draw { offset: 0, fraction });
    assert_eq!((step(0), step(6), step(7), step(u32::MAX)), (4, 4, 3, 3));
}

#[test]
fn a_slot_some_places_later_comes_so_many_gaps_later_and_what_jitter_may_add() {
    let pace = Pace::new(100.0, 0.2);
    assert_eq!((pace.latest(at(7), 0), pace.latest(at(7), 3)), (at(7 + MS), at(7 + 31 * MS)));
}

#[test]
fn a_schedule_has_slipped_if_the_next_slot_is_over_a_gap_away() {
    let pace = Pace::new(3.0, 0.0);
    let base = at(5);
    // A gap may be rounded up.
    let (whole, rounded) = (pace.after(base), add(pace.after(base), 1));
    assert!(!pace.is_slipped(base, whole) && !pace.is_slipped(base, rounded));
    assert!(pace.is_slipped(base, add(rounded, 1)));
}

#[test]
fn a_slot_that_is_met_at_its_base_after_a_stall_goes_on_from_there() {
    let pace = Pace::new(1.0, 0.9);
    let early = Draw { offset: i64::MIN, fraction: u32::MAX };
    let base = at(1000 * MS);
    assert_eq!(pace.enter(base, base, early), Entry::Admitted { next: at(2000 * MS) });
}

proptest! {
    #[test]
    fn a_word_keeps_its_parts_apart(bits in any::<u64>(), nanos in any::<i64>(), queued in any::<bool>()) {
        let word = Word::from_bits(bits);
        let bounded = at(nanos.clamp(Word::PAST.as_nanos(), Word::NEVER.as_nanos()));
        let based = word.with_base(at(nanos));
        prop_assert_eq!(based.base(), bounded);
        prop_assert_eq!(based.is_queued(), word.is_queued());
        prop_assert_eq!(based.with_base(word.base()), word);
        prop_assert!(at(nanos) < Word::PAST || word.advanced(at(nanos)) == based);
        let marked = word.with_queue(queued);
        prop_assert_eq!((marked.is_queued(), marked.base()), (queued, word.base()));
        let mut other = word;
        for _ in 1..8 {
            other = other.next_version();
            prop_assert_ne!(other, word);
            prop_assert_eq!((other.is_queued(), other.base()), (word.is_queued(), word.base()));
        }
        prop_assert_eq!(other.next_version(), word);
    }

    /// No rate, time or draw overflows or panics, and no call is admitted before its slot is due.
    #[test]
    fn anything_is_survived(
        rates in [any_rate(), any_rate()],
        jitter in 0.0..1.0_f64,
        base in any::<i64>(),
        now in any::<i64>(),
        draw in any_draw(),
        debt in 0..10 * MS,
        served in any::<i64>(),
        places in any::<usize>(),
    ) {
        let [pace, new] = rates.map(|rate| Pace::new(rate, jitter));
        let base = Word::NEW.with_base(at(base)).base();
        let now = at(now);
        let due = pace.due(base, draw);
        for entry in [
            pace.enter(base, now, draw),
            pace.serve(base, now, draw, &mut Debt { nanos: debt, served: at(served) }),
        ] {
            match entry {
                Entry::Admitted { .. } => prop_assert!(now >= due),
                Entry::NotBefore(until) => prop_assert!(until == due && (now < due || base == Word::NEVER)),
            }
        }
        let moved = [pace.latest(base, places), pace.rescale(base, now, new), pace.refund(base, base, now), pace.after(base)];
        for moment in moved {
            Word::NEW.with_base(moment);
        }
    }

    /// A queue that is served at any times, however late: what the documentation promises of the distances and the rate.
    #[test]
    fn a_queue_keeps_its_distances_and_its_rate(
        exponent in 0.5..5.0_f64,
        jitter in prop_oneof![Just(0.0), Just(0.2), 0.0..0.99_f64],
        waits in prop::collection::vec((any_draw(), prop_oneof![0..MS, 0..12 * MS, 0..300 * MS]), 1..300),
    ) {
        let rate = 10_f64.powf(exponent);
        let pace = Pace::new(rate, jitter);
        let (gap, mut debt) = (1e9 / rate, Debt::NONE);
        let mut base = admitted(pace.enter(Word::NEW.base(), at(0), STILL));
        let mut times = vec![0];
        for (draw, late) in waits {
            // At once if it is due already, else when the timer fires.
            let last = times[times.len() - 1];
            let due = pace.due(base, draw);
            let now = if due.as_nanos() <= last { last } else { due.as_nanos() + late };
            base = admitted(pace.serve(base, at(now), draw, &mut debt));
            times.push(now);
        }
        let mut worst_of_rate = f64::NEG_INFINITY;
        for (index, pair) in times.windows(2).enumerate() {
            let distance = (pair[1] - pair[0]) as f64;
            if gap >= SPARSE && jitter <= 0.25 {
                prop_assert!(distance >= gap / 2.0 - 2.0, "{} of {}", distance, gap);
            }
            worst_of_rate = worst_of_rate.max((index + 1) as f64 - times[index + 1] as f64 / gap);
        }
        // Never ahead of the rate by more than jitter: what is late is made up for, not more.
        prop_assert!(worst_of_rate <= jitter / 2.0 + 1e-3, "{} calls ahead", worst_of_rate);
        for (index, &time) in times.iter().enumerate() {
            let at_once = times[index..].iter().take_while(|&&other| other == time).count() as f64;
            let most = if jitter * gap <= TICK { SLACK.max(pace.slack as f64) } else { pace.slack as f64 + jitter * gap };
            // The gaps of those that follow are rounded, maybe all of them down.
            prop_assert!(at_once <= 1.0 + (most / gap.floor()).floor(), "{} at once", at_once);
        }
    }

    /// Timers that are late, but not stalled, lose nothing that is not soon paid back.
    #[test]
    fn late_timers_lose_no_rate(
        exponent in 0.5..5.0_f64,
        jitter in 0.0..0.5_f64,
        luck in prop::collection::vec((any_draw(), 0..1000_u32), 500),
    ) {
        let rate = 10_f64.powf(exponent);
        let pace = Pace::new(rate, jitter);
        let (gap, mut debt) = (1e9 / rate, Debt::NONE);
        let mut base = admitted(pace.enter(Word::NEW.base(), at(0), STILL));
        let (mut last, mut count) = (0, 0.0);
        // Up to a tick mostly, up to 9 ms one time in fifty.
        for &(draw, luck) in &luck {
            let due = pace.due(base, draw).as_nanos();
            let late = if luck < 20 { i64::from(luck) * 450_000 } else { i64::from(luck) * 1000 };
            last = if due <= last { last } else { due + late };
            base = admitted(pace.serve(base, at(last), draw, &mut debt));
            count += 1.0;
        }
        let behind = last as f64 - count * gap;
        prop_assert!(behind <= gap + 20.0 * MS as f64, "{} ns behind after {} calls", behind, count);
    }

    /// Whoever enters without queueing, at whatever times: idling gains nothing.
    #[test]
    fn whoever_idles_gains_nothing(
        exponent in 0.5..6.0_f64,
        jitter in 0.0..0.99_f64,
        pauses in prop::collection::vec((any_draw(), prop_oneof![Just(0), 0..2 * MS, 0..100 * MS, 0..10_000 * MS]), 1..300),
    ) {
        let rate = 10_f64.powf(exponent);
        let pace = Pace::new(rate, jitter);
        let gap = 1e9 / rate;
        let (mut base, mut now) = (Word::NEW.base(), 0);
        let mut times = Vec::new();
        for (draw, pause) in pauses {
            now += pause;
            if let Entry::Admitted { next } = pace.enter(base, at(now), draw) {
                base = next;
                times.push(now);
            }
        }
        for (from, &start) in times.iter().enumerate() {
            for (to, &end) in times.iter().enumerate().skip(from + 1) {
                let most = (end - start + pace.slack) as f64 / gap + 1.0 + jitter + 1e-3;
                prop_assert!((to - from + 1) as f64 <= most, "{} calls in {} ns", to - from + 1, end - start);
            }
        }
    }

    #[test]
    fn the_share_of_a_gap_survives_any_change_of_pace(
        rates in [-3.0..5.0_f64, -3.0..5.0_f64],
        share in 0.0..1.0_f64,
        now in -1_000_000 * MS..1_000_000 * MS,
    ) {
        let [old, new] = rates.map(|exponent| Pace::new(10_f64.powf(exponent), 0.0));
        let base = add(at(now), nanos(share * old.gap));
        let ahead = (old.rescale(base, at(now), new).as_nanos() - now) as f64;
        // Both are whole nanoseconds.
        let resolution = 1.0 + new.gap / old.gap;
        prop_assert!((ahead - share * new.gap).abs() <= resolution, "{} of {}", ahead, share * new.gap);
    }

    /// A gap that is not whole is rounded so that the mean is exact.
    #[test]
    fn the_rate_is_exact_in_the_mean(rate in 1e3..1e9_f64, seed in any::<u64>()) {
        let pace = Pace::new(rate, 0.0);
        let count = 20_000_u64;
        let sum: i64 = (0..count).map(|slot| {
            let bits = crate::draw::mixed(seed.wrapping_add(slot));
            pace.step(Draw { offset: 0, fraction: bits as u32 })
        }).sum();
        let mean = sum as f64 / count as f64;
        // The deviation of the mean of so many draws is 0.0035.
        prop_assert!((mean - 1e9 / rate).abs() < 0.02, "{} for {}", mean, 1e9 / rate);
    }
}

/// The mark that a change of the pace leaves on the word is all that holds such an entry back.
#[test]
fn an_entry_that_was_computed_before_a_change_of_the_pace_or_another_entry_fails() {
    let throttle = crate::DynamicThrottle::builder(100.0).jitter(0.0).build();
    let word = throttle.word();
    let entry = word.with_base(admitted(throttle.pace().enter(word.base(), throttle.now(), STILL)));
    throttle.set_rate(1.0).expect("a rate");
    assert_eq!(throttle.word().base(), word.base(), "what is overdue stays where it is");
    assert!(!throttle.swap(word, entry), "it is an entry at the pace of before");
    assert_eq!(throttle.word().base(), word.base());

    let word = throttle.word();
    assert!(throttle.try_enter().is_some());
    assert!(!throttle.swap(word, entry), "the slot is taken");
}
