//! The facts of one queue and one UTC day: a Parquet file that any engine reads as it is, and that this one can trust.
//!
//! One row is one visit; [`columns`] lists what it has. Rows stand in the order of their entry into the queue, then of
//! the conversation's key and the visit's number, and the writer's settings are fixed, so that the same visits give the
//! same bytes. The footer holds what the file says about itself ([`Head`]) and a checksum of every column of every row
//! group; before the footer stands a checksum of the footer. So a byte that was changed on disk is found by whoever
//! reads it, and a file of somebody else's is told from ours before it is looked into.
//!
//! `docs/facts-format.md` is the description for others.

mod checked;
pub mod columns;
mod guard;
mod pages;
mod read;
pub mod text;
mod write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};
use waitwise_model::QueueId;

pub use columns::{Column, Columns};
pub(crate) use pages::LIST_LEN_MAX;
pub use read::{Batch, Reader, View};
pub use write::{Digest, Of, Rows, Written, write};

/// What every file of facts names.
pub const FORMAT: &str = "waitwise-facts/2";

/// More rows than this stand in no row group: reading one needs some ten megabytes, however large the file is.
pub const GROUP_ROWS_MAX: usize = 65_536;

/// Where facts came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The platform, by a pull.
    Pull,
    /// Files of conversation details.
    Import,
    /// Call records.
    Calls,
}

impl Source {
    /// Returns the word that stands for it in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Pull => "pull",
            Source::Import => "import",
            Source::Calls => "calls",
        }
    }
}

/// Which part of its day a file holds: all conversations that began in this half-open stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Coverage {
    /// Returns the whole of a UTC day. `None` at the calendar's very end.
    pub fn whole(day: Date) -> Option<Coverage> {
        let midnight = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
        Some(Coverage {
            from: midnight(day)?,
            to: midnight(day.tomorrow().ok()?)?,
        })
    }

    /// Returns a stretch of no length: what is there is there, and nobody says that it is all there was. `None` at the
    /// calendar's very end.
    pub fn unknown(day: Date) -> Option<Coverage> {
        let Coverage { from, .. } = Coverage::whole(day)?;
        Some(Coverage { from, to: from })
    }

    /// Returns whether it holds all of `day`.
    pub fn is_whole(&self, day: Date) -> bool {
        Coverage::whole(day).is_some_and(|whole| self.from <= whole.from && whole.to <= self.to)
    }

    /// Returns whether it has no length.
    pub fn is_unknown(&self) -> bool {
        self.to <= self.from
    }

    /// Returns what two together cover: both, if they touch; else the longer one, and of equal ones the earlier.
    #[must_use]
    pub fn with(self, other: Coverage) -> Coverage {
        let (first, second) = match (self.from, self.to) <= (other.from, other.to) {
            true => (self, other),
            false => (other, self),
        };
        let length = |one: Coverage| one.to.duration_since(one.from);
        if second.is_unknown() {
            first
        } else if first.is_unknown() {
            second
        } else if second.from <= first.to {
            Coverage {
                from: first.from,
                to: std::cmp::max(first.to, second.to),
            }
        } else if length(second) > length(first) {
            second
        } else {
            first
        }
    }
}

/// What a file of facts says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The queue.
    pub queue: QueueId,
    /// The UTC day on which the conversations began.
    pub day: Date,
    /// Which part of the day was read.
    pub coverage: Coverage,
    /// Where the facts came from, sorted, each once.
    pub sources: Vec<Source>,
    /// How many visits it holds.
    pub legs: usize,
    /// How many of them belong to a conversation that was going on when it was read.
    pub in_progress: usize,
}

impl Head {
    /// Returns whether nothing is to be expected from reading the day again: all of it was read, and every conversation
    /// was over.
    pub fn is_final(&self) -> bool {
        self.coverage.is_whole(self.day) && self.in_progress == 0
    }
}

/// The head as the footer holds it, under the key [`HEAD_KEY`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadShape {
    format: String,
    queue: String,
    date: Date,
    covers_from: Timestamp,
    covers_to: Timestamp,
    sources: Vec<Source>,
    visits: usize,
    in_progress: usize,
    /// For each row group, each column's checksum: 16 digits a column.
    checksums: Vec<String>,
}

const HEAD_KEY: &str = "waitwise";

/// A file of facts that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactsError {
    /// It cannot be read or written.
    #[error("cannot use the file")]
    Io(#[source] std::io::Error),
    /// A file of lines cannot be read.
    #[error("cannot read line {line}")]
    Read {
        /// From 1.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
    /// It is of another format, or another version of it.
    #[error("it is not of the format `{expected}`")]
    Format {
        /// What it should be.
        expected: &'static str,
    },
    /// A line is not what it should be.
    #[error("line {line} is not of this format")]
    Line {
        /// From 1.
        line: usize,
    },
    /// It was damaged, or cut off.
    #[error("it is damaged or cut off: {what}")]
    Damaged {
        /// What is different.
        what: &'static str,
    },
    /// The Parquet library refused.
    #[error("its columns cannot be used")]
    Parquet(#[source] ParquetError),
}

impl From<ParquetError> for FactsError {
    fn from(error: ParquetError) -> Self {
        FactsError::Parquet(error)
    }
}

#[cfg(test)]
mod tests;
