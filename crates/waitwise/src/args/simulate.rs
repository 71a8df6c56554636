//! `waitwise simulate` as typed.

use std::path::PathBuf;

use clap::Args;

use super::{OutputArgs, TwinArgs};

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// The centre: a model file, `waitwise-model/1`, in TOML or JSON
    #[arg(long, value_name = "FILE", required_unless_present = "facts")]
    pub(crate) model: Option<PathBuf>,
    /// The centre: the one whose facts are in this folder of a history
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "model",
        requires = "weights"
    )]
    pub(crate) facts: Option<PathBuf>,
    /// Compare two sets of weights: the present ones and others, each a file of weights, or `none` for no head starts
    #[arg(
        long,
        value_name = "PRESENT,PROPOSED",
        value_delimiter = ',',
        requires = "facts"
    )]
    pub(crate) weights: Vec<PathBuf>,
    /// Predict so many days after the facts
    #[arg(long, value_name = "N", default_value_t = 20, requires = "facts",
        value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days: u16,
    /// Refuse to predict if the twin mispredicts the last days' mean waits by more than this, in percent
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 35.0,
        requires = "facts"
    )]
    pub(crate) max_error: f64,
    /// Predict whatever speaks against it; it is told all the same
    #[arg(long, requires = "facts")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) twin: TwinArgs,
    /// Measure so many interactions in each replication [default: 100000]; not of a centre that closes each day
    #[arg(long, value_name = "N", conflicts_with = "hours", requires = "model")]
    pub(crate) customers: Option<u64>,
    /// Measure so many hours in each replication; not of a centre that closes each day
    #[arg(long, value_name = "H", requires = "model")]
    pub(crate) hours: Option<f64>,
    /// How many independent replications [default: 20; of a centre that closes each day: 200 days]
    #[arg(long, value_name = "R", requires = "model", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) replications: Option<u64>,
    /// Leave out the beginning of each replication: `10%` of what is measured, `2h`, `30m`, `90s`, or a number of interactions
    #[arg(long, value_name = "LENGTH", default_value = "10%", requires = "model", value_parser = warmup)]
    pub(crate) warmup: Warmup,
    /// The seed of everything random
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// On how many cores; the answer does not depend on it [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) threads: Option<u16>,
    /// Which quantiles of the wait to tell
    #[arg(
        long,
        value_name = "Q",
        value_delimiter = ',',
        default_value = "0.5,0.8,0.9,0.95,0.99",
        requires = "model",
        value_parser = quantile
    )]
    pub(crate) quantiles: Vec<f64>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What `simulate --help` teaches.
pub(crate) const SIMULATE_HELP: &str = "\
A file of weights is TOML or JSON (`waitwise schema weights`, docs/twin.md):

  waitwise simulate --model centre.toml
  waitwise simulate --facts ./history --weights now.toml,proposed.toml
  waitwise simulate --facts ./history --weights none,proposed.toml --days 10 --output json";

/// What is left out at the beginning.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Warmup {
    /// A share of what is measured.
    Share(f64),
    Secs(f64),
    Interactions(u64),
}

fn warmup(text: &str) -> Result<Warmup, String> {
    let number = |digits: &str| {
        let number: Option<f64> = digits.parse().ok();
        number.filter(|number| number.is_finite() && *number >= 0.0)
    };
    let with_unit = [("%", 0.01), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)];
    let read = match with_unit.iter().find(|(unit, _)| text.ends_with(unit)) {
        Some((unit, worth)) => {
            let value = number(&text[..text.len() - 1]).map(|number| number * worth);
            match *unit {
                "%" => value.map(Warmup::Share),
                _ => value.map(Warmup::Secs),
            }
        }
        None => text.parse().ok().map(Warmup::Interactions),
    };
    read.ok_or_else(|| "expected such as 10%, 2h, 30m, 90s, or a number of interactions".to_owned())
}

fn quantile(text: &str) -> Result<f64, String> {
    let q: Option<f64> = text.trim().parse().ok();
    q.filter(|q| *q > 0.0 && *q < 1.0)
        .ok_or_else(|| "expected a number between 0 and 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warmup_is_a_share_a_time_or_a_number() {
        for (text, expected) in [
            ("10%", Warmup::Share(0.1)),
            ("2h", Warmup::Secs(7_200.0)),
            ("1.5m", Warmup::Secs(90.0)),
            ("0s", Warmup::Secs(0.0)),
            ("5000", Warmup::Interactions(5_000)),
        ] {
            assert_eq!(warmup(text), Ok(expected), "{text}");
        }
        for text in ["", "h", "-1h", "1.5", "infh", "5 days", "–%"] {
            assert!(warmup(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantile_is_inside_zero_and_one() {
        assert_eq!(quantile("0.5"), Ok(0.5));
        for text in ["0", "1", "50", "NaN", ""] {
            assert!(quantile(text).is_err(), "{text}");
        }
    }
}
