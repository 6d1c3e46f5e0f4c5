//! Runtimes, threads and wakers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use altlocks::{Adaptation, DynamicThrottle, DynamicThrottleBuilder, InvalidRate, Outcome, Pass, ThrottleTimeout};
use tokio::time::advance;

use super::{even, even_builder, ms, pass, queue_up};

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

#[test]
fn the_static_works_from_a_second_runtime_after_the_first_is_gone() {
    static THROTTLE: DynamicThrottle = DynamicThrottle::builder(10.0).jitter(0.0).adaptation(Adaptation::Fixed).build();
    let first = paused();
    first.block_on(async {
        for _ in 0..10 {
            tokio::spawn(async { drop(THROTTLE.enter().await) });
        }
        tokio::time::sleep(ms(250)).await;
    });
    // Seven still wait, two of them with timers of this runtime. Its clock is ahead of that of the next.
    drop(first);
    paused().block_on(async {
        for _ in 0..2 {
            drop(tokio::time::timeout(ms(101), THROTTLE.enter()).await.expect("nobody is before it"));
        }
    });
}

#[test]
fn waiters_of_two_runtimes_share_one_queue() {
    let throttle = Arc::new(even(200.0));
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..2)
        .map(|thread| {
            let (throttle, order) = (Arc::clone(&throttle), Arc::clone(&order));
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
                runtime.block_on(async {
                    for _ in 0..20 {
                        drop(throttle.enter().await);
                        order.lock().expect("no panic").push(thread);
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    let order = order.lock().expect("no panic");
    assert_eq!(order.len(), 40);
    assert!(order.contains(&0) && order.contains(&1));
}

#[test]
fn without_waiting_no_runtime_is_needed() {
    let throttle = even(1.0);
    let entered = std::pin::pin!(throttle.enter()).poll(&mut Context::from_waker(Waker::noop())).is_ready();
    assert!(entered);
    throttle.set_rate(2.0).expect("a rate");
}

struct Panicking;

impl Wake for Panicking {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

#[tokio::test(start_paused = true)]
async fn a_waker_that_panics_strands_no_one() {
    let throttle = even(4000.0);
    let mut calls = queue_up(&throttle, 20);
    let panicking = Waker::from(Arc::new(Panicking));
    let mut bad: Vec<_> = (0..3).map(|_| Box::pin(throttle.enter())).collect();
    for future in &mut bad {
        assert!(future.as_mut().poll(&mut Context::from_waker(&panicking)).is_pending());
    }
    calls.extend(queue_up(&throttle, 20));
    pass(ms(12), &mut calls).await;
    assert!(calls.iter().all(super::Call::is_ready));
}

#[tokio::test(start_paused = true)]
async fn a_waker_may_use_the_throttle() {
    struct Curious(Arc<DynamicThrottle>, AtomicU64);
    impl Wake for Curious {
        fn wake(self: Arc<Self>) {
            drop(self.0.try_enter());
            self.0.set_rate(self.0.rate() + 1.0).expect("a rate");
            self.0.set_jitter(0.0).expect("a jitter");
            self.0.reset();
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
    impl Drop for Curious {
        fn drop(&mut self) {
            assert!(self.0.rate() > 0.0);
        }
    }
    let throttle = Arc::new(even(100.0));
    drop(throttle.try_enter());
    let curious = Arc::new(Curious(Arc::clone(&throttle), AtomicU64::new(0)));
    let waker = Waker::from(Arc::clone(&curious));
    let mut calls: Vec<_> = (0..5).map(|_| Box::pin(throttle.enter())).collect();
    for _ in 0..100 {
        calls.retain_mut(|call| call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        advance(ms(1)).await;
    }
    assert!(calls.is_empty());
    assert!(curious.1.load(Ordering::Relaxed) > 0);
}

#[test]
fn what_may_be_sent_is_sent() {
    fn send<T: Send>(_: &T) {}
    fn send_sync<T: Send + Sync>() {}
    send_sync::<DynamicThrottle>();
    send_sync::<DynamicThrottleBuilder>();
    send_sync::<Pass<'_>>();
    send_sync::<ThrottleTimeout>();
    send_sync::<InvalidRate>();
    send_sync::<Adaptation>();
    let throttle = even(1.0);
    send(&throttle.enter());
    send(&throttle.enter_timeout(ms(1)));
    send(&throttle.call(async { Some(()) }));
}

/// On several threads, with everything that can happen at once: nobody is lost, and nobody enters beside the schedule.
#[test]
fn threads_that_enter_cancel_record_and_change_the_rate_lose_nobody() {
    const TASKS: u64 = 64;
    const EACH: u64 = 40;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().expect("a runtime");
    let throttle = Arc::new(even_builder(20_000.0).jitter(0.3).build());
    let entered = Arc::new(AtomicU64::new(0));
    let began = std::time::Instant::now();
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            let (throttle, entered) = (Arc::clone(&throttle), Arc::clone(&entered));
            tasks.spawn(async move {
                let mut luck = fastrand::Rng::with_seed(task);
                for _ in 0..EACH {
                    let impatient = throttle.enter_timeout(Duration::from_micros(luck.u64(0..2000)));
                    if let Ok(Ok(pass)) =
                        tokio::time::timeout(Duration::from_micros(luck.u64(0..2000)), impatient).await
                    {
                        entered.fetch_add(1, Ordering::Relaxed);
                        pass.record(if luck.bool() { Outcome::Success } else { Outcome::Failure });
                    }
                    let pass = throttle.enter().await;
                    entered.fetch_add(1, Ordering::Relaxed);
                    drop(pass);
                    if luck.u32(0..20) == 0 {
                        throttle.set_rate(luck.f64() * 40_000.0 + 1000.0).expect("a rate");
                    }
                }
            });
        }
        let all = tokio::time::timeout(Duration::from_secs(60), tasks.join_all());
        all.await.expect("nobody is lost");
    });
    let entered = entered.load(Ordering::Relaxed);
    assert!(entered >= TASKS * EACH);
    let most = 41_000.0 * (began.elapsed().as_secs_f64() + 0.012) + 1.0;
    assert!((entered as f64) < most, "{entered} entered, {most} at most");
}

/// New throttles, whose slots are a quarter of an hour apart, and two threads that come to each of them at once.
fn race(
    one: impl Fn(&DynamicThrottle, usize) + Sync,
    other: impl Fn(&DynamicThrottle, usize) + Sync,
) -> Vec<DynamicThrottle> {
    let throttles: Vec<_> = (0..3000).map(|_| even(0.001)).collect();
    let arrived = AtomicU64::new(0);
    let come = |act: &(dyn Fn(&DynamicThrottle, usize) + Sync)| {
        for (round, throttle) in throttles.iter().enumerate() {
            arrived.fetch_add(1, Ordering::AcqRel);
            let mut spins = 0;
            while arrived.load(Ordering::Acquire) < 2 * (round as u64 + 1) {
                // Both are to be running when they come, if the machine lets them.
                if spins < 1000 {
                    std::hint::spin_loop();
                } else {
                    std::thread::yield_now();
                }
                spins += 1;
            }
            act(throttle, round);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| come(&one));
        come(&other);
    });
    throttles
}

#[test]
fn of_two_threads_that_race_for_a_slot_one_enters() {
    let entered = AtomicU64::new(0);
    let enter = |throttle: &DynamicThrottle, _| {
        entered.fetch_add(u64::from(throttle.try_enter().is_some()), Ordering::Relaxed);
    };
    let throttles = race(enter, enter);
    assert_eq!(entered.load(Ordering::Relaxed), throttles.len() as u64);
}

#[test]
fn an_entry_while_the_rate_is_set_is_not_forgotten() {
    let enter = |throttle: &DynamicThrottle, round| {
        // Now at the beginning of the change, now at its end.
        for _ in 0..round % 50 {
            std::hint::spin_loop();
        }
        while throttle.try_enter().is_none() {}
    };
    let set = |throttle: &DynamicThrottle, _| {
        for step in 1..=4 {
            throttle.set_rate(0.001 + f64::from(step) * 1e-6).expect("a rate");
        }
    };
    let twice = race(enter, set).iter().filter(|throttle| throttle.try_enter().is_some()).count();
    assert_eq!(twice, 0, "throttles let in a second call");
}
