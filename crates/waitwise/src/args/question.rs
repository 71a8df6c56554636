//! What is asked of a history, as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

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
