//! What `#[resource_guard(..)]` makes of a function.

use std::sync::Arc;
use std::sync::Barrier;

use altlocks::{ResourceBusy, ResourceGuard, registry, resource_guard};

use crate::support::{panics, poll};

#[resource_guard(action = "reading")]
async fn own() -> Result<u32, ResourceBusy> {
    tokio::task::yield_now().await;
    Ok(1)
}

#[tokio::test]
async fn a_second_concurrent_call_fails_at_once_and_says_who_holds_it() {
    let mut first = Box::pin(own());
    assert!(poll(first.as_mut()).is_pending());
    let busy = own().await.unwrap_err();
    assert_eq!((busy.action(), busy.resource()), ("reading", "behaviour::guard::attribute::own"));
    assert!(busy.to_string().starts_with("another task is already reading resource: behaviour::guard::attribute::own"));
    let held_at = busy.held_at().unwrap();
    assert!(held_at.file().ends_with("attribute.rs") && held_at.line() < 20, "{held_at}");
    assert_eq!(first.await, Ok(1));
    assert_eq!(own().await, Ok(1), "free again");
}

#[tokio::test]
async fn a_dropped_call_frees_it() {
    let mut call = Box::pin(dropped());
    assert!(poll(call.as_mut()).is_pending());
    assert_eq!(dropped().await, None);
    drop(call);
    assert_eq!(dropped().await, Some(()));
    drop(dropped());
}

#[resource_guard]
async fn dropped() -> Option<()> {
    tokio::task::yield_now().await;
    Some(())
}

#[resource_guard(fallback = |busy: ResourceBusy| { assert_eq!(busy.action(), "using"); depth + 100 })]
fn plain(depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    plain(depth - 1)
}

#[resource_guard]
fn panicking(panics: bool) -> Result<(), ResourceBusy> {
    assert!(!panics, "the body's");
    Ok(())
}

#[test]
fn a_plain_function_that_calls_itself_is_busy() {
    assert_eq!(plain(0), 0);
    assert_eq!(plain(5), 104);
    assert_eq!(plain(0), 0);
}

#[test]
fn a_panic_frees_it() {
    assert!(panics(|| drop(panicking(true))));
    assert_eq!(panicking(false), Ok(()));
}

#[resource_guard(name = "the device", action = "writing to")]
fn write(at: &Barrier) -> Result<(), ResourceBusy> {
    at.wait();
    at.wait();
    Ok(())
}

#[resource_guard(name = "the device")]
async fn read() -> Result<(), ResourceBusy> {
    Ok(())
}

#[test]
fn functions_of_one_name_share_it_over_threads() {
    let at = Barrier::new(2);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&at));
        at.wait();
        let busy = runtime.block_on(read()).unwrap_err();
        assert!(busy.to_string().starts_with("another task is already writing to resource: the device"));
        at.wait();
        assert_eq!(writer.join().unwrap(), Ok(()));
    });
    assert_eq!(runtime.block_on(read()), Ok(()));
}

struct Port {
    lines: ResourceGuard<Vec<String>>,
    shared: Arc<ResourceGuard<()>>,
    count: u32,
}

impl Port {
    #[resource_guard(guard = self.lines)]
    async fn by_field(&self) -> Result<(), ResourceBusy> {
        assert!(self.lines.is_guarded());
        Ok(())
    }

    #[resource_guard(guard = Arc::clone(&self.shared))]
    fn by_arc(&mut self) -> Result<u32, ResourceBusy> {
        self.count += 1;
        assert!(self.shared.is_guarded());
        Ok(self.count)
    }
}

#[tokio::test]
async fn a_guard_by_expression_is_that_guard() {
    let guard = ResourceGuard::new(()).with_name("port 7").with_action("opening");
    let mut port = Port { lines: ResourceGuard::new(Vec::new()), shared: Arc::new(guard), count: 0 };
    assert_eq!(port.by_field().await, Ok(()));
    assert!(!port.lines.is_guarded());
    assert_eq!(port.by_arc(), Ok(1));
    let shared = Arc::clone(&port.shared);
    let held = shared.enter().unwrap();
    assert_eq!(port.by_arc().unwrap_err().resource(), "port 7");
    drop(held);
    assert_eq!(port.by_arc(), Ok(2));
}

#[test]
fn the_registry_knows_the_functions_that_carry_it() {
    let site = registry::sites().find(|site| site.path() == "behaviour::guard::attribute::write").unwrap();
    assert_eq!((site.kind(), site.name()), (registry::Kind::ResourceGuard, Some("the device")));
    assert_eq!(site.settings(), "action = \"writing to\"");
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn the_future_stays_send_and_grows_by_at_most_thirty_two_bytes() {
    async fn bare() -> Option<()> {
        tokio::task::yield_now().await;
        Some(())
    }
    let (bare, wrapped) = (size_of_val(&bare()), size_of_val(&assert_send(dropped())));
    assert!(wrapped <= bare + 32, "{wrapped} where the bare one has {bare}");
}
