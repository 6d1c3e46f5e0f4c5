//! What is done to each breaker, and what it should do then.

use std::time::{Duration, Instant};

use super::peers::{Breaker, Peer};
use crate::calls::{
    Answer, Call, CallError, Remote, answer, fails, panics as panicking, step, succeeds, survived, waits,
};
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

/// A call in flight, if it was let in.
fn begun(breaker: &dyn Breaker) -> (Call<'_>, Remote) {
    let (body, remote) = waits();
    let mut call = breaker.call(body);
    step(&mut call);
    (call, remote)
}

/// A call that is let in as a trial.
fn trial<'a>(peer: &Peer, breaker: &'a dyn Breaker) -> (Call<'a>, Remote) {
    let (call, remote) = begun(breaker);
    assert!(remote.began(), "{}: no trial", peer.name);
    (call, remote)
}

fn resets(count: u32) -> String {
    format!("{count} reset{}", if count == 1 { "" } else { "s" })
}

/// One trial is what was asked for.
pub(super) fn concurrent_trials(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    let calls = [(); 8].map(|()| begun(&*breaker));
    let admitted = calls.iter().filter(|(_, remote)| remote.began()).count();
    Verdict::of(admitted == 1, format!("{admitted} admitted"))
}

/// Who is dropped tells nothing of the callee; the next call is the trial.
pub(super) fn dropped_trial(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    drop(trial(peer, &*breaker));
    if admits_success(&*breaker) {
        return Verdict::right("the next is one");
    }
    for count in 1..=5 {
        wait_for_trial(Instant::now());
        if admits_success(&*breaker) {
            return Verdict::wrong(format!("none for {}", resets(count)));
        }
    }
    Verdict::wrong("stuck")
}

/// It holds the others up for a while, not for ever.
pub(super) fn hung_trial(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    wait_for_trial(open(&*breaker));
    let hung = trial(peer, &*breaker);
    if admits_success(&*breaker) {
        return Verdict::wrong("the next at once");
    }
    for count in 1..=5 {
        wait_for_trial(Instant::now());
        if admits_success(&*breaker) {
            return Verdict::right(format!("another after {}", resets(count)));
        }
    }
    drop(hung);
    Verdict::wrong("stuck")
}

/// It tells how the callee was, not how it is.
pub(super) fn stale_success(peer: &Peer) -> Verdict {
    let breaker = (peer.new)(RESET);
    let [mut early, mut late] = [(); 2].map(|()| begun(&*breaker));
    let opened = open(&*breaker);
    early.1.end(Ok(()));
    step(&mut early.0);
    if admits_failure(&*breaker) {
        return Verdict::wrong("closes the open circuit");
    }
    wait_for_trial(opened);
    let _trial = trial(peer, &*breaker);
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
    let [mut early, mut late] = [(); 2].map(|()| begun(&*breaker));
    let opened = open(&*breaker);
    wait_until(opened + RESET * 6 / 10);
    early.1.end(Err(CallError::Failed));
    step(&mut early.0);
    wait_for_trial(opened);
    let (mut call, trial) = begun(&*breaker);
    if !trial.began() {
        return Verdict::wrong("keeps it open for longer");
    }
    late.1.end(Err(CallError::Failed));
    step(&mut late.0);
    trial.end(Ok(()));
    step(&mut call);
    if admits_success(&*breaker) { Verdict::right("ignored") } else { Verdict::wrong("reopens it") }
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
