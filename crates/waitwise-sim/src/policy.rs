//! Who of those waiting goes first: the part of a centre that weights change.

use crate::error::{Problem, at_least_zero, finite};
use crate::model::{Model, bit, words};

/// An order of service for the classes of a model.
///
/// An agent who becomes free takes, of all waiting interactions that the agent's group serves, one of the group's lowest
/// level; of those one of the highest priority; of those the one with the highest score, slope × wait + head start. Of
/// equal scores the one that waited longer goes first, and of those that came together the one whose class is named first.
///
/// ```
/// use waitwise_sim::Policy;
///
/// // Interactions of the second class count as having waited two minutes when they arrive.
/// let policy = Policy::head_starts(&[0.0, 120.0])?;
/// assert_eq!(policy.standings()[1].head_start_secs, 120.0);
/// # Ok::<(), waitwise_sim::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    standings: Vec<Standing>,
}

/// How one class stands in line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Classes of a higher priority go first, whatever the scores.
    pub priority: i64,
    /// How many seconds of score one second of waiting is worth, at least 0.
    pub slope: f64,
    /// What the score begins with.
    pub head_start_secs: f64,
}

impl Standing {
    /// The longest wait goes first.
    pub const PLAIN: Standing = Standing {
        priority: 0,
        slope: 1.0,
        head_start_secs: 0.0,
    };
}

impl Policy {
    /// The longest wait goes first, whatever the class.
    pub fn first_come(n_classes: usize) -> Policy {
        Policy {
            standings: vec![Standing::PLAIN; n_classes],
        }
    }

    /// Score = wait + head start, per class in seconds: the platform's own order.
    ///
    /// # Errors
    /// A head start is not finite.
    pub fn head_starts(secs: &[f64]) -> Result<Policy, Problem> {
        let standings = secs.iter().map(|secs| Standing {
            head_start_secs: *secs,
            ..Standing::PLAIN
        });
        Policy::of(standings.collect())
    }

    /// The highest priority goes first, then the longest wait.
    pub fn priorities(priorities: &[i64]) -> Policy {
        let standings = priorities.iter().map(|priority| Standing {
            priority: *priority,
            ..Standing::PLAIN
        });
        Policy {
            standings: standings.collect(),
        }
    }

    /// Score = slope × wait: priority that accumulates.
    ///
    /// # Errors
    /// A slope is negative or not finite.
    pub fn slopes(slopes: &[f64]) -> Result<Policy, Problem> {
        let standings = slopes.iter().map(|slope| Standing {
            slope: *slope,
            ..Standing::PLAIN
        });
        Policy::of(standings.collect())
    }

    /// Any mixture of them, per class.
    ///
    /// # Errors
    /// A slope is negative or not finite, or a head start is not finite.
    pub fn of(standings: Vec<Standing>) -> Result<Policy, Problem> {
        for (place, standing) in standings.iter().enumerate() {
            let of = |problem: Problem| problem.inside(&format!("classes[{place}]"));
            at_least_zero("slope", standing.slope).map_err(of)?;
            finite("head_start_secs", standing.head_start_secs).map_err(of)?;
        }
        Ok(Policy { standings })
    }

    /// Returns how each class stands in line.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }
}

/// A policy made ready for one model.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Per class.
    pub(crate) slope: Vec<f64>,
    /// Per class.
    pub(crate) head_start: Vec<f64>,
    /// Sets of classes, each `n_words` words of bits, in the order in which a group goes through them.
    tiers: Vec<u64>,
    /// Per group: the number of its first set; one more entry ends the last group.
    first_tier: Vec<u32>,
    pub(crate) n_words: usize,
}

impl Order {
    /// # Panics
    /// If the policy is for another number of classes than the model has.
    pub(crate) fn of(model: &Model, policy: &Policy) -> Order {
        let n_classes = model.n_classes();
        assert_eq!(
            policy.standings.len(),
            n_classes,
            "a policy says how each class of its model stands"
        );
        let n_words = words(n_classes);
        let mut tiers: Vec<u64> = Vec::new();
        let mut first_tier = vec![0];
        for group in 0..model.n_groups() {
            let mut last = None;
            for (place, class) in in_order(model, policy, group) {
                if last != Some(place) {
                    tiers.resize(tiers.len() + n_words, 0);
                    last = Some(place);
                }
                let begin = tiers.len() - n_words;
                tiers[begin + class / 64] |= 1 << (class % 64);
            }
            first_tier.push(u32::try_from(tiers.len() / n_words).unwrap_or(u32::MAX));
        }
        Order {
            slope: policy.standings.iter().map(|one| one.slope).collect(),
            head_start: policy
                .standings
                .iter()
                .map(|one| one.head_start_secs)
                .collect(),
            tiers,
            first_tier,
            n_words,
        }
    }

    /// The numbers of the sets of classes that a group goes through.
    #[inline]
    pub(crate) fn tiers(&self, group: usize) -> std::ops::Range<u32> {
        self.first_tier[group]..self.first_tier[group + 1]
    }

    /// One word of a set.
    #[inline]
    pub(crate) fn word(&self, tier: u32, word: usize) -> u64 {
        self.tiers[tier as usize * self.n_words + word]
    }
}

/// The classes that a group serves, with what puts some before others whatever the scores: level, then priority.
fn in_order(model: &Model, policy: &Policy, group: usize) -> Vec<((u32, i128), usize)> {
    let spec = model.spec();
    let place = |class: usize| {
        let level = spec.groups[group].levels.get(&spec.classes[class].name);
        let priority = i128::from(policy.standings[class].priority);
        (level.copied().unwrap_or(u32::MAX), -priority)
    };
    let mut classes: Vec<((u32, i128), usize)> = (0..model.n_classes())
        .filter(|class| bit(&model.ready.serves[group], *class))
        .map(|class| (place(class), class))
        .collect();
    classes.sort_unstable();
    classes
}
