//! Stacked attributes run as they are written, the top one outermost.

use altlocks::{
    CircuitBreaker, CircuitBreakerError, DynamicThrottle, ResourceBusy, ResourceGuard, State, ThrottleTimeout,
    circuit_breaker, resource_guard, throttle,
};

/// Which of the three refused.
#[derive(Debug, PartialEq)]
enum By {
    Breaker,
    Throttle,
    Guard,
}

impl From<CircuitBreakerError> for By {
    fn from(_: CircuitBreakerError) -> Self {
        Self::Breaker
    }
}

impl From<ThrottleTimeout> for By {
    fn from(_: ThrottleTimeout) -> Self {
        Self::Throttle
    }
}

impl From<ResourceBusy> for By {
    fn from(_: ResourceBusy) -> Self {
        Self::Guard
    }
}

static BREAKER: CircuitBreaker = CircuitBreaker::new("b");
static THROTTLE: DynamicThrottle = DynamicThrottle::builder(1.0).jitter(0.0).build();
static GUARD: ResourceGuard<()> = ResourceGuard::new(());
/// The instances above are shared by the tests here.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

macro_rules! ordered {
    ($($name:ident: $(#[$($attribute:tt)*])* => $first:ident $second:ident $third:ident;)*) => {$(
        $(#[$($attribute)*])*
        async fn $name() -> Result<(), By> {
            Ok(())
        }
    )*

    /// Refused by all, by the last two, by the last one: the first of them that is asked says so.
    #[tokio::test(start_paused = true)]
    async fn the_one_written_first_is_asked_first_in_every_order() {
        let _alone = ALONE.lock().await;
        $(
            let order = [By::$first, By::$second, By::$third];
            for asked in 0..3 {
                let refusing = &order[asked..];
                let guarded = refusing.contains(&By::Guard).then(|| GUARD.enter().unwrap());
                if refusing.contains(&By::Throttle) {
                    drop(THROTTLE.try_enter());
                } else {
                    tokio::time::advance(std::time::Duration::from_secs(10)).await;
                }
                if refusing.contains(&By::Breaker) {
                    BREAKER.force_open();
                }
                assert_eq!($name().await.as_ref(), Err(&refusing[0]), "{}", stringify!($name));
                assert!(guarded.is_some() || !GUARD.is_guarded(), "what was entered is left again");
                BREAKER.reset();
                drop(guarded);
                tokio::time::advance(std::time::Duration::from_secs(10)).await;
            }
            assert_eq!($name().await, Ok(()));
            assert_eq!((BREAKER.state(), BREAKER.fails(), THROTTLE.fails()), (State::Closed, 0, 0));
        )*
    }};
}

ordered! {
    breaker_throttle_guard:
        #[circuit_breaker(breaker = BREAKER)]
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        #[resource_guard(guard = GUARD)]
        => Breaker Throttle Guard;
    breaker_guard_throttle:
        #[circuit_breaker(breaker = BREAKER)]
        #[resource_guard(guard = GUARD)]
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        => Breaker Guard Throttle;
    throttle_breaker_guard:
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        #[circuit_breaker(breaker = BREAKER)]
        #[resource_guard(guard = GUARD)]
        => Throttle Breaker Guard;
    throttle_guard_breaker:
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        #[resource_guard(guard = GUARD)]
        #[circuit_breaker(breaker = BREAKER)]
        => Throttle Guard Breaker;
    guard_breaker_throttle:
        #[resource_guard(guard = GUARD)]
        #[circuit_breaker(breaker = BREAKER)]
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        => Guard Breaker Throttle;
    guard_throttle_breaker:
        #[resource_guard(guard = GUARD)]
        #[throttle(throttle = THROTTLE, timeout = "0s")]
        #[circuit_breaker(breaker = BREAKER)]
        => Guard Throttle Breaker;
}

macro_rules! by_macro {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        async fn $name() -> Result<(), By> {
            Ok(())
        }
    };
}

by_macro!(
    #[circuit_breaker(breaker = BREAKER)]
    #[resource_guard(guard = GUARD)]
    breaker_first
);
by_macro!(
    #[resource_guard(guard = GUARD)]
    #[circuit_breaker(breaker = BREAKER)]
    guard_first
);

#[tokio::test]
async fn the_order_is_the_same_in_a_macro_that_takes_attributes() {
    let _alone = ALONE.lock().await;
    BREAKER.force_open();
    let guarded = GUARD.enter().unwrap();
    assert_eq!((breaker_first().await, guard_first().await), (Err(By::Breaker), Err(By::Guard)));
    drop(guarded);
    BREAKER.reset();
}

static COUNTED: CircuitBreaker = CircuitBreaker::builder("counted").max_fails(u32::MAX).build();
static LEFT: ResourceGuard<()> = ResourceGuard::new(());

/// The guard is left before the breaker on top of it hears of the end.
#[circuit_breaker(breaker = COUNTED, fail_if = |_| LEFT.is_guarded())]
#[resource_guard(guard = LEFT)]
async fn inner_left_first() -> Option<()> {
    assert!(LEFT.is_guarded());
    Some(())
}

/// The breaker hears of the end while the guard on top of it is still held.
#[resource_guard(guard = LEFT)]
#[circuit_breaker(breaker = COUNTED, fail_if = |_| !LEFT.is_guarded())]
async fn outer_left_last() -> Option<()> {
    Some(())
}

#[tokio::test]
async fn what_is_entered_last_is_left_first() {
    assert_eq!((inner_left_first().await, COUNTED.fails()), (Some(()), 0));
    assert_eq!((outer_left_last().await, COUNTED.fails()), (Some(()), 0));
}

#[circuit_breaker(name = "a test", fallback = |_| (), fail_if = |()| false)]
#[tokio::test]
async fn above_tokio_test() {
    tokio::task::yield_now().await;
}
