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
/// stored. The mixer is that of `wyrand` (Wang Yi, 2019), the quickest that passes the usual tests of random numbers: spread
/// by an odd factor, then multiplied with itself in double width and folded.
#[inline]
pub(crate) fn mixed(number: u64) -> u64 {
    // With the low bits of a constant, where those of the number are all zero.
    let spread = (number ^ 0x2d35_8dcc_aa6c_78a5).wrapping_mul(0xa076_1d64_78bd_642f);
    let product = u128::from(spread) * u128::from(spread ^ 0xe703_7ed1_a0b4_28db);
    (product >> u64::BITS) as u64 ^ product as u64
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
    /// Each bit of what neighbours get is as often set as not, and as often the same as not.
    #[test]
    fn neighbours_get_bits_that_have_nothing_to_do_with_each_other() {
        const COUNT: u32 = 10_000;
        for step in [1, 4, 1_000_000, 0x1_0000_0000] {
            let bits = |index: u32| super::mixed(u64::from(index).wrapping_mul(step));
            for bit in 0..u64::BITS {
                let is_set = |bits: u64| bits >> bit & 1;
                let set: u64 = (0..COUNT).map(|index| is_set(bits(index))).sum();
                let changed: u64 = (0..COUNT).map(|index| is_set(bits(index) ^ bits(index + 1))).sum();
                // The deviation of either is 50; 600 such sums stay within five of it.
                for sum in [set, changed] {
                    assert!(sum.abs_diff(u64::from(COUNT) / 2) < 250, "bit {bit} of steps of {step}: {sum}");
                }
            }
        }
    }

    /// Reckoned in integers of any width.
    #[test]
    fn the_mixer_is_the_one_that_was_tested_elsewhere() {
        assert_eq!(
            [0, 1, u64::MAX].map(super::mixed),
            [0xac67_c29f_9bcf_5335, 0x940d_37ac_6d96_629e, 0xb1c0_8891_d54a_9ced,]
        );
    }

    #[test]
    fn keyed_bits_differ_from_each_other_as_the_bits_do() {
        /// Of the factor, so that the product of the two is 1.
        const INVERSE: u64 = 0xf1de_83e1_9937_733d;
        let key = |bits: u64| super::keyed(bits).wrapping_mul(INVERSE) ^ bits;
        assert!([1, 0xff00, 1 << 63, u64::MAX].iter().all(|bits| key(*bits) == key(0)));
    }

    /// Another process has another key.
    #[test]
    fn keyed_bits_differ_from_the_bits_and_belong_to_them() {
        let keyed: std::collections::BTreeSet<u64> =
            (0..1000).map(|number| super::keyed(super::mixed(number))).collect();
        assert_eq!(keyed.len(), 1000);
        assert_eq!(super::keyed(7), super::keyed(7));
        let low = keyed.iter().filter(|bits| **bits < u64::MAX / 2).count();
        assert!(low.abs_diff(500) < 100, "{low} of 1000 below the middle");
    }

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
