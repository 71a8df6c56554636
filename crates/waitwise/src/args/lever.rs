//! How weights are found, and what they are written to, as typed.

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;

use super::TableArgs;

/// How weights are found.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StrategyArg {
    /// The present weights stay
    Keep,
    /// The tutorial's formula: interactions and mean wait
    VolumeWait,
    /// Interactions and mean wait, each in standard deviations
    Balanced,
    /// Short work first, by the twin
    Cmu,
    /// What the twin shows to be better, without harming any skill beyond a bound
    Search,
}

/// What weights are written to.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeverArg {
    /// The queue's routing rule (tutorial)
    RoutingRule,
    /// A data table that a flow reads, in whole minutes of head start (platform)
    PriorityTable,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Weights")]
pub(crate) struct LeverArgs {
    /// How weights are found [default: volume-wait with the tutorial's contract, keep with the platform's]
    #[arg(long, value_name = "NAME", value_enum, env = "WAITWISE_STRATEGY")]
    pub(crate) strategy: Option<StrategyArg>,
    /// What weights are written to [default: the only one that the host's contract has]
    #[arg(long, value_name = "NAME", value_enum, env = "WAITWISE_LEVER")]
    pub(crate) lever: Option<LeverArg>,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// How many minutes of head start a point of weight is worth (platform) [default: 0.1]
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        env = "WAITWISE_MINUTES_PER_POINT"
    )]
    pub(crate) minutes_per_point: Option<f64>,
    /// How many minutes of head start may lie between any two skills (platform) [default: 10]
    #[arg(long, value_name = "N", env = "WAITWISE_MINUTES_MAX")]
    pub(crate) minutes_max: Option<u32>,
}
