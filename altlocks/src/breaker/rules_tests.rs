//! What the builder refuses, and what follows from what it accepts, against the same in plain words.

use proptest::prelude::*;

use super::*;

/// What is at a bound, beside it, or anything.
fn any_count() -> impl Strategy<Value = u32> {
    prop_oneof![0..4_u32, Just(u32::MAX), any::<u32>()]
}

fn any_number() -> impl Strategy<Value = f64> {
    let bounds =
        [0.0, -0.0, 1.0, 1.0_f64.next_down(), 1.0_f64.next_up(), f64::INFINITY, f64::NAN, f64::MIN_POSITIVE, f64::MAX];
    prop_oneof![prop::sample::select(bounds.to_vec()), -1.0..3.0, any::<f64>()]
}

fn any_time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::from_nanos(1)),
        Just(Duration::MAX),
        (0..100_000_u64).prop_map(Duration::from_millis),
    ]
}

/// Mostly right, as one wrong number hides what the others do.
fn mostly<T: Copy + std::fmt::Debug + 'static>(
    right: T,
    any: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = T> {
    prop_oneof![4 => Just(right), 1 => any]
}

prop_compose! {
    fn any_rules()(
        counts in [mostly(3, any_count()), mostly(5, any_count()), mostly(2, any_count())],
        times in [any_time(), any_time()],
        fails in prop::option::of(mostly(1, any_count())),
        lease in prop::option::of(any_time()),
        numbers in [mostly(2.0, any_number()), mostly(0.5, any_number())],
    ) -> Rules {
        Rules {
            max_fails: counts[0],
            max_half_open_calls: counts[1],
            success_threshold: counts[2],
            max_half_open_fails: fails,
            reset: times[0],
            max_reset: times[1],
            trial_lease: lease,
            backoff: numbers[0],
            jitter: numbers[1],
        }
    }
}

/// The parameters that the contract forbids, by its words.
fn forbidden(rules: &Rules) -> Vec<&'static str> {
    let Rules { max_fails, max_half_open_calls, success_threshold, max_half_open_fails, trial_lease, .. } = *rules;
    let mut forbidden = Vec::new();
    let mut forbid = |parameter, is: bool| forbidden.extend(is.then_some(parameter));
    forbid("max_fails", max_fails < 1);
    forbid("max_half_open_calls", max_half_open_calls < 1);
    forbid("success_threshold", !(1..=max_half_open_calls).contains(&success_threshold));
    forbid("max_half_open_fails", max_half_open_fails.is_some_and(|fails| fails < 1));
    forbid("trial_lease", trial_lease == Some(Duration::ZERO));
    forbid("backoff", !(1.0..=f64::MAX).contains(&rules.backoff));
    forbid("jitter", !(0.0..1.0).contains(&rules.jitter));
    forbidden
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_builder_refuses_what_the_contract_forbids_and_nothing_else(rules in any_rules()) {
        let forbidden = forbidden(&rules);
        match rules.check() {
            Ok(()) => prop_assert!(forbidden.is_empty(), "{:?}", forbidden),
            Err(invalid) => {
                prop_assert_eq!(Some(&invalid.parameter()), forbidden.first());
                let sentence = format!("{} must ", invalid.parameter());
                prop_assert!(invalid.to_string().starts_with(&sentence));
            }
        }
    }

    /// In seconds, as one would reckon it by hand.
    #[test]
    fn a_reset_grows_with_every_reopening_up_to_the_bound_and_is_then_drawn(
        reset in any_time(),
        max_reset in any_time(),
        backoff in prop_oneof![Just(1.0), 1.0..4.0_f64],
        jitter in prop_oneof![Just(0.0), 0.0..1.0_f64],
        reopened in 0..40_u32,
        draw in 0.0..1.0_f64,
    ) {
        let rules = Rules { reset, backoff, max_reset, jitter, ..Rules::DEFAULT };
        let mut expected = reset.as_secs_f64();
        for _ in 0..reopened {
            expected *= backoff;
        }
        expected = expected.min(max_reset.as_secs_f64());
        expected += expected * jitter * (2.0 * draw - 1.0);
        let expected = expected.min(Duration::MAX.as_secs_f64());
        let drawn = rules.reset_for(reopened, draw).as_secs_f64();
        prop_assert!((drawn - expected).abs() <= expected * 1e-9 + 2e-9, "{} for {}", drawn, expected);
    }
}

#[test]
fn each_bound_is_where_the_contract_has_it() {
    let refused = |rules: Rules| rules.check().err().map(|invalid| invalid.parameter());
    let backoff = |backoff| refused(Rules { backoff, ..Rules::DEFAULT });
    let jitter = |jitter| refused(Rules { jitter, ..Rules::DEFAULT });
    for right in [backoff(1.0), backoff(f64::MAX), jitter(0.0), jitter(1.0_f64.next_down())] {
        assert_eq!(right, None);
    }
    for wrong in [1.0_f64.next_down(), f64::INFINITY, f64::NAN] {
        assert_eq!(backoff(wrong), Some("backoff"));
    }
    for wrong in [-f64::MIN_POSITIVE, 1.0, f64::NAN] {
        assert_eq!(jitter(wrong), Some("jitter"));
    }
    let threshold = |success_threshold| refused(Rules { success_threshold, max_half_open_calls: 3, ..Rules::DEFAULT });
    assert_eq!([0, 1, 3, 4].map(threshold), [Some("success_threshold"), None, None, Some("success_threshold")]);
}

#[test]
fn where_nothing_is_to_be_reckoned_a_reset_is_exact() {
    // Of so many digits that a float would lose the last.
    let reset = Duration::new(10_000_000_000, 123_456_789);
    let rules = Rules { reset, ..Rules::DEFAULT };
    assert_eq!((rules.reset_for(0, 0.0), rules.reset_for(7, 0.9)), (reset, reset));
    let growing = Rules { backoff: 2.0, ..rules };
    assert_eq!((growing.reset_for(0, 0.0), growing.reset_for(u32::MAX, 0.0)), (reset, Duration::MAX));
    let none = Rules { reset: Duration::ZERO, ..growing };
    assert_eq!(none.reset_for(u32::MAX, 0.0), Duration::ZERO, "infinitely often");
}

#[test]
fn a_lease_is_as_long_as_the_reset_unless_given_and_never_zero() {
    let lease = |reset, trial_lease| Rules { reset, trial_lease, ..Rules::DEFAULT }.lease();
    let (two, three) = (Duration::from_secs(2), Duration::from_secs(3));
    assert_eq!(lease(two, None), two);
    assert_eq!((lease(two, Some(three)), lease(Duration::ZERO, Some(three))), (three, three));
    assert_eq!(lease(Duration::ZERO, None), Duration::from_secs(1));
}

#[test]
fn as_many_trials_may_fail_as_there_are_unless_given() {
    let rules = |max_half_open_fails| Rules { max_half_open_calls: 4, max_half_open_fails, ..Rules::DEFAULT };
    assert_eq!((rules(None).max_half_open_fails(), rules(Some(2)).max_half_open_fails()), (4, 2));
}
