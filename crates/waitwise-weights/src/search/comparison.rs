//! Head starts side by side, with the same callers.

use super::estimate::{Estimate, Judged, Sample, batches, estimate};
use super::report::SkillChange;
use super::runner::Runner;
use super::tuning::Tuning;
use crate::measures::{Experience, Measures};

/// Several sets of head starts, simulated on the same days with the same callers.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub(crate) judged: Vec<Judged>,
    /// How many days they were simulated for.
    pub days: f64,
    /// Interactions simulated, all together.
    pub simulated: u64,
}

impl Comparison {
    /// Simulates each set of head starts, in minutes in the order of the skills, for so many days or, of a centre that
    /// never closes, stretches.
    pub fn new(
        tuning: &Tuning<'_>,
        head_starts_minutes: &[Vec<f64>],
        days: u64,
        seed: u64,
        threads: usize,
    ) -> Comparison {
        let mut runner = Runner::new(tuning.model(), seed, threads);
        let policies = head_starts_minutes
            .iter()
            .map(|minutes| tuning.policy(minutes));
        let batches = batches(&(0..days), runner.cycle());
        let all = runner.run(&policies.collect::<Vec<_>>(), &batches);
        let judged = all.into_iter().map(|tallies| {
            let sample = Sample::new(&batches, tallies);
            sample.judged(tuning, runner.days_each)
        });
        Comparison {
            judged: judged.collect(),
            days: days as f64 * runner.days_each,
            simulated: runner.simulated,
        }
    }

    /// Returns what everybody met under one of them.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn measures(&self, place: usize) -> &Measures {
        &self.judged[place].all
    }

    /// Estimates a number of all of them, such as the difference between two; what their callers have in common cancels.
    pub fn estimate(&self, of: impl Fn(&[&Measures]) -> f64) -> Estimate {
        estimate(&self.judged.iter().collect::<Vec<_>>(), of)
    }

    /// What a number changes by, the second less the first.
    pub(crate) fn change(&self, of: impl Fn(&Measures) -> f64) -> Estimate {
        self.estimate(|measures| of(measures[1]) - of(measures[0]))
    }

    /// What changes for each skill, then for each other class; `None`: nobody came.
    pub(crate) fn skill_changes(&self) -> Vec<Option<SkillChange>> {
        let everybody = self.measures(0).everybody().enumerate();
        let change = |(place, one): (usize, Option<&Experience>)| {
            one?;
            let of = |value: fn(&Experience) -> f64| {
                let value_at = |measures: &Measures| {
                    measures.everybody().nth(place).flatten().map_or(0.0, value)
                };
                self.change(value_at)
            };
            Some(SkillChange {
                mean_wait_secs: of(|one| one.mean_wait_secs),
                p90_wait_secs: of(|one| one.p90_wait_secs),
                abandoned_share: of(|one| one.abandoned_share),
                service_level: of(|one| one.service_level),
            })
        };
        everybody.map(change).collect()
    }
}
