//! What could not be read, and where.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::Refused;
use super::chunk::Chunk;
use super::work::At;

/// How much was read, and what could not be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Records, readable or not.
    pub records: u64,
    /// Records that could not be read.
    pub refused_records: u64,
    /// Visits of readable records that could not be used.
    pub refused_visits: u64,
    /// Visits that were taken.
    pub visits: u64,
    /// The first of what could not be read, by file and place.
    pub troubles: Vec<Trouble>,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trouble {
    /// Where.
    pub place: Place,
    /// Why, as a fragment. It quotes nothing.
    pub reason: Cow<'static, str>,
}

impl Trouble {
    /// Returns a trouble with its reason.
    pub fn new(place: Place, reason: impl Into<Cow<'static, str>>) -> Trouble {
        Trouble {
            place,
            reason: reason.into(),
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file's number, from 0, in the order in which files were given.
    pub file: usize,
    /// The byte of its text, from 0.
    pub offset: u64,
    /// The line, from 1.
    pub line: u64,
}

impl Tally {
    /// Returns the share of records that could not be read or of which a visit could not be used, in 0.0..=1.0.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn refused_share(&self) -> f64 {
        let refused = self.refused_records + self.refused_visits;
        match self.records {
            0 => 0.0,
            records => std::cmp::min(refused, records) as f64 / records as f64,
        }
    }
}

/// So many troubles are kept: enough to see what is wrong.
const KEPT: usize = 20;

/// What one thread has read. It knows lines only within its chunks.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) tally: Tally,
    chunks: Vec<Lines>,
    /// The first troubles of this thread, with lines counted from their chunk's begin, and that begin.
    troubles: Vec<(Trouble, u64)>,
}

/// How many lines end in a chunk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Lines {
    file: usize,
    offset: u64,
    n: u64,
}

impl Account {
    /// Notes a record that cannot be read, at a place of a chunk.
    pub(super) fn refuse(&mut self, chunk: &Chunk, at: At, refused: Refused) {
        self.tally.refused_records += 1;
        let text = chunk.text().get(at.bytes..).unwrap_or_default();
        let before = text.get(..refused.offset).unwrap_or_default();
        let at = At {
            bytes: at.bytes + refused.offset,
            lines: at.lines + memchr_iter(b'\n', before).count() as u64,
        };
        self.note(chunk, at, refused.reason);
    }

    /// Notes a visit that cannot be used, of the record at a place of a chunk.
    pub(super) fn refuse_visit(&mut self, chunk: &Chunk, at: At, reason: &'static str) {
        self.tally.refused_visits += 1;
        self.note(chunk, at, reason);
    }

    fn note(&mut self, chunk: &Chunk, at: At, reason: &'static str) {
        let place = Place {
            file: chunk.file,
            offset: chunk.offset + at.bytes as u64,
            line: at.lines + 1,
        };
        self.troubles
            .push((Trouble::new(place, reason), chunk.offset));
        // Often enough to stay small, seldom enough to cost nothing.
        if self.troubles.len() >= 2 * KEPT {
            self.keep_first();
        }
    }

    fn keep_first(&mut self) {
        self.troubles.sort_unstable();
        self.troubles.truncate(KEPT);
    }

    /// Notes that a chunk has been read, and how many lines end in it.
    pub(super) fn end_chunk(&mut self, chunk: &Chunk, n: u64) {
        self.chunks.push(Lines {
            file: chunk.file,
            offset: chunk.offset,
            n,
        });
    }

    /// Brings the accounts of all threads together.
    pub(super) fn settle(accounts: Vec<Account>) -> Tally {
        let mut all = Account::default();
        for account in accounts {
            let (sum, part) = (&mut all.tally, account.tally);
            sum.records += part.records;
            sum.refused_records += part.refused_records;
            sum.refused_visits += part.refused_visits;
            sum.visits += part.visits;
            all.chunks.extend(account.chunks);
            all.troubles.extend(account.troubles);
        }
        all.keep_first();
        let lines_before = |file: usize, offset: u64| -> u64 {
            let before = all.chunks.iter();
            let before = before.filter(|chunk| chunk.file == file && chunk.offset < offset);
            before.map(|chunk| chunk.n).sum()
        };
        let placed = all.troubles.iter().map(|(trouble, chunk)| {
            let mut trouble = trouble.clone();
            trouble.place.line += lines_before(trouble.place.file, *chunk);
            trouble
        });
        all.tally.troubles = placed.collect();
        all.tally
    }
}
