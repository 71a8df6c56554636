//! The strategy `volume-wait`: the tutorial's formula, bit for bit.
//!
//! score = volume_factor · interactions + wait_factor · mean wait in seconds; the scores are stretched so that the
//! lowest becomes 1 and the highest 100. What is misleading about it stands in `docs/strategies.md`.

use std::collections::BTreeMap;

use waitwise_model::{SkillEvidence, SkillId, Weight, Weights};

/// The strategy with its two factors.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VolumeWait {
    volume_factor: f64,
    wait_factor: f64,
}

/// Factors that give no order.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error(
    "factors must be finite, not negative and not both 0, got {volume_factor} for volume and {wait_factor} for wait"
)]
pub struct FactorError {
    /// As given.
    pub volume_factor: f64,
    /// As given.
    pub wait_factor: f64,
}

/// Numbers so large that their scores leave the range of a double.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the score of skill `{skill}` is not finite: its numbers are too large to compare")]
pub struct NotFinite {
    /// The first such skill.
    pub skill: SkillId,
}

impl Default for VolumeWait {
    /// The tutorial's 0.6 and 0.4.
    fn default() -> Self {
        VolumeWait {
            volume_factor: 0.6,
            wait_factor: 0.4,
        }
    }
}

impl VolumeWait {
    /// How plans and messages call it.
    pub const NAME: &str = "volume-wait";

    /// Takes other factors than the tutorial's.
    ///
    /// # Errors
    /// One is negative or not finite, or both are 0.
    pub fn new(volume_factor: f64, wait_factor: f64) -> Result<Self, FactorError> {
        let usable = |factor: f64| factor.is_finite() && factor >= 0.0;
        if usable(volume_factor) && usable(wait_factor) && volume_factor + wait_factor > 0.0 {
            Ok(VolumeWait {
                volume_factor,
                wait_factor,
            })
        } else {
            Err(FactorError {
                volume_factor,
                wait_factor,
            })
        }
    }

    /// Returns its settings by name, for the record.
    pub fn settings(&self) -> BTreeMap<String, f64> {
        [
            ("volume_factor", self.volume_factor),
            ("wait_factor", self.wait_factor),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Returns one weight per skill; none for no evidence. A lone skill, or equal scores, give 1, as the tutorial does.
    ///
    /// # Errors
    /// A score that is not finite.
    pub fn weights(&self, evidence: &[SkillEvidence]) -> Result<Weights, NotFinite> {
        let numbers: Vec<_> = evidence
            .iter()
            .map(|skill| (skill.conversations, skill.mean_wait_secs))
            .collect();
        let weights = self.stretch(&numbers).map_err(|idx| NotFinite {
            skill: evidence[idx].skill.clone(),
        })?;
        Ok(evidence
            .iter()
            .map(|skill| skill.skill.clone())
            .zip(weights)
            .collect())
    }

    /// The formula on (volume, wait) pairs; on failure the index of the first pair whose score is not finite.
    fn stretch(&self, numbers: &[(f64, f64)]) -> Result<Vec<Weight>, usize> {
        let score =
            |(volume, wait): &(f64, f64)| (volume * self.volume_factor) + (wait * self.wait_factor);
        let scores: Vec<f64> = numbers.iter().map(score).collect();
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let range = if highest > lowest {
            highest - lowest
        } else {
            1.0
        };
        let weight = |(idx, score): (usize, &f64)| {
            let position = (score - lowest) / range;
            let finite = score.is_finite() && range.is_finite();
            finite.then(|| cut(position)).ok_or(idx)
        };
        scores.iter().enumerate().map(weight).collect()
    }
}

/// Maps 0.0..=1.0 to 1..=100 by cutting off, as Python's `int(position * 99) + 1` does.
fn cut(position: f64) -> Weight {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting off is the formula; the cast saturates"
    )]
    let value = (position * 99.0) as i64 + 1;
    Weight::try_from(value.clamp(1, 100)).unwrap_or(Weight::MIN)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;

    fn weights_of(strategy: &VolumeWait, numbers: &[(f64, f64)]) -> Vec<u8> {
        strategy
            .stretch(numbers)
            .unwrap()
            .into_iter()
            .map(Weight::get)
            .collect()
    }

    /// One vector of `vectors/volume_wait.json`: numbers as JSON tokens, and what the tutorial's function answered.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        volumes: Vec<Box<RawValue>>,
        waits: Vec<Box<RawValue>>,
        weights: Vec<u8>,
    }

    #[test]
    fn the_tutorials_own_answers_come_out_bit_for_bit() {
        let vectors: Vec<Vector> =
            serde_json::from_str(include_str!("../vectors/volume_wait.json")).unwrap();
        assert!(vectors.len() > 300);
        for vector in vectors {
            let parse = |tokens: &[Box<RawValue>]| {
                tokens
                    .iter()
                    .map(|token| token.get().parse().unwrap())
                    .collect::<Vec<f64>>()
            };
            let numbers: Vec<_> = parse(&vector.volumes)
                .into_iter()
                .zip(parse(&vector.waits))
                .collect();
            assert_eq!(
                weights_of(&VolumeWait::default(), &numbers),
                vector.weights,
                "{}",
                vector.name
            );
        }
    }

    #[test]
    fn nothing_one_and_equals_have_answers() {
        let strategy = VolumeWait::default();
        assert_eq!(weights_of(&strategy, &[]), [] as [u8; 0]);
        assert_eq!(weights_of(&strategy, &[(120.0, 30.0)]), [1]);
        assert_eq!(weights_of(&strategy, &[(5.0, 5.0), (5.0, 5.0)]), [1, 1]);
        assert_eq!(weights_of(&strategy, &[(0.0, 0.0), (0.0, 0.0)]), [1, 1]);
    }

    #[test]
    fn factors_decide_what_counts() {
        let numbers = [(100.0, 1.0), (1.0, 100.0)];
        assert_eq!(
            weights_of(&VolumeWait::new(1.0, 0.0).unwrap(), &numbers),
            [100, 1]
        );
        assert_eq!(
            weights_of(&VolumeWait::new(0.0, 1.0).unwrap(), &numbers),
            [1, 100]
        );
        for (volume, wait) in [
            (0.0, 0.0),
            (-1.0, 2.0),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
        ] {
            assert!(VolumeWait::new(volume, wait).is_err());
        }
    }

    #[test]
    fn scores_beyond_a_double_are_an_error_not_a_weight() {
        let strategy = VolumeWait::new(10.0, 1.0).unwrap();
        assert_eq!(strategy.stretch(&[(1.0, 1.0), (f64::MAX, 1.0)]), Err(0));
        assert_eq!(
            VolumeWait::default()
                .stretch(&[(f64::MAX, f64::MAX), (1.0, 1.0)])
                .map(|w| w.len()),
            Ok(2)
        );
    }

    #[test]
    fn a_million_skills_are_weighed() {
        let numbers: Vec<_> = (0..1_000_000u32)
            .map(|i| (f64::from(i), f64::from(i % 97)))
            .collect();
        let weights = weights_of(&VolumeWait::default(), &numbers);
        assert_eq!(
            (weights.iter().min(), weights.iter().max()),
            (Some(&1), Some(&100))
        );
    }
}
