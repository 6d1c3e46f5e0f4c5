//! What is done to each breaker, and what it should do then.

use std::time::{Duration, Instant};

use super::peers::{Breaker, Peer};
use crate::calls::{Answer, CallError, answer, fails, panics as panicking, step, succeeds, survived, waits};
use crate::table::Verdict;

/// How long circuits stay open. A margin of a tenth of it is more than a busy machine takes for a few calls.
const RESET: Duration = Duration::from_millis(200);

/// Whether a call is let in, one that fails.
fn admits_failure(breaker: &dyn Breaker) -> bool {
    answer(breaker.call(fails())) == Answer::Made
}

fn admits_success(breaker: &dyn Breaker) -> bool {
    answer(breaker.call(succeeds())) == Answer::Made
}

/// Fails until calls are refused; returns when that was.
fn open(breaker: &dyn Breaker) -> Instant {
    // A window looks at what it holds once it is full, so it takes a call more than its length.
    for _ in 0..20 {
        if !admits_failure(breaker) {
            return Instant::now();
        }
    }
    panic!("20 failures in a row do not open it");
}

fn wait_until(time: Instant) {
    std::thread::sleep(time.saturating_duration_since(Instant::now()));
}

fn wait_for_trial(opened: Instant) {
    wait_until(opened + RESET + RESET / 10);
}

/// One trial is what was asked for.
pub(super) fn concurrent_trials(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    let mut calls = Vec::new();
    for _ in 0..8 {
        let (body, remote) = waits();
        let mut call = breaker.call(body);
        step(&mut call);
        calls.push((call, remote));
    }
    let admitted = calls.iter().filter(|(_, remote)| remote.began()).count();
    Verdict::of(admitted == 1, format!("{admitted} admitted"))
}

/// Who is dropped tells nothing of the callee; the next call is the trial.
pub(super) fn dropped_trial(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    let (body, remote) = waits();
    let mut call = breaker.call(body);
    step(&mut call);
    assert!(remote.began(), "{}: no trial", peer.name);
    drop(call);
    if admits_success(&*breaker) {
        return Verdict::right("the next is one");
    }
    for resets in 1..=5 {
        wait_for_trial(Instant::now());
        if admits_success(&*breaker) {
            return Verdict::wrong(format!("none for {resets} resets"));
        }
    }
    Verdict::wrong("stuck")
}

/// It holds the others up for a while, not for ever.
pub(super) fn hung_trial(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    let (body, remote) = waits();
    let mut hung = breaker.call(body);
    step(&mut hung);
    assert!(remote.began(), "{}: no trial", peer.name);
    if admits_success(&*breaker) {
        return Verdict::wrong("the next at once");
    }
    for resets in 1..=5 {
        wait_for_trial(Instant::now());
        if admits_success(&*breaker) {
            let plural = if resets == 1 { "" } else { "s" };
            return Verdict::right(format!("another after {resets} reset{plural}"));
        }
    }
    drop(hung);
    Verdict::wrong("stuck")
}

/// It tells how the callee was, not how it is.
pub(super) fn stale_success(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    let [mut early, mut late] = [waits(), waits()].map(|(body, remote)| (breaker.call(body), remote));
    for (call, _) in [&mut early, &mut late] {
        step(call);
    }
    let opened = open(&*breaker);
    early.1.end(Ok(()));
    step(&mut early.0);
    if admits_failure(&*breaker) {
        return Verdict::wrong("closes the open circuit");
    }
    wait_for_trial(opened);
    let (body, trial) = waits();
    let mut call = breaker.call(body);
    step(&mut call);
    assert!(trial.began(), "{}: no trial", peer.name);
    late.1.end(Ok(()));
    step(&mut late.0);
    // A half-open circuit has no trial left, or opens with the first failure; a closed one bears a failure.
    if admits_failure(&*breaker) && admits_failure(&*breaker) {
        return Verdict::wrong("closes the half-open circuit");
    }
    Verdict::right("ignored")
}

/// The same.
pub(super) fn stale_failure(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    let [mut early, mut late] = [waits(), waits()].map(|(body, remote)| (breaker.call(body), remote));
    for (call, _) in [&mut early, &mut late] {
        step(call);
    }
    let opened = open(&*breaker);
    wait_until(opened + RESET * 6 / 10);
    early.1.end(Err(CallError::Failed));
    step(&mut early.0);
    wait_for_trial(opened);
    let (body, trial) = waits();
    let mut call = breaker.call(body);
    step(&mut call);
    if !trial.began() {
        return Verdict::wrong("keeps it open for longer");
    }
    late.1.end(Err(CallError::Failed));
    step(&mut late.0);
    trial.end(Ok(()));
    step(&mut call);
    Verdict::of(admits_success(&*breaker), if admits_success(&*breaker) { "ignored" } else { "reopens it" })
}

/// Nothing fails more than what panics.
pub(super) fn panics(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..20 {
        survived(breaker.call(panicking()));
    }
    std::panic::set_hook(hook);
    match survived(breaker.call(succeeds())) {
        Some(Answer::Refused) => Verdict::right("open it"),
        Some(Answer::Made) => Verdict::wrong("not counted"),
        None => Verdict::wrong("poison it"),
    }
}
