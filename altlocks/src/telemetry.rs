//! What observers hear of without asking: metrics, by the facade of the crate `metrics`. Nothing without its feature.
//!
//! A recorder is foreign code: it runs with no lock held, and its panics end here.

#[cfg(feature = "metrics")]
pub(crate) use self::recorded::{changed, paced, refused, timed_out};

#[cfg(not(feature = "metrics"))]
pub(crate) use self::unrecorded::{changed, paced, refused, timed_out};

#[cfg(feature = "metrics")]
mod recorded {
    use metrics::{SharedString, counter, gauge};

    use crate::events::isolated;
    use crate::{CircuitBreakerError, DynamicThrottle, Name, State, Transition};

    /// A circuit has changed.
    pub(crate) fn changed(name: &Name, change: Transition) {
        isolated(|| {
            let name = label(name);
            gauge!("altlocks_circuit_breaker_state", "name" => name.clone()).set(f64::from(change.to as u8));
            let (from, to) = (word(change.from), word(change.to));
            counter!("altlocks_circuit_breaker_transitions_total", "name" => name, "from" => from, "to" => to)
                .increment(1);
        });
    }

    /// A breaker has refused a call.
    pub(crate) fn refused(refusal: &CircuitBreakerError) {
        isolated(|| {
            let (name, state) = match refusal {
                CircuitBreakerError::Open { name, .. } => (name, State::Open),
                CircuitBreakerError::HalfOpen { name, .. } => (name, State::HalfOpen),
            };
            counter!("altlocks_circuit_breaker_refused_total", "name" => label(name), "state" => word(state))
                .increment(1);
        });
    }

    /// A throttle has another rate.
    pub(crate) fn paced(name: &Name, throttle: &DynamicThrottle) {
        isolated(|| {
            let gauge = gauge!("altlocks_throttle_rate", "name" => label(name));
            // Whoever is overtaken by the next change finds that out, so the last rate is the one that stays.
            let mut rate = throttle.rate();
            loop {
                gauge.set(rate);
                let newer = throttle.rate();
                if newer.to_bits() == rate.to_bits() {
                    return;
                }
                rate = newer;
            }
        });
    }

    /// A call would have had to wait for too long.
    pub(crate) fn timed_out(name: &Name) {
        isolated(|| counter!("altlocks_throttle_timeouts_total", "name" => label(name)).increment(1));
    }

    fn label(name: &Name) -> SharedString {
        SharedString::from(name.as_str().to_owned())
    }

    const fn word(state: State) -> &'static str {
        match state {
            State::Closed => "closed",
            State::HalfOpen => "half-open",
            State::Open => "open",
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod unrecorded {
    use crate::{CircuitBreakerError, DynamicThrottle, Name, Transition};

    pub(crate) const fn changed(_name: &Name, _change: Transition) {}
    pub(crate) const fn refused(_refusal: &CircuitBreakerError) {}
    pub(crate) const fn paced(_name: &Name, _throttle: &DynamicThrottle) {}
    pub(crate) const fn timed_out(_name: &Name) {}
}

#[cfg(all(test, feature = "metrics"))]
mod tests {
    use std::time::Duration;

    use metrics_util::debugging::{DebugValue, DebuggingRecorder};

    use crate::{Adaptation, CircuitBreaker, DynamicThrottle, Outcome, ThrottleTimeout};

    /// What was recorded meanwhile: `metric{label, ..} value`, sorted.
    fn recorded(what: impl FnOnce()) -> Vec<String> {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        metrics::with_local_recorder(&recorder, what);
        let mut lines: Vec<_> = snapshotter
            .snapshot()
            .into_vec()
            .into_iter()
            .map(|(key, _, _, value)| {
                let labels: Vec<_> = key.key().labels().map(metrics::Label::value).collect();
                let value = match value {
                    DebugValue::Counter(count) => count.to_string(),
                    DebugValue::Gauge(value) => value.to_string(),
                    DebugValue::Histogram(_) => unreachable!("none is recorded"),
                };
                format!("{}{{{}}} {value}", key.key().name(), labels.join(", "))
            })
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn a_circuit_tells_its_changes_its_state_and_its_refusals() {
        let breaker =
            CircuitBreaker::builder("device").max_fails(1).reset(Duration::ZERO).max_half_open_calls(1).build();
        let lines = recorded(|| {
            breaker.try_acquire().expect("closed").record(Outcome::Failure);
            let trial = breaker.try_acquire().expect("a trial");
            breaker.try_acquire().expect_err("the trial is taken");
            trial.record(Outcome::Success);
            breaker.force_open();
            breaker.try_acquire().expect_err("forced");
        });
        let expected = [
            "altlocks_circuit_breaker_refused_total{device, half-open} 1",
            "altlocks_circuit_breaker_refused_total{device, open} 1",
            "altlocks_circuit_breaker_state{device} 2",
            "altlocks_circuit_breaker_transitions_total{device, closed, open} 2",
            "altlocks_circuit_breaker_transitions_total{device, half-open, closed} 1",
            "altlocks_circuit_breaker_transitions_total{device, open, half-open} 1",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_call_that_succeeds_tells_nothing() {
        let breaker = CircuitBreaker::new("device");
        assert!(recorded(|| breaker.try_acquire().expect("closed").record(Outcome::Success)).is_empty());
    }

    #[test]
    fn a_throttle_tells_its_rate_and_whom_it_would_keep_waiting_for_too_long() -> Result<(), std::io::Error> {
        let throttle = DynamicThrottle::builder(1.0).name("api").adaptation(Adaptation::Fixed).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let lines = recorded(|| {
            throttle.set_rate(0.5).expect("within bounds");
            let refused: Result<_, ThrottleTimeout> = runtime.block_on(async {
                let _pass = throttle.enter().await;
                throttle.enter_timeout(Duration::from_millis(1)).await.map(drop)
            });
            refused.expect_err("the next slot is two seconds away");
        });
        assert_eq!(lines, ["altlocks_throttle_rate{api} 0.5", "altlocks_throttle_timeouts_total{api} 1"]);
        Ok(())
    }

    #[test]
    fn a_recorder_that_panics_does_no_harm() {
        struct Panics;
        impl metrics::Recorder for Panics {
            fn describe_counter(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
            fn describe_gauge(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
            fn describe_histogram(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
            fn register_counter(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
                panic!("no counter")
            }
            fn register_gauge(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
                panic!("no gauge")
            }
            fn register_histogram(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
                panic!("no histogram")
            }
        }
        let breaker = CircuitBreaker::new("device");
        metrics::with_local_recorder(&Panics, || breaker.force_open());
        assert_eq!(breaker.state(), crate::State::Open);
    }
}
