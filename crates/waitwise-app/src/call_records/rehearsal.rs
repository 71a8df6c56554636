//! How call records would be read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use waitwise_model::{Ending, Visit};

use super::{Call, CallFiles, CallRecordsError, FileRead, Place, Taker, read};
use crate::files::Progress;

/// How files would be read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rehearsal {
    /// Each file, in the order given.
    pub files: Vec<FileRehearsal>,
    /// What all of them come to, by queue.
    pub queues: BTreeMap<String, Totals>,
}

/// How one file would be read.
#[derive(Clone, PartialEq, Debug)]
pub struct FileRehearsal {
    /// What reading it came to.
    pub read: FileRead,
    /// Its first calls.
    pub examples: Vec<Example>,
}

/// One row as it is understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// Line in the file, from 1.
    pub line: u64,
    /// When the caller entered the queue.
    pub entered_at: Timestamp,
    /// The queue.
    pub queue: String,
    /// The skills asked for.
    pub skills: Vec<String>,
    /// The kind of contact.
    pub media: String,
    /// How the wait ended.
    pub ending: Ending,
    /// How long it was.
    pub wait_ms: u64,
    /// The handle time.
    pub handle_ms: Option<u64>,
    /// Who took it.
    pub agent: Option<String>,
    /// Its wrap-up code.
    pub code: Option<String>,
    /// The priority in force while it waited.
    pub priority: Option<i32>,
    /// Whether the agent passed it on.
    pub is_transferred: bool,
}

/// What a queue's calls come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// All calls.
    pub calls: u64,
    /// Were answered.
    pub answered: u64,
    /// Gave up.
    pub abandoned: u64,
    /// Left some other way.
    pub flowed_out: u64,
    /// Waits together, however they ended.
    pub wait_sum_ms: u64,
}

impl Totals {
    fn add(&mut self, visit: &Visit<'_>) {
        self.calls += 1;
        match visit.ending {
            Ending::Answered => self.answered += 1,
            Ending::Abandoned | Ending::ShortAbandoned | Ending::ShortOnly => self.abandoned += 1,
            Ending::FlowedOut => self.flowed_out += 1,
            Ending::Waiting | Ending::Untold => {}
        }
        self.wait_sum_ms += visit.wait_ms.unwrap_or(0);
    }

    /// Adds another queue's.
    pub fn add_all(&mut self, other: Totals) {
        self.calls += other.calls;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.flowed_out += other.flowed_out;
        self.wait_sum_ms += other.wait_sum_ms;
    }

    /// Returns the mean wait of all calls, in seconds; `None` if there are none.
    #[expect(clippy::cast_precision_loss, reason = "sums far below 2^53")]
    pub fn mean_wait_secs(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.wait_sum_ms as f64 / 1000.0 / self.calls as f64)
    }
}

/// Reads all files as an import would, and keeps nothing. Of each, `n_examples` calls are shown as they are understood.
///
/// # Errors
/// Those of an import.
pub fn rehearse(
    files: &CallFiles,
    n_examples: usize,
    progress: &Progress,
) -> Result<Rehearsal, CallRecordsError> {
    let mut watching = Watching {
        n_examples,
        examples: Vec::new(),
        rehearsal: Rehearsal::default(),
    };
    read(files, progress, &mut watching)?;
    Ok(watching.rehearsal)
}

struct Watching {
    n_examples: usize,
    /// Those of the file that is being read.
    examples: Vec<Example>,
    rehearsal: Rehearsal,
}

impl Taker for Watching {
    fn call(&mut self, place: Place, call: &Call<'_>, visit: &Visit<'_>) {
        if self.examples.len() < self.n_examples {
            self.examples.extend(Example::of(place, call));
        }
        let queues = &mut self.rehearsal.queues;
        if let Some(totals) = queues.get_mut(visit.queue) {
            totals.add(visit);
        } else {
            queues.entry(visit.queue.to_owned()).or_default().add(visit);
        }
    }

    fn file(&mut self, read: &FileRead) {
        self.rehearsal.files.push(FileRehearsal {
            read: read.clone(),
            examples: std::mem::take(&mut self.examples),
        });
    }
}

impl Example {
    /// `None` outside of the calendar, which no call that was read is.
    fn of(place: Place, call: &Call<'_>) -> Option<Example> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Example {
            line: place.line,
            entered_at: Timestamp::from_millisecond(call.entered_at_ms).ok()?,
            queue: call.queue.to_owned(),
            skills: call
                .skills
                .iter()
                .map(|skill| (*skill).to_owned())
                .collect(),
            media: call.media.to_owned(),
            ending: call.ending,
            wait_ms: call.wait_ms,
            handle_ms: call.handle_ms,
            agent: text(call.agent),
            code: text(call.code),
            priority: call.priority,
            is_transferred: call.is_transferred,
        })
    }
}
