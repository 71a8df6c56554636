//! One case: a model file, how long it is run, and what theory says of it.

use std::ops::ControlFlow;

use serde_json::Value;
use waitwise_sim::estimate::{Collector, Estimate, Estimates};
use waitwise_sim::file::{Described, from_json};
use waitwise_sim::{Extent, Length, Plan, run};

/// A model with its theory.
pub(crate) struct Case {
    pub(crate) family: &'static str,
    pub(crate) name: String,
    /// A model file, as JSON.
    pub(crate) model: Value,
    /// Interactions that give half-widths of about 2% of the truth, in millions, all replications together.
    pub(crate) millions: f64,
    /// What theory says: at least one figure.
    pub(crate) truths: Vec<Truth>,
}

/// A figure and its true value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) figure: Figure,
    /// `None`: of all classes together.
    pub(crate) class: Option<usize>,
    pub(crate) value: f64,
}

/// What is compared; places are those of the model's targets and of [`QUANTILES`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    Waited,
    MeanWait,
    MeanWaitAnswered,
    AbandonedShare,
    BlockedShare,
    WaitWithin(usize),
    AnsweredWithin(usize),
    Quantile(usize),
    QueueLength,
    /// Of this group.
    Occupancy(usize),
}

pub(crate) const QUANTILES: [f64; 2] = [0.5, 0.9];

/// An interval against its truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// How many standard errors the estimate lies from the truth.
    pub(crate) z: f64,
    pub(crate) is_covered: bool,
    /// Half of the interval, of the truth.
    pub(crate) half_width: f64,
}

/// How a case is run.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// Of the interactions that the case asks for.
    pub(crate) share: f64,
    /// Replications of an interval; days of a centre that closes are as many as the interactions make.
    pub(crate) replications: u64,
}

/// A tenth of a long run's replication; a short run forgets its beginning no sooner.
const WARMUP_PER_MILLION: f64 = 1_000.0;

impl Case {
    pub(crate) fn described(&self) -> Described {
        from_json(&self.model.to_string())
            .unwrap_or_else(|error| panic!("{}: {error}\n{:#}", self.name, self.model))
    }

    /// Runs the case once and compares every figure.
    pub(crate) fn verdicts(
        &self,
        described: &Described,
        effort: Effort,
        seed: u64,
    ) -> Vec<Verdict> {
        let plan = self.plan(described, effort, seed);
        let mut collector = Collector::new(plan.replications, &QUANTILES);
        run(&described.model, &described.policy, &plan, |_, blocks| {
            collector.take(blocks);
            ControlFlow::Continue(())
        });
        let estimates = collector.estimates().unwrap();
        let verdict = |truth: &Truth| truth.verdict(&estimates, plan.replications, &self.name);
        self.truths.iter().map(verdict).collect()
    }

    fn plan(&self, described: &Described, effort: Effort, seed: u64) -> Plan {
        let interactions = self.millions * 1e6 * effort.share;
        let closes = described.model.spec().calendar.day_secs.is_some();
        let (replications, extent) = if closes {
            let days = interactions / self.a_day(described);
            (days.ceil() as u64, Extent::Day)
        } else {
            let measured = (interactions / effort.replications as f64).ceil() as u64;
            let extent = Extent::Endless {
                warmup: Length::Interactions((self.millions * WARMUP_PER_MILLION).ceil() as u64),
                measured: Length::Interactions(measured),
                batches: 1,
            };
            (effort.replications, extent)
        };
        Plan {
            seed,
            first: 0,
            replications,
            extent,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Interactions in a day, from a few of them.
    fn a_day(&self, described: &Described) -> f64 {
        let plan = Plan {
            seed: 0,
            first: 0,
            replications: 20,
            extent: Extent::Day,
            threads: 1,
        };
        let mut offered = 0;
        run(&described.model, &described.policy, &plan, |_, blocks| {
            offered += blocks
                .iter()
                .flat_map(|block| &block.classes)
                .map(|of| of.offered)
                .sum::<u64>();
            ControlFlow::Continue(())
        });
        offered as f64 / 20.0
    }
}

impl Truth {
    fn verdict(&self, estimates: &Estimates, replications: u64, name: &str) -> Verdict {
        let estimate = self.estimate(estimates);
        let Some(Estimate {
            value,
            interval: Some((low, high)),
        }) = estimate
        else {
            panic!("{name}: {:?} has no interval", self.figure);
        };
        // Intervals are Student's, whose quantile is near this for dozens of replications.
        let df = replications as f64 - 1.0;
        let t = 1.959_964 + 2.372_3 / df + 2.822_5 / (df * df);
        Verdict {
            z: (value - self.value) / ((high - low) / (2.0 * t)),
            is_covered: (low..=high).contains(&self.value),
            half_width: (high - low) / (2.0 * self.value),
        }
    }

    fn estimate(&self, estimates: &Estimates) -> Option<Estimate> {
        let of = match self.class {
            Some(class) => &estimates.classes[class],
            None => &estimates.overall,
        };
        match self.figure {
            Figure::Waited => of.waited_share,
            Figure::MeanWait => of.mean_wait_secs,
            Figure::MeanWaitAnswered => of.mean_wait_answered_secs,
            Figure::AbandonedShare => of.abandoned_share,
            Figure::BlockedShare => of.blocked_share,
            Figure::WaitWithin(target) => of.wait_within[target],
            Figure::AnsweredWithin(target) => of.answered_within[target],
            Figure::Quantile(place) => of.wait_quantiles_secs[place],
            Figure::QueueLength => of.queue_length,
            Figure::Occupancy(group) => estimates.occupancy[group],
        }
    }
}
