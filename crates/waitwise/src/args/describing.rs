//! `waitwise schema`, `completions` and `man` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
