//! Random numbers as a tree of streams keyed by meaning, drawn in blocks.
//!
//! A stream is named by a seed, what it is for, and numbers such as class and replication; never by how much was drawn
//! before. Two sets of weights thus see the same callers. Everything transcendental comes from `libm`, because the
//! standard library's functions differ between machines in the last bit.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a stream is for. The numbers are part of every result: they are never given to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Gaps between the arrivals of a class.
    Arrivals = 1,
    /// How long the interactions of a class take.
    Service = 2,
    /// After-call work of a class.
    AfterCall = 3,
    /// How long the callers of a class wait before they give up.
    Patience = 4,
    /// How busy a day is for everybody.
    DayForAll = 5,
    /// How busy a day is for one class.
    DayForClass = 6,
}

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of `seed` for `purpose`, distinguished further by `key`.
    pub(crate) fn new(seed: u64, purpose: Purpose, key: &[u64]) -> Stream {
        let words = [purpose as u64].into_iter().chain(key.iter().copied());
        // What stands at two places of the name must not cancel out: each word meets what the ones before it were mixed to.
        let hash = words.fold(seed, |hash, word| mix(mix(hash) ^ word));
        Stream::of_word(hash)
    }

    /// The stream that a word stands for.
    pub(crate) fn of_word(word: u64) -> Stream {
        Stream(Xoshiro256PlusPlus::seed_from_u64(word))
    }

    #[inline]
    pub(crate) fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in 0.0..1.0, in steps of 2⁻⁵³.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.word())
    }

    /// Uniform in 0.0..1.0 without 0.0 itself.
    #[inline]
    pub(crate) fn positive_unit(&mut self) -> f64 {
        1.0 - self.unit()
    }
}

/// The upper 53 bits of a word as a number in 0.0..1.0.
#[inline]
pub(crate) fn unit(word: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    let bits = (word >> 11) as f64;
    bits * (1.0 / (1_u64 << 53) as f64)
}

/// SplitMix64's finaliser: each input bit changes about half of the output's.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_stream_depends_on_each_part_of_its_name() {
        let first = |seed, purpose, key: &[u64]| Stream::new(seed, purpose, key).word();
        let names = [
            first(1, Purpose::Arrivals, &[0, 0]),
            first(2, Purpose::Arrivals, &[0, 0]),
            first(1, Purpose::Service, &[0, 0]),
            first(1, Purpose::Arrivals, &[0]),
            first(1, Purpose::Arrivals, &[1, 0]),
            first(1, Purpose::Arrivals, &[0, 1]),
        ];
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(names[0], first(1, Purpose::Arrivals, &[0, 0]));
    }

    #[test]
    fn a_unit_is_at_least_zero_and_below_one() {
        assert_eq!(unit(0).to_bits(), 0.0_f64.to_bits());
        assert!(unit(u64::MAX) < 1.0);
    }
}
