//! The way in while nobody queues: one clock read and one swap, no lock.

use super::pace::{Draw, Entry, Pace, Word};
use super::{DynamicThrottle, Pass};
use crate::moment::Moment;

/// The word has changed, or what has to be drawn for its slot is drawn by now.
struct Again;

impl DynamicThrottle {
    /// One clock read and one swap, if nothing stands in the way.
    #[inline]
    pub(super) fn enter_now(&self) -> Option<Pass<'_>> {
        let now = self.now();
        self.attempt(now).unwrap_or_else(|_again| self.enter_again(now))
    }

    /// Apart, so that the way in has no loop, whose constants and spills would be half of what it executes.
    #[cold]
    fn enter_again(&self, now: Moment) -> Option<Pass<'_>> {
        loop {
            if let Ok(answer) = self.attempt(now) {
                return answer;
            }
        }
    }

    #[inline]
    fn attempt(&self, now: Moment) -> Result<Option<Pass<'_>>, Again> {
        let word = self.word();
        if word.is_queued() {
            return Ok(None);
        }
        let (pace, epoch) = (self.pace(), self.epoch());
        let entry = if pace.is_even() {
            // By itself, so that the compiler knows that there is nothing to be reckoned with.
            pace.enter(word.base(), now, Draw::NONE)
        } else if let Some(draw) = self.draw(word.base(), pace) {
            pace.enter(word.base(), now, draw)
        } else {
            self.draw_for(word.base());
            return Err(Again);
        };
        match entry {
            Entry::Admitted { next } if self.swap(word, word.advanced(next)) => Ok(Some(Pass::new(self, epoch))),
            Entry::NotBefore(_) if !(pace.is_unwound(word.base(), now) && self.wind(word)) => Ok(None),
            Entry::Admitted { .. } => {
                step_aside();
                Err(Again)
            }
            Entry::NotBefore(_) => Err(Again),
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

/// After a lost swap: leaves the word's cache line to the thread that has it for about as long as a dozen entries take.
/// Both get on faster than by taking it away from each other at each call, which is what most of a contended entry costs.
#[cold]
fn step_aside() {
    const SPINS: u32 = 32;
    for _ in 0..SPINS {
        std::hint::spin_loop();
    }
}
