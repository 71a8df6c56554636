//! Questions to files, as typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Questions to files.
#[derive(Args, Debug)]
#[command(next_help_heading = "Files")]
pub(crate) struct FilesArgs {
    /// Ask these files instead of a host; `-` is standard input. Names that end in .csv or .tsv, packed or not, are call
    /// records, others conversation records
    #[arg(long, value_name = "FILE", num_args = 1.., group = "records")]
    pub(crate) input: Vec<PathBuf>,
    /// The files are call records, and their columns mean this: a TOML file, or the name of a mapping carried along
    /// [default: the mapping that fits the header]
    #[arg(long, value_name = "FILE|NAME", requires = "input")]
    pub(crate) mapping: Option<PathBuf>,
    /// Ask the facts in this folder of a history instead
    #[arg(long, value_name = "DIR", group = "records")]
    pub(crate) facts: Option<PathBuf>,
    /// What visits are grouped by, in the order of the columns [default: queue,skill,wrap-up; for people queue,skill]
    #[arg(
        long,
        value_name = "DIMENSION",
        value_enum,
        value_delimiter = ',',
        requires = "records"
    )]
    pub(crate) group_by: Vec<DimensionArg>,
    /// Count answers within this many seconds as within the service level
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20.0,
        requires = "records"
    )]
    pub(crate) target_secs: f64,
    /// The time zone of hours and days, such as Europe/Dublin [default: that of the call records, else UTC]
    #[arg(long, value_name = "ZONE", requires = "records")]
    pub(crate) time_zone: Option<String>,
    /// Write a page with charts into this file
    #[arg(long, value_name = "FILE", requires = "records")]
    pub(crate) html: Option<PathBuf>,
    /// Keep every wait instead of counting long lists in buckets: percentiles are exact, memory grows with the files
    #[arg(long, requires = "records")]
    pub(crate) exact: bool,
    /// Read conversation records or facts on this many threads; call records are read on one [default: one for each core]
    #[arg(long, value_name = "N", requires = "records")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Fail if more than this share of the records cannot be used, in percent
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 1.0,
        requires = "records"
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
    /// Rows of figures; for files and facts alone
    Csv,
    /// The same rows as a Parquet file, which a terminal cannot show
    Parquet,
}

/// What `analyze --help` teaches.
pub(crate) const ANALYZE_HELP: &str = "\
Files: conversation records as the platform's jobs and queries give them, one JSON object a line; or
call records of any system, as CSV (docs/call-records.md).
A visit to a queue counts when its wait has ended: it was answered, abandoned, or flowed out.

  waitwise analyze --input calls.csv.gz --mapping our-switch.toml --html calls.html
  waitwise analyze --input january.ndjson --output csv
  waitwise analyze --input january.ndjson --output parquet >january.parquet
  waitwise analyze --input *.ndjson --group-by queue,hour-of-week --time-zone Europe/Dublin
  zcat january.ndjson.gz | waitwise analyze --input - --group-by skill --output json";
