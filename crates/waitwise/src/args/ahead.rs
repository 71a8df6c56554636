//! How a plan looks ahead, as typed.

use std::path::PathBuf;

use clap::Args;
use waitwise_app::weights::{Guardrail, Objective};

/// What weights are searched for, and how far the twin is to be believed.
#[derive(Args, Debug)]
#[command(next_help_heading = "Search and prediction")]
pub(crate) struct AheadArgs {
    /// What a search makes small: worst-wait, mean-wait, waiting-hours, worst-p90, service-shortfall, abandonment, or a mix
    /// such as mix:mean-wait+5*abandonment
    #[arg(long, value_name = "NAME", default_value_t, env = "WAITWISE_OBJECTIVE")]
    pub(crate) objective: Objective,
    /// What a search may do to no skill, such as p90-rise=20% or abandonment-rise=none; repeat for more [default:
    /// p90-rise=10%, abandonment-rise=0.5, service-level-fall=1, head-start-gap=10]
    #[arg(long, value_name = "NAME=LIMIT")]
    pub(crate) guardrail: Vec<Guardrail>,
    /// What a waiting second costs a skill's callers, by the skill's id, for the strategy cmu; repeat for more [default: 1]
    #[arg(long, value_name = "SKILL=COST", value_parser = cost)]
    pub(crate) cost: Vec<(String, f64)>,
    /// Fit the twin to the facts in this folder of a history [default: the pulled history (platform), none (tutorial)]
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// The time zone in which the centre's days begin, such as Europe/Dublin
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "UTC",
        env = "WAITWISE_TIME_ZONE"
    )]
    pub(crate) time_zone: String,
    /// Count answers within this many seconds as within the service level
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0)]
    pub(crate) target_secs: f64,
    /// Aim at this service level, in percent, where the objective is service-shortfall
    #[arg(long, value_name = "PERCENT", default_value_t = 80.0)]
    pub(crate) service_goal: f64,
    /// Predict so many days after the history
    #[arg(long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days_ahead: u16,
    /// Hold the twin against this many of the last days
    #[arg(long, value_name = "N", default_value_t = 14,
        value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) held_out: u16,
    /// Refuse to predict if the twin mispredicts the last days' mean waits by more than this, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 35.0)]
    pub(crate) max_error: f64,
    /// Search and predict whatever speaks against the twin; it is told all the same
    #[arg(long)]
    pub(crate) force: bool,
    /// Simulate so many futures; more make the prediction steadier
    #[arg(long, value_name = "N", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(20..=10_000))]
    pub(crate) futures: u64,
    /// Let a search simulate about so many interactions [default: 8000000 for each skill, and as many again; more of both with more than 6 skills]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..))]
    pub(crate) budget: Option<u64>,
    /// The seed of everything random
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// On how many cores; the answer does not depend on it [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) threads: Option<u16>,
}

fn cost(text: &str) -> Result<(String, f64), String> {
    let pair = text.split_once('=');
    let pair = pair.and_then(|(skill, cost)| Some((skill.to_owned(), cost.parse().ok()?)));
    pair.ok_or_else(|| "expected a skill's id and a number, such as 7f2c=2.5".to_owned())
}
