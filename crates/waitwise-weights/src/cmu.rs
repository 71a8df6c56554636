//! The strategy `cmu`: the most waiting saved per minute of work goes first.
//!
//! Skills are ordered by c·µ, cost of a waiting second over handle time; where callers give up faster than they can be
//! answered, by c·µ/θ, that times patience. Both rules are about a strict order; weights come as near to one as their
//! range allows. When which is right stands in `docs/strategies.md`.

use std::collections::BTreeMap;

use waitwise_model::{SkillId, Weight, Weights};

/// What the rule has to know of one skill.
#[derive(Clone, PartialEq, Debug)]
pub struct SkillWork {
    /// The skill.
    pub skill: SkillId,
    /// Mean handle time in seconds, above 0.
    pub handle_secs: f64,
    /// Mean patience in seconds, above 0; `None`: its callers never give up.
    pub patience_secs: Option<f64>,
}

/// Two indices whose ratio is under this are one: such a difference is within what history can tell.
const SAME_RATIO: f64 = 1.02;

/// The strategy with what a waiting second of each skill costs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cmu {
    costs: BTreeMap<SkillId, f64>,
}

/// Which of the two rules was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// Cost over handle time.
    CostRate,
    /// Cost over handle time, times patience.
    CostRateByPatience,
}

/// A cost that gives no order.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error(
    "{cost} cannot be what a waiting second of skill `{skill}` costs: a number above 0 was expected"
)]
pub struct NoCost {
    /// The skill.
    pub skill: SkillId,
    /// As given.
    pub cost: f64,
}

impl Cmu {
    /// How plans and messages call it.
    pub const NAME: &str = "cmu";

    /// Takes what a waiting second of some skills costs; of the others it costs 1.
    ///
    /// # Errors
    /// A cost is not finite or not above 0.
    pub fn new(costs: BTreeMap<SkillId, f64>) -> Result<Cmu, NoCost> {
        match costs
            .iter()
            .find(|(_, cost)| !(cost.is_finite() && **cost > 0.0))
        {
            None => Ok(Cmu { costs }),
            Some((skill, cost)) => Err(NoCost {
                skill: skill.clone(),
                cost: *cost,
            }),
        }
    }

    /// Returns its settings by name, for the record.
    pub fn settings(&self) -> BTreeMap<String, f64> {
        let costs = self.costs.iter();
        costs
            .map(|(skill, cost)| (format!("cost.{skill}"), *cost))
            .collect()
    }

    /// Returns which rule fits: patience counts where the centre is short of staff and everybody's patience is known.
    pub fn index(work: &[SkillWork], is_short_of_staff: bool) -> Index {
        if is_short_of_staff && work.iter().all(|skill| skill.patience_secs.is_some()) {
            Index::CostRateByPatience
        } else {
            Index::CostRate
        }
    }

    /// Returns one weight per skill: the first gets 100, the last 1, those between lie evenly; skills whose indices
    /// are within 2% of the one before share a weight, and a lone weight is 1.
    pub fn weights(&self, work: &[SkillWork], index: Index) -> Weights {
        let value = |skill: &SkillWork| {
            let cost = self.costs.get(&skill.skill).copied().unwrap_or(1.0);
            let patience_secs = match index {
                Index::CostRate => None,
                Index::CostRateByPatience => skill.patience_secs,
            };
            cost / skill.handle_secs * patience_secs.unwrap_or(1.0)
        };
        let mut order: Vec<(f64, &SkillId)> = work
            .iter()
            .map(|skill| (value(skill), &skill.skill))
            .collect();
        order.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(other.1)));
        let mut rank = 0_i64;
        let mut ranks = Vec::with_capacity(order.len());
        for (place, (value, skill)) in order.iter().enumerate() {
            let is_higher = place > 0 && *value > order[place - 1].0 * SAME_RATIO;
            rank += i64::from(is_higher);
            ranks.push((rank, *skill));
        }
        let weight = |rank: i64| {
            // Rounded down, so that no two ranks of up to 100 share a weight.
            let points = 1 + 99 * rank / std::cmp::max(ranks.last().map_or(1, |last| last.0), 1);
            Weight::try_from(points).unwrap_or(Weight::MIN)
        };
        ranks
            .iter()
            .map(|(rank, skill)| ((*skill).clone(), weight(*rank)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(skills: &[(f64, Option<f64>)]) -> Vec<SkillWork> {
        let skill =
            |(place, (handle_secs, patience_secs)): (usize, &(f64, Option<f64>))| SkillWork {
                skill: SkillId::new(format!("{place:04}")),
                handle_secs: *handle_secs,
                patience_secs: *patience_secs,
            };
        skills.iter().enumerate().map(skill).collect()
    }

    fn points(weights: &Weights) -> Vec<u8> {
        weights.values().map(|weight| weight.get()).collect()
    }

    #[test]
    fn short_work_goes_first_and_costs_count() {
        let work = work(&[(300.0, None), (120.0, None), (600.0, None), (121.0, None)]);
        assert_eq!(
            points(&Cmu::default().weights(&work, Index::CostRate)),
            [50, 100, 1, 100]
        );
        let dear = Cmu::new([(SkillId::new("0002"), 10.0)].into()).unwrap();
        assert_eq!(
            points(&dear.weights(&work, Index::CostRate)),
            [1, 50, 100, 50]
        );
    }

    #[test]
    fn patience_counts_only_where_staff_is_short_and_it_is_known_of_all() {
        let known = work(&[(200.0, Some(60.0)), (200.0, Some(600.0))]);
        assert_eq!(Cmu::index(&known, false), Index::CostRate);
        assert_eq!(Cmu::index(&known, true), Index::CostRateByPatience);
        let cmu = Cmu::default();
        assert_eq!(points(&cmu.weights(&known, Index::CostRate)), [1, 1]);
        assert_eq!(
            points(&cmu.weights(&known, Index::CostRateByPatience)),
            [1, 100]
        );
        let partly = work(&[(200.0, Some(60.0)), (100.0, None)]);
        assert_eq!(Cmu::index(&partly, true), Index::CostRate);
    }

    #[test]
    fn nothing_and_one_have_answers_and_bad_costs_have_not() {
        let cmu = Cmu::default();
        assert_eq!(points(&cmu.weights(&[], Index::CostRate)), [] as [u8; 0]);
        assert_eq!(
            points(&cmu.weights(&work(&[(9.0, None)]), Index::CostRate)),
            [1]
        );
        for cost in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = Cmu::new([(SkillId::new("a"), cost)].into()).unwrap_err();
            assert_eq!(error.skill, SkillId::new("a"));
        }
    }
}
