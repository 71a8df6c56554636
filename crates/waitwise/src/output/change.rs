//! What a change did, as an answer.

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::{Applied, Outcome};

use super::json;
use crate::args::OutputFormat;

/// Which way it went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Applied,
    RolledBack,
    /// Nothing had been written, and nothing will be.
    Closed,
}

/// `waitwise-change/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-change/1")]
pub(crate) struct AppliedShape<'a> {
    #[schemars(extend("const" = "waitwise-change/1"))]
    format: &'static str,
    change: Option<&'a str>,
    objects: Vec<OutcomeShape<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct OutcomeShape<'a> {
    object: &'a str,
    sent: u32,
    unseen_window_ms: Option<u128>,
    others_edits: bool,
    document: &'a str,
}

impl<'a> AppliedShape<'a> {
    pub(crate) fn of(applied: &'a Applied) -> Self {
        AppliedShape {
            format: "waitwise-change/1",
            change: applied.change.as_ref().map(|change| change.as_str()),
            objects: applied.objects.iter().map(outcome).collect(),
        }
    }
}

fn outcome(outcome: &Outcome) -> OutcomeShape<'_> {
    OutcomeShape {
        object: outcome.object.as_str(),
        sent: outcome.tries,
        unseen_window_ms: outcome.unseen_window.map(|window| window.as_millis()),
        others_edits: outcome.others_edits,
        document: &outcome.document_now,
    }
}

/// Answers what was done.
pub(crate) fn answer(format: OutputFormat, done: Done, applied: &Applied) {
    match format {
        OutputFormat::Text => super::answer(&text(done, applied)),
        OutputFormat::Json => json::answer(&AppliedShape::of(applied)),
    }
}

/// Answers that there is nothing to resume.
pub(crate) fn answer_nothing_unfinished(format: OutputFormat) {
    match format {
        OutputFormat::Text => super::answer("No change is unfinished.\n"),
        OutputFormat::Json => json::answer(&AppliedShape::of(&Applied {
            change: None,
            objects: Vec::new(),
        })),
    }
}

fn text(done: Done, applied: &Applied) -> String {
    let Some(change) = &applied.change else {
        return "The host says all of it already: nothing was written.\n".to_owned();
    };
    let mut text = String::new();
    for outcome in &applied.objects {
        text += &object(done, outcome);
    }
    text += &match done {
        Done::Applied => format!("Change {change}. To undo it: waitwise rollback {change}\n"),
        Done::RolledBack => format!("Rolled back, as change {change}.\n"),
        Done::Closed => format!("Change {change} had written nothing. It is closed.\n"),
    };
    text
}

fn object(done: Done, outcome: &Outcome) -> String {
    let object = &outcome.object;
    let Some(window) = outcome.unseen_window else {
        return format!("{object} says already what was to be written: nothing was sent.\n");
    };
    let verb = match done {
        Done::Applied => "written",
        Done::RolledBack | Done::Closed => "restored",
    };
    let mut text = format!(
        "{object} {verb} and verified by reading it back.\nFor {} ms around the write somebody else's change could not have been seen.\n",
        window.as_millis()
    );
    if outcome.others_edits {
        text += "Somebody has changed other parts of it since; these were left as they are.\n";
    }
    text
}
