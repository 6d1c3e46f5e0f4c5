//! The way in while nobody queues: one clock read and one swap, no lock.

use super::pace::{Draw, Entry, Pace, Word};
use super::{DynamicThrottle, Pass};
use crate::moment::Moment;

impl DynamicThrottle {
    /// One clock read and one swap, if nothing stands in the way.
    #[inline]
    pub(super) fn enter_now(&self) -> Option<Pass<'_>> {
        let now = self.now();
        loop {
            let word = self.word();
            if word.is_queued() {
                return None;
            }
            let (pace, epoch) = (self.pace(), self.epoch());
            let Some(draw) = self.draw(word.base(), pace) else {
                self.draw_for(word.base());
                continue;
            };
            let entry = pace.enter(word.base(), now, draw);
            if let Entry::Admitted { next } = entry
                && self.swap(word, word.with_base(next))
            {
                return Some(Pass::new(self, epoch));
            }
            if let Entry::NotBefore(_) = entry
                && !(pace.is_unwound(word.base(), now) && self.wind(word))
            {
                return None;
            }
        }
    }

    /// Takes back a base that is too far ahead: as though a call had just entered.
    #[cold]
    fn wind(&self, word: Word) -> bool {
        // Read after the word, unlike the time that led here: the clock of another thread may have been ahead of it.
        let now = self.now();
        let pace = self.pace();
        pace.is_unwound(word.base(), now) && self.swap(word, word.with_base(pace.after(now)))
    }

    /// Where in its gap the slot at `base` lies. Whoever asks gets the same answer. `None`: [`Self::draw_for`] it first.
    #[inline]
    pub(super) fn draw(&self, base: Moment, pace: Pace) -> Option<Draw> {
        if pace.is_even() {
            return Some(Draw::NONE);
        }
        let bits = crate::draw::mixed(base.as_nanos().cast_unsigned());
        let fraction = bits as u32;
        let offset = if pace.sway == 0 {
            0
        } else if self.settings.rand.is_none() {
            crate::draw::keyed(bits).cast_signed()
        } else {
            self.drawn.at(base)?
        };
        Some(Draw { offset, fraction })
    }

    /// Draws, by the caller's function, where in its gap the slot at `base` lies.
    #[cold]
    pub(super) fn draw_for(&self, base: Moment) {
        let Some(rand) = self.settings.rand else { return };
        let is_next = || self.word().base() == base;
        self.drawn.draw(base, is_next, || {
            let jitter = self.jitter();
            if jitter > 0.0 { rand(jitter) / jitter } else { 0.0 }
        });
    }
}
