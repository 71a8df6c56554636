//! `waitwise init` as typed.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::{HostArgs, OutputArgs, PlaceArgs, TableArgs};

#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// The queue, by its name or id [default: the only one, or the one that is chosen on the terminal]
    #[arg(long, value_name = "NAME", env = "WAITWISE_QUEUE")]
    pub(crate) queue: Option<String>,
    /// How many days of history to look at [default: 30]
    #[arg(long, value_name = "N", env = "WAITWISE_DAYS")]
    pub(crate) days: Option<u32>,
    /// Where the history ends, such as 2026-03-30T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", env = "WAITWISE_UNTIL")]
    pub(crate) until: Option<Timestamp>,
    /// Pull the history first
    #[arg(long)]
    pub(crate) pull: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// Make the data table if there is none
    #[arg(long)]
    pub(crate) create_table: bool,
    /// Write the settings to this file
    #[arg(
        short = 'o',
        long = "out",
        value_name = "FILE",
        default_value = "waitwise.toml"
    )]
    pub(crate) out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Write without asking
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
