//! Which head starts can be written, so that nothing else is searched, predicted or promised.

use waitwise_model::{Scale, Weight};

/// A head start that can be written, by the smallest weight that gives it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// The weight.
    pub weight: Weight,
    /// The head start in minutes.
    pub minutes: f64,
}

/// All head starts that can be written for a skill, each once, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Writable {
    steps: Vec<Step>,
}

impl Writable {
    /// Every weight is written as it is.
    pub fn weights(scale: Scale) -> Writable {
        Writable::of(|weight| scale.head_start(weight).wanted_minutes())
    }

    /// Whole minutes are written: several weights come to the same.
    pub fn whole_minutes(scale: Scale) -> Writable {
        Writable::of(|weight| f64::from(scale.head_start(weight).written_minutes()))
    }

    /// `minutes` must not fall where the weight rises.
    fn of(minutes: impl Fn(Weight) -> f64) -> Writable {
        let weights = (1..=100).filter_map(|value| Weight::try_from(value).ok());
        let mut steps: Vec<Step> = weights
            .map(|weight| Step {
                weight,
                minutes: minutes(weight),
            })
            .collect();
        steps.dedup_by(|step, before| step.minutes <= before.minutes);
        Writable { steps }
    }

    /// Returns them, the lowest first; there is at least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the place of the step whose head start is nearest, the lower one of two that are as near.
    pub fn nearest(&self, minutes: f64) -> usize {
        let distance = |place: usize| (self.steps[place].minutes - minutes).abs();
        let nearer = |best, place| {
            if distance(place) < distance(best) {
                place
            } else {
                best
            }
        };
        (1..self.steps.len()).fold(0, nearer)
    }

    /// Returns the place of the step that a weight is written as.
    pub fn place_of(&self, weight: Weight) -> usize {
        let at_most = self.steps.partition_point(|step| step.weight <= weight);
        at_most.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(value: i64) -> Weight {
        Weight::try_from(value).unwrap()
    }

    #[test]
    fn weights_are_written_one_by_one() {
        let writable = Writable::weights(Scale::DEFAULT);
        assert_eq!(writable.steps().len(), 100);
        assert_eq!(writable.place_of(w(1)), 0);
        assert_eq!(writable.place_of(w(100)), 99);
        assert_eq!(writable.nearest(2.549), 24);
        assert_eq!(writable.nearest(-1.0), 0);
        assert_eq!(writable.nearest(1e9), 99);
    }

    #[test]
    fn whole_minutes_are_few_and_named_by_their_smallest_weight() {
        let writable = Writable::whole_minutes(Scale::DEFAULT);
        let steps: Vec<(u8, f64)> = writable
            .steps()
            .iter()
            .map(|step| (step.weight.get(), step.minutes))
            .collect();
        assert_eq!(steps.len(), 11);
        assert_eq!(steps[..3], [(1, 0.0), (5, 1.0), (15, 2.0)]);
        assert_eq!(steps[10], (95, 10.0));
        for (weight, place) in [(1, 0), (4, 0), (5, 1), (14, 1), (15, 2), (94, 9), (100, 10)] {
            assert_eq!(writable.place_of(w(weight)), place, "{weight}");
        }
        let coarse = Writable::whole_minutes(Scale::per_point(0.001).unwrap());
        assert_eq!(coarse.steps().len(), 1);
    }
}
