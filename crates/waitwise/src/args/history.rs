//! `waitwise history` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{HostArgs, OutputArgs, StateArgs};

#[derive(Subcommand, Debug)]
pub(crate) enum HistoryCommand {
    /// Read conversations and keep what queues need of them; goes on where it was cut off
    Pull(HistoryPullArgs),
    /// Keep call records of another system as evidence
    Import(HistoryImportArgs),
    /// Compare what is kept with the tenant's own aggregates
    Check(HistoryCheckArgs),
    /// Show what is kept
    List(HistoryListArgs),
}

/// Which history.
#[derive(Args, Debug)]
#[command(next_help_heading = "History")]
pub(crate) struct WantedArgs {
    /// A queue's id; repeat for more, or separate them by commas
    #[arg(
        long = "queue",
        value_name = "ID",
        env = "WAITWISE_QUEUE",
        value_delimiter = ','
    )]
    pub(crate) queues: Vec<String>,
    /// How many days of history [default: 30]
    #[arg(long, value_name = "N", env = "WAITWISE_DAYS")]
    pub(crate) days: Option<u32>,
    /// Where the history ends, such as 2026-03-30T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", env = "WAITWISE_UNTIL")]
    pub(crate) until: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Where it is kept.
#[derive(Args, Debug)]
pub(crate) struct PlaceArgs {
    /// The folder of one tenant's history [default: one for each host, in the folder of the journal]
    #[arg(long, value_name = "DIR", env = "WAITWISE_HISTORY_DIR")]
    pub(crate) history_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: StateArgs,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryPullArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// How many records of a job to ask for on a page: fewer where pages come too late [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) page_size: Option<u32>,
    /// How many lines of a table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Call records of another system.
#[derive(Args, Debug)]
#[command(next_help_heading = "Call records")]
pub(crate) struct CallRecordsArgs {
    /// CSV files, one call a line, plain or packed by gzip, xz or zstd; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub(crate) calls: Vec<PathBuf>,
    /// What the columns mean: a TOML file, or the name of a mapping carried along [default: the one that fits the header]
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) mapping: Option<PathBuf>,
    /// Fail if more than this share of a file's rows cannot be read, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    pub(crate) max_bad: f64,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryImportArgs {
    #[command(flatten)]
    pub(crate) records: CallRecordsArgs,
    /// Read everything, show how the first rows are understood and what all come to, and keep nothing
    #[arg(long, required = true)]
    pub(crate) dry_run: bool,
    /// How many lines of a table to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryCheckArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// How many lines of a table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryListArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
