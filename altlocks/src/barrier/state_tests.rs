//! The kernel by hand, and against a model that keeps a plain list.

use proptest::prelude::*;

use super::*;

const THREE: Rules = Rules { parties: 3, max_state: None, cyclic: false };

/// The contact of a party is its number.
type Kernel = State<u32, u32>;

fn party(number: u32) -> Party<u32, u32> {
    Party { state: Some(number * 10), contact: number }
}

fn seated(kernel: &mut Kernel, number: u32, rules: &Rules) -> Seat {
    assert_eq!(kernel.admission(rules), Admission::Seat);
    kernel.sit(party(number), rules)
}

fn met(kernel: &mut Kernel, number: u32, rules: &Rules) -> Meeting<u32, u32> {
    assert_eq!(kernel.admission(rules), Admission::Last);
    kernel.meet(party(number).state, rules)
}

fn numbers(waiting: Leaving<u32, u32>) -> Vec<u32> {
    let mut numbers = vec![];
    let _room = waiting.each(|number| numbers.push(number));
    numbers
}

#[test]
fn the_last_party_gathers_what_all_brought() {
    let mut kernel = Kernel::new(vec![]);
    let seats = [0, 1].map(|number| seated(&mut kernel, number, &THREE));
    assert_eq!((kernel.n_waiting(), kernel.remaining(&THREE)), (2, 1));
    let meeting = met(&mut kernel, 2, &THREE);
    assert_eq!(meeting.gathered.states, [0, 10, 20]);
    assert_eq!(seats.map(|seat| meeting.gathered.position(seat)), [0, 1]);
    assert_eq!(numbers(meeting.waiting), [0, 1]);
    assert_eq!((kernel.broken(), kernel.remaining(&THREE)), (Some(BreakCause::Tripped), 0));
}

#[test]
fn who_withdrew_has_neither_state_nor_position() {
    let mut kernel = Kernel::new(vec![]);
    let rules = Rules { parties: 4, ..THREE };
    let [first, second] = [1, 2].map(|number| seated(&mut kernel, number, &rules));
    assert_eq!(kernel.withdraw(first).state, Some(10));
    let [third, fourth] = [3, 4].map(|number| seated(&mut kernel, number, &rules));
    let meeting = met(&mut kernel, 5, &rules);
    assert_eq!([second, third, fourth].map(|seat| meeting.gathered.position(seat)), [0, 1, 2]);
    assert_eq!(meeting.gathered.states, [20, 30, 40, 50]);
    assert_eq!(numbers(meeting.waiting), [2, 3, 4]);
}

#[test]
fn room_is_made_for_the_states_of_those_who_meet_and_no_others() {
    let mut kernel = Kernel::new(vec![]);
    for number in 0..100 {
        let seat = seated(&mut kernel, number, &THREE);
        kernel.withdraw(seat);
    }
    seated(&mut kernel, 100, &THREE);
    seated(&mut kernel, 101, &THREE);
    assert_eq!(met(&mut kernel, 102, &THREE).gathered.states.capacity(), 3);
}

#[test]
fn states_are_evicted_at_the_trip_those_that_were_there_before_all_first() {
    let rules = Rules { max_state: Some(2), ..THREE };
    let mut kernel = Kernel::new(vec![7, 8]);
    seated(&mut kernel, 0, &rules);
    let gone = seated(&mut kernel, 1, &rules);
    kernel.withdraw(gone);
    seated(&mut kernel, 2, &rules);
    let meeting = met(&mut kernel, 3, &rules);
    assert_eq!((meeting.evicted, meeting.gathered.states), (vec![7, 8, 0], vec![20, 30]));
}

#[test]
fn what_is_kept_of_many_states_takes_no_room_for_the_others() {
    let rules = Rules { parties: 100, max_state: Some(2), ..THREE };
    let mut kernel = Kernel::new(vec![]);
    for number in 0..99 {
        seated(&mut kernel, number, &rules);
    }
    let Gathered { states, .. } = met(&mut kernel, 99, &rules).gathered;
    assert_eq!((&*states, states.capacity() < 10), (&[980, 990][..], true));
}

#[test]
fn a_buffer_that_is_lent_serves_the_next_meeting() {
    let mut kernel = Kernel::new(vec![]);
    kernel.lend(Vec::with_capacity(100));
    seated(&mut kernel, 0, &THREE);
    seated(&mut kernel, 1, &THREE);
    let Gathered { states, .. } = met(&mut kernel, 2, &THREE).gathered;
    assert_eq!((&*states, states.capacity()), (&[0, 10, 20][..], 100));
}

#[test]
fn what_breaks_the_barrier_sends_all_away_and_stays_the_cause() {
    let mut kernel = Kernel::new(vec![]);
    let late = seated(&mut kernel, 0, &THREE);
    seated(&mut kernel, 1, &THREE);
    let (late, dismissal) = kernel.time_out(late);
    assert_eq!((late.contact, dismissal.states, numbers(dismissal.waiting)), (0, vec![10], vec![1]));
    assert!(kernel.abort().is_none());
    assert_eq!(kernel.admission(&THREE), Admission::Refused(BreakCause::TimedOut));
    assert_eq!(numbers(kernel.reset().waiting), []);
    assert_eq!((kernel.broken(), kernel.remaining(&THREE)), (None, 3));
}

#[test]
fn seats_of_a_meeting_serve_again_only_where_there_are_none() {
    let rules = Rules { cyclic: true, ..THREE };
    let mut kernel = Kernel::new(vec![]);
    seated(&mut kernel, 0, &rules);
    seated(&mut kernel, 1, &rules);
    let room = met(&mut kernel, 2, &rules).waiting.each(drop).expect("room for two");
    let present = seated(&mut kernel, 3, &rules);
    kernel.furnish(room);
    assert_eq!(kernel.withdraw(present).contact, 3);
    seated(&mut kernel, 4, &rules);
    seated(&mut kernel, 5, &rules);
    let room = met(&mut kernel, 6, &rules).waiting.each(drop).expect("room for two");
    assert!(!kernel.present.has_room());
    kernel.furnish(room);
    assert!(kernel.present.has_room());
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive { bearing: bool },
    Withdraw(usize),
    TimeOut(usize),
    Abort,
    Reset,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => any::<bool>().prop_map(|bearing| Event::Arrive { bearing }),
        6 => (0_usize..8).prop_map(Event::Withdraw),
        1 => (0_usize..8).prop_map(Event::TimeOut),
        1 => Just(Event::Abort),
        3 => Just(Event::Reset),
    ]
}

/// What the barrier is meant to be, said with a list.
#[derive(Default)]
struct Model {
    broken: Option<BreakCause>,
    present: Vec<(u32, Option<u32>)>,
    initial: Vec<u32>,
}

impl Model {
    fn states(&self) -> Vec<u32> {
        self.present.iter().filter_map(|(_, state)| *state).collect()
    }

    fn dismiss(&mut self, broken: Option<BreakCause>) -> (Vec<u32>, Vec<u32>) {
        self.broken = broken;
        (self.states(), std::mem::take(&mut self.present).into_iter().map(|(number, _)| number).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(altlocks_loom) { 1 } else { 2000 }))]

    #[test]
    fn the_kernel_does_what_a_list_would(
        parties in 1_usize..6,
        max_state in proptest::option::of(0_usize..8),
        cyclic: bool,
        initial in proptest::collection::vec(1000_u32..1003, 0..3),
        events in proptest::collection::vec(event(), 0..80),
    ) {
        let rules = Rules { parties, max_state, cyclic };
        let mut kernel = Kernel::new(initial.clone());
        let mut model = Model { initial, ..Model::default() };
        // By number; of the parties present, in order.
        let mut seats: Vec<(u32, Seat)> = vec![];
        for (number, event) in (0..).zip(events) {
            match event {
                Event::Arrive { bearing } => {
                    let state = bearing.then_some(number);
                    match kernel.admission(&rules) {
                        Admission::Refused(cause) => prop_assert_eq!(Some(cause), model.broken),
                        Admission::Seat => {
                            let seat = kernel.sit(Party { state, contact: number }, &rules);
                            prop_assert!(model.broken.is_none() && model.present.len() + 1 < parties);
                            model.present.push((number, state));
                            seats.push((number, seat));
                        }
                        Admission::Last => {
                            let meeting = kernel.meet(state, &rules);
                            prop_assert!(model.broken.is_none() && model.present.len() + 1 == parties);
                            for (position, (_, seat)) in seats.drain(..).enumerate() {
                                prop_assert_eq!(meeting.gathered.position(seat), position);
                            }
                            let present: Vec<_> = model.present.iter().map(|(number, _)| *number).collect();
                            let mut woken = vec![];
                            let room = meeting.waiting.each(|number| woken.push(number));
                            prop_assert_eq!(woken, present);
                            if let Some(room) = room {
 kernel.furnish(room);
 }
                            let mut all = std::mem::take(&mut model.initial);
                            all.extend(model.states());
                            all.extend(state);
                            let excess = all.len().saturating_sub(max_state.unwrap_or(usize::MAX));
                            prop_assert_eq!(&meeting.evicted, &all[..excess]);
                            prop_assert_eq!(&meeting.gathered.states, &all[excess..]);
                            model.dismiss((!cyclic).then_some(BreakCause::Tripped));
                        }
                    }
                }
                Event::Withdraw(nth) if nth < seats.len() => {
                    let (number, seat) = seats.remove(nth);
                    let party = kernel.withdraw(seat);
                    prop_assert_eq!((party.contact, party.state), model.present.remove(nth));
                    prop_assert_eq!(party.contact, number);
                }
                Event::TimeOut(nth) if nth < seats.len() => {
                    let (late, dismissal) = kernel.time_out(seats[nth].1);
                    prop_assert_eq!((late.contact, late.state), model.present.remove(nth));
                    let expected = model.dismiss(Some(BreakCause::TimedOut));
                    prop_assert_eq!((dismissal.states, numbers(dismissal.waiting)), expected);
                    seats.clear();
                }
                Event::Withdraw(_) | Event::TimeOut(_) => {}
                Event::Abort => {
                    let dismissal = kernel.abort();
                    prop_assert_eq!(dismissal.is_none(), model.broken.is_some());
                    if let Some(dismissal) = dismissal {
                        let expected = model.dismiss(Some(BreakCause::Aborted));
                        prop_assert_eq!((dismissal.states, numbers(dismissal.waiting)), expected);
                        seats.clear();
                    }
                }
                Event::Reset => {
                    let dismissal = kernel.reset();
                    prop_assert_eq!((dismissal.states, numbers(dismissal.waiting)), model.dismiss(None));
                    seats.clear();
                }
            }
            prop_assert_eq!(kernel.broken(), model.broken);
            prop_assert_eq!(kernel.n_waiting(), model.present.len());
            let remaining = if model.broken == Some(BreakCause::Tripped) { 0 } else { parties - model.present.len() };
            prop_assert_eq!(kernel.remaining(&rules), remaining);
        }
    }
}

#[test]
fn a_party_costs_at_most_64_bytes_beside_its_future() {
    // Its place, while it waits; its state's place in the buffer; its position, if somebody withdrew.
    let bytes = Seats::<Party<u64, std::task::Waker>>::BYTES_A_PARTY + size_of::<u64>() + size_of::<u32>();
    assert!(bytes <= 64, "{bytes}");
}
