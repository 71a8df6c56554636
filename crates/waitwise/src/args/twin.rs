//! Questions to the twin, as typed.

use std::path::PathBuf;

use clap::Args;

use super::OutputArgs;

/// What the twin is fitted to, and how it is judged.
#[derive(Args, Debug)]
#[command(next_help_heading = "Twin")]
pub(crate) struct TwinArgs {
    /// Weights move this queue's callers alone [default: those of all queues in the facts]
    #[arg(long, value_name = "ID", requires = "facts")]
    pub(crate) queue: Option<String>,
    /// The time zone in which the centre's days begin, such as Europe/Dublin
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "facts")]
    pub(crate) time_zone: String,
    /// Count answers within this many seconds as within the service level
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20.0,
        requires = "facts"
    )]
    pub(crate) target_secs: f64,
    /// Hold the twin against this many of the last days
    #[arg(long, value_name = "N", default_value_t = 14, requires = "facts",
        value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) held_out: u16,
    /// Fit to this many days before those held out alone, 14 or more [default: all]
    #[arg(long, value_name = "N", requires = "facts")]
    pub(crate) fit_days: Option<u16>,
    /// Simulate so many futures; more make the answer steadier
    #[arg(long, value_name = "N", default_value_t = 60, requires = "facts",
        value_parser = clap::value_parser!(u64).range(20..=10_000))]
    pub(crate) futures: u64,
}

#[derive(Args, Debug)]
pub(crate) struct BacktestArgs {
    /// The facts, in this folder of a history
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: PathBuf,
    /// The weights that were in force: a file of weights [default: nobody had a head start]
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) twin: TwinArgs,
    /// The seed of everything random
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// On how many cores; the answer does not depend on it [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
