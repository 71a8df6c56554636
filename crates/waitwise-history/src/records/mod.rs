//! Files of records → visits, on several threads, in bounded memory.
//!
//! Text is read in chunks that end where a record ends; whichever thread is free takes the next chunk. How a record is read,
//! the source's own [`RecordReader`] knows; what becomes of its visits, a [`Taker`]. A record that cannot be read is counted
//! and located, and the next one is read.

mod chunk;
mod intake;
mod trouble;
mod work;

use waitwise_model::Visit;

pub use self::intake::{Layout, Opened, Opener, ReadError};
pub use self::trouble::{Place, Tally, Trouble};
pub use self::work::read;

/// Reads records of one kind of source.
pub trait RecordReader: Send {
    /// Reads one record and gives its visits, by number. Returns why other visits of it could not be read.
    ///
    /// # Errors
    /// The record as a whole could not be read.
    fn read(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Visit<'_>),
    ) -> Result<&[&'static str], Refused>;
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
    /// Takes a visit.
    fn take(&mut self, visit: &Visit<'_>);
}
