//! One guard a resource.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use altlocks::{UniqueGuarded, UniqueResourceGuard};

/// Each test names its own resources: the registry is one for the process.
fn path(name: &str) -> PathBuf {
    Path::new("/tests/guard/unique").join(name)
}

#[test]
fn equal_resources_have_one_guard_and_others_another() {
    let guards = ["a", "a", "b"].map(|name| UniqueResourceGuard::of(path(name)));
    assert!(guards[0].is_same(&guards[1]) && guards[0].is_same(&guards[0].clone()));
    assert!(!guards[0].is_same(&guards[2]));
    let held = guards[0].enter().expect("free");
    assert!(guards[1].is_guarded() && !guards[2].is_guarded());
    assert!(guards[1].enter().is_err() && guards[2].enter().is_ok());
    drop(held);
    assert!(guards[1].enter().is_ok());
    assert_eq!(guards[0].resource(), &path("a"));
}

#[test]
fn equal_values_of_two_types_are_two_resources() {
    let held = UniqueResourceGuard::of(7_u32).enter().expect("free");
    assert!(UniqueResourceGuard::of(7_u64).enter().is_ok());
    drop(held);
}

#[test]
fn the_error_names_the_action_the_resource_and_the_place() {
    let (held, line) = (UniqueResourceGuard::with_action(path("log"), "rotating").enter().expect("free"), line!());
    let busy = UniqueResourceGuard::of(path("log")).enter().expect_err("held");
    let text = busy.to_string();
    assert!(text.starts_with("another task is already rotating resource: \"/tests/guard/unique/log\", "), "{text}");
    assert_eq!(busy.held_at().map(|at| (at.file(), at.line())), Some((file!(), line)));
    assert_eq!(held.resource(), &path("log"));
}

#[test]
fn eight_threads_that_ask_at_once_get_one_guard() {
    const THREADS: usize = 8;
    for round in 0..200 {
        let together = Barrier::new(THREADS);
        let guards: Vec<_> = thread::scope(|scope| {
            let ask = |_| {
                scope.spawn(|| {
                    together.wait();
                    UniqueResourceGuard::of(("at once", round))
                })
            };
            let asked: Vec<_> = (0..THREADS).map(ask).collect();
            asked.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(guards.iter().all(|guard| guard.is_same(&guards[0])));
    }
}

/// A resource that counts how many of it there are.
#[derive(Debug)]
struct Tracked(u32, Arc<AtomicUsize>);

impl Tracked {
    fn new(number: u32, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self(number, Arc::clone(alive))
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        Self::new(self.0, &self.1)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl PartialEq for Tracked {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Tracked {}

impl Hash for Tracked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "exact")]
fn a_guard_is_freed_with_its_last_handle_or_use() {
    let alive = Arc::new(AtomicUsize::new(0));
    let count = || alive.load(Ordering::SeqCst);
    let guard = UniqueResourceGuard::of(Tracked::new(1, &alive));
    let other = UniqueResourceGuard::of(Tracked::new(1, &alive));
    assert_eq!(count(), 1, "the second one's resource was not kept");
    let held = guard.enter().expect("free");
    drop((guard, other));
    assert_eq!(count(), 1, "in use");
    let found = UniqueResourceGuard::of(Tracked::new(1, &alive));
    assert!(found.is_guarded(), "the use keeps the guard findable");
    drop(held);
    assert_eq!((count(), found.is_guarded(), found.success_ratio()), (1, false, 1.0));
    drop(found);
    assert_eq!(count(), 0);
    let new = UniqueResourceGuard::of(Tracked::new(1, &alive));
    assert_eq!(new.success_ratio(), 0.0, "another guard, that knows nothing of the first");
}

#[test]
fn the_first_action_is_kept_while_the_guard_lives() {
    let first = UniqueResourceGuard::with_action(path("acted on"), "reading");
    let second = UniqueResourceGuard::with_action(path("acted on"), String::from("writing"));
    let third = UniqueResourceGuard::of(path("acted on"));
    assert_eq!([first.action(), second.action(), third.action()], ["reading"; 3]);
    drop((first, second, third));
    assert_eq!(UniqueResourceGuard::with_action(path("acted on"), "writing").action(), "writing");
    assert_eq!(UniqueResourceGuard::of(path("acted on")).action(), "using");
}

#[test]
fn to_clear_the_cache_admits_no_second_user() {
    let held = UniqueResourceGuard::of(path("cleared")).enter().expect("free");
    let kept = UniqueResourceGuard::of(path("kept"));
    UniqueResourceGuard::<PathBuf>::clear_cache();
    assert!(UniqueResourceGuard::of(path("cleared")).enter().is_err());
    assert!(UniqueResourceGuard::of(path("kept")).is_same(&kept));
    drop(held);
    assert!(UniqueResourceGuard::of(path("cleared")).enter().is_ok());
}

#[test]
fn it_answers_as_a_guard_does() {
    let guard = UniqueResourceGuard::of(path("asked"));
    assert_eq!((guard.success_ratio(), guard.is_guarded()), (0.0, false));
    let held = guard.enter().expect("free");
    assert!(guard.enter().is_err());
    assert_eq!((guard.success_ratio(), guard.is_guarded()), (0.5, true));
    drop(held);
    assert!(!guard.is_guarded());
    assert_eq!(
        format!("{guard:?}"),
        r#"UniqueResourceGuard { resource: "/tests/guard/unique/asked", action: "using", is_guarded: false, .. }"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_with_its_task_and_is_free_when_the_task_is_aborted() {
    let token = UniqueResourceGuard::of(path("in a task")).enter().expect("free");
    let task = tokio::spawn(async move {
        let _token = token;
        std::future::pending::<()>().await;
    });
    tokio::task::yield_now().await;
    assert!(UniqueResourceGuard::of(path("in a task")).enter().is_err());
    task.abort();
    assert!(task.await.is_err());
    assert!(UniqueResourceGuard::of(path("in a task")).enter().is_ok());
}

#[test]
fn by_address_it_is_identity_that_counts() {
    let (one, other) = (Arc::new(5), Arc::new(5));
    let by_address = |arc: &Arc<i32>| UniqueResourceGuard::of(by_address::ByAddress(Arc::clone(arc)));
    let held = by_address(&one).enter().expect("free");
    assert!(by_address(&one).enter().is_err());
    assert!(by_address(&other).enter().is_ok());
    drop(held);
}

#[test]
fn its_types_can_be_sent_and_shared() {
    fn send_sync<T: Send + Sync + 'static>() {}
    send_sync::<UniqueResourceGuard<String>>();
    send_sync::<UniqueGuarded<String>>();
}

/// A resource whose every foreign function asks for other guards of its type; all have one hash.
#[derive(Debug)]
struct Nosy(u32);

thread_local! {
    static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Not for ever: what is asked for here is nosy as well.
fn ask() {
    if ASKED.get() < 1000 {
        ASKED.set(ASKED.get() + 1);
        drop(UniqueResourceGuard::of(Nosy(ASKED.get() as u32 % 3 + 10)));
        UniqueResourceGuard::<Nosy>::clear_cache();
    }
}

impl Clone for Nosy {
    fn clone(&self) -> Self {
        ask();
        Self(self.0)
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        ask();
    }
}

impl PartialEq for Nosy {
    fn eq(&self, other: &Self) -> bool {
        ask();
        self.0 == other.0
    }
}

impl Eq for Nosy {}

impl Hash for Nosy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ask();
        state.write_u8(0);
    }
}

#[test]
fn a_resource_may_ask_for_guards_while_it_is_hashed_compared_and_dropped() {
    // On a thread of its own, so that what is left to ask does not depend on other tests.
    let asked = thread::spawn(|| {
        for _ in 0..20 {
            ASKED.set(900);
            let guards = [1, 2, 1].map(|number| UniqueResourceGuard::of(Nosy(number)));
            assert!(guards[0].is_same(&guards[2]) && !guards[0].is_same(&guards[1]));
            drop(guards);
        }
        ASKED.get()
    });
    assert_eq!(asked.join().expect("no panic"), 1000);
}

#[test]
fn a_comparison_that_panics_harms_no_other() {
    #[derive(Clone, Debug)]
    struct Moody(u32);
    impl Hash for Moody {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    impl PartialEq for Moody {
        fn eq(&self, other: &Self) -> bool {
            assert!(thread::current().name() != Some("moody"), "a comparison");
            self.0 == other.0
        }
    }
    impl Eq for Moody {}
    let first = UniqueResourceGuard::of(Moody(1));
    let asked = thread::Builder::new().name("moody".into()).spawn(|| UniqueResourceGuard::of(Moody(1)));
    assert!(asked.expect("a thread").join().is_err());
    assert!(UniqueResourceGuard::of(Moody(1)).is_same(&first));
}

mod warnings {
    use std::fmt::{Debug, Write};

    use tracing::field::{Field, Visit};
    use tracing::{Event, Level, Metadata, Subscriber, span};

    use super::{Arc, Mutex, UniqueResourceGuard, path};

    /// Keeps the warnings of this thread.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Kept {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::WARN
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            struct Text(String);
            impl Visit for Text {
                fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                    write!(self.0, "{}={value:?} ", field.name()).expect("a string");
                }
            }
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().expect("no panic").push(text.0);
        }
    }

    #[test]
    fn an_action_that_is_ignored_is_warned_of_and_nothing_else_is() {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let first = UniqueResourceGuard::with_action(path("warned of"), "reading");
            let same = UniqueResourceGuard::with_action(path("warned of"), "reading");
            let none = UniqueResourceGuard::of(path("warned of"));
            assert_eq!(kept.0.lock().expect("no panic").as_slice(), [""; 0]);
            let ignored = UniqueResourceGuard::with_action(path("warned of"), "writing");
            drop((first, same, none, ignored));
        });
        let warnings = kept.0.lock().expect("no panic").clone();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for part in ["warned of", r#"action="reading""#, r#"ignored="writing""#] {
            assert!(warnings[0].contains(part), "{part} in {warnings:?}");
        }
    }
}
