//! What the registry knows from the first calls on, whether or not the linker has told it before.

use altlocks::{CircuitBreakerError, ResourceBusy, circuit_breaker, registry, resource_guard, throttle};

#[circuit_breaker]
async fn own() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(name = "shared", max_fails = 7)]
async fn with_settings() -> Option<u32> {
    Some(2)
}

#[circuit_breaker(name = "shared")]
async fn joining() -> Option<u32> {
    None
}

#[circuit_breaker(name = "differing", max_fails = 7)]
async fn one() -> Result<(), CircuitBreakerError> {
    Ok(())
}

#[circuit_breaker(name = "differing", max_fails = 8)]
async fn other() -> Result<(), CircuitBreakerError> {
    Ok(())
}

#[throttle(rate = 1e9)]
async fn paced() -> u32 {
    3
}

static GUARD: altlocks::ResourceGuard<()> = altlocks::ResourceGuard::new(());

#[resource_guard(guard = GUARD)]
fn guarded() -> Result<u32, ResourceBusy> {
    Ok(4)
}

#[tokio::test]
async fn functions_and_their_instances_are_known_once_they_were_called() {
    for _ in 0..2 {
        assert_eq!((own().await, with_settings().await, joining().await), (Some(1), Some(2), None));
        assert_eq!((paced().await, guarded()), (3, Ok(4)));
    }
    for path in ["own", "with_settings", "joining", "paced", "guarded"] {
        let path = format!("first_use::{path}");
        assert_eq!(registry::sites().filter(|site| site.path() == path).count(), 1, "{path}");
    }
    assert_eq!(registry::circuit_breaker("shared").map(altlocks::CircuitBreaker::fails), Some(1));
    assert!(registry::circuit_breaker("first_use::own").is_some() && registry::throttle("first_use::paced").is_some());
}

#[test]
fn differing_settings_are_found_when_both_are_known() {
    let call = |future: std::pin::Pin<Box<dyn Future<Output = Result<(), CircuitBreakerError>>>>| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(future)))
    };
    // Where only called functions are known, the first call cannot know of the second one.
    let first = call(Box::pin(one()));
    assert!(first.is_err() || first.is_ok_and(|result| result == Ok(())));
    let words = call(Box::pin(other())).unwrap_err();
    let conflicts = registry::verify().unwrap_err();
    assert_eq!(words.downcast_ref::<String>(), Some(&conflicts.to_string()));
    assert!(conflicts.to_string().contains("max_fails = 7") && conflicts.to_string().contains("max_fails = 8"));
}
