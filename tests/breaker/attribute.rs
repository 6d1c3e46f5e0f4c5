//! What `#[circuit_breaker(..)]` makes of a function.

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use altlocks::{CircuitBreaker, CircuitBreakerError, State, circuit_breaker};
use tokio::time::{advance, timeout};

use super::{ApiError, RESET, admitted, fail, succeed, trip};
use crate::support::poll;

/// Never refuses and never opens, so that only the counts tell what was recorded.
const fn counting(name: &'static str) -> CircuitBreaker {
    CircuitBreaker::builder(name).max_fails(u32::MAX).build()
}

/// One trial, ready to be taken.
async fn ready(breaker: &CircuitBreaker) {
    breaker.reset();
    trip(breaker);
    advance(RESET).await;
}

const fn one_trial(name: &'static str) -> CircuitBreaker {
    CircuitBreaker::builder(name).max_fails(1).reset(RESET).max_half_open_calls(1).build()
}

static EXITS: CircuitBreaker = counting("exits");

#[circuit_breaker(breaker = EXITS)]
async fn exits(by: u32) -> Result<u32, ApiError> {
    let value = {
        if by == 0 {
            return Err(ApiError::Timeout);
        }
        let inner = async { if by == 1 { Err(ApiError::Io(1)) } else { Ok(by) } };
        inner.await?
    };
    for step in 0.. {
        if step == value {
            return if by == 2 { Err(ApiError::NotFound) } else { Ok(value) };
        }
    }
    unreachable!()
}

#[tokio::test]
async fn every_way_out_of_a_body_is_recorded_once() {
    assert_eq!(exits(0).await, Err(ApiError::Timeout));
    assert_eq!(EXITS.fails(), 1);
    assert_eq!(exits(1).await, Err(ApiError::Io(1)));
    assert_eq!(EXITS.fails(), 2);
    assert_eq!(exits(2).await, Err(ApiError::NotFound));
    assert_eq!(EXITS.fails(), 3);
    assert_eq!(exits(3).await, Ok(3));
    assert_eq!(EXITS.fails(), 0);
}

static FAIL_ON: CircuitBreaker = counting("fail_on");

#[circuit_breaker(breaker = FAIL_ON, fail_on = ApiError::Timeout | ApiError::Io(_) if !lenient)]
async fn fail_on(lenient: bool, result: Result<(), ApiError>) -> Result<(), ApiError> {
    result
}

#[tokio::test]
async fn fail_on_makes_only_errors_that_match_failures_and_ignores_the_others() {
    assert_eq!(fail_on(false, Err(ApiError::Io(7))).await, Err(ApiError::Io(7)));
    assert_eq!(FAIL_ON.fails(), 1);
    assert_eq!(fail_on(false, Err(ApiError::Timeout)).await, Err(ApiError::Timeout));
    assert_eq!(FAIL_ON.fails(), 2);
    assert_eq!(fail_on(false, Err(ApiError::NotFound)).await, Err(ApiError::NotFound));
    assert_eq!(FAIL_ON.fails(), 2, "neither counted nor the end of the run");
    assert_eq!(fail_on(true, Err(ApiError::Timeout)).await, Err(ApiError::Timeout));
    assert_eq!(FAIL_ON.fails(), 2, "the guard does not hold");
    assert_eq!(fail_on(false, Ok(())).await, Ok(()));
    assert_eq!(FAIL_ON.fails(), 0);
}

static ANY_ERROR: CircuitBreaker = counting("any error");

#[circuit_breaker(breaker = ANY_ERROR, fail_on = _)]
async fn any_error() -> Result<(), ApiError> {
    Err(ApiError::NotFound)
}

static FAIL_IF: CircuitBreaker = counting("fail_if");

#[circuit_breaker(breaker = FAIL_IF, fail_if = |status| *status >= 500, fallback = |_| 503)]
async fn fail_if(status: u16) -> u16 {
    status
}

#[tokio::test]
async fn fail_if_decides_over_any_return_value() {
    assert_eq!(any_error().await, Err(ApiError::NotFound));
    assert_eq!(ANY_ERROR.fails(), 1);
    assert_eq!(fail_if(500).await, 500);
    assert_eq!(fail_if(502).await, 502);
    assert_eq!(FAIL_IF.fails(), 2);
    assert_eq!(fail_if(404).await, 404);
    assert_eq!(FAIL_IF.fails(), 0);
    FAIL_IF.force_open();
    assert_eq!(fail_if(200).await, 503);
    FAIL_IF.reset();
}

static DEFAULT: CircuitBreaker = counting("default");

thread_local! {
    static EVALUATED: Cell<u32> = const { Cell::new(0) };
}

fn evaluated(value: u32) -> u32 {
    EVALUATED.set(EVALUATED.get() + 1);
    value
}

#[circuit_breaker(breaker = DEFAULT, fail_on = ApiError::Timeout, default = evaluated(7))]
async fn default(result: Result<u32, ApiError>) -> Result<u32, ApiError> {
    result
}

#[tokio::test]
async fn default_is_evaluated_only_on_an_expected_failure_and_the_failure_counts() {
    assert_eq!(default(Ok(1)).await, Ok(1));
    assert_eq!(default(Err(ApiError::NotFound)).await, Err(ApiError::NotFound));
    DEFAULT.force_open();
    assert!(matches!(default(Ok(1)).await, Err(ApiError::Refused(_))), "a refusal is no failure");
    assert_eq!(EVALUATED.get(), 0);
    DEFAULT.reset();
    assert_eq!(default(Err(ApiError::Timeout)).await, Ok(7));
    assert_eq!((EVALUATED.get(), DEFAULT.fails()), (1, 1));
}

static OPTION: CircuitBreaker = counting("option");

#[circuit_breaker(breaker = OPTION, default = 9)]
async fn option(value: Option<u32>) -> Option<u32> {
    value
}

#[tokio::test]
async fn an_option_carries_failure_default_and_refusal() {
    assert_eq!(option(Some(1)).await, Some(1));
    assert_eq!(option(None).await, Some(9));
    assert_eq!(OPTION.fails(), 1);
    OPTION.force_open();
    assert_eq!(option(Some(1)).await, None);
}

static FALLBACK: CircuitBreaker = one_trial("fallback");

#[circuit_breaker(breaker = FALLBACK, fallback = |refusal: CircuitBreakerError| {
    evaluated(0);
    Ok(format!("{query}: {refusal}"))
})]
async fn fallback(query: String) -> Result<String, ApiError> {
    Ok(query)
}

#[tokio::test(start_paused = true)]
async fn fallback_is_evaluated_only_on_a_refusal_may_use_the_arguments_and_counts_nothing() {
    assert_eq!(fallback("q".into()).await.as_deref(), Ok("q"));
    assert_eq!(EVALUATED.get(), 0);
    fail(&FALLBACK);
    for calls in 1..5 {
        let refused = fallback("q".into()).await.unwrap();
        assert_eq!(refused, "q: circuit breaker `fallback` is open, retry after 10s");
        assert_eq!((EVALUATED.get(), FALLBACK.fails(), FALLBACK.state()), (calls, 0, State::Open));
    }
    advance(RESET).await;
    let trial = admitted(&FALLBACK);
    assert!(fallback("q".into()).await.unwrap().contains("half-open and its 1 trial calls are taken"));
    drop(trial);
    succeed(&FALLBACK);
}

static PANICS: CircuitBreaker = one_trial("panics");

#[circuit_breaker(breaker = PANICS)]
async fn body_panics() -> Result<(), ApiError> {
    panic!("the body's")
}

#[circuit_breaker(breaker = PANICS, fail_if = |_| panic!("the classifier's"))]
async fn classifier_panics() -> Result<(), ApiError> {
    Ok(())
}

#[circuit_breaker(breaker = PANICS, fail_on = ApiError::Io(code) if u8::try_from(1000).expect("the guard's") == *code)]
async fn guard_panics() -> Result<(), ApiError> {
    Err(ApiError::Io(1))
}

#[circuit_breaker(breaker = PANICS, default = default_that_panics())]
async fn default_panics() -> Result<(), ApiError> {
    Err(ApiError::Timeout)
}

fn default_that_panics() {
    panic!("the default's")
}

#[tokio::test(start_paused = true)]
async fn whatever_panics_the_trial_failed_and_its_slot_is_free() {
    async fn panicked(call: impl Future<Output = Result<(), ApiError>> + Send + 'static) {
        ready(&PANICS).await;
        assert!(tokio::spawn(call).await.unwrap_err().is_panic());
        assert_eq!(PANICS.state(), State::Open, "a failure");
        advance(RESET).await;
        succeed(&PANICS);
        assert_eq!(PANICS.state(), State::Closed);
    }
    panicked(body_panics()).await;
    panicked(classifier_panics()).await;
    panicked(guard_panics()).await;
    panicked(default_panics()).await;
}

static CANCELLED: CircuitBreaker = one_trial("cancelled");

#[circuit_breaker(breaker = CANCELLED)]
async fn never_ends() -> Result<(), ApiError> {
    pending().await
}

#[tokio::test(start_paused = true)]
async fn admission_is_at_the_first_poll_and_a_drop_after_it_frees_the_trial() {
    ready(&CANCELLED).await;
    drop(never_ends());
    assert_eq!(CANCELLED.state(), State::Open);
    for _ in 0..20 {
        let mut call = Box::pin(never_ends());
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(CANCELLED.state(), State::HalfOpen);
        assert!(CANCELLED.try_acquire().is_err());
    }
    assert!(timeout(Duration::from_secs(1), never_ends()).await.is_err());
    assert_eq!((CANCELLED.state(), CANCELLED.fails()), (State::HalfOpen, 0));
    assert!(admitted(&CANCELLED).is_trial());
}

static STACKED: [CircuitBreaker; 2] = [one_trial("outer"), one_trial("inner")];

#[circuit_breaker(breaker = STACKED[0])]
#[altlocks::circuit_breaker(breaker = STACKED[1], default = 5)]
async fn stacked(fail: bool) -> Result<u32, ApiError> {
    if fail { Err(ApiError::Timeout) } else { Ok(1) }
}

#[tokio::test(start_paused = true)]
async fn stacked_attributes_run_as_written_the_top_one_outermost() {
    let [outer, inner] = &STACKED;
    assert_eq!(stacked(true).await, Ok(5));
    assert_eq!(
        (outer.state(), inner.state()),
        (State::Closed, State::Open),
        "the outer one sees what the inner returns"
    );
    let refused = stacked(false).await.unwrap_err();
    assert!(matches!(&refused, ApiError::Refused(refusal) if refusal.name() == "inner"));
    assert_eq!((outer.state(), outer.fails()), (State::Closed, 0), "its refusal is ignored by the outer one");
    outer.force_open();
    let refused = stacked(false).await.unwrap_err();
    assert!(matches!(&refused, ApiError::Refused(refusal) if refusal.name() == "outer"), "the top one is asked first");
}

/// The rooms of functions, and the kinds of values, that the attribute has to pass by.
mod shapes {
    use super::{ApiError, circuit_breaker};

    pub(super) trait Service {
        async fn required(&self) -> Result<&str, ApiError>;

        #[circuit_breaker]
        async fn provided(&self) -> Result<usize, ApiError> {
            Ok(self.required().await?.len())
        }
    }

    pub(super) struct Client(pub(super) String);

    impl Service for Client {
        #[circuit_breaker]
        async fn required(&self) -> Result<&str, ApiError> {
            self.private().await
        }
    }

    impl Client {
        #[circuit_breaker]
        async fn private(&self) -> Result<&str, ApiError> {
            Ok(&self.0)
        }

        #[circuit_breaker]
        pub(super) async fn by_value(self) -> Result<String, ApiError> {
            Ok(self.0)
        }

        #[circuit_breaker]
        pub(super) async fn by_unique_reference(&mut self, (mut a, b): (u8, u8)) -> Result<u8, ApiError> {
            a += b;
            self.0.push('!');
            Ok(a)
        }
    }

    #[circuit_breaker]
    pub(super) async fn generic<'a, T: 'a, const N: usize>(
        all: &'a [T; N],
        _: impl Fn() + 'a,
    ) -> Result<&'a T, ApiError>
    where
        [T; N]: Sized,
    {
        #![expect(non_snake_case, reason = "inner attributes stay at the start of the function")]
        let First = all.first();
        First.ok_or(ApiError::NotFound)
    }

    #[circuit_breaker]
    pub(super) async fn hidden_type(n: u8) -> Result<impl Iterator<Item = u8> + Clone, ApiError> {
        Ok(0..n)
    }

    #[circuit_breaker(crate = renamed)]
    pub(super) async fn under_another_name() -> Result<(), ApiError> {
        Ok(())
    }

    use altlocks as renamed;

    macro_rules! made {
        ($vis:vis $name:ident -> $ret:ty $body:block) => {
            #[circuit_breaker]
            $vis async fn $name() -> $ret $body
        };
    }

    made!(pub(super) by_macro -> Result<u8, ApiError> { Ok(3) });

    /// Locals of the same names as those of an expansion.
    #[circuit_breaker(default = output)]
    pub(super) async fn colliding(output: u8, permit: u8, breaker: u8) -> Option<u8> {
        let (outcome, refusal, value) = (output, permit, breaker);
        if value == 0 { None } else { Some(outcome + refusal) }
    }
}

#[tokio::test]
async fn an_annotated_function_is_the_function_it_was() {
    use shapes::{Client, Service};
    let mut client = Client("abc".into());
    assert_eq!(client.provided().await, Ok(3));
    assert_eq!(client.by_unique_reference((1, 2)).await, Ok(3));
    assert_eq!(client.by_value().await.as_deref(), Ok("abc!"));
    assert_eq!(shapes::generic(&[1, 2], || ()).await, Ok(&1));
    assert_eq!(shapes::hidden_type(3).await.map(Iterator::count), Ok(3));
    assert_eq!(shapes::under_another_name().await, Ok(()));
    assert_eq!(shapes::by_macro().await, Ok(3));
    assert_eq!(shapes::colliding(1, 2, 3).await, Some(3));
    assert_eq!(shapes::colliding(1, 2, 0).await, Some(1));
}

#[altlocks::circuit_breaker(breaker = ABSOLUTE[0])]
#[::altlocks::circuit_breaker(breaker = ABSOLUTE[1])]
async fn by_absolute_path() -> Result<(), ApiError> {
    Ok(())
}

static ABSOLUTE: [CircuitBreaker; 2] = [one_trial("above"), one_trial("below")];

#[tokio::test]
async fn siblings_are_known_by_their_absolute_path_too() {
    ABSOLUTE[0].force_open();
    ABSOLUTE[1].force_open();
    assert!(matches!(by_absolute_path().await, Err(ApiError::Refused(refusal)) if refusal.name() == "above"));
}

static COUNTED_FIRST: CircuitBreaker = counting("counted first");

#[circuit_breaker(breaker = COUNTED_FIRST, default = COUNTED_FIRST.fails())]
async fn counted_first() -> Result<u32, ApiError> {
    Err(ApiError::Timeout)
}

#[tokio::test]
async fn a_failure_is_counted_before_its_default_is_evaluated() {
    assert_eq!(counted_first().await, Ok(1));
    assert_eq!(counted_first().await, Ok(2));
}

/// The ends of the ranges, literal and through a `macro_rules!`.
mod accepted {
    use super::{ApiError, circuit_breaker};

    #[circuit_breaker(
        max_fails = 1,
        reset = "0s",
        max_half_open_calls = 1,
        success_threshold = 1,
        max_half_open_fails = 1,
        trial_lease = "1ns",
        backoff = 1,
        max_reset = "0ms",
        jitter = 0,
        slow_call = "0s"
    )]
    pub(super) async fn least() -> Result<(), ApiError> {
        Ok(())
    }

    macro_rules! made {
        ($fails:expr, $reset:expr, $jitter:expr) => {
            #[circuit_breaker(max_fails = $fails, reset = $reset, jitter = $jitter)]
            pub(super) async fn by_macro() -> Result<(), ApiError> {
                Ok(())
            }
        };
    }

    made!(4_294_967_295, "584h", 0.999);
}

#[tokio::test]
async fn the_ends_of_the_ranges_are_accepted() {
    assert_eq!(accepted::by_macro().await, Ok(()));
    assert_eq!(accepted::least().await, Ok(()));
    assert!(matches!(accepted::least().await, Ok(())), "slow, and so a failure: the reset of zero makes this a trial");
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

async fn bare(bytes: &[u8]) -> Result<usize, ApiError> {
    tokio::task::yield_now().await;
    Ok(bytes.len())
}

#[circuit_breaker]
async fn wrapped(bytes: &[u8]) -> Result<usize, ApiError> {
    tokio::task::yield_now().await;
    Ok(bytes.len())
}

#[circuit_breaker(name = "wrapped twice")]
#[circuit_breaker]
async fn wrapped_twice(bytes: &[u8]) -> Result<usize, ApiError> {
    tokio::task::yield_now().await;
    Ok(bytes.len())
}

#[circuit_breaker(breaker = FAIL_IF)]
async fn given(bytes: &[u8]) -> Result<usize, ApiError> {
    tokio::task::yield_now().await;
    Ok(bytes.len())
}

#[test]
fn the_future_stays_send_and_grows_by_at_most_thirty_two_bytes_and_the_arguments() {
    let bare = size_of_val(&bare(b"x")) + size_of::<&[u8]>();
    let wrapped = size_of_val(&assert_send(wrapped(b"x")));
    assert!(wrapped <= bare + 32, "{wrapped} where the bare one has {bare}");
    let given = size_of_val(&assert_send(given(b"x")));
    assert!(given <= bare + 32, "{given} where the bare one has {bare}");
    let twice = size_of_val(&assert_send(wrapped_twice(b"x")));
    assert!(twice <= wrapped + 16, "{twice} where one attribute makes {wrapped}");
}
