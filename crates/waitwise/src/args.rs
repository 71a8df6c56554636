//! The command line as typed. What is meant by it, with variables and the file, is worked out in `settings`.

mod ahead;
mod changing;
mod describing;
mod files;
mod history;
mod host;
mod init;
mod lever;
mod question;
mod sandbox;
mod simulate;
mod twin;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

pub(crate) use self::ahead::*;
pub(crate) use self::changing::*;
pub(crate) use self::describing::*;
pub(crate) use self::files::*;
pub(crate) use self::history::*;
pub(crate) use self::host::*;
pub(crate) use self::init::*;
pub(crate) use self::lever::*;
pub(crate) use self::question::*;
pub(crate) use self::sandbox::*;
pub(crate) use self::simulate::*;
pub(crate) use self::twin::*;

/// Cuts queue waits in Genesys Cloud contact centres by tuning how much weight each skill gets,
/// from the centre's own history.
///
/// Try it without any configuration: `waitwise demo`.
#[derive(Parser, Debug)]
#[command(
    name = "waitwise",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(
    after_help = "Settings come from flags, then WAITWISE_* variables, then waitwise.toml.\n\
    The client's secret comes from WAITWISE_CLIENT_SECRET, a file or a command; never from a flag.\n\
    Exit codes: 0 done, 1 failed, 2 usage, 3 the tenant moved or the plan is stale,\n\
    4 a guardrail refused, 5 sign-in or permission, 6 data incomplete, 7 rate limit budget spent."
)]
pub(crate) struct Cli {
    /// Read settings from this file instead of ./waitwise.toml
    #[arg(long, global = true, value_name = "FILE", env = "WAITWISE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Tell on stderr what is being done; twice: every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How much to tell on stderr; `-v` and `-vv` are short for `info` and `debug`
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        value_enum,
        default_value_t,
        env = "WAITWISE_LOG"
    )]
    pub(crate) log_level: LogLevel,
    /// How to write what is told on stderr
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        env = "WAITWISE_LOG_FORMAT"
    )]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads what was typed, or tells how to and ends.
    pub(crate) fn read() -> Self {
        let typed = command_line().get_matches();
        Cli::from_arg_matches(&typed).unwrap_or_else(|error| error.exit())
    }
}

/// Returns the command line, for reading it and for describing it.
pub(crate) fn command_line() -> clap::Command {
    discreet(Cli::command())
}

/// Help names the variables but not what they say: one of them holds a command that may hold a secret.
fn discreet(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| arg.hide_env_values(true))
        .mut_subcommands(discreet)
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Watch the whole job against the embedded contact centre; needs nothing
    Demo(DemoArgs),
    /// Read the history, calculate weights, write them, verify: the whole job in one go
    Run(RunArgs),
    /// Show where people wait, by skill and by wrap-up code; writes nothing
    #[command(after_help = ANALYZE_HELP)]
    Analyze(AnalyzeArgs),
    /// Calculate weights and write down what would be changed; writes nothing at the host
    Plan(PlanArgs),
    /// Carry out a plan, verify it, and keep the way back
    Apply(ApplyArgs),
    /// Undo an applied change
    Rollback(RollbackArgs),
    /// Finish a change that was cut off or ended without knowing whether it wrote
    Resume(ResumeArgs),
    /// Look at the journal of changes
    #[command(subcommand)]
    Changes(ChangesCommand),
    /// Keep conversations as evidence, on the published platform; writes nothing at the host
    #[command(subcommand)]
    History(HistoryCommand),
    /// Serve a fake tenant with a live simulated contact centre, on this machine only; or write its history to a file
    Sandbox(SandboxArgs),
    /// Predict the waits of a contact centre: of one that a model file describes, or, from its history, under other weights
    #[command(after_help = SIMULATE_HELP)]
    Simulate(SimulateArgs),
    /// Hold the twin against the past: fit it to all but the last days of a history, and compare those with what it predicts
    Backtest(BacktestArgs),
    /// Show who waits in a queue now, who will be answered first, and why; writes nothing
    Explain(ExplainArgs),
    /// Propose settings for a queue of the published platform; writes nothing there but, if told to, an empty data table
    Init(InitArgs),
    /// Look for what stands in the way, from the settings to the journal; writes nothing at the host
    Doctor(DoctorArgs),
    /// Write the JSON Schema of the settings file or of an answer
    Schema(SchemaArgs),
    /// Write a script that completes this command's words in a shell
    Completions(CompletionsArgs),
    /// Write the manual page, or the pages of all commands into a folder
    Man(ManArgs),
}

/// How much is told on stderr.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum LogLevel {
    /// What a person should see to
    #[default]
    Warn,
    /// What is being done
    Info,
    /// Every request
    Debug,
}

/// How it is told.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// How an answer is written to stdout.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs, in a versioned shape
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// How to write the answer
    #[arg(long = "output", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

/// Which data table priorities are written to.
#[derive(Args, Debug)]
pub(crate) struct TableArgs {
    /// The data table of priorities, by its name or id (platform) [default: Waitwise priorities]
    #[arg(long, value_name = "NAME", env = "WAITWISE_DATA_TABLE")]
    pub(crate) data_table: Option<String>,
}

/// Where the journal is.
#[derive(Args, Debug)]
pub(crate) struct StateArgs {
    /// The folder of the journal [default: waitwise in the user's state folder]
    #[arg(long, value_name = "DIR", env = "WAITWISE_STATE_DIR")]
    pub(crate) state_dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct AnalyzeArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) files: FilesArgs,
    /// How many lines of a table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) top: usize,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: AnalyzeFormat,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// The queue's id
    #[arg(long, value_name = "ID", env = "WAITWISE_QUEUE")]
    pub(crate) queue: Option<String>,
    /// Tell about this conversation only
    #[arg(long, value_name = "ID")]
    pub(crate) conversation: Option<String>,
    /// Compare with the head starts of this plan
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Say whom this agent would be given
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// How many lines of the table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Which tenant: every seed is another contact centre
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many days of history to read, and to let pass after the change
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..=35))]
    pub(crate) days: u32,
    /// Where the tenant's clock starts; fixed, so that a seed gives the same figures on any day
    #[arg(long, value_name = "TIME", default_value = "2026-03-02T02:00:00Z")]
    pub(crate) now: Timestamp,
    /// Write the report here
    #[arg(long, value_name = "FILE", default_value = "waitwise-demo.html")]
    pub(crate) report: PathBuf,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
