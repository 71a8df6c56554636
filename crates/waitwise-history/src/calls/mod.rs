//! Call records of any system, as CSV, turned into visits.
//!
//! Start at [`Calls`]. What a file's columns mean is said by a small TOML document, a [`Mapping`]; `row` turns one row
//! into a [`Call`], `instant` its written times into instants, and [`Identities`] says which record it is. A row that
//! cannot be read is counted and located, and costs no other. Memory does not grow with the file.

mod duration;
mod fault;
mod identity;
mod instant;
mod mapping;
mod packed;
mod records;
mod row;

use std::io::{self, Read};

pub use identity::Identities;
pub use mapping::{Delimiter, Mapping, MappingError, OutcomeColumn, Zone};
pub use packed::{is_packed, unpacked};
pub use records::Place;
pub use row::Call;

use records::{Found, Records};
use row::{Columns, Fields, Unfound};

/// Call records that cannot be read, or not on. The caller knows in which file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallsError {
    /// They cannot be read on: cut off, damaged, or not packed as they seem.
    #[error("cannot read on after line {line}, byte {offset} of the text", line = .after.line, offset = .after.offset)]
    Read {
        /// Where the last record that could be read ends.
        after: Place,
        /// What the system or the unpacker said.
        source: io::Error,
    },
    /// There is nothing, not even a header.
    #[error("there is no header line")]
    NoHeader,
    /// The text is of two bytes a letter.
    #[error("the text is UTF-16, not UTF-8")]
    Utf16,
    /// No mapping was given, and none of those carried along fits the header.
    #[error(
        "no column mapping fits the header, which has {n_columns} columns when split at commas"
    )]
    UnknownHeader {
        /// How many there are, split at commas.
        n_columns: usize,
    },
    /// The mapping names a column that is not there.
    #[error("there is no column `{column}`, which the mapping names")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// The mapping names a column that is there more than once.
    #[error("there is more than one column `{column}`, which the mapping names")]
    ColumnTwice {
        /// The column.
        column: String,
    },
}

/// A row that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRow {
    /// Where.
    pub place: Place,
    /// Why; never a piece of the row.
    pub reason: String,
}

/// What reading has come to so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Rows that are calls.
    pub calls: u64,
    /// Rows left out because the mapping says that they are no calls, or because the caller never was in the queue.
    pub left_out: u64,
    /// Rows that cannot be read.
    pub bad: u64,
    /// The first few of them.
    pub located: Vec<BadRow>,
    /// Calls that entered in an hour that the clock showed twice.
    pub in_repeated_hour: u64,
}

/// How many rows that cannot be read are located in one file.
const LOCATED_MAX: usize = 10;

impl Tally {
    /// Returns the number of all rows.
    pub fn rows(&self) -> u64 {
        self.calls + self.left_out + self.bad
    }

    /// Returns whether more than `share` (0.0..=1.0) of the rows cannot be read: then the mapping is wrong, or the file.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn has_more_bad_than(&self, share: f64) -> bool {
        self.bad as f64 > self.rows() as f64 * share
    }
}

/// Reads call records one after the other.
pub struct Calls<R> {
    records: Records<R>,
    columns: Columns,
    header: Vec<String>,
    mapping_name: Option<&'static str>,
    tally: Tally,
}

impl<R: Read> Calls<R> {
    /// Reads the header. Without `mapping`, the first one of those carried along is taken all of whose columns are in it.
    ///
    /// # Errors
    /// The header cannot be read, or there is no mapping for it.
    pub fn open(bytes: R, mapping: Option<Mapping>) -> Result<Calls<R>, CallsError> {
        let mut records = Records::new(bytes);
        let unread = |source| CallsError::Read {
            after: Place { line: 1, offset: 0 },
            source,
        };
        let first_line = records.peek_line().map_err(unread)?;
        if first_line.starts_with(b"\xff\xfe") || first_line.starts_with(b"\xfe\xff") {
            return Err(CallsError::Utf16);
        }
        let (mapping_name, mapping) = match mapping {
            Some(mapping) => (None, mapping),
            None => fitting(first_line)?,
        };
        records.split_at(mapping.delimiter.byte());
        match records.next().map_err(unread)? {
            Some((_, Found::Record)) => {}
            Some((_, Found::TooLong)) | None => return Err(CallsError::NoHeader),
        }
        let header = names(&records);
        let columns = Columns::find(mapping, &header).map_err(|unfound| match unfound {
            Unfound::Missing(column) => CallsError::NoColumn { column },
            Unfound::Twice(column) => CallsError::ColumnTwice { column },
        })?;
        Ok(Calls {
            records,
            columns,
            header,
            mapping_name,
            tally: Tally::default(),
        })
    }

    /// Returns the name of the mapping, if none was given and one carried along was taken.
    pub fn mapping_name(&self) -> Option<&'static str> {
        self.mapping_name
    }

    /// Returns the mapping.
    pub fn mapping(&self) -> &Mapping {
        self.columns.mapping()
    }

    /// Returns what reading has come to so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reads the next row, and counts it; `None` at the end.
    ///
    /// # Errors
    /// The bytes cannot be read on. What came before is not all there is, so it must not be used as if it were.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, CallsError> {
        let after = self.records.place();
        let next = self.records.next();
        let next = next.map_err(|source| CallsError::Read { after, source })?;
        let Some((place, found)) = next else {
            return Ok(None);
        };
        if found == Found::TooLong {
            return Ok(Some(self.tally.bad(place, || TOO_LONG.to_owned())));
        }
        Ok(Some(match self.columns.read(&self.records) {
            Ok(Some(call)) => {
                self.tally.calls += 1;
                self.tally.in_repeated_hour += u64::from(call.is_repeated_hour);
                Row::Call(place, call)
            }
            Ok(None) => {
                self.tally.left_out += 1;
                Row::LeftOut
            }
            Err(fault) => self.tally.bad(place, || fault.said(&self.header)),
        }))
    }
}

/// What a row turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every row is a call, and lives for a moment"
)]
pub enum Row<'a> {
    /// A call, and where it stands.
    Call(Place, Call<'a>),
    /// No call, or one that never was in the queue.
    LeftOut,
    /// Not to be read; [`Tally::located`] says where and why.
    Bad,
}

const TOO_LONG: &str =
    "the record does not end within 64 KiB, or has more than 1,024 columns; is a quote not closed?";

impl Tally {
    fn bad<'a>(&mut self, place: Place, reason: impl FnOnce() -> String) -> Row<'a> {
        self.bad += 1;
        if self.located.len() < LOCATED_MAX {
            let reason = reason();
            self.located.push(BadRow { place, reason });
        }
        Row::Bad
    }
}

impl<R: Read> Fields for Records<R> {
    fn field(&self, idx: usize) -> Option<&[u8]> {
        Records::field(self, idx)
    }
}

/// The first of the mappings carried along that fits a header line.
fn fitting(line: &[u8]) -> Result<(Option<&'static str>, Mapping), CallsError> {
    let split = |delimiter: Delimiter| {
        let mut records = Records::new(line);
        records.split_at(delimiter.byte());
        match records.next() {
            Ok(Some((_, Found::Record))) => names(&records),
            Ok(_) | Err(_) => Vec::new(),
        }
    };
    if line.trim_ascii().is_empty() {
        return Err(CallsError::NoHeader);
    }
    match Mapping::fitting(split) {
        Some((name, mapping)) => Ok((Some(name), mapping)),
        None => Err(CallsError::UnknownHeader {
            n_columns: split(Delimiter::COMMA).len(),
        }),
    }
}

/// The columns' names, without the mark that some programs begin a text with.
fn names<R: Read>(records: &Records<R>) -> Vec<String> {
    let fields = (0..records.n_fields()).filter_map(|idx| records.field(idx));
    let text = |field| {
        String::from_utf8_lossy(field)
            .trim_start_matches('\u{feff}')
            .to_owned()
    };
    fields.map(text).collect()
}

#[cfg(test)]
mod tests;
