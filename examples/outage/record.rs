//! What is known of the calls of one load, and the figures drawn from it.

use std::time::Duration;

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Served,
    Failed,
    /// By the circuit breaker: nothing was sent.
    Refused,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// Moments of the story.
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    /// By the clock on the wall.
    pub(crate) took: Duration,
    pub(crate) end: End,
}

/// The calls of one load, in the order in which they ended.
#[derive(Default, Debug)]
pub(crate) struct Record(Vec<Call>);

impl Record {
    pub(crate) fn push(&mut self, call: Call) {
        self.0.push(call);
    }

    fn ended(&self, end: End) -> impl Iterator<Item = &Call> {
        self.0.iter().filter(move |call| call.end == end)
    }

    pub(crate) fn count(&self, end: End) -> usize {
        self.ended(end).count()
    }

    /// How many ended so in the second before `now`.
    pub(crate) fn last_second(&self, end: End, now: Duration) -> usize {
        let since = now.saturating_sub(Duration::from_secs(1));
        self.0.iter().rev().take_while(|call| call.ended >= since).filter(|call| call.end == end).count()
    }

    /// How many ended so while this was true of the moment.
    pub(crate) fn count_while(&self, end: End, when: impl Fn(Duration) -> bool) -> usize {
        self.ended(end).filter(|call| when(call.ended)).count()
    }

    /// How long callers waited for calls that failed, in all.
    pub(crate) fn lost(&self) -> Duration {
        self.ended(End::Failed).map(|call| call.ended.saturating_sub(call.began)).sum()
    }

    /// How long a refusal takes by the clock on the wall: half of them took less.
    pub(crate) fn median_refusal(&self) -> Option<Duration> {
        let mut took: Vec<Duration> = self.ended(End::Refused).map(|call| call.took).collect();
        let middle = took.len() / 2;
        (!took.is_empty()).then(|| *took.select_nth_unstable(middle).1)
    }

    /// Admitted calls a second by when they began, in steps of `step`: the middle of a step and its rate.
    pub(crate) fn admitted_rate(&self, step: Duration, length: Duration) -> Vec<(f64, f64)> {
        rates(self.0.iter().filter(|call| call.end != End::Refused).map(|call| call.began), step, length)
    }

    /// Calls a second that ended so, by when they ended.
    pub(crate) fn rate(&self, end: End, step: Duration, length: Duration) -> Vec<(f64, f64)> {
        rates(self.ended(end).map(|call| call.ended), step, length)
    }

    /// How many callers waited for an answer, on average over each `step`.
    pub(crate) fn waiting(&self, step: Duration, length: Duration) -> Vec<(f64, f64)> {
        (0..steps(step, length))
            .map(|index| {
                let (from, to) = (step * index, step * (index + 1));
                let waited = |call: &Call| call.ended.min(to).saturating_sub(call.began.max(from));
                let sum: Duration = self.0.iter().map(waited).sum();
                (middle(step, index), sum.div_duration_f64(step))
            })
            .collect()
    }
}

fn rates(moments: impl Iterator<Item = Duration>, step: Duration, length: Duration) -> Vec<(f64, f64)> {
    let mut counts = vec![0_u32; steps(step, length) as usize];
    for moment in moments {
        // What ends after the story is over is not in the picture.
        if let Some(count) = counts.get_mut(steps(step, moment) as usize) {
            *count += 1;
        }
    }
    let seconds = step.as_secs_f64();
    (0..).zip(counts).map(|(index, count)| (middle(step, index), f64::from(count) / seconds)).collect()
}

/// The middle of a step, in seconds.
fn middle(step: Duration, index: u32) -> f64 {
    (step * index + step / 2).as_secs_f64()
}

/// How many whole steps there are.
fn steps(step: Duration, length: Duration) -> u32 {
    (length.as_nanos() / step.as_nanos()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn record(calls: &[(u64, u64, End)]) -> Record {
        let call = |&(began, ended, end)| Call {
            began: millis(began),
            ended: millis(ended),
            took: Duration::from_micros(ended - began),
            end,
        };
        Record(calls.iter().map(call).collect())
    }

    #[test]
    fn only_calls_that_failed_lose_time() {
        let record = record(&[(0, 300, End::Served), (100, 900, End::Failed), (200, 250, End::Refused)]);
        assert_eq!(record.lost(), millis(800));
    }

    #[test]
    fn the_median_is_the_middle_one_of_the_refusals() {
        let mixed = record(&[(0, 9, End::Refused), (0, 1, End::Refused), (0, 3, End::Refused), (0, 500, End::Failed)]);
        assert_eq!(mixed.median_refusal(), Some(Duration::from_micros(3)));
        assert_eq!(record(&[(0, 500, End::Failed)]).median_refusal(), None);
    }

    #[test]
    fn a_rate_counts_calls_by_their_step_and_leaves_out_what_ends_later() {
        let record =
            record(&[(0, 100, End::Served), (0, 499, End::Served), (0, 500, End::Served), (0, 1_000, End::Served)]);
        assert_eq!(record.rate(End::Served, millis(500), millis(1_000)), [(0.25, 4.0), (0.75, 2.0)]);
    }

    #[test]
    fn admitted_are_all_but_the_refused_by_when_they_began() {
        let record = record(&[(100, 700, End::Failed), (600, 650, End::Served), (120, 120, End::Refused)]);
        assert_eq!(record.admitted_rate(millis(500), millis(1_000)), [(0.25, 2.0), (0.75, 2.0)]);
    }

    #[test]
    fn a_caller_waits_for_the_part_of_a_step_that_its_call_takes() {
        let record = record(&[(0, 100, End::Served), (50, 150, End::Failed)]);
        assert_eq!(record.waiting(millis(100), millis(200)), [(0.05, 1.5), (0.15, 0.5)]);
    }
}
