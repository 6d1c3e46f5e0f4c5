//! The table of the kernel, cell by cell.

use super::*;

const RULES: Rules = Rules {
    max_fails: 2,
    reset: Duration::from_nanos(100),
    max_half_open_calls: 3,
    success_threshold: 2,
    trial_lease: Some(Duration::from_nanos(40)),
    backoff: 2.0,
    ..Rules::DEFAULT
};

const NEW: Circuit =
    Circuit { word: Word::new(false), until: Moment::NEVER, lease: Moment::BEFORE_ALL, tally: Tally::NEW };

const fn at(nanos: i64) -> Moment {
    Moment::from_nanos(nanos)
}

impl Circuit {
    fn admitted(self, now: i64) -> (Self, Ticket) {
        match self.admit(at(now), &RULES) {
            (circuit, Admission::Admitted(ticket)) => (circuit, ticket),
            refused => panic!("{refused:?}"),
        }
    }

    fn refused(self, now: i64) -> Refusal {
        match self.admit(at(now), &RULES) {
            (circuit, Admission::Refused(refusal)) => {
                assert_eq!(circuit, self, "a refusal changes nothing");
                refusal
            }
            admitted => panic!("{admitted:?}"),
        }
    }

    fn ends(self, ticket: Ticket, outcome: Outcome, now: i64) -> Self {
        self.settle(ticket, outcome, at(now), 0.5, &RULES)
    }

    /// One call that fails at once.
    fn fails(self, now: i64) -> Self {
        let (circuit, ticket) = self.admitted(now);
        circuit.ends(ticket, Outcome::Failure, now)
    }

    fn opened(now: i64) -> Self {
        NEW.fails(now).fails(now)
    }

    fn generation(self) -> u64 {
        self.word.ticket().0 >> GENERATION
    }
}

#[test]
fn closed_admits_and_counts() {
    let (circuit, ticket) = NEW.admitted(0);
    assert_eq!((circuit, ticket.is_trial()), (NEW, false));
    let failed = circuit.ends(ticket, Outcome::Failure, 0);
    assert_eq!((failed.word.count(), failed.generation()), (1, 0));
    assert_eq!(failed.ends(ticket, Outcome::Success, 0), NEW);
    assert_eq!(failed.ends(ticket, Outcome::Ignored, 0), failed);
    let open = failed.ends(ticket, Outcome::Failure, 7);
    assert_eq!((open.word.state(), open.word.count(), open.generation()), (State::Open, 0, 1));
    assert_eq!(open.until, at(107));
}

#[test]
fn open_refuses_until_its_time_and_then_makes_the_call_trial_one() {
    let open = Circuit::opened(0);
    assert_eq!(open.refused(0), Refusal::Open { retry_after: Some(Duration::from_nanos(100)) });
    assert_eq!(open.refused(99), Refusal::Open { retry_after: Some(Duration::from_nanos(1)) });
    let (half_open, ticket) = open.admitted(100);
    assert!(ticket.is_trial());
    assert_eq!((half_open.word.state(), half_open.word.count()), (State::HalfOpen, 1));
    assert_eq!((half_open.lease, half_open.generation()), (at(140), 2));
}

#[test]
fn half_open_admits_its_trials_and_refuses_the_next_call() {
    let (circuit, _) = Circuit::opened(0).admitted(100);
    let (circuit, _) = circuit.admitted(110);
    let (circuit, last) = circuit.admitted(120);
    assert_eq!((circuit.word.count(), circuit.lease), (3, at(160)));
    assert_eq!(circuit.refused(159), Refusal::HalfOpen);
    let freed = circuit.ends(last, Outcome::Ignored, 130);
    assert_eq!(freed.word.count(), 2);
    assert_eq!(freed.admitted(130).0.word.count(), 3);
}

#[test]
fn half_open_closes_at_the_threshold_and_reopens_when_it_is_out_of_reach() {
    let (circuit, ticket) = Circuit::opened(0).admitted(100);
    let one = circuit.ends(ticket, Outcome::Success, 101);
    assert_eq!((one.word.state(), one.tally.succeeded), (State::HalfOpen, 1));
    let closed = one.ends(ticket, Outcome::Success, 102);
    assert_eq!((closed.word.state(), closed.word.count(), closed.tally), (State::Closed, 0, Tally::NEW));
    let failed = circuit.ends(ticket, Outcome::Failure, 101);
    assert_eq!((failed.word.state(), failed.tally.failed), (State::HalfOpen, 1));
    let reopened = failed.ends(ticket, Outcome::Failure, 102);
    assert_eq!((reopened.word.state(), reopened.until), (State::Open, at(302)), "twice the reset");
}

#[test]
fn a_round_is_given_up_at_the_end_of_its_lease_if_no_trial_is_left() {
    let (circuit, first) = Circuit::opened(0).admitted(100);
    let (circuit, _) = circuit.admitted(100);
    assert_eq!(circuit.admitted(1_000).0.generation(), circuit.generation(), "a trial is left");
    let (full, _) = circuit.admitted(100);
    let (fresh, ticket) = full.admitted(140);
    assert_eq!((fresh.generation(), fresh.word.count()), (full.generation() + 1, 1));
    assert!(ticket.is_trial() && ticket != first);
    assert_eq!(fresh.ends(first, Outcome::Success, 141), fresh);
}

#[test]
fn a_clock_that_was_read_earlier_never_shortens_the_lease() {
    let (circuit, _) = Circuit::opened(0).admitted(200);
    let (circuit, _) = circuit.admitted(150);
    assert_eq!(circuit.lease, at(240));
}

#[test]
fn forced_open_refuses_for_ever_and_reset_closes() {
    let forced = Circuit::opened(0).force_open();
    assert_eq!(forced.refused(i64::MAX - 1), Refusal::Open { retry_after: None });
    assert_eq!(forced.word.state(), State::Open);
    let closed = forced.reset();
    assert_eq!((closed.word.state(), closed.generation()), (State::Closed, 3));
}

#[test]
fn results_of_an_older_generation_change_nothing_in_any_state() {
    let (_, old) = NEW.admitted(0);
    let (_, old_trial) = Circuit::opened(0).admitted(100);
    let (half_open, _) = Circuit::opened(0).reset().fails(0).fails(0).admitted(100);
    for circuit in [NEW.reset().fails(0), Circuit::opened(0).reset().fails(0).fails(0), half_open, NEW.force_open()] {
        for ticket in [old, old_trial] {
            for outcome in [Outcome::Success, Outcome::Failure, Outcome::Ignored] {
                assert_eq!(circuit.ends(ticket, outcome, 50), circuit);
            }
        }
    }
}

#[test]
fn generations_wrap_within_their_bits() {
    let last = Circuit { word: Word(u64::from(u32::MAX) >> GENERATION << GENERATION), ..NEW };
    assert_eq!((last.word.state(), last.word.count()), (State::Closed, 0));
    assert_eq!(last.reset().word, Word::new(false));
    assert_eq!(last.force_open().word.state(), State::Open);
}

#[test]
fn the_reset_grows_by_the_back_off_up_to_its_bound_and_jitter_goes_around_that() {
    let rules = Rules { max_reset: Duration::from_nanos(500), jitter: 0.5, ..RULES };
    let middle: Vec<_> = (0..5).map(|reopened| rules.reset_for(reopened, 0.5).as_nanos()).collect();
    assert_eq!(middle, [100, 200, 400, 500, 500]);
    assert_eq!(rules.reset_for(9, 0.0), Duration::from_nanos(250));
    assert_eq!(rules.reset_for(9, 1.0), Duration::from_nanos(750));
    assert_eq!(Rules { reset: Duration::ZERO, ..rules }.reset_for(u32::MAX, 0.9), Duration::ZERO);
    assert_eq!(Rules { backoff: f64::MAX, ..RULES }.reset_for(u32::MAX, 0.5), Duration::MAX);
}

#[test]
fn that_calls_are_timed_never_changes() {
    let timed = Circuit { word: Word::new(true), ..NEW };
    let all = [timed, timed.fails(0), timed.fails(0).fails(0), timed.force_open(), timed.reset()];
    assert!(all.iter().all(|circuit| circuit.word.ticket().is_timed() && !circuit.word.admits_at_once()));
    assert!(NEW.word.admits_at_once() && !NEW.force_open().word.admits_at_once());
}

#[test]
fn the_back_off_grows_over_a_round_given_up_and_starts_anew_after_a_close() {
    let reopened = |circuit: Circuit, now| circuit.fails(now).fails(now);
    let doubled = reopened(Circuit::opened(0), 100);
    assert_eq!(doubled.until, at(300), "twice the reset");
    let (one, _) = doubled.admitted(300);
    let (two, _) = one.admitted(300);
    let (full, _) = two.admitted(300);
    let (fresh, ticket) = full.admitted(340);
    let again = fresh.ends(ticket, Outcome::Failure, 340).fails(340);
    assert_eq!((again.word.state(), again.until), (State::Open, at(740)), "four times");
    let (trial, first) = again.admitted(740);
    let (trial, second) = trial.admitted(740);
    let closed = trial.ends(first, Outcome::Success, 740).ends(second, Outcome::Success, 740);
    assert_eq!(closed.word.state(), State::Closed);
    assert_eq!(reopened(closed, 800).until, at(900));
    assert_eq!(reopened(again.reset(), 800).until, at(900));
}

#[test]
fn a_word_absorbs_a_success_of_its_generation_while_nothing_is_counted() {
    let word = NEW.word;
    assert!(word.absorbs_success(word.ticket()) && word.admits_at_once());
    assert!(!word.with_count(1).absorbs_success(word.ticket()), "which is to be taken back");
    assert!(!word.next(Phase::Closed).absorbs_success(word.ticket()) && !word.is_forced());
    let timed = Word::new(true);
    assert!(!timed.absorbs_success(timed.ticket()) && !timed.admits_at_once(), "it may turn out to have been slow");
    assert!(NEW.force_open().word.is_forced() && !Circuit::opened(0).word.is_forced());
}
