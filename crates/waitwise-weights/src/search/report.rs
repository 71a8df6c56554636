//! What a search has found, in numbers.

use waitwise_model::Weights;

use super::estimate::Estimate;
use super::finals::Choice;
use crate::bounds::fluid::Workload;
use crate::bounds::pools::{Pool, Power};
use crate::guardrail::{Guardrail, Guardrails};
use crate::measures::Measures;
use crate::objective::{Measure, Objective};

/// The confidence of every interval in a report.
pub const CONFIDENCE: f64 = 0.95;

/// What a search has found.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was to become small.
    pub objective: Objective,
    /// What was not to be broken.
    pub guardrails: Guardrails,
    /// The names of the skills, then of the other classes.
    pub names: Vec<String>,
    /// The names of the model's classes, which workloads and pools are about.
    pub class_names: Vec<String>,
    /// What can be said of the proposed weights.
    pub verdict: Verdict,
    /// The weights found, whatever the verdict.
    pub weights: Weights,
    /// Their head starts in minutes, in the order of the skills; next to the present ones.
    pub head_starts_minutes: Vec<(f64, f64)>,
    /// On fresh days: what everybody meets under the present weights, and under the proposed ones.
    pub present: Measures,
    /// See `present`.
    pub proposed: Measures,
    /// On fresh days: what the objective changes by, proposed less present.
    pub change: Estimate,
    /// On fresh days, of each skill and other class: what changes.
    pub skills: Vec<Option<SkillChange>>,
    /// On fresh days, what the mean wait of all callers changes by, in seconds.
    pub mean_wait_change: Estimate,
    /// On fresh days: how far each guardrail is broken for each skill or other class, by place; 0 or less if it holds.
    pub excesses: Vec<(Guardrail, usize, Estimate)>,
    /// How the finals ended.
    pub choice: Choice,
    /// Weights of which no other is better in every respect, and some to compare with.
    pub front: Vec<FrontPoint>,
    /// What no weights can beat.
    pub floors: Vec<Floor>,
    /// Parts of the centre that share no agents.
    pub pools: Vec<Pool>,
    /// Classes that are short of staff on the whole, whatever the weights.
    pub short_of_staff: Vec<Workload>,
    /// What the change does to a centre that is a little different.
    pub sensitivity: Vec<Scenario>,
    /// On how many fresh days it is told.
    pub fresh_days: f64,
    /// How many interactions were simulated, all in all.
    pub simulated: u64,
    /// The seed that all of it follows from.
    pub seed: u64,
}

/// What can be said of weights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The whole interval of the objective's change is on the better side, and no guardrail is broken.
    Better,
    /// The interval holds 0, or nothing better was found: the present weights are to stay.
    NoEvidence,
    /// A guardrail is broken by more than chance on the fresh days: the present weights are to stay.
    BreaksGuardrail,
}

/// What changes for the callers of one skill, proposed less present.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SkillChange {
    /// Seconds of mean wait.
    pub mean_wait_secs: Estimate,
    /// Seconds of p90.
    pub p90_wait_secs: Estimate,
    /// Share who give up.
    pub abandoned_share: Estimate,
    /// Share answered within the target.
    pub service_level: Estimate,
}

/// Weights and what they are good for.
#[derive(Clone, PartialEq, Debug)]
pub struct FrontPoint {
    /// What it is: `present`, `proposed`, `equal`, or `front`.
    pub label: &'static str,
    /// Head starts in minutes, in the order of the skills.
    pub head_starts_minutes: Vec<f64>,
    /// Every measure, in the order of [`Measure::ALL`].
    pub values: [f64; 6],
    /// Whether all guardrails seem to hold.
    pub keeps_guardrails: bool,
}

/// A number that no weights can get below, or that shows what a better-placed centre would have.
#[derive(Clone, PartialEq, Debug)]
pub struct Floor {
    /// Of which measure.
    pub measure: Measure,
    /// Where it comes from.
    pub kind: FloorKind,
    /// The number, in the measure's unit.
    pub value: f64,
    /// Whether it is proved that nothing gets below it; otherwise it is something to compare with.
    pub is_proved: bool,
}

/// Where a floor comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloorKind {
    /// All agents of each pool take all its classes.
    Pooled,
    /// Each class has the agents who can take it to itself.
    Alone,
    /// Work as a flow.
    Fluid,
}

/// The change in a centre that is a little different.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// What is different: "10% more load".
    pub name: String,
    /// The objective under the present weights.
    pub present: f64,
    /// What it changes by, proposed less present.
    pub change: Estimate,
}

impl Report {
    /// Whether there is a pool in which weights can only redistribute, or nearly so.
    pub fn redistributes(&self) -> bool {
        let only =
            |pool: &Pool| matches!(pool.power, Power::Redistribute | Power::NearlyRedistribute);
        self.pools.iter().any(only)
    }
}
