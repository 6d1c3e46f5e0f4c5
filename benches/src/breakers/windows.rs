//! Peers that know windows only: five calls, of which all have to fail. The rows say so.

use layered::{Execute, Service, Stack};
use recloser::{AsyncRecloser, Recloser};
use seatbelt::breaker::{Breaker, HalfOpenMode};
use seatbelt::{RecoveryInfo, ResilienceContext};

use altlocks_benches::leak;

use super::{CallError, Caller, Limits, Pattern, Refusal, Show, Visit, work};

pub(super) fn each(show: &mut Show<'_, impl Visit>) {
    let limits = show.limits();
    show.peer("recloser (window)", Reclosing(recloser(limits)));
    show.peer("seatbelt (window)", seatbelt(limits));
}

fn recloser(limits: Limits) -> AsyncRecloser {
    // A window of 2³² calls is none, so where the limit is out of reach it is the share that is.
    let (window, share) = if limits.failures == u32::MAX { (5, 2.0) } else { (limits.failures as usize, 1.0) };
    Recloser::custom()
        .closed_len(window)
        .error_rate_closed(share)
        .half_open_len(1)
        .error_rate_half_open(0.5)
        .open_wait(limits.reset)
        .build()
        .into()
}

#[derive(Clone)]
struct Reclosing(AsyncRecloser);

impl Caller for Reclosing {
    /// Two of each, as a window decides with the call after the one that fills it.
    const ROUND_TRIP: Pattern = 0xcccc_cccc_cccc_cccc;

    type Answer = Result<u64, recloser::Error<CallError>>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.call(async move { work(input) })
    }
}

impl Refusal for recloser::Error<CallError> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected)
    }
}

fn seatbelt(limits: Limits) -> impl Caller {
    let context = ResilienceContext::new(tick::Clock::new_tokio());
    let stack = (
        Breaker::layer("benched", &context)
            .recovery_with(|result: &Result<u64, CallError>, _| match result {
                Ok(_) => RecoveryInfo::never(),
                Err(_) => RecoveryInfo::retry(),
            })
            .rejected_input_error(|_: u64, _| CallError::Refused)
            .failure_threshold(1.0)
            .min_throughput(limits.failures)
            .break_duration(limits.reset)
            .half_open_mode(HalfOpenMode::quick()),
        Execute::new(|input: u64| async move { work(input) }),
    );
    Seatbelt(leak(stack.into_service()))
}

struct Seatbelt<S: 'static>(&'static S);

impl<S> Clone for Seatbelt<S> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S: Service<u64, Out = Result<u64, CallError>>> Caller for Seatbelt<S> {
    type Answer = Result<u64, CallError>;

    #[inline]
    fn call(&mut self, input: u64) -> impl Future<Output = Self::Answer> {
        self.0.execute(input)
    }
}
