//! The command line as typed. What is meant by it, with variables and the file, is worked out in `settings`.

mod ahead;
mod files;
mod history;
mod init;
mod lever;
mod sandbox;
mod simulate;
mod twin;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

pub(crate) use self::ahead::*;
pub(crate) use self::files::*;
pub(crate) use self::history::*;
pub(crate) use self::init::*;
pub(crate) use self::lever::*;
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

/// What a host speaks.
#[derive(
    ValueEnum, Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ContractArg {
    /// The tutorial's: a summary query and routing rules
    Tutorial,
    /// The published Genesys Cloud API
    Platform,
}

/// Which host, as whom.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Host")]
pub(crate) struct HostArgs {
    /// The host: `name`, `name:port` or a base URL. Plain http only on this machine
    #[arg(long, value_name = "HOST", env = "WAITWISE_HOST")]
    pub(crate) host: Option<String>,
    /// The region of a Genesys Cloud organisation, such as `mypurecloud.ie`, in the place of a host
    #[arg(long, value_name = "DOMAIN", env = "WAITWISE_REGION")]
    pub(crate) region: Option<String>,
    /// The host that answers questions, where another one issues the tokens, in the place of a host
    #[arg(long, value_name = "URL", env = "WAITWISE_API_URL")]
    pub(crate) api_url: Option<String>,
    /// The host that issues the tokens [default: the one that answers questions]
    #[arg(long, value_name = "URL", env = "WAITWISE_LOGIN_URL")]
    pub(crate) login_url: Option<String>,
    /// What the host speaks [default: tutorial with --host, platform with --region or --api-url]
    #[arg(long, value_name = "CONTRACT", value_enum, env = "WAITWISE_CONTRACT")]
    pub(crate) contract: Option<ContractArg>,
    /// The OAuth client's id (client credentials)
    #[arg(long, value_name = "ID", env = "WAITWISE_CLIENT_ID")]
    pub(crate) client_id: Option<String>,
    /// Read the client's secret from this file
    #[arg(long, value_name = "FILE", env = "WAITWISE_CLIENT_SECRET_FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Read the client's secret from this command's output
    #[arg(long, value_name = "COMMAND", env = "WAITWISE_CLIENT_SECRET_COMMAND")]
    pub(crate) client_secret_command: Option<String>,
    /// Trust the authorities of this PEM file, in the place of the system's
    #[arg(long, value_name = "FILE", env = "WAITWISE_CA_FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Give up when requests and the waits between them have taken this many seconds together [default: 900]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_DEADLINE")]
    pub(crate) deadline: Option<u64>,
    /// Give up on one request after this many seconds [default: 60]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_TIMEOUT")]
    pub(crate) timeout: Option<u64>,
    /// Wait for a `Retry-After` of at most this many seconds [default: 180]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_MAX_RETRY_AFTER")]
    pub(crate) max_retry_after: Option<u64>,
}

/// Which history of which queue, and how it becomes weights.
#[derive(Args, Debug)]
#[command(next_help_heading = "Question")]
pub(crate) struct QuestionArgs {
    /// The queue's id
    #[arg(long, value_name = "ID", env = "WAITWISE_QUEUE")]
    pub(crate) queue: Option<String>,
    /// How many days of history to read [default: 30]
    #[arg(long, value_name = "N", env = "WAITWISE_DAYS")]
    pub(crate) days: Option<u32>,
    /// Where the history ends, such as 2026-03-30T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", env = "WAITWISE_UNTIL")]
    pub(crate) until: Option<Timestamp>,
    /// A wrap-up code's id and the name of the skill it tells about; repeat for more
    #[arg(long = "map", value_name = "CODE=SKILL", value_parser = code_and_skill)]
    pub(crate) map: Vec<(String, String)>,
    /// A JSON file with an object of wrap-up code ids and skill names
    #[arg(long, value_name = "FILE", env = "WAITWISE_MAP_FILE")]
    pub(crate) map_file: Option<PathBuf>,
    /// Flag groups with fewer interactions than this [default: 30]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        env = "WAITWISE_MIN_VOLUME"
    )]
    pub(crate) min_volume: Option<f64>,
    /// What one interaction adds to a skill's score [default: 0.6]
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        env = "WAITWISE_VOLUME_FACTOR"
    )]
    pub(crate) volume_factor: Option<f64>,
    /// What one second of mean wait adds to a skill's score [default: 0.4]
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        env = "WAITWISE_WAIT_FACTOR"
    )]
    pub(crate) wait_factor: Option<f64>,
    /// The unit of the host's mean waits [default: seconds]
    #[arg(long, value_name = "UNIT", value_enum, env = "WAITWISE_WAIT_UNIT")]
    pub(crate) wait_unit: Option<WaitUnitArg>,
}

/// The unit of the host's mean waits.
#[derive(
    ValueEnum, Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WaitUnitArg {
    Seconds,
    Milliseconds,
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
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) lever: LeverArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Move no weight by more than this many points
    #[arg(long, value_name = "N", env = "WAITWISE_MAX_STEP")]
    pub(crate) max_step: Option<u8>,
    /// Write a page to this file of what the plan would do to waits, and of what a search has found; where there is neither a
    /// prediction nor a search, of what would be written and why nothing more is known
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the plan to this file, for `apply`
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) ahead: AheadArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) lever: LeverArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Move no weight by more than this many points
    #[arg(long, value_name = "N", env = "WAITWISE_MAX_STEP")]
    pub(crate) max_step: Option<u8>,
    /// Stop before writing anything
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write without asking
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) ahead: AheadArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    /// The plan, as `waitwise plan -o FILE` wrote it
    #[arg(value_name = "FILE")]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    /// Refuse if a weight would move by more than this many points
    #[arg(long, value_name = "N", env = "WAITWISE_MAX_STEP")]
    pub(crate) max_step: Option<u8>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RollbackArgs {
    /// The change, as `changes list` shows it [default: the last one applied]
    #[arg(value_name = "CHANGE", conflicts_with = "plan")]
    pub(crate) change: Option<String>,
    /// Undo this plan instead, when the journal is gone
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Undo even what somebody else has changed since
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ResumeArgs {
    /// The change, as `changes list` shows it [default: the last unfinished one]
    #[arg(value_name = "CHANGE")]
    pub(crate) change: Option<String>,
    /// Take it back instead of finishing it
    #[arg(long)]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ChangesCommand {
    /// All changes, the newest first
    List(ChangesListArgs),
    /// One change with every event of its journal
    Show(ChangesShowArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ChangesListArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ChangesShowArgs {
    /// The change's id
    #[arg(value_name = "CHANGE")]
    pub(crate) change: String,
    #[command(flatten)]
    pub(crate) state: StateArgs,
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

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) of: SchemaOf,
}

/// What has a JSON Schema.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum SchemaOf {
    /// waitwise.toml
    #[default]
    Config,
    /// The plan's file, and `plan --output json`
    Plan,
    /// `plan --output json` where there is nothing to plan
    NoPlan,
    /// `analyze --output json`
    Analysis,
    /// `run --output json`
    Run,
    /// `apply`, `rollback` and `resume` with `--output json`
    Change,
    /// `changes list --output json`
    Changes,
    /// `changes show --output json`
    Journal,
    /// `explain --output json`
    Explain,
    /// `history pull --output json`
    HistoryPull,
    /// `history check --output json`
    HistoryCheck,
    /// `history import --dry-run --output json`
    HistoryImportDryRun,
    /// `history import --output json`
    HistoryImport,
    /// `history list --output json`
    HistoryList,
    /// `history prune --output json`
    HistoryPrune,
    /// `init --output json`
    Init,
    /// `doctor --output json`
    Doctor,
    /// `sandbox export --output json`
    SandboxExport,
    /// `simulate --weights --output json`
    Prediction,
    /// `backtest --output json`
    Backtest,
    /// A file of weights, as `simulate --weights` reads it
    Weights,
    /// `demo --output json`
    Demo,
    /// The model file of `simulate`
    Model,
    /// `simulate --output json`
    Simulation,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder, which is made if it is missing
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

fn code_and_skill(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((code, skill)) if !code.is_empty() && !skill.trim().is_empty() => {
            Ok((code.to_owned(), skill.to_owned()))
        }
        _ => Err("expected CODE=SKILL, a wrap-up code's id and a skill's name".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_mapping_needs_both_sides() {
        assert_eq!(
            code_and_skill("c1=Technical Support"),
            Ok(("c1".to_owned(), "Technical Support".to_owned()))
        );
        for text in ["c1", "=x", "c1=", "c1= "] {
            assert!(code_and_skill(text).is_err(), "{text}");
        }
    }
}
