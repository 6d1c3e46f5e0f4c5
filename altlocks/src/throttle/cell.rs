//! A pace that is read while it is replaced.

use super::pace::Pace;
use crate::sync::{AtomicU64, Ordering};

/// A [`Pace`], field by field. What is loaded while another is stored may be a mixture: whoever uses it has to find out
/// afterwards, as [`DynamicThrottle`](super::DynamicThrottle) says under "Orderings".
pub(super) struct PaceCell {
    gap: AtomicU64,
    step: AtomicU64,
    fraction: AtomicU64,
    sway: AtomicU64,
    slack: AtomicU64,
}

impl PaceCell {
    pub(super) const fn new(pace: Pace) -> Self {
        Self {
            gap: AtomicU64::new(pace.gap.to_bits()),
            step: AtomicU64::new(pace.step.cast_unsigned()),
            fraction: AtomicU64::new(pace.fraction as u64),
            sway: AtomicU64::new(pace.sway.cast_unsigned()),
            slack: AtomicU64::new(pace.slack.cast_unsigned()),
        }
    }

    #[inline]
    pub(super) fn load(&self) -> Pace {
        let [gap, step, fraction, sway, slack] =
            [&self.gap, &self.step, &self.fraction, &self.sway, &self.slack].map(|cell| cell.load(Ordering::Acquire));
        Pace {
            gap: f64::from_bits(gap),
            step: step.cast_signed(),
            fraction: fraction as u32,
            sway: sway.cast_signed(),
            slack: slack.cast_signed(),
        }
    }

    pub(super) fn store(&self, pace: Pace) {
        self.gap.store(pace.gap.to_bits(), Ordering::Release);
        self.step.store(pace.step.cast_unsigned(), Ordering::Release);
        self.fraction.store(pace.fraction.into(), Ordering::Release);
        self.sway.store(pace.sway.cast_unsigned(), Ordering::Release);
        self.slack.store(pace.slack.cast_unsigned(), Ordering::Release);
    }
}
