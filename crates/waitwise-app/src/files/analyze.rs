//! Files of records → rows of figures.

use std::num::NonZeroUsize;

use waitwise_history::breakdown::{Breakdown, Question, Row};
use waitwise_history::records::{self, RecordReader, Refused, Taker, Tally};
use waitwise_model::Visit;
use waitwise_wire::platform::conversation::scan::Scanner;

use super::error::FilesError;
use super::open::{Input, Progress, Queue};

/// What is asked of files.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The files, in the order in which troubles are told.
    pub inputs: Vec<Input>,
    /// How visits are broken down.
    pub grouping: Question,
    /// How many threads read records.
    pub threads: NonZeroUsize,
    /// The largest share of records that may be unreadable, 0.0..=1.0.
    pub max_refused_share: f64,
}

/// The answer.
#[derive(Clone, PartialEq, Debug)]
pub struct FilesAnalysis {
    /// The figures of each group, by their labels.
    pub rows: Vec<Row>,
    /// How much was read, and what could not be.
    pub tally: Tally,
}

/// Reads all files and adds up their visits. The answer depends on what the files hold alone.
///
/// # Errors
/// A file cannot be read to its end, too many of its records cannot be read, or there are too many groups.
pub fn analyze(asked: &Asked, progress: &Progress) -> Result<FilesAnalysis, FilesError> {
    let worker = |_| {
        let taker = Counting(Breakdown::new(&asked.grouping));
        (Conversations::default(), taker)
    };
    let workers = (0..asked.threads.get()).map(worker).collect();
    let queue = Queue::new(&asked.inputs, progress);
    let (takers, tally) =
        records::read(queue, workers).map_err(|error| FilesError::read(&asked.inputs, error))?;
    if tally.refused_share() > asked.max_refused_share {
        return Err(FilesError::Refused {
            tally: Box::new(tally),
            max_share: asked.max_refused_share,
            names: asked.inputs.iter().map(Input::name).collect(),
        });
    }
    let merged = takers
        .into_iter()
        .map(|taker| taker.0)
        .reduce(|mut all, part| {
            all.merge(part);
            all
        });
    let breakdown = merged.unwrap_or_else(|| Breakdown::new(&asked.grouping));
    Ok(FilesAnalysis {
        rows: breakdown.rows()?,
        tally,
    })
}

/// Reads the platform's conversation records.
#[derive(Default)]
struct Conversations(Scanner);

impl RecordReader for Conversations {
    fn read(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Visit<'_>),
    ) -> Result<&[&'static str], Refused> {
        self.0.read(record, each).map_err(|refused| Refused {
            offset: refused.offset,
            reason: refused.reason,
        })
    }
}

/// Counts visits.
struct Counting<'q>(Breakdown<'q>);

impl Taker for Counting<'_> {
    fn take(&mut self, visit: &Visit<'_>) {
        self.0.add(visit);
    }
}
