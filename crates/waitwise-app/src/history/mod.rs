//! History: conversations pulled as facts, checked against the tenant's own aggregates, listed, turned into evidence.

mod answer;
mod check;
mod day;
mod disk;
mod error;
mod export;
mod folder;
mod gaps;
mod import;
mod manifest;
mod prune;
mod pull;
mod pulling;
mod several;

use jiff::civil::Date;
use waitwise_client::ReadClient;
use waitwise_history::{Collector, QueueEvidence};
use waitwise_model::{QueueId, Window};

pub use check::{Compared, Comparison, Number};
pub use disk::{History, Kept};
pub use error::HistoryError;
pub use export::{Export, ExportFormat, Exported};
pub use gaps::{Gap, GapKind, gaps};
pub use import::{
    Covers, Import, ImportEvent, ImportFrom, Imported, ImportedQueue, ReadFiles, import,
};
pub use manifest::Manifest;
pub use prune::{Prune, Pruned};
pub use pull::{DayProof, Event, Origin, Pulled, Report, Sharing, Wanted, pull};
pub use waitwise_history::{Coverage, FactsError, Head, evidence, facts, tally, utc_day};

use crate::error::AppError;

/// Returns the evidence about a queue per kind of contact, from the facts on disk.
///
/// # Errors
/// A day that the window touches was not pulled, or not as far as the window reaches; or its file cannot be used.
pub fn evidence_of(
    history: &History,
    queue: &QueueId,
    window: Window,
) -> Result<Vec<QueueEvidence>, AppError> {
    let mut collector = Collector::new(queue.clone(), window);
    let mut files = 0;
    let days = check::days(window);
    // What began before midnight may enter the queue after it.
    let before = days.first().and_then(|day| day.yesterday().ok());
    if let Some(before) = before {
        files += u32::from(read_day(history, queue, before, &mut collector)?.is_some());
    }
    for day in days {
        let head = read_day(history, queue, day, &mut collector)?;
        let reaches = |head: &Head| head.coverage.is_whole(day) || window.to <= head.coverage.to;
        if !head.as_ref().is_some_and(reaches) {
            return Err(HistoryError::NotPulled {
                queue: queue.clone(),
                day,
                is_partly: head.is_some(),
            }
            .into());
        }
        files += 1;
    }
    Ok(collector.finish(files))
}

fn read_day(
    history: &History,
    queue: &QueueId,
    day: Date,
    collector: &mut Collector,
) -> Result<Option<Head>, HistoryError> {
    history.read_day(queue, day, Collector::COLUMNS, |row| {
        collector.add(&row.visit);
    })
}

/// Compares the facts with the tenant's own aggregates, per queue, kind of contact and whole UTC day of the window.
///
/// # Errors
/// A day was not pulled, its file cannot be used, or the tenant cannot be asked. A difference is no error:
/// [`Comparison::verdict`] judges.
pub async fn check(
    client: &ReadClient,
    history: &History,
    wanted: &Wanted,
) -> Result<Comparison, AppError> {
    check::compare(client, history, &wanted.queues, wanted.window).await
}
