//! The strategy `balanced`: volume and wait without units.
//!
//! Each is counted in deviations from the mean of all skills, so that neither drowns the other and the length of the
//! history doesn't matter. What it is good for stands in `docs/strategies.md`.

use std::collections::BTreeMap;

use waitwise_model::{SkillEvidence, Weight, Weights};

use crate::volume_wait::FactorError;

/// The weight of a skill that is like the mean of all.
const MIDDLE: f64 = 50.0;
/// How many points of weight one deviation is: at the default scale, a minute of head start.
const POINTS_PER_DEVIATION: f64 = 10.0;
/// A spread of less than this share of the mean is not stretched into whole deviations: it may be chance.
const SPREAD_SHARE_MIN: f64 = 0.25;

/// The strategy with its two factors.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Balanced {
    volume_factor: f64,
    wait_factor: f64,
}

impl Default for Balanced {
    /// Volume and wait count the same.
    fn default() -> Self {
        Balanced {
            volume_factor: 0.5,
            wait_factor: 0.5,
        }
    }
}

impl Balanced {
    /// How plans and messages call it.
    pub const NAME: &str = "balanced";

    /// Takes other factors than one half each; only their ratio counts.
    ///
    /// # Errors
    /// One is negative or not finite, or both are 0.
    pub fn new(volume_factor: f64, wait_factor: f64) -> Result<Self, FactorError> {
        let usable = |factor: f64| factor.is_finite() && factor >= 0.0;
        let sum = volume_factor + wait_factor;
        if usable(volume_factor) && usable(wait_factor) && sum.is_finite() && sum > 0.0 {
            Ok(Balanced {
                volume_factor: volume_factor / sum,
                wait_factor: wait_factor / sum,
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

    /// Returns one weight per skill; none for no evidence. Skills that are alike get 50.
    pub fn weights(&self, evidence: &[SkillEvidence]) -> Weights {
        let of = |value: fn(&SkillEvidence) -> f64| deviations(evidence.iter().map(value));
        let volumes = of(|skill| skill.conversations);
        let waits = of(|skill| skill.mean_wait_secs);
        let scores = volumes.iter().zip(&waits);
        let scores =
            scores.map(|(volume, wait)| self.volume_factor * volume + self.wait_factor * wait);
        let skills = evidence.iter().map(|skill| skill.skill.clone());
        skills.zip(scores.map(weight)).collect()
    }
}

/// How many standard deviations each value lies from the mean of all.
fn deviations(values: impl ExactSizeIterator<Item = f64> + Clone) -> Vec<f64> {
    let n = values.len() as f64;
    // Divided first, so that no sum of finite values leaves a double's range.
    let mean: f64 = values.clone().map(|value| value / n).sum();
    let largest = values
        .clone()
        .map(|value| (value - mean).abs())
        .fold(0.0, f64::max);
    if largest <= 0.0 {
        return vec![0.0; values.len()];
    }
    let squares = values
        .clone()
        .map(|value| ((value - mean) / largest).powi(2) / n);
    let spread = largest * squares.sum::<f64>().sqrt();
    let spread = f64::max(spread, mean * SPREAD_SHARE_MIN);
    values.map(|value| (value - mean) / spread).collect()
}

fn weight(score: f64) -> Weight {
    let points = libm::round(MIDDLE + POINTS_PER_DEVIATION * score).clamp(1.0, 100.0);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 1..=100")]
    Weight::try_from(points as i64).unwrap_or(Weight::MIN)
}

#[cfg(test)]
mod tests {
    use waitwise_model::SkillId;

    use super::*;

    fn weights(strategy: Balanced, numbers: &[(f64, f64)]) -> Vec<u8> {
        let skill = |(place, (volume, wait)): (usize, &(f64, f64))| SkillEvidence {
            skill: SkillId::new(format!("{place:04}")),
            name: String::new(),
            codes: Vec::new(),
            conversations: *volume,
            mean_wait_secs: *wait,
            waiting_hours: 0.0,
            waiting_share: 0.0,
        };
        let evidence: Vec<_> = numbers.iter().enumerate().map(skill).collect();
        strategy
            .weights(&evidence)
            .into_values()
            .map(Weight::get)
            .collect()
    }

    /// The case in which volumes in thousands drown waits in tens: 100, 51, 51, 1 by the tutorial's formula.
    const FOUR: [(f64, f64); 4] = [
        (4000.0, 24.9),
        (2000.0, 19.8),
        (2000.0, 21.2),
        (200.0, 39.1),
    ];

    #[test]
    fn the_skill_that_waits_longest_is_not_drowned_by_volume() {
        assert_eq!(weights(Balanced::default(), &FOUR), [56, 46, 47, 52]);
        assert_eq!(
            weights(Balanced::new(0.0, 3.0).unwrap(), &FOUR),
            [48, 42, 43, 67]
        );
    }

    #[test]
    fn the_length_of_the_history_makes_no_difference() {
        let longer = FOUR.map(|(volume, wait)| (12.0 * volume, wait));
        let strategy = Balanced::default();
        assert_eq!(weights(strategy, &longer), weights(strategy, &FOUR));
    }

    #[test]
    fn small_gaps_stay_small_and_large_ones_are_bounded() {
        let strategy = Balanced::default();
        assert_eq!(
            weights(strategy, &[(1000.0, 30.0), (1010.0, 30.1)]),
            [50, 50]
        );
        let mut outlier = vec![(1.0, 1.0); 99];
        outlier.push((1e300, 1e300));
        let found = weights(strategy, &outlier);
        assert_eq!((found[0], found[99]), (49, 100));
        assert!(weights(strategy, &[(f64::MAX, f64::MAX), (0.0, f64::MAX)]).len() == 2);
    }

    #[test]
    fn nothing_one_and_equals_have_answers() {
        let strategy = Balanced::default();
        assert_eq!(weights(strategy, &[]), [] as [u8; 0]);
        assert_eq!(weights(strategy, &[(120.0, 30.0)]), [50]);
        assert_eq!(weights(strategy, &[(0.0, 0.0), (0.0, 0.0)]), [50, 50]);
        for (volume, wait) in [
            (0.0, 0.0),
            (-1.0, 2.0),
            (f64::NAN, 1.0),
            (f64::MAX, f64::MAX),
        ] {
            assert!(Balanced::new(volume, wait).is_err());
        }
    }
}
