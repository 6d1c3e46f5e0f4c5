//! Random numbers for jitter.

use std::hash::{BuildHasher, RandomState};

use crate::sync::Memo;

/// Uniform in `0.0..1.0`. Jitter needs no better source than the keys that std draws for its hash maps, and is drawn
/// too rarely for their cost to matter.
pub(crate) fn uniform() -> f64 {
    /// The integers below this are exact in an f64.
    const BITS: u32 = 53;
    let bits = RandomState::new().hash_one(0_u8) >> (u64::BITS - BITS);
    // Both below 2^53, so neither cast rounds.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    let fraction = bits as f64 / (1_u64 << BITS) as f64;
    fraction
}

/// Random bits that belong to a number: the same number has the same bits. For what has to be found again without being
/// stored. The mixer is that of `SplitMix64` (Steele, Lea, Flood, 2014).
#[inline]
pub(crate) fn mixed(number: u64) -> u64 {
    let mut bits = number;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Mixed bits as they are in this process. Others have others, or a fleet would jitter in step.
#[inline]
pub(crate) fn keyed(bits: u64) -> u64 {
    static KEY: Memo<u64> = Memo::new();
    let key = *KEY.get_or_init(|| RandomState::new().hash_one(0_u8));
    (bits ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    #[test]
    fn draws_are_spread_over_the_unit_interval() {
        let draws: Vec<f64> = (0..10_000).map(|_| super::uniform()).collect();
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let mean = draws.iter().sum::<f64>() / 10_000.0;
        // The deviation of the mean of 10 000 draws is 0.003.
        assert!((mean - 0.5).abs() < 0.02, "mean {mean}");
        assert!(draws.iter().any(|draw| *draw < 0.01) && draws.iter().any(|draw| *draw > 0.99));
    }
}
