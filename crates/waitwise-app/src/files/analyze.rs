//! Files of records → rows of figures, and an overview.

use std::num::NonZeroUsize;

use waitwise_history::breakdown::{Breakdown, Question, Row};
use waitwise_history::overview::{Collector, Overview};
use waitwise_history::records::{self, ReadRecord, RecordReader, Refused, Taker, Tally};
use waitwise_model::Visit;
use waitwise_wire::platform::conversation::scan::Scanner;

use super::error::FilesError;
use super::open::{Input, Progress, Queue};
use crate::call_records::{self, CallFiles, Chosen};

/// What is asked of files.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The files, in the order in which troubles are told.
    pub inputs: Vec<Input>,
    /// What they hold.
    pub records: Records,
    /// How visits are broken down.
    pub grouping: Question,
    /// What is wanted of them.
    pub wanted: Wanted,
    /// How many threads read records of conversations. Call records are read on one.
    pub threads: NonZeroUsize,
    /// The largest share of records that may be unreadable, 0.0..=1.0.
    pub max_refused_share: f64,
}

/// What files hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Records {
    /// Records of conversations, as the platform writes them.
    Conversations,
    /// Call records of another system, read by this mapping.
    Calls(Chosen),
}

/// What is wanted of files: each costs memory and time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// A row of figures for each group.
    pub rows: bool,
    /// An overview by those dimensions that are no times.
    pub overview: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Debug)]
pub struct FilesAnalysis {
    /// The figures of each group, by their labels; empty if they were not wanted.
    pub rows: Vec<Row>,
    /// The overview, if it was wanted.
    pub overview: Option<Overview>,
    /// How much was read, and what could not be.
    pub tally: Tally,
    /// Rows of call records that are no calls, or whose caller never was in a queue.
    pub left_out: u64,
    /// Calls that entered in an hour that the clock showed twice.
    pub in_repeated_hour: u64,
}

/// Reads all files and adds up their visits. The answer depends on what the files hold alone.
///
/// # Errors
/// A file cannot be read to its end, too many of its records cannot be read, or there are too many groups.
pub fn analyze(asked: &Asked, progress: &Progress) -> Result<FilesAnalysis, FilesError> {
    match &asked.records {
        Records::Conversations => of_conversations(asked, progress),
        Records::Calls(mapping) => of_calls(asked, mapping, progress),
    }
}

fn of_conversations(asked: &Asked, progress: &Progress) -> Result<FilesAnalysis, FilesError> {
    let worker = |_| {
        (
            Conversations::default(),
            Sums::new(&asked.grouping, asked.wanted),
        )
    };
    let workers = (0..asked.threads.get()).map(worker).collect();
    let queue = Queue::new(&asked.inputs, progress);
    let (sums, tally) =
        records::read(queue, workers).map_err(|error| FilesError::read(&asked.inputs, error))?;
    FilesError::check(&asked.inputs, &tally, asked.max_refused_share)?;
    let merged = sums.into_iter().reduce(Sums::merged);
    merged
        .unwrap_or_else(|| Sums::new(&asked.grouping, asked.wanted))
        .finish(tally)
}

fn of_calls(
    asked: &Asked,
    mapping: &Chosen,
    progress: &Progress,
) -> Result<FilesAnalysis, FilesError> {
    let files = CallFiles {
        inputs: asked.inputs.clone(),
        mapping: mapping.clone(),
        max_bad_share: asked.max_refused_share,
    };
    let mut sums = Sums::new(&asked.grouping, asked.wanted);
    let read = call_records::read(&files, progress, &mut sums)?;
    let mut analysis = sums.finish(call_records::tally(&read))?;
    analysis.left_out = read.iter().map(|file| file.tally.left_out).sum();
    analysis.in_repeated_hour = read.iter().map(|file| file.tally.in_repeated_hour).sum();
    Ok(analysis)
}

/// Reads the platform's conversation records.
#[derive(Default)]
struct Conversations(Scanner);

impl RecordReader for Conversations {
    fn read(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<ReadRecord<'_>, Refused> {
        let read = self.0.read(record, each);
        let refused = read.map_err(|refused| Refused {
            offset: refused.offset,
            reason: refused.reason,
        })?;
        Ok(ReadRecord {
            refused,
            recorded_at_ms: None,
        })
    }
}

/// What becomes the answer.
pub(crate) struct Sums<'q> {
    breakdown: Option<Breakdown<'q>>,
    collector: Option<Collector<'q>>,
}

impl<'q> Sums<'q> {
    pub(crate) fn new(grouping: &'q Question, wanted: Wanted) -> Sums<'q> {
        let Wanted { rows, overview } = wanted;
        Sums {
            breakdown: rows.then(|| Breakdown::new(grouping)),
            collector: overview.then(|| Collector::new(grouping)),
        }
    }

    pub(crate) fn add(&mut self, visit: &Visit<'_>) {
        if let Some(breakdown) = &mut self.breakdown {
            breakdown.add(visit);
        }
        if let Some(collector) = &mut self.collector {
            collector.add(visit);
        }
    }

    pub(crate) fn merged(mut self, other: Sums<'q>) -> Sums<'q> {
        if let (Some(own), Some(other)) = (&mut self.breakdown, other.breakdown) {
            own.merge(other);
        }
        if let (Some(own), Some(other)) = (&mut self.collector, other.collector) {
            own.merge(other);
        }
        self
    }

    pub(crate) fn finish(self, tally: Tally) -> Result<FilesAnalysis, FilesError> {
        let rows = self.breakdown.map(Breakdown::rows).transpose()?;
        Ok(FilesAnalysis {
            rows: rows.unwrap_or_default(),
            overview: self.collector.map(Collector::finish).transpose()?,
            tally,
            left_out: 0,
            in_repeated_hour: 0,
        })
    }
}

impl Taker for Sums<'_> {
    fn take(&mut self, visit: &Visit<'_>, _: Option<i64>) -> Result<(), &'static str> {
        self.add(visit);
        Ok(())
    }
}

impl call_records::Taker for Sums<'_> {
    fn call(&mut self, _: call_records::Place, _: &call_records::Call<'_>, visit: &Visit<'_>) {
        self.add(visit);
    }
}
