//! The registry under the interleavings of a few first calls. Run with
//! `RUSTFLAGS="--cfg altlocks_loom" cargo test -p altlocks --lib --release model`; with `--cfg altlocks_first_use` beside it,
//! the functions come from the list that they tell themselves.
//!
//! Functions of one name are called for the first time by several threads. Whatever the order: they find one instance, it
//! is the one that the settings make, and whoever finds it sees all of it. The instance is a cell that is written without
//! order when it is made, and read without order when it is found: what makes a reader see the value is the way by which it
//! came to the instance, and nothing else.
//!
//! What each model dies of, tried by hand:
//!
//! | mutation | models that die |
//! |---|---|
//! | `shared` files what it made without looking whether another is filed | `whichever_function_is_first_…`, `a_list_has_…` |
//! | `shared` holds the lock while it makes | `what_is_made_may_ask_…` |
//! | `shared` does not ask for the settings that others give | all but `who_is_past_…` |
//! | `shared` keeps what it made too late | `whichever_function_is_first_…` |
//! | `names` has a name once for each function | `a_list_has_…`, `what_is_made_may_ask_…` |
//! | `List::add` does not look again under the lock | `who_is_past_…` |
//! | `List::add` marks the function before it takes the lock | `who_is_past_…`; in a first use `calls_of_one_…` and |
//! | | `what_is_made_may_ask_…` too |
//! | `look_up` finds the instance before it enrols | in a first use `calls_of_one_…`, `a_list_has_…`, |
//! | | `what_is_made_may_ask_…` |
//! | `OnceRef` is read relaxed, or published relaxed | `calls_of_one_…`, `what_is_made_may_ask_…` |

use std::cell::Cell;
use std::collections::BTreeMap;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Entries, Entry, Instances, Joint, Kind, List, Settings, Shared};
use crate::registry::{all, find};

const NAME: &str = "shared";
/// What the settings say, and what an instance would be without them.
const GIVEN: usize = 7;
const DEFAULT: usize = 1;

struct Instance(AtomicUsize);

impl Instance {
    fn new(settings: usize) -> Self {
        let program = Program::running();
        program.step();
        program.alive.set(program.alive.get() + 1);
        if program.asks.take() {
            // The one that is being made among them: it is made twice then, and one of the two is dropped.
            assert_eq!(all::<Self>().count(), 1);
        }
        let instance = Self(AtomicUsize::new(0));
        instance.0.store(settings, Ordering::Relaxed);
        instance
    }

    fn settings(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let program = Program::running();
        program.alive.set(program.alive.get() - 1);
    }
}

impl Shared for Instance {
    const KIND: Kind = Kind::CircuitBreaker;

    #[cfg(altlocks_linked)]
    fn entries() -> Entries<Self> {
        Program::running().entries.iter()
    }

    #[cfg(not(altlocks_linked))]
    fn entries() -> Entries<Self> {
        Program::running().called.iter()
    }

    fn enrol(entry: &'static Entry<Self>) {
        Program::running().called.add(entry);
    }

    fn instances() -> &'static Instances<Self> {
        let program = Program::running();
        program.step();
        program.instances
    }

    fn without_settings(_name: &'static str) -> Result<Self, &'static str> {
        Ok(Self::new(DEFAULT))
    }
}

/// What the program's statics are, anew for each run of a model.
#[derive(Clone, Copy)]
struct Program {
    entries: &'static [Entry<Instance>; 2],
    called: &'static List<Instance>,
    instances: &'static Instances<Instance>,
    /// Instances that have not been dropped.
    alive: &'static Cell<usize>,
    /// Whether the first that is made asks for a list of all.
    asks: &'static Cell<bool>,
    /// loom tries other schedules where threads touch one atomic; where they take one mutex it leaves most of them out.
    steps: &'static AtomicUsize,
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

// The threads of a model are coroutines of one thread, and each model has a thread of its own.
thread_local! {
    static PROGRAM: Cell<Option<Program>> = const { Cell::new(None) };
}

impl Program {
    fn start() -> Self {
        let instances = Instances::new(BTreeMap::new());
        let called = List::new();
        let gives = Entry::sharing(|| "gives", NAME, Settings::new(&[], "", || Instance::new(GIVEN)));
        let joins = Entry::joining(|| "joins", NAME);
        // Touches every cell, so that all are made before the threads start.
        assert!(instances.lock().is_empty() && called.iter().count() == 0);
        assert!([&gives, &joins].iter().all(|entry| !entry.enrolled.load(Ordering::Relaxed)));
        let program = Self {
            entries: leaked([gives, joins]),
            called: leaked(called),
            instances: leaked(instances),
            alive: leaked(Cell::new(0)),
            asks: leaked(Cell::new(false)),
            steps: leaked(AtomicUsize::new(0)),
        };
        PROGRAM.set(Some(program));
        program
    }

    /// The ways to the instance of the function that gives settings, and of the one that only joins.
    fn functions(self) -> [&'static Joint<Instance>; 2] {
        self.entries.each_ref().map(|entry| {
            let joint = Joint::new(entry);
            assert!(joint.found.get().is_none());
            leaked(joint)
        })
    }

    fn running() -> Self {
        PROGRAM.get().expect("started by the model")
    }

    fn step(self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }
}

/// Every schedule with up to so many preemptions; what the models die of takes one or two.
fn model(run: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(run);
}

/// What a call finds; it has to see all of it.
fn call(function: &Joint<Instance>) -> &'static Instance {
    let found = function.instance();
    assert_eq!(found.settings(), GIVEN, "made without the settings");
    found
}

/// Calls all of them at once.
fn race<const N: usize>(calls: [&'static Joint<Instance>; N]) -> [&'static Instance; N] {
    calls.map(|function| thread::spawn(|| call(function))).map(|call| call.join().expect("no panic"))
}

#[cfg(altlocks_linked)]
#[test]
fn whichever_function_is_first_all_find_one_instance_and_it_has_the_settings() {
    model(|| {
        let program = Program::start();
        let [gives, joins] = program.functions();
        let found = race([joins, gives]);
        assert!(std::ptr::eq(found[0], found[1]), "two at once");
        assert_eq!(program.alive.get(), 1, "what was made besides is dropped");
    });
}

#[test]
fn calls_of_one_function_find_one_instance_and_all_of_it() {
    model(|| {
        let [gives, _] = Program::start().functions();
        let found = race([gives, gives]);
        assert!(std::ptr::eq(found[0], found[1]), "two at once");
        assert!(std::ptr::eq(call(gives), found[0]), "and keep it");
    });
}

#[test]
fn a_list_has_the_instance_once_and_it_is_the_one_that_a_first_call_finds() {
    model(|| {
        let [gives, joins] = Program::start().functions();
        let first = thread::spawn(|| call(gives));
        let listed: Vec<&Instance> = all().collect();
        let found = first.join().expect("no panic");
        assert!(listed.iter().all(|instance| std::ptr::eq(*instance, found)), "two at once");
        assert!(listed.len() <= 1, "listed twice");
        assert!(listed.iter().all(|instance| instance.settings() == GIVEN), "listed by its default");
        assert!(std::ptr::eq(call(joins), found) && all::<Instance>().count() == 1);
        assert!(find(NAME).is_some_and(|instance| std::ptr::eq(instance, found)));
    });
}

/// To make an instance is foreign code: what its settings are written as may be anything.
#[test]
fn what_is_made_may_ask_for_others_while_it_is_made() {
    model(|| {
        let [gives, _] = Program::start().functions();
        Program::running().asks.set(true);
        let found = race([gives, gives]);
        assert!(std::ptr::eq(found[0], found[1]));
    });
}

#[test]
fn who_is_past_the_list_is_in_the_list() {
    model(|| {
        let program = Program::start();
        let [entry, _] = program.entries;
        let calls = [(), ()].map(|()| {
            thread::spawn(|| {
                program.called.add(entry);
                program.called.iter().count()
            })
        });
        assert_eq!(calls.map(|call| call.join().expect("no panic")), [1, 1]);
    });
}
