//! Holding moves back: how far one weight may go at once.

use std::collections::BTreeMap;

use waitwise_model::{SkillId, Weight, Weights};

/// Weights after a bound, and what the bound held back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounded {
    /// What to write.
    pub weights: Weights,
    /// What was wanted, for those skills that may not go all the way.
    pub held_back: Weights,
}

/// Lets each weight move at most `max_step` points from its present value.
///
/// A skill without a present weight, or with one that is no weight, has no distance and goes all the way.
pub fn bound(wanted: &Weights, present: &BTreeMap<SkillId, Weight>, max_step: u8) -> Bounded {
    let mut bounded = Bounded {
        weights: Weights::new(),
        held_back: Weights::new(),
    };
    for (skill, wanted) in wanted {
        let reached = present
            .get(skill)
            .map_or(*wanted, |present| present.step_towards(*wanted, max_step));
        bounded.weights.insert(skill.clone(), reached);
        if reached != *wanted {
            bounded.held_back.insert(skill.clone(), *wanted);
        }
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weight_goes_as_far_as_it_may() {
        let w = |value| Weight::try_from(value).unwrap();
        let s = SkillId::new;
        let wanted = [(s("a"), w(100)), (s("b"), w(52)), (s("c"), w(1))].into();
        let present = [(s("a"), w(50)), (s("b"), w(50))].into();
        let bounded = bound(&wanted, &present, 5);
        assert_eq!(
            bounded.weights,
            [(s("a"), w(55)), (s("b"), w(52)), (s("c"), w(1))].into()
        );
        assert_eq!(bounded.held_back, [(s("a"), w(100))].into());
    }
}
