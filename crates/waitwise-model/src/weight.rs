//! Skill weights.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::SkillId;

/// How much head start a skill gets in routing: an integer in 1..=100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Weight(u8);

impl Weight {
    /// The smallest weight, 1.
    pub const MIN: Weight = Weight(1);
    /// The middle of the scale, 50.
    pub const MIDDLE: Weight = Weight(50);
    /// The largest weight, 100.
    pub const MAX: Weight = Weight(100);

    /// Returns the weight as a number in 1..=100.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Returns the weight nearest to `value` that lies at most `step` points from `self`.
    pub fn step_towards(self, value: Weight, step: u8) -> Weight {
        let low = self.0.saturating_sub(step);
        let high = self.0.saturating_add(step);
        Weight(value.0.clamp(low, high).clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl TryFrom<i64> for Weight {
    type Error = WeightOutOfRange;

    fn try_from(value: i64) -> Result<Self, WeightOutOfRange> {
        u8::try_from(value)
            .ok()
            .map(Weight)
            .filter(|weight| (Self::MIN..=Self::MAX).contains(weight))
            .ok_or(WeightOutOfRange { value })
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that is no weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("weight {value} is outside 1..=100")]
pub struct WeightOutOfRange {
    /// The number.
    pub value: i64,
}

/// One weight per skill, in the order of skill ids.
pub type Weights = BTreeMap<SkillId, Weight>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_1_to_100_are_weights() {
        for value in [i64::MIN, -1, 0, 101, 257, i64::MAX] {
            assert_eq!(Weight::try_from(value), Err(WeightOutOfRange { value }));
        }
        for value in [1, 2, 99, 100] {
            assert_eq!(
                Weight::try_from(value).map(|w| i64::from(w.get())),
                Ok(value)
            );
        }
    }

    #[test]
    fn a_step_is_bounded_and_stays_a_weight() {
        let w = |value| Weight::try_from(value).unwrap();
        assert_eq!(w(50).step_towards(w(100), 5), w(55));
        assert_eq!(w(50).step_towards(w(1), 5), w(45));
        assert_eq!(w(50).step_towards(w(52), 5), w(52));
        assert_eq!(w(3).step_towards(w(1), 250), w(1));
        assert_eq!(w(98).step_towards(w(100), 0), w(98));
    }
}
