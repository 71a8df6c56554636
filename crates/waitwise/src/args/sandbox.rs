//! `waitwise sandbox` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::OutputArgs;

/// Which contracts a sandbox speaks.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum ApiChoice {
    /// The tutorial's alone
    Tutorial,
    /// The published platform's alone
    Platform,
    /// Both over one tenant
    #[default]
    Both,
}

/// What may happen in a simulated centre beside what it always has.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TroubleChoice {
    /// Two in five of those who give up call again a few minutes later
    Redials,
    /// Agents go away for five to fifteen minutes about every two hours
    Breaks,
    /// Some agents take half as long again as others
    Speeds,
    /// On some days far more or fewer people call, on some agents are ill
    UnusualDays,
    /// All of these
    All,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SandboxArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum SandboxCommand {
    /// Write a simulated history to a file: conversation details, one a line, as the platform's details jobs answer them
    Export(SandboxExportArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Listen on this port of 127.0.0.1 [default: any free one]
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) port: u16,
    /// Speak TLS, with a throw-away certificate authority
    #[arg(long)]
    pub(crate) tls: bool,
    /// Which tenant: every seed is another contact centre
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many seconds of the tenant's time pass in one second; 0: it stands still
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    pub(crate) speed: f64,
    /// Where the tenant's clock starts, such as 2026-03-30T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
    /// Take the history from this file of call records (CSV, also .gz and .xz)
    #[arg(long, value_name = "FILE")]
    pub(crate) calls: Option<PathBuf>,
    /// How to read the call records (TOML) [default: a shipped mapping that fits the header]
    #[arg(long, value_name = "FILE", requires = "calls")]
    pub(crate) calls_mapping: Option<PathBuf>,
    /// How many requests a token may make in a minute
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(crate) requests_per_minute: u32,
    /// How many skills have callers, up to 56 [default: 3 to 8, as the seed draws]
    #[arg(long, value_name = "N", requires = "codes")]
    pub(crate) skills: Option<u16>,
    /// How many wrap-up codes there are: 1 to 8 for each skill, and 2 that stand for none
    #[arg(long, value_name = "N", requires = "skills")]
    pub(crate) codes: Option<u16>,
    /// How many call the queue on an average working day, 300 to 20000 [default: 700 to 1350, as the seed draws]
    #[arg(long, value_name = "N")]
    pub(crate) calls_a_day: Option<u32>,
    /// Let happen what real centres have and models of them leave out
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(crate) trouble: Vec<TroubleChoice>,
    /// Refuse every request, and every answer of the sandbox itself, that departs from the published API
    #[arg(long)]
    pub(crate) check_contract: bool,
    /// Which contracts to speak
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    pub(crate) api: ApiChoice,
    /// Start with an empty data table that the simulated flow reads skills' priorities from
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        default_missing_value = waitwise_sandbox::FLOW_TABLE
    )]
    pub(crate) flow_table: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct SandboxExportArgs {
    /// The file; with .gz, .zst or .xz at its end it is compressed
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How many days [default: 35]
    #[arg(long, value_name = "N", conflicts_with = "size")]
    pub(crate) days: Option<u16>,
    /// As many records as reach this size before compression, such as 500MB or 5GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) size: Option<u64>,
    /// The first day (UTC)
    #[arg(long, value_name = "DATE", default_value = "2025-01-06")]
    pub(crate) from: Date,
    /// Which tenant: every seed is another contact centre
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// So many tenants in one file, with the seeds from --seed on: more queues, and more calls a day
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) tenants: u16,
    /// How many skills have callers, up to 56 [default: 3 to 8, as the seed draws]
    #[arg(long, value_name = "N", requires = "codes")]
    pub(crate) skills: Option<u16>,
    /// How many wrap-up codes there are: 1 to 8 for each skill, and 2 that stand for none
    #[arg(long, value_name = "N", requires = "skills")]
    pub(crate) codes: Option<u16>,
    /// How many call the queue on an average working day, 300 to 20000 [default: 700 to 1350, as the seed draws]
    #[arg(long, value_name = "N")]
    pub(crate) calls_a_day: Option<u32>,
    /// Let happen what real centres have and models of them leave out
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(crate) trouble: Vec<TroubleChoice>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Reads a number of bytes with its unit.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "kib" => Some(1 << 10),
        "mib" => Some(1 << 20),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let number = digits.trim_end().parse::<u64>().ok();
    let bytes = number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit));
    bytes.ok_or_else(|| {
        "expected a whole number of bytes, KB, MB, GB, KiB, MiB or GiB, such as 500MB".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_size_is_a_whole_number_with_a_unit() {
        for (text, expected) in [
            ("7", 7),
            ("7B", 7),
            ("500MB", 500_000_000),
            ("500 mb", 500_000_000),
            ("5GiB", 5 << 30),
            ("64KiB", 65_536),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "MB",
            "1.5GB",
            "-1",
            "5TB",
            "5 G B",
            "99999999999GB",
            "5é",
        ] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
