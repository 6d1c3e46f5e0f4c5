//! One registry for all crates of a program, also when the linker optimises over all of them.

use altlocks::{CircuitBreaker, CircuitBreakerError, circuit_breaker, registry, throttle};
use altlocks_tests_library as library;

#[circuit_breaker(name = "from the library")]
async fn joining() -> Option<u32> {
    None
}

#[throttle(name = "from the program", rate = 7e8, max_rate = 1e9)]
async fn with_settings() -> u32 {
    1
}

#[circuit_breaker(name = "differing", max_fails = 3)]
async fn differing() -> Result<u32, CircuitBreakerError> {
    Ok(4)
}

#[test]
fn functions_of_other_crates_are_listed_before_their_first_call() {
    for name in ["altlocks_tests_library::own", "altlocks_tests_library::unnamed::never_called"] {
        assert_eq!(registry::circuit_breaker(name).map(CircuitBreaker::name), Some(name));
    }
    let site = registry::sites().find(|site| site.path() == "altlocks_tests_library::own").unwrap();
    assert_eq!(site.settings(), "max_fails = 2");
    assert!(site.location().file().ends_with("library/lib.rs"), "{}", site.location());
}

#[tokio::test]
async fn a_function_that_joins_gets_the_settings_of_another_crate() {
    let breaker = registry::circuit_breaker("from the library").unwrap();
    for fails in 1..=3 {
        assert_eq!(joining().await, None);
        assert_eq!(breaker.fails(), fails);
    }
    assert_eq!(library::with_settings().await, None);
    assert_eq!(breaker.state(), altlocks::State::Open, "after four, as the library says");

    let throttle = registry::throttle("from the program").unwrap();
    assert_eq!((library::joining().await, with_settings().await), (2, 1));
    assert_eq!((throttle.rate(), throttle.successes()), (7e8, 2));
}

#[tokio::test]
async fn a_function_with_a_breaker_of_its_own_keeps_it_in_other_crates() {
    assert_eq!(library::own().await, Some(1));
    assert_eq!(registry::circuit_breakers().filter(|breaker| breaker.name().ends_with("library::own")).count(), 1);
}

#[test]
fn settings_that_differ_between_crates_are_found_with_both_places() {
    let words = registry::verify().unwrap_err().to_string();
    for part in ["across_crates.rs:", "lib.rs:", "max_fails = 3", "max_fails = 5"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for call in [0, 1] {
        let called = std::panic::AssertUnwindSafe(|| match call {
            0 => runtime.block_on(differing()),
            _ => runtime.block_on(library::differing()),
        });
        let panic = std::panic::catch_unwind(called).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>(), Some(&words));
    }
}
