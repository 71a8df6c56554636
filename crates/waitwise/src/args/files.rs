//! Questions to files, as typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Questions to files.
#[derive(Args, Debug)]
#[command(next_help_heading = "Files")]
pub(crate) struct FilesArgs {
    /// Ask these files of conversation records instead of a host; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) input: Vec<PathBuf>,
    /// What visits are grouped by, in the order of the columns
    #[arg(
        long,
        value_name = "DIMENSION",
        value_enum,
        value_delimiter = ',',
        default_value = "queue,skill,wrap-up",
        requires = "input"
    )]
    pub(crate) group_by: Vec<DimensionArg>,
    /// Count answers within this many seconds as within the service level
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20.0,
        requires = "input"
    )]
    pub(crate) target_secs: f64,
    /// The time zone of hours and days, such as Europe/Dublin
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "input")]
    pub(crate) time_zone: String,
    /// Keep every wait instead of counting long lists in buckets: percentiles are exact, memory grows with the files
    #[arg(long, requires = "input")]
    pub(crate) exact: bool,
    /// Read records on this many threads [default: one for each core]
    #[arg(long, value_name = "N", requires = "input")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Fail if more than this share of the records cannot be used, in percent
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 1.0,
        requires = "input"
    )]
    pub(crate) max_bad: f64,
}

/// What visits are grouped by.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DimensionArg {
    /// The queue's id
    Queue,
    /// A skill that was asked for; a visit that asked for two counts under both
    Skill,
    /// The wrap-up code; empty for a visit that was not answered
    WrapUp,
    /// The kind of contact
    Media,
    /// The local hour of the week
    HourOfWeek,
    /// The local day
    Day,
}

/// How an analysis is written to stdout.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum AnalyzeFormat {
    /// For people
    #[default]
    Text,
    /// For programs, in a versioned shape
    Json,
    /// Rows of figures; for files alone
    Csv,
}

/// What `analyze --help` teaches.
pub(crate) const ANALYZE_HELP: &str = "\
Files: conversation records as the platform's jobs and queries give them, one JSON object a line.
A visit to a queue counts when its wait has ended: it was answered, abandoned, or flowed out.

  waitwise analyze --input january.ndjson --output csv
  waitwise analyze --input *.ndjson --group-by queue,hour-of-week --time-zone Europe/Dublin
  zcat january.ndjson.gz | waitwise analyze --input - --group-by skill --output json";
