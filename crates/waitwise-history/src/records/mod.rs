//! Files of records → visits, on several threads, in bounded memory.
//!
//! Text is read in chunks that end where a record ends; whichever thread is free takes the next chunk. How a record is read,
//! the source's own [`RecordReader`] knows; what becomes of its visits, a [`Taker`]. A record that cannot be read is counted
//! and located, and the next one is read.

mod chunk;
mod elements;
mod intake;
mod lines;
mod trouble;
mod work;

use waitwise_model::Visit;

pub use self::intake::{Layout, Opened, Opener, ReadError};
pub use self::trouble::{Place, Tally, Trouble};
pub use self::work::read;

/// Reads records of one kind of source.
pub trait RecordReader: Send {
    /// Reads one record and gives its visits, by number, each with when its wait ended, in milliseconds since 1970. Returns
    /// why other visits of it could not be read.
    ///
    /// # Errors
    /// The record as a whole could not be read.
    fn read(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<ReadRecord<'_>, Refused>;
}

/// What a record was, besides its visits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadRecord<'a> {
    /// Why visits of it could not be read.
    pub refused: &'a [&'static str],
    /// The latest moment that it tells of, in milliseconds since 1970; `None` if the reader was not to look for it.
    pub recorded_at_ms: Option<i64>,
}

/// A record that could not be read. It quotes nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Where reading stopped, in bytes from the record's begin.
    pub offset: usize,
    /// Why, as a fragment.
    pub reason: &'static str,
}

/// Takes the visits that one thread reads.
pub trait Taker: Send {
    /// Takes a visit whose wait ended at `decided_at_ms`, in milliseconds since 1970, if it has.
    ///
    /// # Errors
    /// It cannot be used, with the reason as a fragment that quotes nothing.
    fn take(&mut self, visit: &Visit<'_>, decided_at_ms: Option<i64>) -> Result<(), &'static str>;

    /// Is told that all visits of a record have been taken, with what [`ReadRecord::recorded_at_ms`] says. Returns whether
    /// to read on: whoever cannot take more keeps the reason.
    fn end_record(&mut self, recorded_at_ms: Option<i64>) -> bool {
        let _ = recorded_at_ms;
        true
    }
}
