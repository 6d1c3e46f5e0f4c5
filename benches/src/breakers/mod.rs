//! Circuit breakers: the cases, and the peers as one calls them.
//!
//! Each opens at five failures in a row, for 30 s, and each is shared, as a `static` is.
//!
//! A module of each program that uses it and not of the library: a service's functions are in one crate with those that
//! call them, and without that a compiler does not inline them.

mod body;
mod ours;
mod peers;
mod tower;
mod windows;

use std::hint::black_box;
use std::time::Duration;

use altlocks_benches::finish;

use self::body::{CallError, work};

/// What is asked of a circuit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    /// Calls that succeed while the circuit is closed.
    ClosedSuccess,
    /// The same, of a function with a larger error, without the peers. See the text of `body`.
    ClosedSuccessDetailed,
    /// Calls that fail while it is closed, and stay below the limit, which is out of reach here: only so does the case last.
    ClosedFailure,
    /// Calls that an open circuit refuses.
    Refused,
    /// From closed to open by a failure, to half-open, and to closed by a success. A limit of one and no time to reset, so
    /// that it is two calls and no waiting.
    RoundTrip,
}

impl Case {
    /// What tables call it.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClosedSuccess => "breaker: closed success",
            Self::ClosedSuccessDetailed => "breaker: closed success, large error",
            Self::ClosedFailure => "breaker: closed failure",
            Self::Refused => "breaker: refused",
            Self::RoundTrip => "breaker: half-open round trip",
        }
    }

    const fn limits(self) -> Limits {
        match self {
            Self::ClosedSuccess | Self::ClosedSuccessDetailed | Self::Refused => {
                Limits { failures: 5, reset: Duration::from_secs(30) }
            }
            Self::ClosedFailure => Limits { failures: u32::MAX, reset: Duration::from_secs(30) },
            Self::RoundTrip => Limits { failures: 1, reset: Duration::ZERO },
        }
    }

    /// Makes n calls, or n round trips; returns what became of the last call.
    pub(crate) fn repeat<C: Caller>(self, caller: &mut C, n: u64) -> Verdict {
        match self {
            Self::ClosedSuccess | Self::ClosedSuccessDetailed | Self::Refused => calls(caller, SUCCESSES, n),
            Self::ClosedFailure => calls(caller, FAILURES, n),
            Self::RoundTrip => calls(caller, C::ROUND_TRIP, n * u64::from(C::ROUND_TRIP.trailing_zeros()) * 2),
        }
    }

    /// Brings a new circuit to where the case begins, and sees that it is there.
    fn prepare<C: Caller>(self, caller: &mut C) {
        let expected = match self {
            Self::ClosedSuccess | Self::ClosedSuccessDetailed | Self::RoundTrip => Verdict::Success,
            Self::ClosedFailure => Verdict::Failure,
            Self::Refused => {
                // A window looks at what it holds once it is full, so it takes a call more.
                assert_eq!(calls(caller, FAILURES, 10), Verdict::Refused, "never opened");
                Verdict::Refused
            }
        };
        assert_eq!(self.repeat(caller, 2), expected, "{self:?}");
    }
}

/// The results of calls, a bit each from the lowest up and round: a one is a success.
type Pattern = u64;

const SUCCESSES: Pattern = u64::MAX;
const FAILURES: Pattern = 0;

/// Makes n calls whose results go round the pattern; returns what became of the last one.
///
/// It awaits each, as a task does, so that what is measured of a call is what it costs its callers; to poll each by hand
/// would add a move of its future, which they do not make. All calls of all cases are made in this one place: a function
/// that is called in one place is inlined there, and so the compiler treats a wrapped one as it treats the bare one.
#[inline(never)]
fn calls<C: Caller>(caller: &mut C, pattern: Pattern, n: u64) -> Verdict {
    let calls = async {
        let mut last = Verdict::Refused;
        for number in 0..n {
            // Asked by number, so that no call waits for what the last one left in memory.
            let result = pattern.rotate_right(number as u32) & 1;
            let answer = caller.call(black_box(result)).await;
            last = black_box(&answer).verdict();
        }
        last
    };
    finish(calls)
}

/// When a circuit opens, and for how long.
#[derive(Clone, Copy, Debug)]
struct Limits {
    failures: u32,
    reset: Duration,
}

/// What became of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It was made and succeeded.
    Success,
    /// It was made and failed.
    Failure,
    /// It was not made.
    Refused,
}

/// What a call through a breaker gives back.
pub(crate) trait Answer {
    /// What became of the call.
    fn verdict(&self) -> Verdict;
}

impl<E: Refusal> Answer for Result<u64, E> {
    #[inline]
    fn verdict(&self) -> Verdict {
        match self {
            Ok(_) => Verdict::Success,
            Err(error) if error.is_refusal() => Verdict::Refused,
            Err(_) => Verdict::Failure,
        }
    }
}

/// The error of such a call.
pub(crate) trait Refusal {
    /// Whether the call was not made.
    fn is_refusal(&self) -> bool;
}

/// One thread's way to a breaker that all share.
pub(crate) trait Caller: Clone + Send + Sync + 'static {
    /// The failure that opens a closed circuit with a limit of one, and the success that closes it.
    const ROUND_TRIP: Pattern = 0xaaaa_aaaa_aaaa_aaaa;

    /// What a call gives back.
    type Answer: Answer;

    /// One call of the work through the breaker, in the way its documentation shows for async functions.
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer>;
}

/// Something to be done with each peer.
pub(crate) trait Visit {
    /// The peer is ready for the case.
    fn visit<C: Caller>(&mut self, peer: &'static str, caller: C);
}

/// Shows a visitor every peer in a case.
///
/// # Panics
///
/// If a peer does not do what the case says.
pub(crate) fn each(case: Case, visitor: &mut impl Visit) {
    let _context = altlocks_benches::runtime().enter();
    let mut show = Show { case, visitor };
    ours::each(&mut show);
    if case == Case::ClosedSuccessDetailed {
        return;
    }
    peers::each(&mut show);
    tower::each(&mut show);
    windows::each(&mut show);
}

struct Show<'a, V> {
    case: Case,
    visitor: &'a mut V,
}

impl<V: Visit> Show<'_, V> {
    fn limits(&self) -> Limits {
        self.case.limits()
    }

    fn peer(&mut self, name: &'static str, mut caller: impl Caller) {
        self.case.prepare(&mut caller);
        self.visitor.visit(name, caller);
    }
}
