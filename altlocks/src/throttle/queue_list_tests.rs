//! The queue against a plain list, under whatever callers do; and that, as long as those who are woken are polled, a timer
//! stands for the next slot.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// A call that waits.
struct Caller {
    number: usize,
    task: Arc<Task>,
    key: Key,
    deadline: Moment,
    /// By the list: what it will be told.
    verdict: Option<Expected>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Expected {
    Admitted { slot: Moment },
    Refused(Moment),
}

impl From<Verdict> for Expected {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Admitted(grant) => Self::Admitted { slot: grant.slot },
            Verdict::Refused(slot) => Self::Refused(slot),
        }
    }
}

/// What the shell does around the queue, and a list that says what has to come of it.
struct World {
    queue: Queue,
    now: i64,
    /// The base of the next slot, which is when it is due.
    base: i64,
    callers: Vec<Caller>,
    /// The numbers of those who wait, in order.
    list: VecDeque<usize>,
    /// Of those let in, in order.
    admitted: Vec<usize>,
    /// The last to be given a slot, and the base after that.
    last: Option<(usize, i64)>,
    arrived: usize,
}

impl World {
    fn new() -> Self {
        Self {
            queue: Queue::new(),
            now: 0,
            base: GAP,
            callers: vec![],
            list: VecDeque::new(),
            admitted: vec![],
            last: None,
            arrived: 0,
        }
    }

    fn index(&self, number: usize) -> usize {
        self.callers.iter().position(|caller| caller.number == number).expect("is here")
    }

    fn next(&self) -> Option<Next> {
        (!self.queue.is_empty()).then(|| Next { pace: pace(), base: at(self.base), due: at(self.base) })
    }

    /// Gives slots to those whose turn it is, and refuses those whose slots have slipped.
    fn serve(&mut self, wakes: &mut Wakes) {
        while let Some(first) = self.queue.first()
            && self.base <= self.now
        {
            let slot = at(self.base);
            self.base += GAP;
            self.queue.grant(first, 0, slot, at(self.base), wakes);
            let number = self.list.pop_front().expect("the list has a first too");
            let index = self.index(number);
            self.callers[index].verdict = Some(Expected::Admitted { slot });
            self.admitted.push(number);
            self.last = Some((number, self.base));
        }
        if let Some(next) = self.next() {
            let slipped = self.queue.slipped;
            self.queue.refuse_late(next, wakes);
            if slipped {
                let mut place = 0;
                for number in std::mem::take(&mut self.list) {
                    let (slot, index) = (at(self.base + place * GAP), self.index(number));
                    if slot > self.callers[index].deadline {
                        self.callers[index].verdict = Some(Expected::Refused(slot));
                    } else {
                        self.list.push_back(number);
                        place += 1;
                    }
                }
            }
        }
    }

    /// Sees to it that somebody serves next, and wakes whom that takes.
    fn leave(&mut self, mut wakes: Wakes) {
        loop {
            if let Some(next) = self.next() {
                self.queue.appoint(next.due, at(self.now), &mut wakes);
            }
            let deaf = wakes.deliver();
            if deaf.is_empty() {
                return;
            }
            wakes = Wakes::default();
            self.queue.deafen(&deaf);
            self.serve(&mut wakes);
        }
    }

    fn arrive(&mut self, patience: Option<i64>, broken: bool) {
        let deadline = patience.map_or(Moment::NEVER, |patience| at(self.now + patience));
        let slot = at(self.base + i64::try_from(self.list.len()).expect("few") * GAP);
        let pushed = self.queue.push(deadline, pace(), at(self.base));
        if !self.list.is_empty() && slot > deadline {
            assert_eq!(pushed, Err(slot));
            return;
        }
        let number = self.arrived;
        self.arrived += 1;
        let task = Arc::new(Task { broken, ..Task::default() });
        let key = pushed.expect("there is time enough, or nobody to wait for");
        self.callers.push(Caller { number, task, key, deadline, verdict: None });
        self.list.push_back(number);
        self.poll(self.callers.len() - 1);
    }

    /// A call asks what has become of it. True if it has its answer.
    fn poll(&mut self, index: usize) -> bool {
        let mut wakes = Wakes::default();
        self.serve(&mut wakes);
        let Caller { number, key, deadline, verdict, .. } = self.callers[index];
        let next = self.next();
        // The first knows when its slot is due.
        let too_late = self.list.front() == Some(&number) && at(self.base) > deadline;
        let expected = verdict.or(too_late.then_some(Expected::Refused(at(self.base))));
        self.callers[index].task.woken.store(false, Ordering::Relaxed);
        let mut contact = Some(Waker::from(Arc::clone(&self.callers[index].task)));
        let answer = self.queue.ask(key, next, &mut contact);
        assert_eq!(answer.map(Expected::from), expected, "of {number}");
        if let Some(verdict) = answer {
            let left = self.queue.remove(key);
            assert_eq!(left.grant.map(Verdict::Admitted), Some(verdict).filter(is_admission));
            self.list.retain(|other| *other != number);
            self.callers.remove(index);
        } else {
            let next = next.expect("somebody waits");
            if let Some(timer) = self.queue.arm(key, next, at(self.now)) {
                assert!(timer.until >= next.due && timer.until <= next.due.after(PATIENCE));
            }
        }
        self.leave(wakes);
        answer.is_some()
    }

    /// A call is dropped; its slot, if it had one, is the next one's.
    fn abandon(&mut self, index: usize) {
        let mut wakes = Wakes::default();
        let Caller { number, key, verdict, .. } = self.callers.remove(index);
        let is_bystander = self.queue.is_bystander(key);
        let has_no_role = self.queue.waiters[key].standing == Standing::Waiting(Role::None);
        assert_eq!(is_bystander, has_no_role && self.list.front() != Some(&number));
        let Left { grant, .. } = self.queue.remove(key);
        self.list.retain(|other| *other != number);
        match (verdict, grant) {
            (Some(Expected::Admitted { slot }), Some(grant)) => {
                let undone = self.queue.undo(grant, at(self.base), pace(), at(self.now));
                // The last slot that was given is free again; an older one is over, as slots this far apart are.
                let is_last = self.last == Some((number, self.base));
                assert_eq!(undone, if is_last { slot } else { at(self.base) });
                self.admitted.retain(|other| *other != number);
                self.base = undone.as_nanos();
            }
            (Some(Expected::Refused(_)) | None, None) => {}
            other => panic!("{other:?}"),
        }
        if is_bystander {
            return;
        }
        self.serve(&mut wakes);
        self.leave(wakes);
    }

    /// All that were woken are polled, and whom that wakes.
    fn run(&mut self) {
        while let Some(index) = self.callers.iter().position(|caller| caller.task.woken.load(Ordering::Relaxed)) {
            self.poll(index);
        }
    }

    /// All that were woken are polled, and all whose timers have ended, until nobody is.
    fn settle(&mut self) {
        loop {
            self.run();
            let ended = self.callers.iter().position(|caller| {
                matches!(self.queue.waiters[caller.key].standing, Standing::Waiting(Role::Armed(until)) if until <= at(self.now))
            });
            match ended {
                Some(index) => self.poll(index),
                None => return,
            };
        }
    }

    /// What holds whenever nobody is at work.
    fn check(&self) {
        let Queue { waiters, armed, summonses, .. } = &self.queue;
        assert_eq!(self.queue.is_empty(), self.list.is_empty());
        assert_eq!(self.queue.len, self.list.len());
        let first = self.list.front().map(|first| self.callers[self.index(*first)].key);
        assert_eq!(self.queue.first(), first);
        assert!(self.admitted.is_sorted(), "first come, first served: {:?}", self.admitted);
        assert_eq!(waiters.len(), self.callers.len(), "who has left takes no room");
        let timed = self.list.iter().filter(|number| self.callers[self.index(**number)].deadline != Moment::NEVER);
        assert_eq!(self.queue.timed, timed.count());
        let roles = |is: fn(&Role) -> bool| {
            waiters.iter().filter(|(_, waiter)| matches!(&waiter.standing, Standing::Waiting(role) if is(role))).count()
        };
        assert_eq!(roles(|role| matches!(role, Role::Armed(_))), armed.iter().flatten().count());
        assert_eq!(roles(|role| matches!(role, Role::Summoned(_))), summonses.awaited + summonses.silent);
    }

    /// Who will serve the next slot: a timer of somebody who waits and is polled when it ends.
    fn is_attended(&self) -> bool {
        self.queue.armed.iter().flatten().any(|key| {
            let due = at(self.base);
            matches!(self.queue.waiters[*key].standing, Standing::Waiting(Role::Armed(until)) if until <= due)
        })
    }
}

fn is_admission(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Admitted(_))
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive {
        patience: Option<i64>,
        broken: bool,
    },
    /// Of those who are here, whether woken or not.
    Poll(usize),
    Abandon(usize),
    Pass(i64),
    /// The slots come later than they were to.
    Slip(i64),
    /// Those who were woken are polled.
    Run,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (prop::option::of(-5 * MS..80 * MS), prop::bool::weighted(0.1))
            .prop_map(|(patience, broken)| Event::Arrive { patience, broken }),
        2 => any::<usize>().prop_map(Event::Poll),
        2 => any::<usize>().prop_map(Event::Abandon),
        2 => prop_oneof![0..2 * MS, 0..25 * MS].prop_map(Event::Pass),
        1 => (0..30 * MS).prop_map(Event::Slip),
        4 => Just(Event::Run),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_queue_is_a_list_whatever_callers_do(events in prop::collection::vec(event(), 1..120)) {
        let mut world = World::new();
        for event in events {
            match event {
                Event::Arrive { patience, broken } => world.arrive(patience, broken),
                Event::Poll(nth) if !world.callers.is_empty() => drop(world.poll(nth % world.callers.len())),
                Event::Abandon(nth) if !world.callers.is_empty() => world.abandon(nth % world.callers.len()),
                Event::Poll(_) | Event::Abandon(_) => {}
                Event::Pass(nanos) => world.now += nanos,
                Event::Slip(nanos) => {
                    world.base += nanos;
                    world.queue.slipped = true;
                }
                Event::Run => world.run(),
            }
            world.check();
        }
    }

    #[test]
    fn while_who_is_woken_is_polled_a_timer_stands_for_the_next_slot_and_nobody_waits_beyond_it(
        events in prop::collection::vec(event(), 1..120),
    ) {
        let mut world = World::new();
        for event in events {
            match event {
                Event::Arrive { patience, .. } => world.arrive(patience, false),
                Event::Poll(nth) if !world.callers.is_empty() => drop(world.poll(nth % world.callers.len())),
                Event::Abandon(nth) if !world.callers.is_empty() => world.abandon(nth % world.callers.len()),
                Event::Poll(_) | Event::Abandon(_) | Event::Run => {}
                Event::Pass(nanos) => world.now += nanos,
                // Whoever makes the slots later sees to the queue.
                Event::Slip(nanos) => {
                    world.base += nanos;
                    world.queue.slipped = true;
                    let mut wakes = Wakes::default();
                    world.serve(&mut wakes);
                    world.leave(wakes);
                }
            }
            world.settle();
            world.check();
            prop_assert!(world.callers.len() == world.list.len(), "who has an answer has heard it");
            prop_assert!(world.queue.is_empty() || (world.is_attended() && world.base > world.now));
        }
    }
}
