//! Importing: files of records → facts, whatever their order and on any number of threads.
//!
//! First everything is read: each thread keeps the visits that it finds, and sets them aside by day when they become too
//! many. Then each day's visits are brought together, the newest record of each conversation is kept, and one file of
//! facts after the other is added to. Nothing of the facts is touched before all was read, and each file is written as a
//! whole; so an import that was cut off is begun anew, and comes to what it would have come to.

mod aside;
mod settle;

use std::num::NonZeroUsize;

use jiff::civil::Date;
use waitwise_history::facts::Source;
use waitwise_history::records::{self, ReadRecord, RecordReader, Refused, Taker, Tally};
use waitwise_history::{Coverage, Table};
use waitwise_model::{QueueId, Visit};
use waitwise_wire::platform::conversation::scan::Scanner;

use self::aside::{Aside, Keeper, Section};
use self::settle::settle;
use super::disk::History;
use crate::call_records::{self, Call, CallFiles, FileRead, Place};
use crate::error::AppError;
use crate::files::{FilesError, Input, Progress, Queue};

/// What is imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// The files.
    pub from: ImportFrom,
    /// The UTC days of which they hold every conversation to the queues in them, if somebody says so.
    pub covers: Option<Covers>,
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// How many bytes of visits all threads together hold in memory before they set them aside on disk.
    pub memory_bytes: usize,
}

/// Which files.
#[derive(Clone, Debug)]
pub enum ImportFrom {
    /// Conversation records, as the platform's jobs and queries give them.
    Conversations {
        /// The files.
        inputs: Vec<Input>,
        /// The largest share of records that may be unreadable, 0.0..=1.0.
        max_bad_share: f64,
    },
    /// Call records of another system.
    Calls(CallFiles),
}

/// UTC days, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Covers {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

/// What an import tells while it works, besides the bytes that it reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportEvent {
    /// Everything was read; so many days are to be written.
    Days(usize),
    /// One of them is on disk.
    DayDone,
}

/// What an import came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Imported {
    /// What was read.
    pub read: ReadFiles,
    /// How many visits were found.
    pub visits: u64,
    /// How many of them a newer record of the same conversation replaced, or the same one.
    pub repeated: u64,
    /// Each queue of which there were visits.
    pub queues: Vec<ImportedQueue>,
}

/// What was read of which files.
#[derive(Clone, PartialEq, Debug)]
pub enum ReadFiles {
    /// Conversation records.
    Conversations(Tally),
    /// Call records, file by file.
    Calls(Vec<FileRead>),
}

/// What an import brought of one queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedQueue {
    /// The queue.
    pub queue: QueueId,
    /// The first UTC day.
    pub first: Date,
    /// The last UTC day.
    pub last: Date,
    /// How many days there are.
    pub days: usize,
    /// How many visits this import brought, repeated ones left out.
    pub visits: u64,
}

impl Covers {
    /// Returns which part of a day is covered.
    pub(super) fn of_day(covers: Option<Covers>, day: Date) -> Option<Coverage> {
        let is_covered = covers.is_some_and(|days| (days.first..=days.last).contains(&day));
        match is_covered {
            true => Coverage::whole(day),
            false => Coverage::unknown(day),
        }
    }
}

/// Imports files. `bytes` is told how many more bytes of them were read.
///
/// # Errors
/// A file cannot be read to its end, or too much of it cannot be used: then facts are as they were. The disk cannot be
/// written: the same call again completes it.
pub fn import(
    history: &History,
    import: &Import,
    bytes: &Progress,
    report: &(dyn Fn(ImportEvent) + Sync),
) -> Result<Imported, AppError> {
    let aside = Aside::begin(history)?;
    let (read, sections) = match &import.from {
        ImportFrom::Conversations {
            inputs,
            max_bad_share,
        } => {
            let (tally, sections) = conversations(&aside, inputs, *max_bad_share, import, bytes)?;
            (ReadFiles::Conversations(tally), sections)
        }
        ImportFrom::Calls(files) => {
            let (read, sections) = calls(&aside, files, import.memory_bytes, bytes)?;
            (ReadFiles::Calls(read), sections)
        }
    };
    let source = match &import.from {
        ImportFrom::Conversations { .. } => Source::Import,
        ImportFrom::Calls(_) => Source::Calls,
    };
    let settled = settle(history, import, source, &sections, report)?;
    aside.end()?;
    Ok(Imported {
        read,
        visits: settled.visits,
        repeated: settled.repeated,
        queues: settled.queues,
    })
}

fn conversations(
    aside: &Aside,
    inputs: &[Input],
    max_bad_share: f64,
    import: &Import,
    bytes: &Progress,
) -> Result<(Tally, Vec<Section>), AppError> {
    let n_threads = import.threads.get();
    let worker = |number| {
        let taker = Keeping(aside.keeper(number, import.memory_bytes / n_threads));
        (Dated::default(), taker)
    };
    let workers = (0..n_threads).map(worker).collect();
    let queue = Queue::new(inputs, bytes);
    let (takers, tally) =
        records::read(queue, workers).map_err(|error| FilesError::read(inputs, error))?;
    let mut sections = Vec::new();
    for taker in takers {
        sections.extend(taker.0.end()?);
    }
    FilesError::check(inputs, &tally, max_bad_share)?;
    Ok((tally, sections))
}

/// Reads conversation records with their own dates.
#[derive(Default)]
struct Dated(Scanner);

impl RecordReader for Dated {
    fn read(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<ReadRecord<'_>, Refused> {
        let read = self.0.read_dated(record, each);
        let (recorded_at_ms, refused) = read.map_err(|refused| Refused {
            offset: refused.offset,
            reason: refused.reason,
        })?;
        Ok(ReadRecord {
            refused,
            recorded_at_ms: Some(recorded_at_ms),
        })
    }
}

/// Keeps visits until all is read.
struct Keeping<'a>(Keeper<'a>);

impl Taker for Keeping<'_> {
    fn take(&mut self, visit: &Visit<'_>, decided_at_ms: Option<i64>) -> Result<(), &'static str> {
        let added = self.0.table.add_visit(visit, decided_at_ms);
        added.map_err(|unfit| unfit.0)
    }

    fn end_record(&mut self, recorded_at_ms: Option<i64>) -> bool {
        // A reader that gives dates gives one to each record, within the calendar.
        let _ = self.0.table.end_record(recorded_at_ms.unwrap_or_default());
        self.0.has_room()
    }
}

fn calls(
    aside: &Aside,
    files: &CallFiles,
    memory_bytes: usize,
    bytes: &Progress,
) -> Result<(Vec<FileRead>, Vec<Section>), AppError> {
    let mut taker = CallsTaker(aside.keeper(0, memory_bytes));
    let read = call_records::read(files, bytes, &mut taker)?;
    Ok((read, taker.0.end()?))
}

/// Keeps calls: each is a record of its own.
struct CallsTaker<'a>(Keeper<'a>);

impl call_records::Taker for CallsTaker<'_> {
    fn call(&mut self, _: Place, _: &Call<'_>, visit: &Visit<'_>) {
        let keep = |table: &mut Table| {
            let after = |at: i64, ms: Option<u64>| {
                let ms = i64::try_from(ms.unwrap_or_default()).unwrap_or(i64::MAX);
                at.saturating_add(ms)
            };
            let decided_at = after(visit.entered_at_ms, visit.wait_ms);
            table.add_visit(visit, Some(decided_at))?;
            let handled_at = after(decided_at, visit.handle_ms);
            let ended_at = visit.ended_at_ms.unwrap_or(handled_at);
            table.end_record(std::cmp::max(handled_at, ended_at))
        };
        if let Err(unfit) = keep(&mut self.0.table) {
            self.0.refuse(unfit);
        }
        // What stands in the way is told at the end of all files.
        let _ = self.0.has_room();
    }
}
