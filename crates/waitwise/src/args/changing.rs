//! `waitwise plan`, `run`, `apply`, `resume`, `rollback` and `changes` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{AheadArgs, HostArgs, LeverArgs, OutputArgs, PlaceArgs, QuestionArgs, StateArgs};

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
