//! How call records would be read, as text and as JSON.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::call_records::{Example, FileRehearsal, Rehearsal, Tally, Totals};
use waitwise_app::model::Ending;

use super::number::{count, percent, secs};
use super::table::{Align, Column, more, table};

/// Writes how files would be read: for each its mapping, first calls and bad rows; then what all come to by queue.
pub(crate) fn text(rehearsal: &Rehearsal, top: usize) -> String {
    let files = rehearsal.files.iter().map(file);
    let mut text: String = files.collect();
    text += &queues(rehearsal, top);
    text += "Nothing was kept: this was a dry run.\n";
    text
}

fn file(file: &FileRehearsal) -> String {
    let read = &file.read;
    let mut text = format!(
        "{}: mapping {}, times in {}\n\n",
        read.name, read.mapping, read.time_zone
    );
    if !file.examples.is_empty() {
        text += &examples(&file.examples);
        text.push('\n');
    }
    text += &tally(&read.tally);
    text.push('\n');
    text
}

/// A column that says nothing of any of them is left out, and nobody has to be told that calls are voice.
fn examples(examples: &[Example]) -> String {
    type Shown = fn(&Example) -> String;
    const COLUMNS: [(&str, Align, Shown); 10] = [
        ("Line", Align::Right, |call| call.line.to_string()),
        ("Entered (UTC)", Align::Left, |call| {
            call.entered_at.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }),
        ("Queue", Align::Left, |call| call.queue.clone()),
        ("Skills", Align::Left, |call| call.skills.join(" + ")),
        ("Media", Align::Left, |call| match &*call.media {
            "voice" => String::new(),
            other => other.to_owned(),
        }),
        ("Ended", Align::Left, |call| {
            let passed_on = if call.is_transferred {
                ", passed on"
            } else {
                ""
            };
            format!("{}{passed_on}", ending(call.ending))
        }),
        ("Wait", Align::Right, |call| {
            milliseconds(Some(call.wait_ms))
        }),
        ("Handle", Align::Right, |call| milliseconds(call.handle_ms)),
        ("Agent", Align::Left, |call| {
            call.agent.clone().unwrap_or_default()
        }),
        ("Code", Align::Left, |call| {
            call.code.clone().unwrap_or_default()
        }),
    ];
    let said =
        |(_, _, shown): &&(&str, Align, Shown)| examples.iter().any(|call| !shown(call).is_empty());
    let columns: Vec<_> = COLUMNS.iter().filter(said).collect();
    let heads: Vec<_> = columns
        .iter()
        .map(|(name, align, _)| Column(name, *align))
        .collect();
    let line = |call: &Example| columns.iter().map(|(_, _, shown)| shown(call)).collect();
    table(&heads, examples.iter().map(line).collect())
}

fn tally(tally: &Tally) -> String {
    let mut text = format!(
        "{} rows: {} calls, {} left out, {} cannot be read\n",
        n(tally.rows()),
        n(tally.calls),
        n(tally.left_out),
        n(tally.bad)
    );
    for bad in &tally.located {
        let _ = writeln!(
            text,
            "  line {}, byte {}: {}",
            bad.place.line, bad.place.offset, bad.reason
        );
    }
    if tally.bad > tally.located.len() as u64 {
        text += "  … and more\n";
    }
    if tally.in_repeated_hour > 0 {
        let _ = writeln!(
            text,
            "{} calls entered in an hour that the clock showed twice: the reading with the shorter wait was taken",
            n(tally.in_repeated_hour)
        );
    }
    text
}

fn queues(rehearsal: &Rehearsal, top: usize) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Queue", Align::Left),
        Column("Calls", Align::Right),
        Column("Answered", Align::Right),
        Column("Abandoned", Align::Right),
        Column("Share", Align::Right),
        Column("Mean wait", Align::Right),
    ];
    let mut queues: Vec<_> = rehearsal.queues.iter().collect();
    // Stable: queues with the same number stay in the order of their names.
    queues.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.calls));
    let mut all = Totals::default();
    for (_, totals) in &queues {
        all.add_all(**totals);
    }
    let shown = queues
        .iter()
        .take(top)
        .map(|(queue, totals)| line(queue, totals));
    let lines = std::iter::once(line("all", &all)).chain(shown).collect();
    format!("{}{}\n", table(&COLUMNS, lines), more(top, queues.len()))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn line(queue: &str, totals: &Totals) -> Vec<String> {
    let share = (totals.calls > 0).then(|| totals.abandoned as f64 / totals.calls as f64);
    vec![
        queue.to_owned(),
        n(totals.calls),
        n(totals.answered),
        n(totals.abandoned),
        share.map_or_else(String::new, percent),
        totals.mean_wait_secs().map_or_else(String::new, secs),
    ]
}

fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered => "answered",
        Ending::Abandoned | Ending::ShortAbandoned | Ending::ShortOnly => "abandoned",
        Ending::FlowedOut => "flowed out",
        Ending::Waiting => "waiting",
        Ending::Untold => "untold",
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most months of milliseconds")]
fn milliseconds(ms: Option<u64>) -> String {
    ms.map_or_else(String::new, |ms| secs(ms as f64 / 1000.0))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn n(value: u64) -> String {
    count(value as f64)
}

/// `waitwise-import-dry-run/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-import-dry-run/1")]
pub(crate) struct RehearsalShape {
    #[schemars(extend("const" = "waitwise-import-dry-run/1"))]
    format: &'static str,
    files: Vec<FileShape>,
    queues: Vec<QueueShape>,
}

#[derive(Serialize, JsonSchema)]
struct FileShape {
    path: String,
    mapping: String,
    time_zone: String,
    rows: u64,
    calls: u64,
    left_out: u64,
    bad: u64,
    bad_rows: Vec<BadRowShape>,
    in_repeated_hour: u64,
    first_calls: Vec<CallShape>,
}

#[derive(Serialize, JsonSchema)]
struct BadRowShape {
    line: u64,
    offset: u64,
    reason: String,
}

#[derive(Serialize, JsonSchema)]
struct CallShape {
    line: u64,
    entered_at: String,
    queue: String,
    skills: Vec<String>,
    media: String,
    ending: &'static str,
    wait_ms: u64,
    handle_ms: Option<u64>,
    agent: Option<String>,
    wrap_up: Option<String>,
    priority: Option<i32>,
    is_transferred: bool,
}

#[derive(Serialize, JsonSchema)]
struct QueueShape {
    queue: String,
    calls: u64,
    answered: u64,
    abandoned: u64,
    flowed_out: u64,
    wait_sum_ms: u64,
    mean_wait_ms: Option<f64>,
}

impl RehearsalShape {
    pub(crate) fn of(rehearsal: &Rehearsal) -> RehearsalShape {
        let queue = |(queue, totals): (&String, &Totals)| QueueShape {
            queue: queue.clone(),
            calls: totals.calls,
            answered: totals.answered,
            abandoned: totals.abandoned,
            flowed_out: totals.flowed_out,
            wait_sum_ms: totals.wait_sum_ms,
            mean_wait_ms: totals.mean_wait_secs().map(|secs| secs * 1000.0),
        };
        RehearsalShape {
            format: "waitwise-import-dry-run/1",
            files: rehearsal.files.iter().map(FileShape::of).collect(),
            queues: rehearsal.queues.iter().map(queue).collect(),
        }
    }
}

impl FileShape {
    fn of(file: &FileRehearsal) -> FileShape {
        let read = &file.read;
        let bad = read.tally.located.iter().map(|bad| BadRowShape {
            line: bad.place.line,
            offset: bad.place.offset,
            reason: bad.reason.clone(),
        });
        FileShape {
            path: read.name.clone(),
            mapping: read.mapping.clone(),
            time_zone: read.time_zone.clone(),
            rows: read.tally.rows(),
            calls: read.tally.calls,
            left_out: read.tally.left_out,
            bad: read.tally.bad,
            bad_rows: bad.collect(),
            in_repeated_hour: read.tally.in_repeated_hour,
            first_calls: file.examples.iter().map(CallShape::of).collect(),
        }
    }
}

impl CallShape {
    fn of(call: &Example) -> CallShape {
        CallShape {
            line: call.line,
            entered_at: call.entered_at.to_string(),
            queue: call.queue.clone(),
            skills: call.skills.clone(),
            media: call.media.clone(),
            ending: ending(call.ending),
            wait_ms: call.wait_ms,
            handle_ms: call.handle_ms,
            agent: call.agent.clone(),
            wrap_up: call.code.clone(),
            priority: call.priority,
            is_transferred: call.is_transferred,
        }
    }
}
