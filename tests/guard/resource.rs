//! A guard that owns its resource.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use altlocks::{Guarded, OwnedGuarded, ResourceBusy, ResourceGuard};

#[test]
fn a_second_enter_fails_at_once_and_names_the_action_the_resource_and_the_place() {
    let guard = ResourceGuard::new(String::from("pages")).with_name("journal").with_action("compacting");
    let (mut held, line) = (guard.enter().expect("free"), line!());
    let busy = guard.enter().expect_err("held");
    let at = busy.held_at().expect("known");
    assert_eq!((at.file(), at.line()), (file!(), line));
    assert_eq!((busy.resource(), busy.action()), ("journal", "compacting"));
    let text =
        format!("another task is already compacting resource: journal, entered at {}:{line}:{}", file!(), at.column());
    assert_eq!(busy.to_string(), text);
    held.push_str(", and more");
    assert_eq!(*held, "pages, and more", "the first is unaffected");
    assert_eq!(guard.enter().expect_err("still held").held_at(), Some(at), "a failed attempt is not the holder");
}

#[test]
fn unless_told_otherwise_the_action_is_using() {
    let guard = ResourceGuard::new(());
    assert_eq!(guard.action(), "using");
    let _held = guard.enter().expect("free");
    let text = guard.enter().expect_err("held").to_string();
    assert!(text.starts_with("another task is already using resource: resource #"), "{text}");
}

#[test]
fn resources_without_a_name_are_numbered() {
    static IN_A_STATIC: ResourceGuard<u32> = ResourceGuard::new(0);
    let guards = [ResourceGuard::new(1), ResourceGuard::new(2)];
    let names = [IN_A_STATIC.name(), guards[0].name(), guards[1].name()];
    for name in &names {
        let number = name.strip_prefix("resource #").expect("a number");
        assert!(number.parse::<u64>().is_ok(), "{name}");
    }
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
    assert_eq!(guards[0].name(), names[1], "once drawn it stays");
    let held = guards[0].enter().expect("free");
    assert_eq!(guards[0].enter().expect_err("held").resource(), names[1]);
    drop(held);
}

#[test]
fn a_resource_can_be_described_by_its_debug_form_or_a_name() {
    let guard = ResourceGuard::of(vec!["a", "b"]);
    assert_eq!((guard.name(), guard.action()), (r#"["a", "b"]"#.into(), "using"));
    let guard = guard.with_name(format!("list {}", 1)).with_action(String::from("sorting"));
    assert_eq!((guard.name(), guard.action()), ("list 1".into(), "sorting"));
}

#[test]
fn it_is_free_again_after_a_drop_and_after_an_early_return() {
    fn halves(guard: &ResourceGuard<u32>) -> Result<u32, ResourceBusy> {
        let mut held = guard.enter()?;
        if *held % 2 == 1 {
            return Ok(*held);
        }
        *held /= 2;
        guard.enter().map(|again| *again)
    }
    let guard = ResourceGuard::new(6);
    assert!(halves(&guard).is_err(), "the same thread is no exception");
    assert_eq!(halves(&guard), Ok(3));
    assert_eq!(guard.enter().map(|held| *held), Ok(3));
}

#[test]
fn it_is_free_again_after_a_panic_with_what_was_written_before() {
    let guard = ResourceGuard::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut held = guard.enter().expect("free");
        *held = 2;
        panic!("inside");
    }));
    assert!(panicked.is_err());
    assert!(!guard.is_guarded());
    assert_eq!(guard.enter().map(|held| *held), Ok(2));
}

#[tokio::test(start_paused = true)]
async fn it_is_free_again_when_the_task_of_the_holder_is_aborted() {
    static GUARD: ResourceGuard<u32> = ResourceGuard::new(0);
    let task = tokio::spawn(async {
        let mut held = GUARD.enter().expect("free");
        *held += 1;
        std::future::pending::<()>().await;
    });
    tokio::task::yield_now().await;
    assert!(GUARD.is_guarded());
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    assert_eq!(GUARD.enter().map(|held| *held), Ok(1));
}

#[tokio::test(start_paused = true)]
async fn entering_again_in_the_same_task_is_busy_too() {
    let guard = ResourceGuard::new(());
    let held = guard.enter().expect("free");
    tokio::task::yield_now().await;
    assert!(guard.enter().is_err());
    drop(held);
    assert!(guard.enter().is_ok());
}

#[test]
fn a_token_gives_the_resource_to_read_and_to_write_where_it_is_not_clone() {
    struct Device {
        register: u32,
    }
    let guard = ResourceGuard::new(Device { register: 1 });
    let mut device = guard.enter().expect("free");
    let register: &mut u32 = &mut device.register;
    *register += 1;
    assert_eq!(device.register, 2);
    drop(device);
    assert_eq!(guard.into_inner().register, 2);
}

#[test]
fn an_owned_token_keeps_the_guard_and_goes_to_another_thread() {
    let guard = Arc::new(ResourceGuard::new(vec![1]).with_name("list"));
    let mut token = guard.enter_owned().expect("free");
    let watcher = Arc::downgrade(&guard);
    assert_eq!(guard.enter_owned().expect_err("held").resource(), "list");
    assert!(guard.enter().is_err());
    drop(guard);
    std::thread::spawn(move || token.push(2)).join().expect("no panic");
    assert!(watcher.upgrade().is_none(), "the token was the last to keep it");

    let guard = Arc::new(ResourceGuard::new(1));
    drop(guard.enter_owned());
    *guard.enter_owned().expect("free") += 1;
    assert_eq!(Arc::into_inner(guard).map(ResourceGuard::into_inner), Some(2));
}

#[test]
fn an_owned_token_says_where_it_was_entered() {
    let guard = Arc::new(ResourceGuard::new(()));
    let (_held, line) = (guard.enter_owned().expect("free"), line!());
    assert_eq!(guard.enter().expect_err("held").held_at().map(|at| (at.file(), at.line())), Some((file!(), line)));
}

#[test]
#[expect(clippy::float_cmp, reason = "the quotients are exact")]
fn the_success_ratio_is_zero_before_any_attempt_and_failures_count() {
    let guard = ResourceGuard::new(());
    assert_eq!(guard.success_ratio(), 0.0);
    let held = guard.enter().expect("free");
    assert_eq!(guard.success_ratio(), 1.0);
    assert!(guard.enter().is_err());
    assert_eq!(guard.success_ratio(), 0.5);
    assert!((guard.enter().is_err(), guard.enter().is_err()) == (true, true));
    assert_eq!(guard.success_ratio(), 0.25);
    drop(held);
    assert_eq!(guard.success_ratio(), 0.25, "to leave is no attempt");
}

#[test]
#[expect(clippy::float_cmp, reason = "the quotients are exact")]
fn to_ask_whether_it_is_guarded_changes_nothing() {
    let guard = ResourceGuard::new(());
    for held in [false, true] {
        let token = held.then(|| guard.enter().expect("free"));
        for _ in 0..1000 {
            assert_eq!(guard.is_guarded(), held);
        }
        drop(token);
    }
    assert!(!guard.is_guarded());
    assert_eq!(guard.success_ratio(), 1.0);
}

#[test]
#[should_panic(expected = "leaked with its token")]
fn a_resource_that_was_leaked_with_its_token_cannot_be_taken_out() {
    let guard = ResourceGuard::new(());
    std::mem::forget(guard.enter());
    assert!(guard.is_guarded() && guard.enter().is_err());
    guard.into_inner();
}

#[test]
fn its_types_can_be_sent_and_shared() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    type OnlySend = std::cell::Cell<u32>;
    send::<ResourceGuard<OnlySend>>();
    sync::<ResourceGuard<OnlySend>>();
    send::<Guarded<'static, OnlySend>>();
    send::<OwnedGuarded<OnlySend>>();
    sync::<Guarded<'static, u32>>();
    sync::<OwnedGuarded<u32>>();
    send::<ResourceBusy>();
    sync::<ResourceBusy>();
}

#[test]
fn an_error_is_a_value_that_can_be_kept_and_compared() {
    let guard = ResourceGuard::new(()).with_name("door");
    let held = guard.enter().expect("free");
    let busy = guard.enter().expect_err("held");
    assert_eq!(busy.clone(), busy);
    drop(held);
    drop(guard);
    let source: &(dyn std::error::Error + Send + Sync) = &busy;
    assert!(source.to_string().contains("door"));
}

#[test]
fn debug_shows_what_one_would_ask_for() {
    let guard = ResourceGuard::new(5).with_name("five");
    let held = guard.enter();
    assert_eq!(format!("{held:?}"), r#"Ok(Guarded { resource: "five", .. })"#);
    assert_eq!(format!("{guard:?}"), r#"ResourceGuard { name: "five", action: "using", is_guarded: true, .. }"#);
    drop(held);
}
