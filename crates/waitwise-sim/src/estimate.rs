//! What was counted, as estimates with 95% intervals.
//!
//! Every figure is a ratio of two sums over the parts of the run, replications or batches: waiting time to interactions,
//! interactions to interactions. Its interval is Student's, from how the parts differ from the ratio (the delta method), so
//! that long parts weigh more and days with few interactions don't count like days with many.

use crate::sketch::Sketch;
use crate::special::t_quantile_975;
use crate::tally::{Block, ClassTally, GroupTally};

/// A figure with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The interval's ends; `None` where a single part says nothing of how parts differ.
    pub interval: Option<(f64, f64)>,
}

/// Everything that a run tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimates {
    /// All classes together.
    pub overall: ClassEstimates,
    /// Per class.
    pub classes: Vec<ClassEstimates>,
    /// Per group: time with interactions and work after them, of time at work. `None`: nobody was at work.
    pub occupancy: Vec<Option<Estimate>>,
    /// From how many parts the intervals come.
    pub parts: u64,
    /// How long all parts together lasted.
    pub secs: f64,
}

/// What a run tells about a class. A share or mean of nothing is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassEstimates {
    /// All counts of the run.
    pub total: ClassTally,
    /// Arrivals in one replication.
    pub offered: Estimate,
    /// Answered in one replication.
    pub answered: Estimate,
    /// Abandoned in one replication.
    pub abandoned: Estimate,
    /// Blocked in one replication.
    pub blocked: Estimate,
    /// The answered, of the offered.
    pub answered_share: Option<Estimate>,
    /// The abandoned, of the offered.
    pub abandoned_share: Option<Estimate>,
    /// The blocked, of the offered.
    pub blocked_share: Option<Estimate>,
    /// Those who waited at all, of those let in: answered or abandoned.
    pub waited_share: Option<Estimate>,
    /// The mean wait of those let in, however it ended.
    pub mean_wait_secs: Option<Estimate>,
    /// The mean wait of the answered.
    pub mean_wait_answered_secs: Option<Estimate>,
    /// The mean wait of the abandoned.
    pub mean_wait_abandoned_secs: Option<Estimate>,
    /// Per target: those whose wait was at most so long however it ended, of those let in.
    pub wait_within: Vec<Option<Estimate>>,
    /// Per target: those answered after at most so long, of the offered: the service level.
    pub answered_within: Vec<Option<Estimate>>,
    /// Per quantile asked for: of the waits of those let in.
    pub wait_quantiles_secs: Vec<Option<Estimate>>,
    /// Per quantile asked for: of the waits of the answered.
    pub answered_wait_quantiles_secs: Vec<Option<Estimate>>,
    /// How many wait at a time, on average: waiting time per time.
    pub queue_length: Option<Estimate>,
}

/// Takes in parts of a run, one replication after the other.
#[derive(Debug)]
pub struct Collector {
    quantiles: Vec<f64>,
    replications: u64,
    n_taken: u64,
    /// Per part, without distributions.
    parts: Vec<Part>,
    /// Distributions of neighbouring parts, taken together.
    sections: Vec<Vec<ClassTally>>,
}

#[derive(Debug)]
struct Part {
    secs: f64,
    classes: Vec<ClassTally>,
    groups: Vec<GroupTally>,
}

/// How many sections a run's distributions are kept in: enough for an interval, and few enough to keep.
const SECTIONS: u64 = 32;

impl Collector {
    /// For a run of so many replications, with these quantiles, each in 0..1.
    pub fn new(replications: u64, quantiles: &[f64]) -> Collector {
        Collector {
            quantiles: quantiles.to_vec(),
            replications,
            n_taken: 0,
            parts: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Takes in the next replication's parts.
    pub fn take(&mut self, blocks: Vec<Block>) {
        let per_replication = blocks.len() as u64;
        for (place, block) in (0..).zip(blocks) {
            let number = self.n_taken * per_replication + place;
            let section = section_of(number, self.replications * per_replication);
            self.take_block(block, section);
        }
        self.n_taken += 1;
    }

    fn take_block(&mut self, block: Block, section: usize) {
        let n_classes = block.classes.len();
        let of_section = vec![ClassTally::default(); n_classes];
        self.sections
            .resize(std::cmp::max(self.sections.len(), section + 1), of_section);
        let mut classes = block.classes;
        for (class, kept) in classes.iter_mut().zip(&mut self.sections[section]) {
            kept.merge(class);
            class.answered_waits = Sketch::default();
            class.abandoned_waits = Sketch::default();
        }
        self.parts.push(Part {
            secs: block.secs,
            classes,
            groups: block.groups,
        });
    }

    /// Returns what the parts taken in tell; `None` before the first.
    pub fn estimates(&self) -> Option<Estimates> {
        let n_classes = self.parts.first()?.classes.len();
        let n_groups = self.parts.first()?.groups.len();
        let class = |class: usize| {
            let part = |part: &Part| (part.secs, part.classes[class].clone());
            let section = |section: &Vec<ClassTally>| section[class].clone();
            self.of_class(
                self.parts.iter().map(part).collect(),
                self.sections.iter().map(section).collect(),
            )
        };
        let part = |part: &Part| (part.secs, sum(&part.classes));
        Some(Estimates {
            overall: self.of_class(
                self.parts.iter().map(part).collect(),
                self.sections.iter().map(|section| sum(section)).collect(),
            ),
            classes: (0..n_classes).map(class).collect(),
            occupancy: (0..n_groups).map(|group| self.occupancy(group)).collect(),
            parts: self.parts.len() as u64,
            secs: self.parts.iter().map(|part| part.secs).sum(),
        })
    }

    fn occupancy(&self, group: usize) -> Option<Estimate> {
        let of = |part: &Part| {
            (
                part.groups[group].busy_secs,
                part.groups[group].present_secs,
            )
        };
        let pairs: Vec<(f64, f64)> = self.parts.iter().map(of).collect();
        share(&pairs)
    }

    fn of_class(&self, parts: Vec<(f64, ClassTally)>, sections: Vec<ClassTally>) -> ClassEstimates {
        let pairs = |of: &dyn Fn(&ClassTally) -> (u64, u64)| -> Vec<(f64, f64)> {
            let both = parts.iter().map(|(_, tally)| of(tally));
            both.map(|(one, other)| (one as f64, other as f64))
                .collect()
        };
        let times = |of: &dyn Fn(&ClassTally) -> (f64, u64)| -> Vec<(f64, f64)> {
            let both = parts.iter().map(|(_, tally)| of(tally));
            both.map(|(secs, n)| (secs, n as f64)).collect()
        };
        let parts_a_replication = parts.len() as f64 / self.n_taken as f64;
        let count = |of: &dyn Fn(&ClassTally) -> u64| {
            let counts = parts.iter().map(|(_, tally)| (of(tally) as f64, 1.0));
            let mean = ratio(&counts.collect::<Vec<_>>()).unwrap_or(NOTHING);
            mean.times(parts_a_replication).at_least_zero()
        };
        let wait = |t: &ClassTally| t.answered_wait_secs + t.abandoned_wait_secs;
        let queue: Vec<(f64, f64)> = parts.iter().map(|(secs, t)| (wait(t), *secs)).collect();
        let mut total = sum_of(parts.iter().map(|(_, tally)| tally));
        for section in &sections {
            total.answered_waits.merge(&section.answered_waits);
            total.abandoned_waits.merge(&section.abandoned_waits);
        }
        let n_targets = total.answered_within.len();
        let all = Waits::of(&sections, true);
        let answered = Waits::of(&sections, false);
        let each = |waits: &Waits| self.quantiles.iter().map(|q| waits.quantile(*q)).collect();
        ClassEstimates {
            offered: count(&|t| t.offered),
            answered: count(&ClassTally::answered),
            abandoned: count(&|t| t.abandoned),
            blocked: count(&|t| t.blocked),
            answered_share: share(&pairs(&|t| (t.answered(), t.offered))),
            abandoned_share: share(&pairs(&|t| (t.abandoned, t.offered))),
            blocked_share: share(&pairs(&|t| (t.blocked, t.offered))),
            waited_share: share(&pairs(&|t| (t.let_in() - t.at_once, t.let_in()))),
            mean_wait_secs: mean(&times(&|t| (wait(t), t.let_in()))),
            mean_wait_answered_secs: mean(&times(&|t| (t.answered_wait_secs, t.answered()))),
            mean_wait_abandoned_secs: mean(&times(&|t| (t.abandoned_wait_secs, t.abandoned))),
            wait_within: (0..n_targets)
                .map(|target| share(&pairs(&|t| (t.wait_within(target), t.let_in()))))
                .collect(),
            answered_within: (0..n_targets)
                .map(|target| {
                    share(&pairs(&|t| {
                        (t.at_once + at(&t.answered_within, target), t.offered)
                    }))
                })
                .collect(),
            wait_quantiles_secs: each(&all),
            answered_wait_quantiles_secs: each(&answered),
            queue_length: mean(&queue),
            total,
        }
    }
}

impl ClassTally {
    fn wait_within(&self, target: usize) -> u64 {
        self.at_once + at(&self.answered_within, target) + at(&self.abandoned_within, target)
    }
}

fn at(counts: &[u64], place: usize) -> u64 {
    counts.get(place).copied().unwrap_or(0)
}

/// The section of part `number` of `n`.
fn section_of(number: u64, n: u64) -> usize {
    let section =
        u128::from(number) * u128::from(SECTIONS) / u128::from(std::cmp::max(n, SECTIONS));
    usize::try_from(section).unwrap_or(usize::MAX)
}

fn sum(classes: &[ClassTally]) -> ClassTally {
    let mut sum = ClassTally::default();
    for class in classes {
        sum.merge(class);
    }
    sum
}

fn sum_of<'a>(tallies: impl Iterator<Item = &'a ClassTally>) -> ClassTally {
    let mut sum = ClassTally::default();
    for tally in tallies {
        sum.add_counts(tally);
    }
    sum
}

const NOTHING: Estimate = Estimate {
    value: 0.0,
    interval: None,
};

impl Estimate {
    fn times(self, factor: f64) -> Estimate {
        Estimate {
            value: self.value * factor,
            interval: self
                .interval
                .map(|(low, high)| (low * factor, high * factor)),
        }
    }

    fn at_least_zero(self) -> Estimate {
        self.clamped(f64::INFINITY)
    }

    fn clamped(self, most: f64) -> Estimate {
        Estimate {
            value: self.value.clamp(0.0, most),
            interval: self
                .interval
                .map(|(low, high)| (low.clamp(0.0, most), high.clamp(0.0, most))),
        }
    }
}

/// A ratio of sums that cannot be below 0.
fn mean(pairs: &[(f64, f64)]) -> Option<Estimate> {
    Some(ratio(pairs)?.at_least_zero())
}

/// A ratio of sums in 0..=1.
fn share(pairs: &[(f64, f64)]) -> Option<Estimate> {
    Some(ratio(pairs)?.clamped(1.0))
}

/// The sum of the first numbers over the sum of the second, with its interval; `None` if that sum is 0.
pub fn ratio(pairs: &[(f64, f64)]) -> Option<Estimate> {
    let (value, spread) = ratio_and_error(pairs)?;
    Some(Estimate {
        value,
        interval: spread.map(|half| (value - half, value + half)),
    })
}

/// The ratio, and half of its interval.
fn ratio_and_error(pairs: &[(f64, f64)]) -> Option<(f64, Option<f64>)> {
    let above: f64 = pairs.iter().map(|(above, _)| above).sum();
    let below: f64 = pairs.iter().map(|(_, below)| below).sum();
    if below <= 0.0 {
        return None;
    }
    let value = above / below;
    let n = pairs.len() as f64;
    if pairs.len() < 2 {
        return Some((value, None));
    }
    let squares: f64 = pairs
        .iter()
        .map(|(above, below)| {
            let off = above - value * below;
            off * off
        })
        .sum();
    let error = (n * squares / (n - 1.0)).sqrt() / below;
    Some((value, Some(t_quantile_975(n - 1.0) * error)))
}

/// The waits of a class, by section.
struct Waits {
    /// Per section: how many did not wait, and the others' waits.
    sections: Vec<(u64, Sketch)>,
    at_once: u64,
    waits: Sketch,
}

impl Waits {
    fn of(sections: &[ClassTally], with_abandoned: bool) -> Waits {
        let of_section = |tally: &ClassTally| {
            let mut waits = tally.answered_waits.clone();
            if with_abandoned {
                waits.merge(&tally.abandoned_waits);
            }
            (tally.at_once, waits)
        };
        let sections: Vec<(u64, Sketch)> = sections.iter().map(of_section).collect();
        let mut waits = Sketch::default();
        for (_, of_section) in &sections {
            waits.merge(of_section);
        }
        Waits {
            at_once: sections.iter().map(|(at_once, _)| at_once).sum(),
            sections,
            waits,
        }
    }

    fn n(&self) -> f64 {
        (self.at_once + self.waits.n()) as f64
    }

    /// The quantile's interval holds the waits whose own share might be `q`, given how the share of waits up to the
    /// quantile differs between sections.
    fn quantile(&self, q: f64) -> Option<Estimate> {
        let value = self.at_share(q)?;
        let shares: Vec<(f64, f64)> = self
            .sections
            .iter()
            .map(|(at_once, waits)| {
                let below = *at_once as f64 + waits.n_at_most(value);
                (below, (*at_once + waits.n()) as f64)
            })
            .collect();
        let half = ratio_and_error(&shares)?.1;
        Some(Estimate {
            value,
            interval: half
                .and_then(|half| Some((self.at_share(q - half)?, self.at_share(q + half)?))),
        })
    }

    /// The wait that a share `q` of all waits are at most.
    fn at_share(&self, q: f64) -> Option<f64> {
        if self.n() <= 0.0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * self.n() - self.at_once as f64;
        if rank <= 0.0 {
            return Some(0.0);
        }
        self.waits.at_rank(rank.min(self.waits.n() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_sums_and_its_interval_students() {
        let estimate = ratio(&[(10.0, 2.0), (20.0, 4.0), (9.0, 3.0)]).unwrap();
        assert!((estimate.value - 39.0 / 9.0).abs() < 1e-12);
        // Deviations 4/3, 8/3, −4: (16 + 64 + 144)/9 summed; t with 2 degrees of freedom is 4.302653.
        let error = (3.0 * (224.0 / 9.0) / 2.0_f64).sqrt() / 9.0;
        let (low, high) = estimate.interval.unwrap();
        assert!((high - low - 2.0 * 4.302_652_73 * error).abs() < 1e-7);
        assert_eq!(ratio(&[(3.0, 0.0)]), None);
        assert_eq!(ratio(&[(3.0, 2.0)]).unwrap().interval, None);
    }

    #[test]
    fn parts_share_sections_evenly() {
        assert_eq!((section_of(0, 5), section_of(4, 5)), (0, 4));
        let sections: Vec<usize> = (0..96).map(|number| section_of(number, 96)).collect();
        assert_eq!(
            (sections[0], sections[2], sections[3], sections[95]),
            (0, 0, 1, 31)
        );
    }
}
