//! Random numbers keyed by meaning, and the distributions drawn from them.
//!
//! A stream is named by a seed, a purpose and numbers such as skill and day, never by how much was drawn before. Two
//! centres of one seed thus see the same callers, whatever either does with them. Logarithms and powers come from
//! `libm`, because the standard library's differ between machines in the last bit.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// One stream of random numbers.
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of `seed` for `purpose`, distinguished further by `key`.
    pub(crate) fn new(seed: u64, purpose: &str, key: &[u64]) -> Stream {
        let words = purpose
            .bytes()
            .map(u64::from)
            .chain([u64::MAX])
            .chain(key.iter().copied());
        let hash = words.fold(mix(seed), |hash, word| mix(hash ^ mix(word)));
        Stream(Xoshiro256PlusPlus::seed_from_u64(hash))
    }

    /// Uniform in 0.0..1.0, in steps of 2⁻⁵³.
    pub(crate) fn unit(&mut self) -> f64 {
        // 53 bits: what an f64 holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
        let bits = (self.0.next_u64() >> 11) as f64;
        bits / (1_u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..=high`, each (to within 2⁻³²) equally likely.
    pub(crate) fn pick(&mut self, low: usize, high: usize) -> usize {
        whole(self.unit() * (high - low + 1) as f64) as usize + low
    }

    /// True with probability `share`.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// Exponential with the given mean, in the mean's unit.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// Weibull: `scale` in the result's unit; a `shape` under 1 has many short values and a long tail.
    pub(crate) fn weibull(&mut self, scale: f64, shape: f64) -> f64 {
        scale * libm::pow(-libm::log(1.0 - self.unit()), 1.0 / shape)
    }

    /// Lognormal with the given mean (not median) and standard deviation of the logarithm.
    pub(crate) fn lognormal(&mut self, mean: f64, sigma: f64) -> f64 {
        mean * libm::exp(sigma * self.normal() - sigma * sigma / 2.0)
    }

    /// Standard normal, by Box and Muller's first half: two uniforms, one result, so that a draw costs the same always.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }
}

/// `value` without its fraction; negative values become 0 and those beyond the range its end.
pub(crate) fn whole(value: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the loss is what the name says"
    )]
    let whole = value as u32;
    whole
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
    use super::*;

    #[test]
    fn a_stream_depends_on_each_part_of_its_name() {
        let first = |seed, purpose, key: &[u64]| Stream::new(seed, purpose, key).unit().to_bits();
        let names = [
            first(1, "arrivals", &[0, 0]),
            first(2, "arrivals", &[0, 0]),
            first(1, "callers", &[0, 0]),
            first(1, "arrivals", &[0]),
            first(1, "arrivals", &[1, 0]),
            first(1, "arrivals", &[0, 1]),
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert_eq!(names[0], first(1, "arrivals", &[0, 0]));
    }

    #[test]
    fn means_are_those_asked_for() {
        let mut stream = Stream::new(7, "means", &[]);
        let mut mean = |draw: fn(&mut Stream) -> f64| {
            (0..200_000).map(|_| draw(&mut stream)).sum::<f64>() / 200_000.0
        };
        let check = |found: f64, expected: f64| {
            assert!(
                (found / expected - 1.0).abs() < 0.01,
                "{found} for {expected}"
            )
        };
        check(mean(|s| s.exponential(30.0)), 30.0);
        check(mean(|s| s.lognormal(300.0, 0.7)), 300.0);
        check(mean(|s| s.weibull(100.0, 2.0)), 100.0 * libm::tgamma(1.5));
        check(mean(|s| s.pick(3, 5) as f64), 4.0);
    }

    #[test]
    fn the_same_bytes_on_every_machine() {
        let mut stream = Stream::new(42, "golden", &[3, 1]);
        let drawn = [
            stream.unit(),
            stream.exponential(1.0),
            stream.lognormal(1.0, 0.5),
            stream.weibull(1.0, 0.8),
        ];
        let expected = [
            4604338465438537486,
            4608918381678659432,
            4606329381495003144,
            4603703216676265426,
        ];
        assert_eq!(drawn.map(f64::to_bits), expected);
    }
}
