//! Throttles that one can wait for.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use altlocks::{Adaptation, DynamicThrottle};
use altlocks_benches::throttles::{Throttle, Visit, each};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::table::{Verdict, render};

pub(crate) fn table() -> String {
    let cases = [
        "50 time out while they wait",
        "the first of three is dropped",
        "the first of three is dropped, and the second when its turn comes",
        "200 wait: who is overtaken",
        "1000 times the rate while one waits",
    ];
    let mut rows = Rows::default();
    each(&mut rows);
    render("throttle", &cases, &rows.0)
}

#[derive(Default)]
struct Rows(Vec<(&'static str, Vec<Verdict>)>);

impl Visit for Rows {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let verdicts = vec![
            timeouts::<T>(&runtime),
            cancelled_head::<T>(&runtime),
            cancelled_successor::<T>(&runtime),
            order::<T>(&runtime),
            // None of the others has a rate that can be changed while calls wait for it.
            if peer == "altlocks" { change_of_rate(&runtime) } else { Verdict::none() },
        ];
        self.0.push((peer, verdicts));
    }
}

/// A throttle whose first turn is used.
async fn throttle<T: Throttle>(rate: u32) -> Arc<T> {
    let throttle = Arc::new(T::new(rate));
    throttle.enter().await;
    throttle
}

/// Those who come after them enter as though they had never come: no sooner, no later.
fn timeouts<T: Throttle>(runtime: &Runtime) -> Verdict {
    const GAP: Duration = Duration::from_millis(50);
    runtime.block_on(async {
        let throttle = throttle::<T>(20).await;
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let throttle = Arc::clone(&throttle);
            waiting.spawn(async move { timeout(GAP / 5, throttle.enter()).await.is_err() });
        }
        waiting.join_all().await;
        // A fifth of the first gap is over; what is left are four fifths, and three gaps.
        let began = Instant::now();
        let four = async {
            for _ in 0..4 {
                throttle.enter().await;
            }
        };
        match timeout(GAP * 20, four).await {
            Err(_) => Verdict::wrong("keep the others waiting"),
            Ok(()) if began.elapsed() > GAP * 6 => Verdict::wrong("keep the others waiting"),
            Ok(()) if began.elapsed() < GAP * 2 => Verdict::wrong("leave a burst behind"),
            Ok(()) => Verdict::right("as if they had not come"),
        }
    })
}

const LONG_GAP: Duration = Duration::from_millis(100);

/// A call in the queue, that is told when it is to go.
struct Waiter {
    go: tokio::task::AbortHandle,
    woken: mpsc::UnboundedReceiver<()>,
}

/// The turn of who has left is the next one's.
fn cancelled_head<T: Throttle>(runtime: &Runtime) -> Verdict {
    runtime.block_on(async {
        let (mut entered, began, [first, ..]) = three_wait::<T>().await;
        first.go.abort();
        next_enters(&mut entered, began).await
    })
}

/// The same, if it leaves in the moment in which it could have entered.
fn cancelled_successor<T: Throttle>(runtime: &Runtime) -> Verdict {
    runtime.block_on(async {
        let (mut entered, began, [first, mut second, _]) = three_wait::<T>().await;
        first.go.abort();
        // Woken to enter, or to take the first one's place; it is gone before it is polled.
        timeout(LONG_GAP * 2, second.woken.recv()).await.ok();
        second.go.abort();
        next_enters(&mut entered, began).await
    })
}

/// Three calls in the queue of a throttle whose first turn was used just now.
async fn three_wait<T: Throttle>() -> (JoinSet<()>, Instant, [Waiter; 3]) {
    let throttle = throttle::<T>(10).await;
    let began = Instant::now();
    let mut entered = JoinSet::new();
    let mut waiters = Vec::new();
    for _ in 0..3 {
        waiters.push(queue(&throttle, &mut entered).await);
    }
    let Ok(waiters) = waiters.try_into() else { unreachable!("three were made") };
    (entered, began, waiters)
}

/// Puts a call into the queue. It does not enter by itself when it is woken, but tells that it was, and is polled a moment
/// later.
async fn queue<T: Throttle>(throttle: &Arc<T>, entered: &mut JoinSet<()>) -> Waiter {
    let throttle = Arc::clone(throttle);
    let (tell, woken) = mpsc::unbounded_channel();
    let (queued, is_queued) = tokio::sync::oneshot::channel();
    let go = entered.spawn(async move {
        let mut call = pin!(throttle.enter());
        let mut queued = Some(queued);
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            // Every second poll only tells of it.
            if polls % 2 == 0 {
                tell.send(()).ok();
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let polled = call.as_mut().poll(context);
            if let Some(queued) = queued.take() {
                queued.send(()).ok();
            }
            polled.map(drop)
        })
        .await;
    });
    is_queued.await.expect("it is polled");
    Waiter { go, woken }
}

/// Whether another enters a gap after the first turn was used.
async fn next_enters(entered: &mut JoinSet<()>, began: Instant) -> Verdict {
    let one_enters = async {
        while let Some(ended) = entered.join_next().await {
            if ended.is_ok() {
                return;
            }
        }
    };
    match timeout(LONG_GAP * 10, one_enters).await {
        Err(_) => Verdict::wrong("the others stall"),
        Ok(()) if began.elapsed() > LONG_GAP * 17 / 10 => Verdict::wrong("its turn is lost"),
        Ok(()) => Verdict::right("the next has its turn"),
    }
}

/// First come, first served.
fn order<T: Throttle>(runtime: &Runtime) -> Verdict {
    const WAITERS: usize = 200;
    runtime.block_on(async {
        let throttle = throttle::<T>(500).await;
        let (enters, mut entered) = mpsc::unbounded_channel();
        for place in 0..WAITERS {
            let (throttle, enters) = (Arc::clone(&throttle), enters.clone());
            tokio::spawn(async move {
                throttle.enter().await;
                enters.send(place).ok();
            });
        }
        let mut order = Vec::new();
        while order.len() < WAITERS {
            order.push(entered.recv().await.expect("all enter"));
        }
        let overtaken = (0..WAITERS).filter(|&at| order[..at].iter().any(|before| *before > order[at])).count();
        Verdict::of(overtaken == 0, if overtaken == 0 { "nobody" } else { "some" })
    })
}

/// A hundred seconds' wait at the old rate is a tenth of one at the new.
fn change_of_rate(runtime: &Runtime) -> Verdict {
    runtime.block_on(async {
        let throttle = DynamicThrottle::builder(0.01).jitter(0.0).adaptation(Adaptation::Fixed).build();
        let _first = throttle.enter().await;
        let change = async {
            tokio::task::yield_now().await;
            throttle.set_rate(10.0).expect("within bounds");
        };
        match timeout(Duration::from_secs(2), async { tokio::join!(throttle.enter(), change) }).await {
            Ok(_) => Verdict::right("waits by the new rate"),
            Err(_) => Verdict::wrong("waits by the old rate"),
        }
    })
}
