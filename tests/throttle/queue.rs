//! The order of those who wait, what it costs, and what becomes of it when some leave.

use std::task::Poll;
use std::time::Duration;

use altlocks::DynamicThrottle;
use tokio::time::{Instant, advance};

use super::{Call, even, even_builder, ms, pass, poll_rung, queue_up};
use crate::support::busy;

/// After how many gaps each was admitted.
fn gaps<T>(calls: &[Call<'_, T>], start: Instant, gap: Duration) -> Vec<Option<f64>> {
    calls
        .iter()
        .map(|call| call.ready_after(start).map(|time| (time.as_secs_f64() / gap.as_secs_f64()).round()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_waiters_pass_in_the_order_in_which_they_were_polled() {
    for rate in [100.0, 997.0, 3000.0, 123_456.0] {
        let throttle = even(rate);
        let mut calls: Vec<_> = (0..1000).map(|_| Call::new(throttle.enter())).collect();
        // Polled in another order than made.
        let mut polled: Vec<usize> = (0..1000).collect();
        fastrand::Rng::with_seed(3).shuffle(&mut polled);
        let mut order = Vec::new();
        for &index in &polled {
            if calls[index].poll() {
                order.push(index);
            }
        }
        while order.len() < calls.len() {
            advance(ms(1)).await;
            // One round a millisecond, in the order of the queue: who is woken late is behind.
            let ready: Vec<_> =
                polled.iter().copied().filter(|&index| calls[index].is_rung() && calls[index].poll()).collect();
            order.extend(ready);
        }
        assert_eq!(order, polled, "at {rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_never_barges() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 3);
    // The slot of the second is due, but the second has not been polled yet.
    advance(ms(10)).await;
    assert!(throttle.try_enter().is_none(), "others queue");
    let mut newcomer = Call::new(throttle.enter());
    assert!(!newcomer.poll());
    assert_eq!(poll_rung(&mut calls), [1]);
    assert_eq!(pass(ms(10), &mut calls).await, [2]);
    assert!(!newcomer.is_ready());
    calls.push(newcomer);
    assert_eq!(pass(ms(10), &mut calls).await, [3]);
}

#[tokio::test(start_paused = true)]
async fn try_enter_is_none_while_others_queue() {
    let throttle = even(1000.0);
    let mut calls = queue_up(&throttle, 10);
    for _ in 0..9 {
        assert!(throttle.try_enter().is_none());
        pass(ms(1), &mut calls).await;
    }
    assert!(calls.iter().all(Call::is_ready));
    assert!(throttle.try_enter().is_none(), "the slot is not due");
    advance(ms(1)).await;
    assert!(throttle.try_enter().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_admission_takes_four_polls_at_most() {
    for jitter in [0.0, 0.2] {
        for (count, rate) in
            [(2, 100.0), (10, 7.0), (10, 100.0), (1000, 7.0), (1000, 997.0), (1000, 3000.0), (5000, 123_456.0)]
        {
            let throttle = even_builder(rate).jitter(jitter).build();
            let mut calls = queue_up(&throttle, count);
            pass(Duration::from_secs_f64(count as f64 / rate) + ms(20), &mut calls).await;
            assert!(calls.iter().all(Call::is_ready), "{count} at {rate}");
            let polls = calls.iter().map(|call| call.polls).max();
            assert!(polls <= Some(4), "{polls:?} polls, {count} at {rate}, jitter {jitter}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_watch_need_not_wake_before_its_own_slot_three_polls_suffice() {
    for rate in [200.0, 250.0, 997.0, 3000.0] {
        let throttle = even(rate);
        let mut calls = queue_up(&throttle, 100);
        pass(Duration::from_secs_f64(100.0 / rate) + ms(20), &mut calls).await;
        let polls = calls.iter().map(|call| call.polls).max();
        assert!(polls <= Some(3), "{polls:?} polls at {rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_any_number_of_waiters_two_hold_a_timer() {
    for count in [2, 3, 10, 1000] {
        for rate in [0.1, 100.0, 997.0, 3000.0] {
            let throttle = even(rate);
            let mut calls = queue_up(&throttle, count);
            pass(Duration::from_secs_f64(0.25 * count as f64 / rate).min(Duration::from_secs(20)), &mut calls).await;
            // With nobody to poll them, timers are all that can wake in an hour.
            advance(Duration::from_secs(3600)).await;
            let armed = calls.iter().filter(|call| call.is_rung()).count();
            assert!(armed <= 2, "{armed} of {count} at {rate}");
        }
    }
}

#[test]
fn a_waiter_fits_into_192_bytes() {
    let throttle = even(1.0);
    assert!(size_of_val(&throttle.enter()) <= 192);
    assert!(size_of_val(&throttle.enter_timeout(ms(1))) <= 192);
}

#[tokio::test(start_paused = true)]
async fn dropped_before_its_first_poll_a_call_was_never_there() {
    let throttle = even(10.0);
    drop(throttle.enter());
    drop(throttle.enter_timeout(ms(1)));
    assert!(throttle.try_enter().is_some(), "the first slot is still there");
}

#[tokio::test(start_paused = true)]
async fn the_place_in_the_queue_is_taken_at_the_first_poll() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let (mut made_first, mut polled_first) = (Call::new(throttle.enter()), Call::new(throttle.enter()));
    polled_first.poll();
    made_first.poll();
    let mut calls = [made_first, polled_first];
    assert_eq!(pass(ms(200), &mut calls).await, [1, 0]);
}

#[tokio::test(start_paused = true)]
async fn when_the_head_is_cancelled_the_next_takes_its_slot() {
    // Long before its slot, just before, and when it is due.
    for after in [1, 99, 100] {
        let throttle = even(10.0);
        let start = Instant::now();
        let mut calls = queue_up(&throttle, 4);
        advance(ms(after)).await;
        calls[1].cancel();
        pass(ms(400), &mut calls).await;
        assert_eq!(gaps(&calls, start, ms(100)), [Some(0.0), None, Some(1.0), Some(2.0)], "after {after} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_head_and_its_woken_successor_are_cancelled_the_third_takes_the_slot() {
    let throttle = even(10.0);
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 5);
    advance(ms(100)).await;
    assert!(calls[1].is_rung());
    calls[1].cancel();
    assert!(calls[2].is_rung(), "the slot is handed on");
    calls[2].cancel();
    assert!(calls[3].is_rung(), "and on");
    pass(ms(400), &mut calls).await;
    assert_eq!(gaps(&calls, start, ms(100)), [Some(0.0), None, None, Some(1.0), Some(2.0)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_given_a_slot_and_leaves_without_it_hands_it_on() {
    // Dense: one timer lets in several, of whom some leave before they are polled.
    let throttle = even(4000.0);
    let mut calls = queue_up(&throttle, 40);
    advance(ms(1)).await;
    assert!(calls[1].poll(), "its timer serves the others");
    assert!(calls[2].is_rung() && calls[3].is_rung() && calls[4].is_rung());
    calls[2].cancel();
    calls[3].cancel();
    assert_eq!(poll_rung(&mut calls), [4, 5, 6], "two slots are left, for two others");
    assert_eq!(pass(ms(1), &mut calls).await.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_slot_given_back_with_nobody_waiting_is_free_again() {
    let throttle = even(10.0);
    let mut calls = queue_up(&throttle, 3);
    // The second serves itself late and, by the watch, nobody else; the third is given the next slot and leaves.
    pass(ms(100), &mut calls[..2]).await;
    advance(ms(110)).await;
    let mut newcomer = Call::new(throttle.enter());
    assert!(!newcomer.poll(), "it has served the third instead");
    newcomer.cancel();
    calls[2].cancel();
    assert!(throttle.try_enter().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_slot_given_back_after_a_change_of_the_rate_is_a_slot_of_the_new_rate() {
    let throttle = even(10.0);
    let mut calls = queue_up(&throttle, 4);
    advance(ms(100)).await;
    // Whoever asks gives the second its slot; before the second takes it the rate is another, and the second leaves.
    assert!(!calls[3].poll());
    assert!(calls[1].is_rung());
    throttle.set_rate(20.0).expect("a rate");
    let start = Instant::now();
    calls[1].cancel();
    pass(ms(60), &mut calls).await;
    assert_eq!(calls[2].ready_after(start), Some(ms(0)), "the slot was due, and still is");
    assert_eq!(calls[3].ready_after(start), Some(ms(50)));
}

#[tokio::test(start_paused = true)]
async fn a_slot_given_back_is_one_slot_though_others_have_entered_since() {
    let throttle = even(1000.0);
    let mut calls = queue_up(&throttle, 2);
    advance(ms(2)).await;
    // Serves the queue, in which then nobody is.
    throttle.set_jitter(0.0).expect("a jitter");
    assert!(calls[1].is_rung());
    assert!(throttle.try_enter().is_some(), "the slot after");
    assert!(throttle.try_enter().is_none());
    calls[1].cancel();
    assert!(throttle.try_enter().is_some());
    assert!(throttle.try_enter().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_sparse_slot_that_others_have_overtaken_is_not_given_to_a_later_call() {
    let throttle = even(10.0);
    let mut calls = queue_up(&throttle, 5);
    advance(ms(100)).await;
    assert!(!calls[4].poll(), "it gives the second its slot");
    let mut sleeper = calls.remove(1);
    assert_eq!(pass(ms(100), &mut calls).await, [1]);
    sleeper.cancel();
    let start = Instant::now();
    pass(ms(210), &mut calls).await;
    assert_eq!(calls[2].ready_after(start), Some(ms(100)), "half a gap is the least, and the slot is over");
    assert_eq!(calls[3].ready_after(start), Some(ms(200)));
}

#[test]
fn to_wait_without_a_runtime_is_a_panic_that_harms_nobody() {
    let throttle = even(1000.0);
    drop(throttle.try_enter());
    let mut waiting = Call::new(throttle.enter());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waiting.poll()));
    assert!(panicked.is_err());
    drop(waiting);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        tokio::time::timeout(ms(3), throttle.enter()).await.map(drop).expect("nobody is before it");
    });
}

#[tokio::test(start_paused = true)]
async fn of_any_number_dropped_the_others_pass_without_gap_or_burst() {
    for rate in [10.0, 997.0, 3000.0] {
        let throttle = even(rate);
        let start = Instant::now();
        let mut calls = queue_up(&throttle, 400);
        let mut luck = fastrand::Rng::with_seed(11);
        pass(ms((20.3e3 / rate) as u64), &mut calls).await;
        let passed = calls.iter().filter(|call| call.is_ready()).count();
        for call in &mut calls {
            if luck.f64() < 0.6 {
                call.cancel();
            }
        }
        pass(ms((400e3 / rate) as u64), &mut calls).await;
        let survivors: Vec<_> = calls[passed..].iter().filter_map(|call| call.ready_after(start)).collect();
        for (index, time) in survivors.iter().enumerate() {
            let due = (passed + index) as f64 / rate;
            let late = time.as_secs_f64() - due;
            // The schedule is in whole nanoseconds, which the timer rounds up to its tick.
            assert!((0.0..=0.001_001).contains(&late), "survivor {index} {late} s late at {rate}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_expired_timeouts_are_as_if_they_had_never_come() {
    let throttle = even(10.0);
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 2);
    let mut impatient: Vec<_> = (0..1000).map(|_| Call::new(tokio::time::timeout(ms(50), throttle.enter()))).collect();
    for call in &mut impatient {
        call.poll();
    }
    calls.extend(queue_up(&throttle, 2));
    pass(ms(60), &mut impatient).await;
    assert!(impatient.iter().all(|call| matches!(call.output, Some((Err(_), _)))));
    pass(ms(400), &mut calls).await;
    assert_eq!(gaps(&calls, start, ms(100)), [Some(0.0), Some(1.0), Some(2.0), Some(3.0)]);
}

#[tokio::test(start_paused = true)]
async fn enter_timeout_says_at_once_that_the_slot_is_too_late() {
    let throttle = even_builder(10.0).name("search").build();
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 3);
    let refused = throttle.enter_timeout(ms(299)).await.expect_err("the slot is 300 ms away");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!((refused.name(), refused.retry_after()), ("search", ms(300)));
    assert_eq!(refused.to_string(), "throttle `search` has no slot in time, the next one is 300ms away");
    for _ in 0..1000 {
        throttle.enter_timeout(ms(250)).await.expect_err("too late");
    }
    let mut patient = [Call::new(throttle.enter_timeout(ms(300)))];
    assert!(!patient[0].poll(), "that is in time");
    pass(ms(200), &mut calls).await;
    assert_eq!(gaps(&calls, start, ms(100)), [Some(0.0), Some(1.0), Some(2.0)]);
    pass(ms(100), &mut patient).await;
    assert!(matches!(patient[0].output, Some((Ok(_), _))));
    assert_eq!(start.elapsed(), ms(300));
}

#[tokio::test(start_paused = true)]
async fn enter_timeout_of_nothing_is_try_enter() {
    let throttle = even(10.0);
    assert!(throttle.enter_timeout(Duration::ZERO).await.is_ok());
    assert!(throttle.enter_timeout(Duration::ZERO).await.is_err());
    advance(ms(100)).await;
    assert!(throttle.enter_timeout(Duration::ZERO).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn of_the_next_slot_enter_timeout_knows_what_jitter_has_made_of_it() {
    let early = even_builder(10.0).jitter(0.5).rand(|jitter| -jitter).build();
    let late = even_builder(10.0).jitter(0.5).rand(|jitter| jitter).build();
    drop((early.try_enter(), late.try_enter()));
    let start = Instant::now();
    assert!(late.enter_timeout(ms(124)).await.is_err(), "at 125 ms");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(early.enter_timeout(ms(75)).await.is_ok());
    assert_eq!(start.elapsed(), ms(75));
}

#[tokio::test(start_paused = true)]
async fn enter_timeout_is_not_refused_for_the_tick_of_the_timer() {
    // Slots fall between the ticks: every admission is late by some part of a millisecond.
    let throttle = even(997.0);
    drop(throttle.try_enter());
    let mut calls: Vec<_> = (1..=50)
        .map(|slot| Call::new(throttle.enter_timeout(Duration::from_secs_f64(f64::from(slot) / 997.0))))
        .collect();
    for call in &mut calls {
        call.poll();
    }
    pass(ms(60), &mut calls).await;
    assert!(calls.iter().all(|call| matches!(call.output, Some((Ok(_), _)))));
}

#[tokio::test(start_paused = true)]
async fn enter_timeout_is_refused_at_once_when_a_stall_moves_its_slot_beyond() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let mut calls: Vec<_> =
        [150, 250, 1000].map(|wait| Call::new(throttle.enter_timeout(ms(wait)))).into_iter().collect();
    for call in &mut calls {
        call.poll();
    }
    // Everybody 90 ms late: the slots are now at 190 (taken), 288, 388.
    advance(ms(190)).await;
    poll_rung(&mut calls);
    assert!(matches!(calls[0].output, Some((Ok(_), _))), "due in time, and the timer late");
    assert!(matches!(calls[1].output, Some((Err(_), _))), "at 288 ms at the earliest");
    assert!(!calls[2].is_ready());
    pass(ms(110), &mut calls).await;
    assert!(matches!(calls[2].output, Some((Ok(_), _))), "it has moved up");
}

#[tokio::test(start_paused = true)]
async fn a_stall_refuses_those_far_behind_at_once_too() {
    let throttle = even(10.0);
    drop(throttle.try_enter());
    let mut calls: Vec<_> = [1000, 1000, 1000, 1000, 520, 1000, 701]
        .map(|wait| Call::new(throttle.enter_timeout(ms(wait))))
        .into_iter()
        .collect();
    for call in &mut calls {
        assert!(!call.poll());
    }
    advance(ms(190)).await;
    assert!(calls[0].poll());
    // The fifth had the slot at 500 ms, now at 580; so the last keeps a slot, at 680.
    assert!(calls[4].is_rung(), "though it holds no timer");
    poll_rung(&mut calls);
    let refused = calls.iter().filter(|call| matches!(call.output, Some((Err(_), _)))).count();
    assert_eq!(refused, 1);
    pass(ms(600), &mut calls).await;
    assert!(calls.iter().all(Call::is_ready));
    assert!(matches!(calls[6].output, Some((Ok(_), _))));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_enter_timeout_leaves_the_queue() {
    let throttle = even(10.0);
    let start = Instant::now();
    drop(throttle.try_enter());
    let mut timed = Call::new(throttle.enter_timeout(ms(150)));
    timed.poll();
    let mut calls = queue_up(&throttle, 1);
    timed.cancel();
    pass(ms(200), &mut calls).await;
    assert_eq!(calls[0].ready_after(start), Some(ms(100)));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_no_longer_polled_delays_the_others_by_ten_milliseconds_at_most() {
    for rate in [1.0, 10.0, 100.0, 250.0, 997.0, 3000.0] {
        // The head, the second, and later ones, which are still to be woken; each alone.
        for stuck in 1..8 {
            let throttle = even(rate);
            let start = Instant::now();
            let mut calls = queue_up(&throttle, 12);
            let mut left = calls.remove(stuck);
            pass(Duration::from_secs_f64(12.0 / rate) + ms(40), &mut calls).await;
            for (index, call) in calls.iter().enumerate() {
                let slot = if index < stuck { index } else { index + 1 };
                let due = Duration::from_secs_f64(slot as f64 / rate);
                let time = call.ready_after(start).unwrap_or(Duration::MAX);
                assert!(time <= due + ms(10), "{index} at {time:?} instead of {due:?}: {stuck} is stuck, rate {rate}");
            }
            assert!(left.poll(), "its slot was given to it all the same");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waiters_that_get_stuck_one_after_the_other_delay_by_ten_milliseconds_each() {
    let throttle = even(100.0);
    let start = Instant::now();
    let mut calls = queue_up(&throttle, 40);
    let mut stuck = Vec::new();
    // From the back, so that the indices stay.
    for index in (3..40).step_by(4).rev() {
        stuck.push(calls.remove(index));
    }
    pass(ms(700), &mut calls).await;
    let last = calls.last().and_then(|call| call.ready_after(start)).expect("the last one passes");
    assert!(last <= ms(390 + 10 * 10), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn neighbours_that_do_not_come_when_they_are_to_take_the_timers_hold_up_nobody_for_long() {
    for rate in [10.0, 100.0, 250.0] {
        for count in 1..=4 {
            let throttle = even(rate);
            let start = Instant::now();
            let mut calls = queue_up(&throttle, 20);
            // The first two hold the timers; the next would be woken to take them over.
            let mut stuck: Vec<_> = calls.drain(3..3 + count).collect();
            pass(Duration::from_secs_f64(20.0 / rate) + ms(40), &mut calls).await;
            let last = calls.last().and_then(|call| call.ready_after(start)).unwrap_or(Duration::MAX);
            let due = Duration::from_secs_f64(19.0 / rate);
            assert!(last <= due + ms(10) * u32::try_from(count).expect("few"), "{last:?}, {count} stuck at {rate}");
            assert!(stuck.iter_mut().all(Call::poll));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_leaves_the_timers_to_those_who_are_on_their_way_to_them() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 30);
    advance(ms(10)).await;
    assert!(calls[1].poll());
    assert!(calls[3].is_rung(), "to take the timer that has become free");
    calls.extend(queue_up(&throttle, 1));
    pass(ms(310), &mut calls).await;
    assert!(calls.iter().all(Call::is_ready));
    let polls = calls.iter().map(|call| call.polls).max();
    assert!(polls <= Some(4), "{polls:?} polls");
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_its_receiver_sleeps_through_holds_up_nobody() {
    let throttle = even(3000.0);
    let mut calls = queue_up(&throttle, 10);
    advance(ms(1)).await;
    calls[1].poll();
    // The next two have their slots; nobody polls them again.
    let mut sleepers: Vec<_> = calls.drain(2..4).collect();
    pass(ms(3), &mut calls).await;
    assert!(calls.iter().all(Call::is_ready));
    assert!(sleepers.iter_mut().all(Call::poll));
}

#[tokio::test(start_paused = true)]
async fn try_enter_does_not_wait_for_those_who_are_no_longer_polled() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 4);
    advance(ms(40)).await;
    // Three slots were due, and whoever should have taken them sleeps.
    assert!(throttle.try_enter().is_none(), "they come first");
    let mut entered = None;
    for waited in 0..40 {
        if throttle.try_enter().is_some() {
            entered = Some(waited);
            break;
        }
        advance(ms(1)).await;
    }
    assert!(entered.is_some(), "but not for ever");
    assert!(calls.iter_mut().all(Call::poll));
}

#[tokio::test(start_paused = true)]
async fn with_a_new_waker_it_is_the_new_one_that_is_woken() {
    let throttle = even(100.0);
    let mut calls = queue_up(&throttle, 5);
    for call in &mut calls {
        call.alarm = std::sync::Arc::default();
        call.poll();
    }
    assert_eq!(pass(ms(40), &mut calls).await, [1, 2, 3, 4]);
}

/// In the time that it takes this thread, and as a ratio.
#[test]
fn ten_thousand_cancellations_are_linear() {
    let cancel = |throttle: &DynamicThrottle, count: usize, order: fn(Vec<usize>) -> Vec<usize>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let mut calls = queue_up(throttle, count);
        let began = busy();
        for index in order((0..count).collect()) {
            calls[index].cancel();
        }
        (busy() - began).as_secs_f64() / count as f64
    };
    let orders: [fn(Vec<usize>) -> Vec<usize>; 3] = [
        |order| order,
        |order| order.into_iter().rev().collect(),
        |mut order| {
            fastrand::Rng::with_seed(5).shuffle(&mut order);
            order
        },
    ];
    for order in orders {
        let throttle = even(0.001);
        let best = |count| (0..10).map(|_| cancel(&throttle, count, order)).fold(f64::INFINITY, f64::min);
        // Ten times as many: as much each if linear, ten times as much if not. A busy machine spoils one comparison, but
        // not five.
        let linear = (0..5).any(|_| best(10_000) <= best(1000) * 4.0);
        assert!(linear, "each of 10 000 takes more than four times as long as each of 1000");
    }
}

#[tokio::test(start_paused = true)]
async fn slots_that_are_given_back_together_are_no_burst() {
    for rate in [300.0, 1000.0, 10_000.0] {
        let throttle = even(rate);
        drop(throttle.try_enter());
        let count = (rate / 25.0) as usize;
        let mut calls: Vec<_> = (0..count).map(|_| Box::pin(throttle.enter())).collect();
        assert!(calls.iter_mut().all(|call| crate::support::poll(call.as_mut()).is_pending()));
        // One polls, and serves with that all whose slots are due; those are not polled themselves.
        let mut last = calls.pop().expect("one of them");
        for _ in 0..20 {
            advance(ms(1)).await;
            assert!(crate::support::poll(last.as_mut()).is_pending());
        }
        let due = (rate * 0.020) as usize;
        let mut others = calls.split_off(due - 1);
        drop(calls);
        let polled = others.iter_mut().map(|call| crate::support::poll(call.as_mut()));
        let at_once = polled.filter(Poll::is_ready).count();
        let allowed = 2 + (rate * 0.002) as usize;
        assert!(at_once <= allowed, "{at_once} at once at {rate}/s, {allowed} allowed");
    }
}

/// Three are given the slot one after the other, late, and two of them leave; in one case as many do so again when the
/// lateness is made up for.
#[tokio::test(start_paused = true)]
async fn lateness_of_a_slot_that_is_handed_on_is_made_up_for_once() {
    for at_the_next_too in [false, true] {
        let throttle = even(100.0);
        let start = Instant::now();
        let mut calls = queue_up(&throttle, 12);
        let mut newcomer = Call::new(throttle.enter());
        // The slot of 10 ms is due; nobody looks until it is 9 ms late, 4 ms more than the slack.
        advance(ms(19)).await;
        assert!(!newcomer.poll(), "it serves the others");
        for leaves in [1, 2] {
            assert!(calls[leaves].is_rung());
            calls[leaves].cancel();
        }
        poll_rung(&mut calls);
        assert_eq!(calls[3].ready_after(start), Some(ms(19)));
        advance(ms(5)).await;
        if at_the_next_too {
            assert!(!newcomer.poll(), "it serves the others");
            for leaves in [4, 5] {
                assert!(calls[leaves].is_rung());
                calls[leaves].cancel();
            }
        }
        pass(ms(60), &mut calls).await;
        let times = calls.iter().skip(4).filter_map(|call| call.ready_after(start)).take(4);
        assert_eq!(times.collect::<Vec<_>>(), [ms(24), ms(30), ms(40), ms(50)], "{at_the_next_too}");
    }
}
