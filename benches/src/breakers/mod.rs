//! Circuit breakers: the cases, and the peers as one calls them.
//!
//! Each opens at five failures in a row, for 30 s, and each is shared, as a `static` is.

mod body;
mod ours;
mod peers;
mod tower;
mod windows;

use std::hint::black_box;
use std::time::Duration;

pub use self::body::{CallError, Failed, bare, instrumented, work};

use crate::finish;

/// An input on which the protected function succeeds.
const GOOD: u64 = 7;
/// One on which it fails.
const BAD: u64 = 0;

/// What is asked of a circuit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// Calls that succeed while the circuit is closed.
    ClosedSuccess,
    /// Calls that fail while it is closed, and stay below the limit, which is out of reach here: only so does the case last.
    ClosedFailure,
    /// Calls that an open circuit refuses.
    Refused,
    /// From closed to open by a failure, to half-open, and to closed by a success. A limit of one and no time to reset, so
    /// that it is two calls and no waiting.
    RoundTrip,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ClosedSuccess, Self::ClosedFailure, Self::Refused, Self::RoundTrip];

    /// What tables call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClosedSuccess => "breaker: closed success",
            Self::ClosedFailure => "breaker: closed failure",
            Self::Refused => "breaker: refused",
            Self::RoundTrip => "breaker: half-open round trip",
        }
    }

    const fn limits(self) -> Limits {
        match self {
            Self::ClosedSuccess | Self::Refused => Limits { failures: 5, reset: Duration::from_secs(30) },
            Self::ClosedFailure => Limits { failures: u32::MAX, reset: Duration::from_secs(30) },
            Self::RoundTrip => Limits { failures: 1, reset: Duration::ZERO },
        }
    }

    /// Makes n calls, or n round trips.
    pub fn repeat<C: Caller>(self, caller: &mut C, n: u64) {
        // The case is looked at once, not once a call.
        match self {
            Self::ClosedSuccess | Self::Refused => (0..n).for_each(|_| drop(black_box(once(caller, GOOD)))),
            Self::ClosedFailure => (0..n).for_each(|_| drop(black_box(once(caller, BAD)))),
            Self::RoundTrip => (0..n).for_each(|_| round_trip(caller)),
        }
    }

    /// Brings a new circuit to where the case begins, and sees that it is there.
    fn prepare<C: Caller>(self, caller: &mut C) {
        let verdict = match self {
            Self::ClosedSuccess => once(caller, GOOD).verdict(),
            Self::ClosedFailure => once(caller, BAD).verdict(),
            Self::Refused => {
                // A window looks at what it holds once it is full, so it takes a call more.
                let open = (0..10).any(|_| once(caller, BAD).verdict() == Verdict::Refused);
                assert!(open, "never opened");
                once(caller, GOOD).verdict()
            }
            Self::RoundTrip => {
                round_trip(caller);
                once(caller, GOOD).verdict()
            }
        };
        let expected = match self {
            Self::ClosedSuccess | Self::RoundTrip => Verdict::Success,
            Self::ClosedFailure => Verdict::Failure,
            Self::Refused => Verdict::Refused,
        };
        assert_eq!(verdict, expected, "{self:?}");
    }
}

#[inline]
fn once<C: Caller>(caller: &mut C, input: u64) -> impl Answer + use<C> {
    finish(caller.call(black_box(input)))
}

#[inline]
fn round_trip<C: Caller>(caller: &mut C) {
    for _ in 0..C::TO_TURN {
        assert_eq!(once(caller, BAD).verdict(), Verdict::Failure);
    }
    for _ in 0..C::TO_TURN {
        // Some ask for a clock past the time of opening, which it may not be by a nanosecond yet.
        while once(caller, GOOD).verdict() == Verdict::Refused {}
    }
}

/// When a circuit opens, and for how long.
#[derive(Clone, Copy, Debug)]
struct Limits {
    failures: u32,
    reset: Duration,
}

/// What became of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It was made and succeeded.
    Success,
    /// It was made and failed.
    Failure,
    /// It was not made.
    Refused,
}

/// What a call through a breaker gives back.
pub trait Answer {
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
pub trait Refusal {
    /// Whether the call was not made.
    fn is_refusal(&self) -> bool;
}

/// One thread's way to a breaker that all share.
pub trait Caller: Clone + Send + Sync {
    /// So many failures open a closed circuit that has a limit of one; so many successes close it.
    const TO_TURN: u32 = 1;

    /// What a call gives back.
    type Answer: Answer;

    /// One call of [`work`] through the breaker, in the way its documentation shows for async functions.
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer>;
}

/// Something to be done with each peer.
pub trait Visit {
    /// The peer is ready for the case.
    fn visit<C: Caller>(&mut self, peer: &'static str, caller: C);
}

/// Shows a visitor every peer in a case.
///
/// # Panics
///
/// If a peer does not do what the case says.
pub fn each(case: Case, visitor: &mut impl Visit) {
    let _context = crate::runtime().enter();
    let mut show = Show { case, visitor };
    if matches!(case, Case::ClosedSuccess | Case::ClosedFailure) {
        show.peer("bare async fn", body::Function(bare));
        show.peer("tracing::instrument, no subscriber", body::Function(instrumented));
    }
    ours::each(&mut show);
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

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Name(Vec<&'static str>);

    impl Visit for Name {
        fn visit<C: Caller>(&mut self, peer: &'static str, mut caller: C) {
            self.0.push(peer);
            Case::RoundTrip.repeat(&mut caller, 0);
        }
    }

    #[test]
    fn every_peer_does_what_its_row_says() {
        for case in Case::ALL {
            let mut names = Name(Vec::new());
            each(case, &mut names);
            assert!(names.0.len() > 7, "{case:?}: {:?}", names.0);
        }
    }
}
