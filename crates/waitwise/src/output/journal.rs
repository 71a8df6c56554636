//! The journal of changes, as an answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_app::plan_file::file::PlanShape;
use waitwise_app::store::{Change, Event, Holder, Kind, StepEvent};

use super::json;
use super::table::{Align, Column, table};
use crate::args::OutputFormat;

/// `waitwise-changes/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-changes/1")]
pub(crate) struct ChangesShape<'a> {
    #[schemars(extend("const" = "waitwise-changes/1"))]
    format: &'static str,
    changes: Vec<ChangeShape<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct ChangeShape<'a> {
    change: &'a str,
    kind: &'static str,
    of: Option<&'a str>,
    state: &'static str,
    tenant: &'a str,
    queue: &'a str,
    plan: &'a str,
    created_at: String,
    ended_at: Option<String>,
}

/// `waitwise-journal/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-journal/1")]
pub(crate) struct JournalShape<'a> {
    #[schemars(extend("const" = "waitwise-journal/1"))]
    format: &'static str,
    #[serde(flatten)]
    change: ChangeShape<'a>,
    events: Vec<EventShape<'a>>,
    #[schemars(with = "Option<PlanShape>")]
    plan_file: Option<Box<RawValue>>,
}

#[derive(Serialize, JsonSchema)]
struct EventShape<'a> {
    at: String,
    step: usize,
    // Its members are those of the journal's page, by the kind of event.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    event: &'a StepEvent,
}

/// Answers with all changes, the newest first.
pub(crate) fn list(format: OutputFormat, changes: &[Change]) {
    match format {
        OutputFormat::Text => super::answer(&list_text(changes)),
        OutputFormat::Json => json::answer(&ChangesShape {
            format: "waitwise-changes/1",
            changes: changes.iter().map(shape).collect(),
        }),
    }
}

/// Answers with one change and its events.
pub(crate) fn show(format: OutputFormat, change: &Change) {
    match format {
        OutputFormat::Text => super::answer(&show_text(change)),
        OutputFormat::Json => json::answer(&JournalShape {
            format: "waitwise-journal/1",
            change: shape(change),
            events: change.events.iter().map(event).collect(),
            plan_file: RawValue::from_string(change.plan_json.trim_end().to_owned()).ok(),
        }),
    }
}

fn shape(change: &Change) -> ChangeShape<'_> {
    ChangeShape {
        change: change.id.as_str(),
        kind: kind(change),
        of: undone(change),
        state: change.state.as_str(),
        tenant: &change.tenant,
        queue: change.queue.as_str(),
        plan: change.plan_id.as_str(),
        created_at: change.created_at.to_string(),
        ended_at: change.ended_at.map(|at| at.to_string()),
    }
}

fn event(event: &Event) -> EventShape<'_> {
    EventShape {
        at: event.at.to_string(),
        step: event.step,
        event: &event.event,
    }
}

fn kind(change: &Change) -> &'static str {
    match change.kind {
        Kind::Apply => "apply",
        Kind::Rollback { .. } => "rollback",
    }
}

fn undone(change: &Change) -> Option<&str> {
    match &change.kind {
        Kind::Apply => None,
        Kind::Rollback { of, .. } => of.as_ref().map(|of| of.as_str()),
    }
}

fn list_text(changes: &[Change]) -> String {
    const COLUMNS: [Column; 4] = [
        Column("Change", Align::Left),
        Column("When", Align::Left),
        Column("What", Align::Left),
        Column("State", Align::Left),
    ];
    if changes.is_empty() {
        return "The journal is empty.\n".to_owned();
    }
    let line = |change: &Change| {
        vec![
            change.id.to_string(),
            second(change.created_at),
            kind(change).to_owned(),
            change.state.to_string(),
        ]
    };
    table(&COLUMNS, changes.iter().map(line).collect())
}

/// Notes what can be done about a change that is not finished; `holder` is who writes to its queue now, if anybody.
pub(crate) fn note_unfinished(change: &Change, holder: Option<&Holder>) {
    let id = &change.id;
    super::note(&match holder {
        Some(holder) => format!(
            "Change {id} is {}; process {} is writing to its {}.",
            change.state,
            holder.process,
            change.place.kind()
        ),
        None => format!(
            "Change {id} is unfinished. hint: `waitwise resume {id}` finishes it, with --undo takes it back"
        ),
    });
}

fn show_text(change: &Change) -> String {
    let mut text = format!(
        "Change {}: {}, {}\nPlan {} for queue {} at {}\nBegun {}\n",
        change.id,
        kind(change),
        change.state,
        change.plan_id,
        change.queue,
        change.tenant,
        second(change.created_at),
    );
    if let Some(of) = undone(change) {
        let _ = writeln!(text, "Undoes change {of}");
    }
    text.push('\n');
    for event in &change.events {
        let _ = writeln!(
            text,
            "{}  step {}  {}{}",
            event.at,
            event.step,
            event.event.name(),
            what(&event.event)
        );
    }
    text
}

fn what(event: &StepEvent) -> String {
    match event {
        StepEvent::Intent { operation } => format!(": {operation}"),
        StepEvent::OutcomeUnknown { reason }
        | StepEvent::NotDone { reason }
        | StepEvent::Refused { reason } => {
            format!(": {reason}")
        }
        StepEvent::Conflict { ours, found } => {
            format!(
                ":\n    we wrote {ours}\n    found    {}",
                found.as_deref().unwrap_or("nothing")
            )
        }
        StepEvent::Sent { document } | StepEvent::Confirmed { document } => format!(": {document}"),
        StepEvent::Unneeded => String::new(),
    }
}

fn second(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
