//! What a look at everything found, as an answer.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::doctor::{Check, Status, worst};

use super::json;
use crate::args::OutputFormat;
use crate::failure::exit_code;

/// `waitwise-doctor/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-doctor/1")]
pub(crate) struct DoctorShape<'a> {
    #[schemars(extend("const" = "waitwise-doctor/1"))]
    format: &'static str,
    /// 0 if nothing is wrong, else what the command ends with.
    exit_code: u8,
    checks: Vec<CheckShape<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CheckShape<'a> {
    check: &'a str,
    status: StatusShape,
    found: &'a str,
    to_do: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum StatusShape {
    Ok,
    Warning,
    Wrong,
    Unknown,
    Skipped,
}

/// Answers with every check.
pub(crate) fn answer(format: OutputFormat, checks: &[Check]) {
    match format {
        OutputFormat::Text => super::answer(&text(checks)),
        OutputFormat::Json => json::answer(&DoctorShape {
            format: "waitwise-doctor/1",
            exit_code: worst(checks).map_or(0, exit_code),
            checks: checks.iter().map(shape).collect(),
        }),
    }
}

fn shape(check: &Check) -> CheckShape<'_> {
    CheckShape {
        check: check.name,
        status: match check.status {
            Status::Ok => StatusShape::Ok,
            Status::Warning => StatusShape::Warning,
            Status::Wrong(_) => StatusShape::Wrong,
            Status::Unknown => StatusShape::Unknown,
            Status::Skipped => StatusShape::Skipped,
        },
        found: &check.found,
        to_do: &check.to_do,
    }
}

fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let word = match check.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Wrong(_) => "WRONG",
            Status::Unknown => "unknown",
            Status::Skipped => "-",
        };
        let _ = writeln!(text, "{word:8} {:11} {}", check.name, check.found);
        for to_do in &check.to_do {
            let _ = writeln!(text, "{:21}to do: {to_do}", "");
        }
    }
    text
}
