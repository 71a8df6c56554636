//! Weights as the twin's head starts.

use waitwise_model::{QueueId, Scale, SkillId, Weight, Weights};
use waitwise_twin::seen::ClassKey;

/// A set of weights, and what a lever makes of them.
#[derive(Clone, PartialEq, Debug)]
pub struct WeightSet {
    /// By skill.
    pub weights: Weights,
    /// The weight of a skill that has none, and of callers of other queues; `None`: no head start.
    pub unnamed: Option<Weight>,
    /// What a point is worth.
    pub scale: Scale,
    /// Whether the lever writes whole minutes alone.
    pub is_in_whole_minutes: bool,
}

impl WeightSet {
    /// Nobody has a head start.
    pub fn none() -> WeightSet {
        WeightSet {
            weights: Weights::new(),
            unnamed: None,
            scale: Scale::DEFAULT,
            is_in_whole_minutes: false,
        }
    }

    /// Returns the head start of a class, that of the largest of its skills' weights; weights count in `queue` alone.
    pub(super) fn head_start_secs(&self, key: &ClassKey, queue: Option<&QueueId>) -> f64 {
        let is_elsewhere = queue.is_some_and(|queue| queue.as_str() != key.queue);
        let of_skill = |skill: &String| self.weights.get(&SkillId::new(skill)).copied();
        let weights = key.skills.iter().map(of_skill);
        let largest = weights.map(|weight| weight.or(self.unnamed)).max();
        let weight = largest.filter(|_| !is_elsewhere).unwrap_or(self.unnamed);
        weight.map_or(0.0, |weight| {
            let worth = self.scale.head_start(weight);
            match self.is_in_whole_minutes {
                true => 60.0 * f64::from(worth.written_minutes()),
                false => 60.0 * worth.wanted_minutes(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(points: i64) -> Weight {
        Weight::try_from(points).unwrap()
    }

    fn key(queue: &str, skills: &[&str]) -> ClassKey {
        ClassKey {
            queue: queue.to_owned(),
            skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        }
    }

    #[test]
    fn the_largest_weight_counts_and_only_in_its_queue() {
        let mut set = WeightSet {
            weights: [
                (SkillId::new("a"), weight(24)),
                (SkillId::new("b"), weight(76)),
            ]
            .into(),
            ..WeightSet::none()
        };
        let queue = QueueId::new("q");
        let secs = |set: &WeightSet, queue_id: &str, skills: &[&str]| {
            set.head_start_secs(&key(queue_id, skills), Some(&queue))
        };
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(secs(&set, "q", &["a"]), 144.0));
        assert!(close(secs(&set, "q", &["a", "b"]), 456.0));
        assert!(close(secs(&set, "q", &["a", "c"]), 144.0));
        assert!(close(secs(&set, "q", &["c"]), 0.0));
        assert!(close(secs(&set, "r", &["b"]), 0.0));
        set.unnamed = Some(weight(50));
        assert!(close(secs(&set, "q", &["c"]), 300.0));
        assert!(close(secs(&set, "q", &[]), 300.0));
        assert!(close(secs(&set, "r", &["b"]), 300.0));
        set.is_in_whole_minutes = true;
        assert!(close(secs(&set, "q", &["b"]), 480.0));
        assert!(close(secs(&set, "q", &["a"]), 120.0));
    }
}
