//! What an annotated call costs, besides time.

use std::future::Future;
use std::pin::pin;

use allocation_counter::measure;
use altlocks::{CircuitBreakerError, ResourceBusy, circuit_breaker, registry, resource_guard, throttle};

use crate::support::poll;

#[circuit_breaker]
async fn breaker(fail: bool) -> Result<u8, CircuitBreakerError> {
    if fail { Err(refusal()) } else { Ok(1) }
}

fn refusal() -> CircuitBreakerError {
    static OPEN: altlocks::CircuitBreaker = altlocks::CircuitBreaker::new("open");
    OPEN.force_open();
    OPEN.try_acquire().expect_err("it is open")
}

#[circuit_breaker(name = "costs nothing")]
async fn shared() -> Option<u8> {
    Some(1)
}

#[throttle(rate = 1e9)]
async fn paced() -> u8 {
    1
}

#[resource_guard]
async fn guarded() -> Result<u8, ResourceBusy> {
    Ok(1)
}

#[circuit_breaker(name = "costs nothing")]
#[throttle(rate = 1e9)]
#[resource_guard]
async fn all_three() -> Option<u8> {
    Some(1)
}

/// Of a call that does not wait, after a first one.
fn allocations<F: Future>(call: impl Fn() -> F) -> u64 {
    let once = || {
        assert!(poll(pin!(call())).is_ready());
    };
    once();
    measure(once).count_total
}

#[test]
fn an_annotated_call_allocates_nothing() {
    assert_eq!(allocations(|| breaker(false)), 0);
    assert_eq!(allocations(shared), 0);
    assert_eq!(allocations(paced), 0);
    assert_eq!(allocations(guarded), 0);
    assert_eq!(allocations(all_three), 0);
    assert_eq!(allocations(|| async { drop(refusal()) }), 0, "nor does a refusal");
    let open = registry::circuit_breaker("behaviour::attributes::cost::breaker").unwrap();
    open.force_open();
    assert_eq!(allocations(|| breaker(false)), 0, "nor a refused call");
    open.reset();
    assert_eq!(allocations(|| breaker(true)), 0, "nor one that fails");
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

/// Each calls the next one, and the last one awaits. They are declared callees first or callers first, as said.
///
/// Whether a chain can be sent is found out five steps deep for each function, and what was found is not kept: of 128 steps,
/// the compiler's default limit, a chain of 24 annotated functions makes use, and one of 40 bare ones. With callers first
/// each future is also laid out from its caller's down, eight queries deep for each function: 16 annotated ones, 32 bare.
/// It is the same with one attribute and with three.
macro_rules! chain {
    ($order:ident [$($attributes:tt)*] $last:ident) => {
        $($attributes)*
        async fn $last(depth: u8) -> Option<u8> {
            tokio::task::yield_now().await;
            Some(depth)
        }
    };
    (callees_first [$($attributes:tt)*] $this:ident $next:ident $($rest:ident)*) => {
        chain!(callees_first [$($attributes)*] $next $($rest)*);
        $($attributes)*
        async fn $this(depth: u8) -> Option<u8> {
            let depth = $next(depth + 1).await?;
            Some(depth)
        }
    };
    (callers_first [$($attributes:tt)*] $this:ident $next:ident $($rest:ident)*) => {
        $($attributes)*
        async fn $this(depth: u8) -> Option<u8> {
            let depth = $next(depth + 1).await?;
            Some(depth)
        }
        chain!(callers_first [$($attributes)*] $next $($rest)*);
    };
}

mod alone {
    use altlocks::circuit_breaker;

    chain!(callees_first [#[circuit_breaker]] first b c d e f g h i j k l m n o p q r s t);

    pub(super) fn start() -> impl Future<Output = Option<u8>> {
        first(1)
    }
}

mod stacked {
    use altlocks::{circuit_breaker, resource_guard, throttle};

    chain!(callees_first [#[circuit_breaker] #[throttle(rate = 1e9)] #[resource_guard]]
        first b c d e f g h i j k l m n o p q r s t);

    pub(super) fn start() -> impl Future<Output = Option<u8>> {
        first(1)
    }
}

mod callers_first {
    use altlocks::{circuit_breaker, resource_guard, throttle};

    chain!(callers_first [#[circuit_breaker] #[throttle(rate = 1e9)] #[resource_guard]]
        first b c d e f g h i j k l m n);

    pub(super) fn start() -> impl Future<Output = Option<u8>> {
        first(1)
    }
}

#[tokio::test]
async fn chains_of_annotated_functions_compile_at_the_default_recursion_limit_and_can_be_sent() {
    assert_eq!(tokio::spawn(assert_send(alone::start())).await.unwrap(), Some(20));
    assert_eq!(tokio::spawn(assert_send(stacked::start())).await.unwrap(), Some(20));
    assert_eq!(tokio::spawn(assert_send(callers_first::start())).await.unwrap(), Some(14));
}

#[test]
fn each_further_attribute_adds_at_most_sixteen_bytes() {
    async fn bare() -> Option<[u8; 32]> {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some([0; 32])
    }
    #[circuit_breaker]
    async fn one() -> Option<[u8; 32]> {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some([0; 32])
    }
    #[circuit_breaker]
    #[circuit_breaker(name = "the second")]
    async fn two() -> Option<[u8; 32]> {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some([0; 32])
    }
    #[circuit_breaker]
    #[circuit_breaker(name = "the second")]
    #[resource_guard]
    async fn three() -> Option<[u8; 32]> {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some([0; 32])
    }
    let sizes = [size_of_val(&bare()), size_of_val(&one()), size_of_val(&two()), size_of_val(&three())];
    let [bare, one, two, three] = sizes;
    assert!(one <= bare + 32 && two <= one + 16 && three <= two + 16, "{sizes:?}");
}
