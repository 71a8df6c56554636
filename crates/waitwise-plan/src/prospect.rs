//! What a plan says of the days to come: the twin's prediction, and what a search has found.
//!
//! These are records for people and programs that look back; nothing is carried out by them. They stand in a plan's file
//! as they are here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the twin says of the weights of a plan.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Prediction {
    /// The first day predicted.
    #[schemars(with = "String")]
    pub first_day: Date,
    /// How many days.
    pub days: usize,
    /// Futures simulated, all of them under both sets of weights.
    pub futures: u64,
    /// The seed that all of it follows from.
    pub seed: u64,
    /// A wait within which an answer counts for the service level, in seconds.
    pub target_secs: f64,
    /// What the twin is fitted to.
    pub basis: Basis,
    /// How like the centre the twin is; absent if the history was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtest: Option<Judged>,
    /// By skill and queue, everybody last.
    pub lines: Vec<PredictedLine>,
    /// The change of mean waits if something is other than it was.
    pub sensitivity: Vec<PredictedVariant>,
}

/// What a twin is fitted to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// The first day.
    #[schemars(with = "String")]
    pub from: Date,
    /// The last one.
    #[schemars(with = "String")]
    pub to: Date,
    /// Visits.
    pub visits: usize,
    /// Agents who answered.
    pub agents: usize,
    /// Whether who was at work was told by the platform rather than inferred from who answered.
    pub staffing_is_told: bool,
}

/// How a twin fared against days that it was not fitted to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The first of these days.
    #[schemars(with = "String")]
    pub from: Date,
    /// The last of them.
    #[schemars(with = "String")]
    pub to: Date,
    /// By how much mean waits were mispredicted, as a share of them, each skill counting by its visits.
    pub mean_wait_error: f64,
    /// Share of the figures within their intervals.
    pub coverage: f64,
}

/// What becomes of the callers of one skill, or of everybody.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PredictedLine {
    /// The queue's id; null: everybody.
    pub queue: Option<String>,
    /// The skill's id; null: who asked for none, or everybody.
    pub skill: Option<String>,
    /// What it is called.
    pub name: String,
    /// Expected visits.
    pub offered: f64,
    /// In seconds.
    pub mean_wait_secs: Predicted,
    /// In seconds.
    pub p50_wait_secs: Predicted,
    /// In seconds.
    pub p90_wait_secs: Predicted,
    /// 0 to 1.
    pub abandoned_share: Predicted,
    /// 0 to 1, of all who entered.
    pub service_level: Predicted,
}

/// A figure under both sets of weights.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Predicted {
    /// Under the weights in force.
    pub present: f64,
    /// Under the planned ones.
    pub proposed: f64,
    /// Planned less present.
    pub difference: f64,
    /// Half of the interval in which the difference will lie 95 times in 100.
    pub half_width: f64,
}

impl PredictedVariant {
    /// Returns the change for the callers of a line.
    pub fn of(&self, line: &PredictedLine) -> Option<&PredictedChange> {
        let is_same = |one: &&PredictedChange| one.queue == line.queue && one.skill == line.skill;
        self.lines.iter().find(is_same)
    }
}

impl Predicted {
    /// Returns whether the whole interval of the difference lies on one side of 0.
    pub fn is_evidence(&self) -> bool {
        self.difference.abs() > self.half_width
    }
}

/// The change of mean waits if something is other than it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PredictedVariant {
    /// `less-load`, `more-load`: a tenth; `one-agent-fewer`: of the largest group.
    pub supposed: String,
    /// By skill and queue, everybody last.
    pub lines: Vec<PredictedChange>,
}

/// By how much a mean wait changes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PredictedChange {
    /// The queue's id; null: everybody.
    pub queue: Option<String>,
    /// The skill's id; null: who asked for none, or everybody.
    pub skill: Option<String>,
    /// Planned less present.
    pub difference_secs: f64,
    /// Half of its 95% interval.
    pub half_width_secs: f64,
}

/// What a search for weights has found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Search {
    /// What was to become small, such as `worst-wait`.
    pub objective: String,
    /// Its unit.
    pub unit: String,
    /// Its value under the weights in force, on days that the weights were not chosen by.
    pub present: f64,
    /// What it changes by on these days.
    pub change: f64,
    /// Half of the 95% interval of the change; null if there were too few days to tell.
    pub half_width: Option<f64>,
    /// How many such days were simulated.
    pub fresh_days: f64,
    /// Interactions simulated, all in all.
    pub simulated: u64,
    /// The seed that all of it follows from.
    pub seed: u64,
    /// What is to be told, a sentence each, the verdict first.
    pub said: Vec<String>,
    /// Weights of which no other is better in every respect, and some to compare with.
    pub front: Vec<FrontPoint>,
}

/// Weights and what they are good for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FrontPoint {
    /// `present`, `proposed`, `equal`, or `front`.
    pub label: String,
    /// Minutes of head start, by what the skill is called.
    pub head_starts_minutes: BTreeMap<String, f64>,
    /// By measure, such as `mean-wait`.
    pub values: BTreeMap<String, f64>,
    /// Whether all guardrails seem to hold.
    pub keeps_guardrails: bool,
}
