//! What an import came to, as text and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::history::{Imported, ReadFiles};

use super::number::count;
use super::table::{Align, Column, more, table};

/// Writes what was read and what of it is kept.
pub(crate) fn text(folder: &Path, done: &Imported, top: usize) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Queue", Align::Left),
        Column("First day", Align::Left),
        Column("Last day", Align::Left),
        Column("Days", Align::Right),
        Column("Visits", Align::Right),
    ];
    let lines = done.queues.iter().take(top).map(|one| {
        vec![
            one.queue.to_string(),
            one.first.to_string(),
            one.last.to_string(),
            one.days.to_string(),
            n(one.visits),
        ]
    });
    let mut text = table(&COLUMNS, lines.collect());
    text += &more(top, done.queues.len());
    let (records, bad) = read(&done.read);
    let _ = writeln!(
        text,
        "\n{} records with {} visits read; {} records cannot be used; {} visits came again.\nKept in {}",
        n(records),
        n(done.visits),
        n(bad),
        n(done.repeated),
        folder.display()
    );
    text
}

/// Returns how many records there were, and how many of them could not be used.
fn read(read: &ReadFiles) -> (u64, u64) {
    match read {
        ReadFiles::Conversations(tally) => (tally.records, tally.refused_records),
        ReadFiles::Calls(files) => files.iter().fold((0, 0), |(rows, bad), file| {
            (rows + file.tally.rows(), bad + file.tally.bad)
        }),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn n(value: u64) -> String {
    count(value as f64)
}

/// `waitwise-history-import/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-history-import/1")]
pub(crate) struct ImportedShape {
    #[schemars(extend("const" = "waitwise-history-import/1"))]
    format: &'static str,
    /// Where the facts are kept.
    folder: String,
    /// Records read, those that cannot be used among them.
    records: u64,
    /// Records that cannot be used.
    bad_records: u64,
    /// Visits read.
    visits: u64,
    /// Visits of which the same import had a newer record, or the same one.
    repeated: u64,
    queues: Vec<QueueShape>,
}

#[derive(Serialize, JsonSchema)]
struct QueueShape {
    queue: String,
    first_day: String,
    last_day: String,
    days: usize,
    /// Visits of this import, repeated ones left out.
    visits: u64,
}

impl ImportedShape {
    pub(crate) fn of(folder: &Path, done: &Imported) -> ImportedShape {
        let (records, bad_records) = read(&done.read);
        let queues = done.queues.iter().map(|one| QueueShape {
            queue: one.queue.to_string(),
            first_day: one.first.to_string(),
            last_day: one.last.to_string(),
            days: one.days,
            visits: one.visits,
        });
        ImportedShape {
            format: "waitwise-history-import/1",
            folder: folder.display().to_string(),
            records,
            bad_records,
            visits: done.visits,
            repeated: done.repeated,
            queues: queues.collect(),
        }
    }
}
