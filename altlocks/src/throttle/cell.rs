//! What entries read without a lock beside the word: the pace, and what is drawn for the next slot.

use super::pace::{Draw, Pace};
use crate::moment::Moment;
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

/// Where in its gap the next slot lies, as the caller's function has drawn it; and which slot that is, in one word.
pub(super) struct DrawCell(AtomicU64);

impl DrawCell {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// The offset of the slot at `base`, as [`Draw`] has it, if it is drawn.
    #[inline]
    pub(super) fn at(&self, base: Moment) -> Option<i64> {
        Drawn(self.0.load(Ordering::Acquire)).at(base)
    }

    /// Draws for the slot at `base`, if that still is the next. Whoever is first is right: all have to see the same.
    ///
    /// The cell is loaded before the base is asked for, so that who is late either finds another base, or another cell
    /// when it swaps; it never takes away what is drawn for a later slot.
    pub(super) fn draw(&self, base: Moment, is_next: impl FnOnce() -> bool, draw: impl FnOnce() -> f64) {
        let old = self.0.load(Ordering::Acquire);
        if Drawn(old).at(base).is_none() && is_next() {
            let mut share = 0.0;
            crate::events::isolated(|| share = draw());
            let new = Drawn::new(base, Draw::offset_of(share));
            self.0.compare_exchange(old, new.0, Ordering::AcqRel, Ordering::Acquire).ok();
        }
    }
}

#[derive(Clone, Copy)]
struct Drawn(u64);

impl Drawn {
    /// Half of the bits of an offset are more than a clock can tell.
    fn new(base: Moment, offset: i64) -> Self {
        Self(u64::from(Self::tag(base)) << 32 | offset.cast_unsigned() >> 32)
    }

    fn at(self, base: Moment) -> Option<i64> {
        let (tag, offset) = ((self.0 >> 32) as u32, (self.0 << 32).cast_signed());
        (tag == Self::tag(base)).then_some(offset)
    }

    /// Never 0, which is the tag of no draw. Slots 4.3 s apart share one; then the later takes the draw of the other.
    fn tag(base: Moment) -> u32 {
        base.as_nanos().cast_unsigned() as u32 | 1
    }
}
