//! What goes, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::history::Pruned;

use super::number::count;
use super::table::{Align, Column, more, table};

/// One queue's days.
struct Days {
    first: Date,
    last: Date,
    days: usize,
    bytes: u64,
}

fn by_queue(found: &[Pruned]) -> BTreeMap<Option<&str>, Days> {
    let mut queues: BTreeMap<Option<&str>, Days> = BTreeMap::new();
    for one in found {
        let queue = one.queue.as_ref().map(|queue| queue.as_str());
        let days = queues.entry(queue).or_insert(Days {
            first: one.day,
            last: one.day,
            days: 0,
            bytes: 0,
        });
        days.first = std::cmp::min(days.first, one.day);
        days.last = std::cmp::max(days.last, one.day);
        days.days += 1;
        days.bytes += one.bytes;
    }
    queues
}

/// Writes what goes, by queue.
pub(crate) fn text(folder: &Path, before: Date, found: &[Pruned], top: usize) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Queue", Align::Left),
        Column("First day", Align::Left),
        Column("Last day", Align::Left),
        Column("Days", Align::Right),
        Column("Bytes", Align::Right),
    ];
    if found.is_empty() {
        return format!("Nothing in {} began before {before}.\n", folder.display());
    }
    let queues = by_queue(found);
    let n_queues = queues.len();
    let lines = queues.into_iter().take(top).map(|(queue, days)| {
        vec![
            queue.unwrap_or("(pages of a pull)").to_owned(),
            days.first.to_string(),
            days.last.to_string(),
            days.days.to_string(),
            n(days.bytes),
        ]
    });
    let mut text = format!("{}, before {before}\n\n", folder.display());
    text += &table(&COLUMNS, lines.collect());
    text += &more(top, n_queues);
    let bytes = found.iter().map(|one| one.bytes).sum();
    let _ = writeln!(text, "\n{} days, {} bytes", found.len(), n(bytes));
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn n(value: u64) -> String {
    count(value as f64)
}

/// `waitwise-history-prune/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-history-prune/1")]
pub(crate) struct PrunedShape {
    #[schemars(extend("const" = "waitwise-history-prune/1"))]
    format: &'static str,
    /// Conversations that began before this UTC day.
    before: String,
    /// Whether it was removed; otherwise it was only looked for.
    is_removed: bool,
    days: Vec<DayShape>,
}

#[derive(Serialize, JsonSchema)]
struct DayShape {
    /// The queue; nothing for pages of a day that was being pulled.
    queue: Option<String>,
    day: String,
    bytes: u64,
}

impl PrunedShape {
    pub(crate) fn of(before: Date, found: &[Pruned], is_removed: bool) -> PrunedShape {
        let days = found.iter().map(|one| DayShape {
            queue: one.queue.as_ref().map(ToString::to_string),
            day: one.day.to_string(),
            bytes: one.bytes,
        });
        PrunedShape {
            format: "waitwise-history-prune/1",
            before: before.to_string(),
            is_removed,
            days: days.collect(),
        }
    }
}
