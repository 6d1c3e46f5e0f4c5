//! Calls that wait at a throttle, in an order that is known: one task has them all.
//!
//! It polls the last first. A call that is in was let in before it was polled, and those that came before it earlier
//! still. So from the first one on that is found to be in, all that are polled after it have to be in. Some give up just
//! when they were woken, with a slot that is theirs and that they have not seen.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use altlocks::{DynamicThrottle, Pass};
use fastrand::Rng;
use tokio::task::yield_now;

use crate::budget::Looks;
use crate::verdict::{self, require};

pub(crate) const SIZE: usize = 32;

type Call = Pin<Box<dyn Future<Output = Pass<'static>> + Send>>;

pub(crate) struct Crowd {
    throttle: &'static DynamicThrottle,
    /// In the order in which they came.
    calls: VecDeque<Call>,
    /// When the first of them was polled in this round: that has served all who wait.
    served: Option<Instant>,
}

impl Crowd {
    pub(crate) const fn new(throttle: &'static DynamicThrottle) -> Self {
        Self { throttle, calls: VecDeque::new(), served: None }
    }

    /// There are always some who wait, and now and then some give up.
    pub(crate) async fn wait(mut self, mut luck: Rng, let_in: impl Fn(Pass<'static>), given_up: impl Fn()) {
        while verdict::is_open() {
            let entered = poll_fn(|cx| {
                while luck.u8(..4) == 0 && !self.calls.is_empty() {
                    let which = if luck.bool() { 0 } else { luck.usize(..self.calls.len()) };
                    drop(self.calls.remove(which));
                    given_up();
                }
                self.poll(cx)
            });
            entered.await.into_iter().for_each(&let_in);
        }
    }

    /// Nobody gives up, and all are polled again and again, so that it is known when the queue was served.
    pub(crate) async fn look(mut self, looks: &Looks, let_in: impl Fn(Pass<'static>)) {
        while verdict::is_open() {
            let began = Instant::now();
            let entered = poll_fn(|cx| Poll::Ready(self.poll(cx)));
            if let Poll::Ready(entered) = entered.await {
                let name = self.throttle.name();
                require(entered.len() < SIZE, || format!("{name}: a burst of {}", entered.len()));
                entered.into_iter().for_each(&let_in);
            }
            looks.add(began, self.served.unwrap_or(began));
            yield_now().await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Pass<'static>>> {
        let mut entered = Vec::new();
        self.served = None;
        while self.calls.len() < SIZE && entered.is_empty() {
            let mut call: Call = Box::pin(self.throttle.enter());
            let polled = call.as_mut().poll(cx);
            self.served.get_or_insert_with(Instant::now);
            match polled {
                Poll::Ready(pass) => entered.push(pass),
                Poll::Pending => self.calls.push_back(call),
            }
        }
        let before = self.calls.len();
        let mut still = VecDeque::with_capacity(SIZE);
        while let Some(mut call) = self.calls.pop_back() {
            let polled = call.as_mut().poll(cx);
            self.served.get_or_insert_with(Instant::now);
            match polled {
                Poll::Ready(pass) => entered.push(pass),
                Poll::Pending => {
                    let name = self.throttle.name();
                    require(entered.is_empty(), || {
                        format!("{name}: of {before}, a later one is let in before an earlier")
                    });
                    still.push_front(call);
                }
            }
        }
        self.calls = still;
        if entered.is_empty() { Poll::Pending } else { Poll::Ready(entered) }
    }
}
