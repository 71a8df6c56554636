//! The shape of a model file. Which fields a law or an order needs is checked after reading, so that errors name them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// `waitwise-model/1`: a contact centre and its order of service. Times are in seconds, rates per hour.
#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
#[schemars(title = "waitwise-model/1")]
pub struct ModelShape {
    /// Must be `waitwise-model/1`.
    #[schemars(extend("const" = "waitwise-model/1"))]
    pub(super) format: String,
    /// What the centre is called.
    pub(super) name: Option<String>,
    /// Who goes first, and who takes whom.
    #[serde(default)]
    pub(super) routing: RoutingShape,
    /// When things repeat.
    #[serde(default)]
    pub(super) calendar: CalendarShape,
    /// How much days differ, for all classes alike: the standard deviation of a day's factor on all rates, which is gamma
    /// with mean 1. 0 by default, at most 10.
    #[serde(default)]
    pub(super) busyness_cv: f64,
    /// Waits that are counted exactly, at most eight; 20 by default.
    pub(super) targets_secs: Option<Vec<f64>>,
    /// The classes of interactions.
    pub(super) classes: Vec<ClassShape>,
    /// The groups of agents.
    pub(super) groups: Vec<GroupShape>,
}

#[derive(Deserialize, JsonSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RoutingShape {
    /// What orders those who wait; `first-come` by default.
    pub(super) order: OrderShape,
    /// Which of several idle agents gets an arriving interaction; `longest-idle` by default.
    pub(super) agent_choice: AgentChoiceShape,
    /// How many can wait at one time, those in service not counted; any number by default.
    pub(super) waiting_room: Option<u64>,
}

/// Score decides, the highest first; of equal scores the longest wait, then the class named first.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OrderShape {
    /// Score = wait.
    #[default]
    FirstCome,
    /// Score = wait + the class's `head_start_secs`.
    HeadStart,
    /// The class's `priority`, the highest first; then the longest wait.
    Priority,
    /// Score = wait × the class's `slope`.
    Accumulating,
}

impl OrderShape {
    /// As the file says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            OrderShape::FirstCome => "first-come",
            OrderShape::HeadStart => "head-start",
            OrderShape::Priority => "priority",
            OrderShape::Accumulating => "accumulating",
        }
    }
}

#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AgentChoiceShape {
    /// The one idle longest.
    #[default]
    LongestIdle,
    /// One of the group that the class's `group_order` names first; of those the one idle longest.
    GroupPreference,
    /// One of the group with the highest mean `proficiency` at the class's skills; of those the one idle longest.
    Proficiency,
}

#[derive(Deserialize, JsonSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CalendarShape {
    /// After so long rates and staffing begin again; `day_secs` by default, or else 86,400.
    pub(super) cycle_secs: Option<f64>,
    /// If given, the centre closes each day: a replication opens empty, interactions arrive for so long, and it goes on
    /// until nobody is left. The cycle must be a whole number of days.
    pub(super) day_secs: Option<f64>,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassShape {
    /// What it is called; unique.
    pub(super) name: String,
    /// What an agent must have, all of it; one skill of the class's own name by default.
    pub(super) skills: Option<Vec<String>>,
    /// When interactions arrive.
    pub(super) arrivals: ArrivalsShape,
    /// As the centre's `busyness_cv`, for this class alone and on top of it; 0 by default.
    #[serde(default)]
    pub(super) busyness_cv: f64,
    /// How long an interaction takes an agent. Needed unless `arrivals.service_secs` says it.
    pub(super) service: Option<LawShape>,
    /// How long the work after it takes; none by default.
    pub(super) after_call: Option<LawShape>,
    /// How long callers wait before they give up; for ever by default.
    pub(super) patience: Option<LawShape>,
    /// With the order `head-start`: what is added to the wait; 0 by default.
    pub(super) head_start_secs: Option<f64>,
    /// With the order `priority`: the highest goes first; 0 by default.
    pub(super) priority: Option<i64>,
    /// With the order `accumulating`: what the wait is multiplied by, at least 0; 1 by default.
    pub(super) slope: Option<f64>,
    /// With the agent choice `group-preference`: names of groups, the preferred first.
    pub(super) group_order: Option<Vec<String>>,
}

/// `per_hour`, `rates` or `at_secs`.
#[derive(Deserialize, JsonSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ArrivalsShape {
    /// A Poisson process with this rate.
    pub(super) per_hour: Option<f64>,
    /// A Poisson process with these rates, each from its time of the cycle on.
    pub(super) rates: Option<Vec<RateShape>>,
    /// These arrivals, in order.
    pub(super) at_secs: Option<Vec<f64>>,
    /// With `at_secs`: how long each takes an agent of speed 1, in the place of any law.
    pub(super) service_secs: Option<Vec<f64>>,
    /// With `at_secs`: the work after each, likewise.
    pub(super) after_call_secs: Option<Vec<f64>>,
    /// With `at_secs`: how long each waits before giving up; null (TOML: inf): for ever.
    pub(super) patience_secs: Option<Vec<Option<f64>>>,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct RateShape {
    /// The time of the cycle; the first is 0.
    pub(super) from_secs: f64,
    /// Expected arrivals in an hour.
    pub(super) per_hour: f64,
}

/// A law of durations. Each law needs fields of its own and no others.
#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LawShape {
    /// Which.
    pub(super) law: LawName,
    /// exponential, lognormal, gamma: the mean, above 0. weibull: may be given in the place of `scale_secs`.
    pub(super) mean_secs: Option<f64>,
    /// deterministic: how long.
    pub(super) secs: Option<f64>,
    /// lognormal, gamma: standard deviation divided by mean, above 0.
    pub(super) cv: Option<f64>,
    /// weibull: survival exp(−(t/scale)^shape).
    pub(super) scale_secs: Option<f64>,
    /// weibull: the shape. gamma: may be given in the place of `cv`, the number of phases if whole.
    pub(super) shape: Option<f64>,
    /// hyperexponential: the laws that one is chosen of.
    pub(super) parts: Option<Vec<PartShape>>,
    /// empirical: values, each equally likely.
    pub(super) values_secs: Option<Vec<f64>>,
    /// piecewise-hazard: hazards, each from its age on; where the last is 0, some never end.
    pub(super) pieces: Option<Vec<HazardShape>>,
    /// Of patience only: the share of callers who never give up; 0 by default.
    pub(super) never_share: Option<f64>,
}

#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LawName {
    /// Memoryless: `mean_secs`.
    Exponential,
    /// Always the same: `secs`.
    Deterministic,
    /// The logarithm is normal: `mean_secs` and `cv`.
    Lognormal,
    /// `mean_secs`, and `cv` or `shape`.
    Gamma,
    /// `shape`, and `scale_secs` or `mean_secs`.
    Weibull,
    /// One of several exponential laws: `parts`.
    Hyperexponential,
    /// One of the values seen: `values_secs`.
    Empirical,
    /// A hazard that is constant on pieces: `pieces`.
    PiecewiseHazard,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct PartShape {
    /// How often it is chosen; all shares add up to 1.
    pub(super) share: f64,
    /// Its mean, above 0.
    pub(super) mean_secs: f64,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct HazardShape {
    /// The age; the first is 0.
    pub(super) from_secs: f64,
    /// How many of those still there end in an hour.
    pub(super) per_hour: f64,
}

/// One of `agents`, `staffing` and `shifts`.
#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupShape {
    /// What it is called; unique.
    pub(super) name: String,
    /// What its agents have. They take every class whose skills are all among these.
    pub(super) skills: Vec<String>,
    /// So many agents, always.
    pub(super) agents: Option<u32>,
    /// Numbers of agents, each from its time of the cycle on.
    pub(super) staffing: Option<Vec<LevelShape>>,
    /// Persons with working hours.
    pub(super) shifts: Option<Vec<ShiftShape>>,
    /// By class name: those of a lower level go first, whatever the scores; those not named last.
    #[serde(default)]
    pub(super) levels: BTreeMap<String, u32>,
    /// By skill: how good its agents are at it.
    #[serde(default)]
    pub(super) proficiency: BTreeMap<String, f64>,
    /// By class name: service and after-call work take 1/speed of their time; 1 by default.
    #[serde(default)]
    pub(super) speed: BTreeMap<String, f64>,
    /// By class name: a law of their own for service.
    #[serde(default)]
    pub(super) service: BTreeMap<String, LawShape>,
    /// By class name: a law of their own for the work after it.
    #[serde(default)]
    pub(super) after_call: BTreeMap<String, LawShape>,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelShape {
    /// The time of the cycle; the first is 0.
    pub(super) from_secs: f64,
    /// How many agents.
    pub(super) agents: u32,
}

#[derive(Deserialize, JsonSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ShiftShape {
    /// How many persons work these hours.
    pub(super) agents: u32,
    /// Pairs of times of the cycle: when they begin, and when they are gone.
    pub(super) stretches_secs: Vec<(f64, f64)>,
}
