//! `DynamicThrottle`: the statements of its documentation, each a test.

#![expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "rates are compared with what they were set to, and counts and times of tests are small"
)]

mod adapt;
mod attribute;
mod builder;
mod change;
mod closed_loop;
mod jitter;
mod pass;
mod queue;
mod rate;
mod runtime;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, DynamicThrottleBuilder};
use tokio::time::Instant;

/// A throttle that does what the test says: no jitter, no adaptation.
fn even(rate: f64) -> DynamicThrottle {
    even_builder(rate).build()
}

fn even_builder(rate: f64) -> DynamicThrottleBuilder {
    DynamicThrottle::builder(rate).jitter(0.0).min_rate(1e-300).max_rate(1e300).adaptation(Adaptation::Fixed)
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Counts wake-ups.
#[derive(Default)]
struct Alarm {
    rung: AtomicBool,
    wakes: AtomicU32,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Relaxed);
        self.wakes.fetch_add(1, Ordering::Relaxed);
    }
}

/// A future that is polled by hand, each time that it is woken.
struct Call<'a, T> {
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    alarm: Arc<Alarm>,
    polls: u32,
    output: Option<(T, Instant)>,
}

impl<'a, T> Call<'a, T> {
    fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self { future: Some(Box::pin(future)), alarm: Arc::new(Alarm::default()), polls: 0, output: None }
    }

    /// Polls it whether or not it was woken; true when it is ready.
    fn poll(&mut self) -> bool {
        let Some(future) = &mut self.future else { return true };
        self.alarm.rung.store(false, Ordering::Relaxed);
        self.polls += 1;
        let waker = Waker::from(Arc::clone(&self.alarm));
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.future = None;
            self.output = Some((output, Instant::now()));
        }
        self.is_ready()
    }

    fn is_rung(&self) -> bool {
        self.future.is_some() && self.alarm.rung.load(Ordering::Relaxed)
    }

    fn is_ready(&self) -> bool {
        self.output.is_some()
    }

    fn cancel(&mut self) {
        self.future = None;
    }

    /// When it was ready, after `start`.
    fn ready_after(&self, start: Instant) -> Option<Duration> {
        self.output.as_ref().map(|(_, at)| at.duration_since(start))
    }
}

/// Lets a time pass, a millisecond at a time, and polls whoever is woken; returns who became ready, in order.
async fn pass<T>(time: Duration, calls: &mut [Call<'_, T>]) -> Vec<usize> {
    let end = Instant::now() + time;
    let mut ready = poll_rung(calls);
    while Instant::now() < end {
        tokio::time::advance(ms(1).min(end - Instant::now())).await;
        ready.extend(poll_rung(calls));
    }
    ready
}

fn poll_rung<T>(calls: &mut [Call<'_, T>]) -> Vec<usize> {
    let mut ready = Vec::new();
    while calls.iter().any(Call::is_rung) {
        for (index, call) in calls.iter_mut().enumerate() {
            if call.is_rung() && call.poll() {
                ready.push(index);
            }
        }
    }
    ready
}

/// So many calls, each polled once, in this order.
fn queue_up(throttle: &DynamicThrottle, count: usize) -> Vec<Call<'_, altlocks::Pass<'_>>> {
    let mut calls: Vec<_> = (0..count).map(|_| Call::new(throttle.enter())).collect();
    for call in &mut calls {
        call.poll();
    }
    calls
}
