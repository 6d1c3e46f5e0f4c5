//! Which instance an annotated function uses, and what it is called.

use std::collections::HashMap;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use altlocks::{CircuitBreaker, State, circuit_breaker, registry};
use tokio::time::advance;

use super::{ApiError, is_open, trip};

mod one {
    use super::{ApiError, circuit_breaker};

    #[circuit_breaker]
    pub(super) async fn load() -> Result<(), ApiError> {
        Err(ApiError::Timeout)
    }
}

mod two {
    use super::{ApiError, circuit_breaker};

    #[circuit_breaker]
    pub(super) async fn load() -> Result<(), ApiError> {
        Ok(())
    }
}

struct A;
struct B;
struct Generic<T>(T);

trait Get {
    async fn get(&self) -> Result<(), ApiError>;
}

impl A {
    #[circuit_breaker]
    async fn find(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

impl B {
    #[circuit_breaker]
    async fn find(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Get for A {
    #[circuit_breaker]
    async fn get(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Get for B {
    #[circuit_breaker]
    async fn get(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

impl<T> Generic<T> {
    #[circuit_breaker]
    async fn get(&self) -> Result<(), ApiError> {
        let _ = &self.0;
        Ok(())
    }
}

async fn outer() -> Result<(), ApiError> {
    #[circuit_breaker]
    async fn inner() -> Result<(), ApiError> {
        Ok(())
    }
    inner().await
}

const HERE: &str = "behaviour::breaker::names";

#[test]
fn names_are_the_paths_of_the_functions_and_listed_before_the_first_call() {
    let names: Vec<_> = registry::sites().filter_map(|site| site.name()).collect();
    let expected = [
        format!("{HERE}::one::load"),
        format!("{HERE}::two::load"),
        format!("{HERE}::A::find"),
        format!("{HERE}::B::find"),
        format!("<{HERE}::A as {HERE}::Get>::get"),
        format!("<{HERE}::B as {HERE}::Get>::get"),
        format!("{HERE}::Generic<_>::get"),
        format!("{HERE}::outer::inner"),
    ];
    for name in &expected {
        assert_eq!(names.iter().filter(|known| *known == name).count(), 1, "{name} in {names:#?}");
        assert_eq!(registry::circuit_breaker(name).map(CircuitBreaker::name), Some(name.as_str()));
    }
}

#[tokio::test]
async fn functions_of_one_name_in_two_places_have_a_breaker_each() {
    for _ in 0..3 {
        assert_eq!(one::load().await, Err(ApiError::Timeout));
    }
    assert!(matches!(one::load().await, Err(ApiError::Refused(_))));
    assert_eq!(two::load().await, Ok(()));
    assert_eq!((A.find().await, B.find().await), (Ok(()), Ok(())));
    assert_eq!((A.get().await, B.get().await, Generic(1).get().await), (Ok(()), Ok(()), Ok(())));
    assert_eq!(outer().await, Ok(()));
}

#[circuit_breaker(name = "shared", max_fails = 2, reset = "10s", max_half_open_calls = 1)]
async fn sharing(fail: bool) -> Result<(), ApiError> {
    if fail { Err(ApiError::Timeout) } else { Ok(()) }
}

#[circuit_breaker(name = "shared")]
async fn joining() -> Option<u32> {
    None
}

#[tokio::test(start_paused = true)]
async fn functions_of_one_name_trip_together_and_share_the_trials() {
    let shared = registry::circuit_breaker("shared").unwrap();
    assert_eq!(joining().await, None);
    assert_eq!(sharing(true).await, Err(ApiError::Timeout));
    assert_eq!(shared.state(), State::Open);
    assert!(matches!(sharing(false).await, Err(ApiError::Refused(refusal)) if is_open(&refusal)));
    advance(Duration::from_secs(10)).await;
    let trial = shared.try_acquire().unwrap();
    assert_eq!(joining().await, None, "refused: the one trial is taken");
    assert_eq!((shared.state(), shared.fails()), (State::HalfOpen, 0));
    drop(trial);
    assert_eq!(sharing(false).await, Ok(()));
    assert_eq!(shared.state(), State::Closed);
}

#[circuit_breaker(name = "late settings")]
async fn called_first() -> Result<(), ApiError> {
    Err(ApiError::Timeout)
}

#[circuit_breaker(name = "late settings", max_fails = 1)]
async fn gives_the_settings() -> Result<(), ApiError> {
    Ok(())
}

#[tokio::test]
async fn a_joiner_called_before_the_one_with_settings_gets_those_settings() {
    assert_eq!(called_first().await, Err(ApiError::Timeout));
    assert!(matches!(called_first().await, Err(ApiError::Refused(_))), "max_fails is 1");
    assert!(matches!(gives_the_settings().await, Err(ApiError::Refused(_))));
}

#[circuit_breaker(name = "same twice", max_fails = 9, reset = "1m")]
async fn same() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(name = "same twice", reset = Duration::from_secs(60), max_fails = 4 + 5)]
async fn same_again() -> Result<(), ApiError> {
    Ok(())
}

fn hook(_: &CircuitBreaker, _: altlocks::Transition) {}

#[circuit_breaker(name = "same functions", on_transition = hook, timer = tokio::time::Instant::now)]
async fn same_functions() -> Result<(), ApiError> {
    Ok(())
}

mod elsewhere {
    use super::{ApiError, circuit_breaker};
    use tokio::time::Instant;

    #[circuit_breaker(name = "same functions", timer = Instant::now, on_transition = super::hook)]
    pub(super) async fn same_functions() -> Result<(), ApiError> {
        Ok(())
    }
}

#[tokio::test]
async fn the_same_settings_may_stand_at_several_however_they_are_written() {
    assert_eq!((same().await, same_again().await), (Ok(()), Ok(())));
    assert_eq!((same_functions().await, elsewhere::same_functions().await), (Ok(()), Ok(())));
}

#[circuit_breaker(name = "differing", max_fails = 5)]
async fn differing() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(name = "differing", max_fails = 6)]
async fn differing_too() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(name = "differing")]
async fn joins_the_differing() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(name = "differing in number", max_fails = 5)]
async fn one_setting() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(name = "differing in number", max_fails = 5, reset = "30s")]
async fn two_settings() -> Result<(), ApiError> {
    Ok(())
}

/// What differs in one value of each kind, or is written in another closure, or in a constant of the same type.
mod differing_values {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ApiError, circuit_breaker};

    const NOW: fn() -> Instant = Instant::now;
    const LATER: fn() -> Instant = || Instant::now() + Duration::from_secs(1);

    macro_rules! pair {
        ($($name:literal: $key:ident = $one:expr, $other:expr;)*) => {$(
            const _: () = {
                #[circuit_breaker(name = $name, $key = $one)]
                pub(super) async fn one() -> Result<(), ApiError> {
                    Ok(())
                }

                #[circuit_breaker(name = $name, $key = $other)]
                pub(super) async fn other() -> Result<(), ApiError> {
                    Ok(())
                }

                let _ = (one, other);
            };
        )*};
    }

    pair! {
        "differing closures": on_transition = |_, _| (), |_, _| {};
        "differing constants": timer = NOW, LATER;
        "differing durations": reset = "1s", Duration::from_secs(2);
        "differing numbers": backoff = 2, 3.0;
    }
}

/// What the call panics with.
async fn words(call: impl Future<Output = Result<(), ApiError>> + Send + 'static) -> String {
    let panicked = tokio::spawn(call).await.expect_err("a panic").into_panic();
    panicked.downcast_ref::<String>().expect("words").clone()
}

#[tokio::test]
async fn differing_settings_under_one_name_are_found_whatever_is_called_first() {
    let conflicts = registry::verify().unwrap_err();
    let kind = registry::Kind::CircuitBreaker;
    let names = conflicts.iter().filter(|conflict| conflict.kind() == kind).map(registry::Conflict::name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "differing",
            "differing closures",
            "differing constants",
            "differing durations",
            "differing in number",
            "differing numbers",
        ]
    );
    let conflict = conflicts.iter().find(|conflict| conflict.name() == "differing").unwrap();
    let lines: Vec<_> = conflict.sites().iter().map(|site| (site.path(), site.settings())).collect();
    assert_eq!(
        lines,
        [
            ("behaviour::breaker::names::differing", "max_fails = 5"),
            ("behaviour::breaker::names::differing_too", "max_fails = 6"),
        ]
    );
    let text = conflict.to_string();
    for site in conflict.sites() {
        let location = site.location();
        assert!(text.contains(&format!("{}:{}:{}", location.file(), location.line(), location.column())), "{text}");
        assert!(location.file().ends_with("names.rs"));
    }
    assert!(text.starts_with("circuit breaker `differing` has differing settings: `max_fails = 5` at "));
    assert!(conflicts.to_string().contains(&text));

    // Every call, of the joiner too, and again after the first.
    for _ in 0..2 {
        assert_eq!(words(joins_the_differing()).await, text);
        assert_eq!(words(differing_too()).await, text);
        assert_eq!(words(differing()).await, text);
    }
    assert!(words(one_setting()).await.contains("reset = \"30s\""));
    assert_eq!(words(one_setting()).await, words(two_settings()).await);
    assert!(registry::circuit_breaker("differing").is_none());
    assert!(registry::circuit_breakers().all(|breaker| breaker.name() != "differing"));
}

#[circuit_breaker(name = "first use")]
async fn first_use(by: &Barrier) -> Result<(), ApiError> {
    by.wait();
    Err(ApiError::Timeout)
}

#[circuit_breaker(name = "first use", max_fails = 1000)]
async fn first_use_too(by: &Barrier) -> Result<(), ApiError> {
    by.wait();
    Err(ApiError::Timeout)
}

#[test]
fn concurrent_first_use_makes_one_instance() {
    let (start, end) = (Barrier::new(8), Barrier::new(8));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (start, end) = (&start, &end);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                start.wait();
                let result = if thread % 2 == 0 {
                    runtime.block_on(first_use(end))
                } else {
                    runtime.block_on(first_use_too(end))
                };
                assert_eq!(result, Err(ApiError::Timeout));
            });
        }
    });
    assert_eq!(registry::circuit_breaker("first use").unwrap().fails(), 8);
    assert_eq!(registry::circuit_breakers().filter(|breaker| breaker.name() == "first use").count(), 1);
}

static OUTER: CircuitBreaker = CircuitBreaker::new("outer");
static INNER: CircuitBreaker = CircuitBreaker::new("inner");

#[circuit_breaker(breaker = OUTER)]
async fn calls_another(fail: bool) -> Result<(), ApiError> {
    called(fail).await
}

#[circuit_breaker(breaker = INNER)]
async fn called(fail: bool) -> Result<(), ApiError> {
    if fail { Err(ApiError::Timeout) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn of_nested_functions_each_breaker_sees_its_own() {
    assert_eq!(calls_another(true).await, Err(ApiError::Timeout));
    assert_eq!((OUTER.fails(), INNER.fails()), (1, 1));
    assert_eq!(called(true).await, Err(ApiError::Timeout));
    assert_eq!((OUTER.fails(), INNER.fails()), (1, 2));
    assert_eq!(called(true).await, Err(ApiError::Timeout));
    // A refusal that comes back as the error of another function is an error like any other.
    assert!(matches!(calls_another(false).await, Err(ApiError::Refused(refusal)) if refusal.name() == "inner"));
    assert_eq!((OUTER.fails(), INNER.state()), (2, State::Open));
}

static RECURSIVE: CircuitBreaker = CircuitBreaker::builder("recursive")
    .reset(Duration::from_secs(1))
    .max_half_open_calls(4)
    .success_threshold(4)
    .build();

#[circuit_breaker(breaker = RECURSIVE)]
async fn recursive(depth: u32) -> Result<u32, ApiError> {
    if depth == 0 { Ok(0) } else { Ok(1 + Box::pin(recursive(depth - 1)).await?) }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_inside_itself_takes_a_slot_a_level_and_leaks_none() {
    assert_eq!(recursive(50).await, Ok(50));
    trip(&RECURSIVE);
    advance(Duration::from_secs(1)).await;
    assert!(matches!(recursive(4).await, Err(ApiError::Refused(_))), "five levels, four trials");
    trip(&RECURSIVE);
    advance(Duration::from_secs(1)).await;
    assert_eq!(recursive(3).await, Ok(3));
    assert_eq!(RECURSIVE.state(), State::Closed);
}

struct Tenants(HashMap<u32, Arc<CircuitBreaker>>);

impl Tenants {
    fn breaker_of(&self, tenant: u32) -> &CircuitBreaker {
        &self.0[&tenant]
    }

    #[circuit_breaker(breaker = self.breaker_of(tenant))]
    async fn by_reference(&self, tenant: u32, fail: bool) -> Result<(), ApiError> {
        if fail { Err(ApiError::Timeout) } else { Ok(()) }
    }

    #[circuit_breaker(breaker = Arc::clone(&self.0[&tenant]))]
    async fn by_arc(&mut self, tenant: u32) -> Result<usize, ApiError> {
        self.0.entry(99).or_insert_with(|| Arc::new(CircuitBreaker::new("99")));
        Ok(self.0.len())
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_by_expression_sees_only_its_own_calls() {
    let breaker =
        |tenant: u32| Arc::new(CircuitBreaker::builder("tenant").named(tenant.to_string()).max_fails(1).build());
    let mut tenants = Tenants((1..=3).map(|tenant| (tenant, breaker(tenant))).collect());
    assert_eq!(tenants.by_reference(2, true).await, Err(ApiError::Timeout));
    for tenant in [1, 3] {
        assert_eq!(tenants.by_reference(tenant, false).await, Ok(()));
        assert_eq!(tenants.by_arc(tenant).await, Ok(4));
    }
    assert!(matches!(tenants.by_reference(2, false).await, Err(ApiError::Refused(refusal)) if refusal.name() == "2"));
    assert!(matches!(tenants.by_arc(2).await, Err(ApiError::Refused(refusal)) if refusal.name() == "2"));
    let site = registry::sites().find(|site| site.path().ends_with("Tenants::by_reference")).unwrap();
    assert_eq!((site.name(), site.settings()), (None, "breaker = self.breaker_of(tenant)"));
}
