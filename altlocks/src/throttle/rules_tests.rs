//! What the builder refuses, and what follows from what it accepts, against the same in plain words.

use proptest::prelude::*;

use super::*;

/// What is at a bound, beside it, or anything.
fn any_number() -> impl Strategy<Value = f64> {
    let bounds = [
        [0.0, -0.0, f64::MIN_POSITIVE],
        [1.0_f64.next_down(), 1.0, 1.0_f64.next_up()],
        [MIN_RATE.next_down(), MIN_RATE, MIN_RATE.next_up()],
        [MAX_RATE.next_down(), MAX_RATE, MAX_RATE.next_up()],
        [f64::MAX, f64::INFINITY, f64::NAN],
    ];
    prop_oneof![prop::sample::select(bounds.concat()), -1.0..3.0, 0.0..200.0, any::<f64>()]
}

/// Mostly right, as one wrong number hides what the others do.
fn mostly(right: f64) -> impl Strategy<Value = f64> {
    prop_oneof![4 => Just(right), 1 => any_number()]
}

fn any_adaptation() -> impl Strategy<Value = Adaptation> {
    prop_oneof![Just(Adaptation::Ratio), Just(Adaptation::Proportional), Just(Adaptation::Fixed)]
}

prop_compose! {
    fn any_rules()(
        init_rate in mostly(10.0),
        range in [prop::option::of(mostly(2.0)), prop::option::of(mostly(20.0))],
        window in prop::option::of(0..3_u32),
        window_time in prop::option::of((0..3_u64).prop_map(Duration::from_nanos)),
        bounds in [mostly(0.25), mostly(0.75)],
        factors in [mostly(0.5), mostly(2.0)],
        jitter in mostly(0.2),
        adaptation in any_adaptation(),
    ) -> Rules {
        Rules {
            init_rate,
            min_rate: range[0],
            max_rate: range[1],
            window,
            window_time,
            lbound: bounds[0],
            ubound: bounds[1],
            lfactor: factors[0],
            ufactor: factors[1],
            jitter,
            adaptation,
        }
    }
}

/// The parameters that the contract forbids, by its words: of two that contradict each other, the one that is named.
fn forbidden(rules: &Rules) -> Vec<&'static str> {
    let is_rate = |rate: f64| rate.is_finite() && rate.is_sign_positive() && rate != 0.0;
    let Rules { init_rate, ubound, lbound, ufactor, lfactor, jitter, .. } = *rules;
    // A bound that is not given gives way.
    let min_rate = rules.min_rate.unwrap_or(if init_rate < 0.01 { init_rate } else { 0.01 });
    let max_rate = rules.max_rate.unwrap_or(if init_rate > 100.0 { init_rate } else { 100.0 });
    let mut forbidden = Vec::new();
    let mut forbid = |parameter, is: bool| forbidden.extend(is.then_some(parameter));
    forbid("init_rate", !is_rate(init_rate));
    forbid("min_rate", !is_rate(min_rate));
    forbid("max_rate", !is_rate(max_rate));
    forbid("min_rate", min_rate > max_rate);
    forbid("init_rate", !(min_rate..=max_rate).contains(&init_rate));
    forbid("window", rules.window == Some(0));
    forbid("window_time", rules.window_time == Some(Duration::ZERO));
    forbid("ubound", !(0.0..=1.0).contains(&ubound));
    forbid("lbound", !(0.0..=1.0).contains(&lbound));
    forbid("ubound", ubound < lbound);
    forbid("ufactor", !(1.0..f64::INFINITY).contains(&ufactor));
    forbid("lfactor", lfactor.is_nan() || lfactor <= 0.0 || lfactor > 1.0);
    forbid("jitter", !(0.0..1.0).contains(&jitter));
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

    #[test]
    fn a_rate_is_kept_within_the_bounds_and_otherwise_as_it_is(
        range in [1e-3..1e3_f64, 1e-3..1e3_f64],
        rate in 1e-3..1e3_f64,
    ) {
        let (least, most) = (range[0].min(range[1]), range[0].max(range[1]));
        let rules = Rules { min_rate: Some(least), max_rate: Some(most), ..Rules::new(least) };
        let mut sorted = [least, rate, most];
        sorted.sort_by(f64::total_cmp);
        prop_assert_eq!(rules.clamp(rate).to_bits(), sorted[1].to_bits());
    }
}

#[test]
fn each_bound_is_where_the_contract_has_it() {
    type Set = fn(&mut Rules, f64);
    let (least, above) = (f64::MIN_POSITIVE, 1.0_f64.next_up());
    let below = 1.0_f64.next_down();
    let set: [(&str, Set, &[f64], &[f64]); 8] = [
        ("init_rate", |rules, rate| rules.init_rate = rate, &[least, f64::MAX], &[0.0, -1.0, f64::INFINITY, f64::NAN]),
        ("min_rate", |rules, rate| rules.min_rate = Some(rate), &[least, 10.0], &[0.0, 100.0_f64.next_up(), f64::NAN]),
        ("max_rate", |rules, rate| rules.max_rate = Some(rate), &[10.0, f64::MAX], &[0.0, f64::INFINITY, f64::NAN]),
        ("ubound", |rules, share| rules.ubound = share, &[0.25, 1.0], &[0.25_f64.next_down(), above, f64::NAN]),
        ("lbound", |rules, share| rules.lbound = share, &[0.0, 0.75], &[-least, f64::NAN]),
        ("ufactor", |rules, factor| rules.ufactor = factor, &[1.0, f64::MAX], &[below, f64::INFINITY, f64::NAN]),
        ("lfactor", |rules, factor| rules.lfactor = factor, &[least, 1.0], &[0.0, above, f64::NAN]),
        ("jitter", |rules, jitter| rules.jitter = jitter, &[0.0, below], &[-least, 1.0, f64::NAN]),
    ];
    for (parameter, set, right, wrong) in set {
        let check = |value| {
            let mut rules = Rules::new(10.0);
            set(&mut rules, value);
            rules.check().map_err(|invalid| invalid.parameter())
        };
        for &value in right {
            assert_eq!(check(value), Ok(()), "{parameter} {value}");
        }
        for &value in wrong {
            assert_eq!(check(value), Err(parameter), "{parameter} {value}");
        }
    }
    // The rate may be fixed by its bounds, but not be beyond them.
    let check = |least, most| {
        let rules = Rules { min_rate: Some(least), max_rate: Some(most), ..Rules::new(10.0) };
        rules.check().map_err(|invalid| invalid.parameter())
    };
    assert_eq!((check(10.0, 10.0), check(10.5, 11.0), check(9.0, 9.5)), (Ok(()), Err("init_rate"), Err("init_rate")));
}

#[test]
fn bounds_that_are_not_given_make_room_for_the_first_rate() {
    let bounds = |init_rate| (Rules::new(init_rate).min_rate(), Rules::new(init_rate).max_rate());
    assert_eq!((bounds(1.0), bounds(0.001), bounds(1000.0)), ((0.01, 100.0), (0.001, 100.0), (0.01, 1000.0)));
    let given = Rules { min_rate: Some(3.0), max_rate: Some(4.0), ..Rules::new(3.5) };
    assert_eq!((given.min_rate(), given.max_rate()), (3.0, 4.0));
}

#[test]
fn a_window_that_is_not_given_is_that_of_the_adaptation() {
    let half_a_second = Some(Duration::from_millis(500));
    for (adaptation, window, time) in
        [(Adaptation::Ratio, 100, None), (Adaptation::Proportional, 20, half_a_second), (Adaptation::Fixed, 100, None)]
    {
        let rules = Rules { adaptation, ..Rules::new(1.0) };
        assert_eq!((rules.window(), rules.window_time()), (window, time));
        let given = Rules { window: Some(7), window_time: Some(Duration::from_secs(1)), ..rules };
        assert_eq!((given.window(), given.window_time()), (7, Some(Duration::from_secs(1))));
    }
}
