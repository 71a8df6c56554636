//! `waitwise history` as typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use waitwise_app::history::Covers;

use super::{HostArgs, OutputArgs, StateArgs};

#[derive(Subcommand, Debug)]
pub(crate) enum HistoryCommand {
    /// Read conversations and keep what queues need of them; goes on where it was cut off
    Pull(HistoryPullArgs),
    /// Keep what files say: conversation records of the platform, or call records of another system
    Import(HistoryImportArgs),
    /// Compare what is kept with the tenant's own aggregates
    Check(HistoryCheckArgs),
    /// Show what is kept, and what is missing
    List(HistoryListArgs),
    /// Write what is kept as csv, JSON lines or one Parquet file
    Export(HistoryExportArgs),
    /// Remove what is to be kept no longer
    Prune(HistoryPruneArgs),
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

/// Whose history, where nobody is asked anything.
#[derive(Args, Debug)]
#[command(next_help_heading = "History")]
pub(crate) struct WhoseArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The host whose history it is, in the place of a folder
    #[arg(long, value_name = "HOST", env = "WAITWISE_HOST")]
    pub(crate) host: Option<String>,
    /// The region of the organisation whose history it is, in the place of a folder
    #[arg(long, value_name = "DOMAIN", env = "WAITWISE_REGION")]
    pub(crate) region: Option<String>,
    /// The host that answers questions, whose history it is, in the place of a folder
    #[arg(long, value_name = "URL", env = "WAITWISE_API_URL")]
    pub(crate) api_url: Option<String>,
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
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) calls: Vec<PathBuf>,
    /// What the columns mean: a TOML file, or the name of a mapping carried along [default: the one that fits the header]
    #[arg(long, value_name = "FILE|NAME", requires = "calls")]
    pub(crate) mapping: Option<PathBuf>,
    /// Read everything, show how the first rows are understood and what all come to, and keep nothing
    #[arg(long, requires = "calls")]
    pub(crate) dry_run: bool,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryImportArgs {
    /// Files of conversation records, as the platform's jobs and queries give them; `-` is standard input
    #[arg(
        value_name = "FILE",
        required_unless_present = "calls",
        conflicts_with = "calls"
    )]
    pub(crate) files: Vec<PathBuf>,
    /// UTC days of which the files hold every conversation to their queues, such as 2026-03-01..2026-03-31, both
    /// included [default: nobody says that days are whole]
    #[arg(long, value_name = "DAY..DAY", value_parser = days)]
    pub(crate) covers: Option<Covers>,
    /// Read on this many threads [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Hold this many MiB of visits in memory before they are set aside on disk
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) memory: u16,
    /// Fail if more than this share of the records, or of a file's rows, cannot be used, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    pub(crate) max_bad: f64,
    #[command(flatten)]
    pub(crate) records: CallRecordsArgs,
    #[command(flatten)]
    pub(crate) whose: WhoseArgs,
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
    /// Show each day, not only each queue
    #[arg(long)]
    pub(crate) each_day: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryExportArgs {
    #[command(flatten)]
    pub(crate) whose: WhoseArgs,
    /// Only of this queue; repeat for more, or separate them by commas
    #[arg(long = "queue", value_name = "ID", value_delimiter = ',')]
    pub(crate) queues: Vec<String>,
    /// Only of conversations that began on this UTC day or later
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<Date>,
    /// Only of conversations that began on this UTC day or earlier
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<Date>,
    /// As what
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: ExportFormatArg,
    /// Write to this file, in the place of stdout
    #[arg(short, long, value_name = "FILE", required_if_eq("format", "parquet"))]
    pub(crate) out: Option<PathBuf>,
}

/// How visits are written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum ExportFormatArg {
    /// Comma-separated, with a header
    #[default]
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One Parquet file
    Parquet,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryPruneArgs {
    #[command(flatten)]
    pub(crate) whose: WhoseArgs,
    /// Only of this queue; repeat for more, or separate them by commas
    #[arg(long = "queue", value_name = "ID", value_delimiter = ',')]
    pub(crate) queues: Vec<String>,
    /// Remove what began before this UTC day
    #[arg(
        long,
        value_name = "DAY",
        required_unless_present = "keep_days",
        conflicts_with = "keep_days"
    )]
    pub(crate) before: Option<Date>,
    /// Remove what began more than this many UTC days before today
    #[arg(long, value_name = "N")]
    pub(crate) keep_days: Option<u32>,
    /// Show what would go, and remove nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Remove without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// How many lines of a table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Reads days such as `2026-03-01..2026-03-31`; one day stands for itself.
fn days(text: &str) -> Result<Covers, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let day = |text: &str| text.parse::<Date>().map_err(|error| error.to_string());
    let (first, last) = (day(first)?, day(last)?);
    match first <= last {
        true => Ok(Covers { first, last }),
        false => Err("the last day lies before the first".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_one_or_a_stretch() {
        let days = |text| days(text).map(|days| (days.first.to_string(), days.last.to_string()));
        let both = |first: &str, last: &str| Ok((first.to_owned(), last.to_owned()));
        assert_eq!(
            days("2026-03-01..2026-03-31"),
            both("2026-03-01", "2026-03-31")
        );
        assert_eq!(days("2026-03-01"), both("2026-03-01", "2026-03-01"));
        for wrong in ["2026-03-02..2026-03-01", "2026-02-30", "..", "march"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }
}
