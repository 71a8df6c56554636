//! Real call records as a tenant's history.
//!
//! Start at [`read_calls`]. What a file's columns mean is said by a small TOML document, see [`mapping::Mapping`]; `row`
//! turns one row into a conversation, and `shift` moves the whole past to end shortly before the sandbox's start.

pub mod mapping;
mod row;
mod shift;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::centre::{Conversation, TimeMs};
use mapping::Mapping;
use row::{Call, Columns, Reading};

/// Call records, moved in time to end shortly before the sandbox's start.
#[derive(Clone, Debug)]
pub struct CallHistory {
    /// Queue names, sorted; they serve as skills and as codes.
    pub names: Vec<String>,
    /// By start. Skill and code are indices into `names`.
    pub conversations: Vec<Conversation>,
    /// When the first caller entered, as written in the file.
    pub first: jiff::civil::DateTime,
    /// When the last caller entered, as written in the file.
    pub last: jiff::civil::DateTime,
    /// Milliseconds added to each written time, read as if it were UTC, to get the instant of a conversation.
    ///
    /// By it the last call ends less than a week before the start; weekdays stay (but for less than a day); and the
    /// start falls in the middle of the longest stretch of the day in which nobody called. Where that stretch is two
    /// hours or longer, no caller enters within an hour of the edge of a window of whole days that ends at the start.
    pub shift_ms: i64,
    /// Rows that could not be read.
    pub skipped: usize,
    /// The first few of them.
    pub skipped_rows: Vec<SkippedRow>,
    /// Rows left out because the mapping says that they are no calls, or never were in the queue.
    pub dropped: usize,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why it could not be read.
    pub reason: String,
}

/// Why call records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallsError {
    /// The file cannot be opened.
    #[error("cannot open call records `{path}`")]
    Open {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be read on: it is cut off, not compressed as its name says, or not CSV.
    #[error("cannot read call records `{path}` after line {line}")]
    Read {
        /// The file.
        path: String,
        /// The last line that could be read; 0: none.
        line: u64,
        /// What the reader said.
        source: csv::Error,
    },
    /// The mapping file cannot be read.
    #[error("cannot read column mapping `{path}`")]
    OpenMapping {
        /// The mapping file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The mapping file is not a mapping.
    #[error("cannot understand column mapping `{path}`")]
    Mapping {
        /// The mapping file.
        path: String,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// No mapping was given, and none of those carried along fits the header.
    #[error("no column mapping fits the header of `{path}`, which begins `{header}`; give one")]
    UnknownHeader {
        /// The file.
        path: String,
        /// The beginning of its first line.
        header: String,
    },
    /// The given mapping names a column that the file doesn't have.
    #[error("call records `{path}` have no column `{column}`, which the mapping names")]
    NoColumn {
        /// The file.
        path: String,
        /// The column.
        column: String,
    },
    /// More than one row in twenty cannot be read: the mapping is probably wrong.
    #[error(
        "{skipped} of {rows} rows of `{path}` cannot be read; the first is line {line}: {reason}"
    )]
    TooManySkipped {
        /// The file.
        path: String,
        /// Rows that cannot be read.
        skipped: usize,
        /// All rows.
        rows: usize,
        /// The line of the first unreadable row.
        line: u64,
        /// Why it cannot be read.
        reason: String,
    },
    /// There is no call in the file.
    #[error("call records `{path}` hold no call")]
    Empty {
        /// The file.
        path: String,
    },
    /// There are more than 65,536 queue names: the queue column is probably the wrong one.
    #[error("call records `{path}` name more than 65536 queues")]
    TooManyQueues {
        /// The file.
        path: String,
    },
}

/// Reads call records from CSV, decompressed if the name ends in `.gz` or `.xz`, moved in time to end before `now`.
///
/// Without `mapping`, the one of those carried along is taken all of whose columns are in the file's header. Rows that
/// cannot be read are counted and the first few located.
///
/// # Errors
/// See [`CallsError`]. Nothing is kept of a file that cannot be read to its end.
pub fn read_calls(
    path: &Path,
    mapping: Option<&Path>,
    now: TimeMs,
) -> Result<CallHistory, CallsError> {
    let mapping = mapping.map(read_mapping).transpose()?;
    let shown = path.display().to_string();
    let bytes = open(path).map_err(|source| CallsError::Open {
        path: shown.clone(),
        source,
    })?;
    let mut file = Records::begin(shown, bytes, mapping)?;
    let tally = file.read_all()?;
    file.judge(&tally)?;
    let Some((first, last)) = row::first_and_last(&tally.calls) else {
        return Err(CallsError::Empty { path: file.path });
    };
    let shift_ms = shift::into_the_past_of(now, &tally.calls);
    let (names, conversations) = tally.into_conversations(shift_ms);
    Ok(CallHistory {
        names,
        conversations,
        first,
        last,
        shift_ms,
        skipped: file.skipped,
        skipped_rows: file.skipped_rows,
        dropped: file.dropped,
    })
}

/// How many unreadable rows are located.
const LOCATED_MAX: usize = 5;

fn read_mapping(path: &Path) -> Result<Mapping, CallsError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| CallsError::OpenMapping {
        path: shown.clone(),
        source,
    })?;
    Mapping::parse(&text).map_err(|source| CallsError::Mapping {
        path: shown,
        source: Box::new(source),
    })
}

fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    Ok(
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))),
            Some("xz") => Box::new(lzma_rust2::XzReader::new(BufReader::new(file), true)),
            _ => Box::new(file),
        },
    )
}

/// The file being read, and what was left out of it.
struct Records {
    path: String,
    reader: csv::Reader<Box<dyn Read>>,
    columns: Columns,
    skipped: usize,
    skipped_rows: Vec<SkippedRow>,
    dropped: usize,
}

/// Calls as read, with queue names numbered in order of appearance.
#[derive(Default)]
struct Tally {
    calls: Vec<Call>,
    queues: BTreeMap<String, u16>,
}

impl Records {
    /// Reads the header and settles the mapping.
    fn begin(
        path: String,
        bytes: Box<dyn Read>,
        mapping: Option<Mapping>,
    ) -> Result<Records, CallsError> {
        let mut bytes = BufReader::new(bytes);
        let header_line = first_line(&mut bytes).map_err(|source| CallsError::Open {
            path: path.clone(),
            source,
        })?;
        let mapping = match mapping.or_else(|| Mapping::fitting(&header_line)) {
            Some(mapping) => mapping,
            None => {
                let header = String::from_utf8_lossy(&header_line)
                    .trim_end()
                    .chars()
                    .take(80)
                    .collect();
                return Err(CallsError::UnknownHeader { path, header });
            }
        };
        let whole: Box<dyn Read> = Box::new(std::io::Cursor::new(header_line).chain(bytes));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(mapping.delimiter_byte())
            .flexible(true)
            .from_reader(whole);
        let header = reader
            .headers()
            .map_err(|source| CallsError::Read {
                path: path.clone(),
                line: 0,
                source,
            })?
            .clone();
        let columns = Columns::find(mapping, &header).map_err(|column| CallsError::NoColumn {
            path: path.clone(),
            column,
        })?;
        Ok(Records {
            path,
            reader,
            columns,
            skipped: 0,
            skipped_rows: Vec::new(),
            dropped: 0,
        })
    }

    fn read_all(&mut self) -> Result<Tally, CallsError> {
        let mut tally = Tally::default();
        let mut row = csv::StringRecord::new();
        let mut line = 1;
        loop {
            match self.reader.read_record(&mut row) {
                Ok(true) => line = row.position().map_or(line, csv::Position::line),
                Ok(false) => return Ok(tally),
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    line = error.position().map_or(line, csv::Position::line);
                    self.skip(line, "text is not UTF-8".to_owned());
                    continue;
                }
                Err(source) => {
                    return Err(CallsError::Read {
                        path: self.path.clone(),
                        line,
                        source,
                    });
                }
            }
            match self.columns.read(&row) {
                Reading::Call { call, queue } => {
                    let queue = tally
                        .number(queue)
                        .ok_or_else(|| CallsError::TooManyQueues {
                            path: self.path.clone(),
                        })?;
                    tally.calls.push(Call { queue, ..call });
                }
                Reading::Dropped => self.dropped += 1,
                Reading::Unreadable(reason) => self.skip(line, reason),
            }
        }
    }

    fn skip(&mut self, line: u64, reason: String) {
        self.skipped += 1;
        if self.skipped_rows.len() < LOCATED_MAX {
            self.skipped_rows.push(SkippedRow { line, reason });
        }
    }

    /// Refuses a file of which more than one row in twenty is unreadable.
    fn judge(&self, tally: &Tally) -> Result<(), CallsError> {
        let rows = tally.calls.len() + self.dropped + self.skipped;
        match self.skipped_rows.first() {
            Some(SkippedRow { line, reason }) if self.skipped * 20 > rows => {
                Err(CallsError::TooManySkipped {
                    path: self.path.clone(),
                    skipped: self.skipped,
                    rows,
                    line: *line,
                    reason: reason.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

impl Tally {
    /// The number of a queue name; `None` when they have run out.
    fn number(&mut self, queue: &str) -> Option<u16> {
        if let Some(number) = self.queues.get(queue) {
            return Some(*number);
        }
        let number = u16::try_from(self.queues.len()).ok()?;
        self.queues.insert(queue.to_owned(), number);
        Some(number)
    }

    /// The sorted queue names, and the calls as conversations in order of start.
    fn into_conversations(self, shift_ms: i64) -> (Vec<String>, Vec<Conversation>) {
        let mut place_of = vec![0_u16; self.queues.len()];
        for (place, number) in (0..).zip(self.queues.values()) {
            place_of[usize::from(*number)] = place;
        }
        let mut conversations: Vec<Conversation> = self
            .calls
            .iter()
            .map(|call| call.conversation(place_of[usize::from(call.queue)], shift_ms))
            .collect();
        conversations.sort_by_key(|conversation| conversation.start);
        (self.queues.into_keys().collect(), conversations)
    }
}

/// The first line with its end, which tells the mapping before the delimiter is known.
fn first_line(bytes: &mut BufReader<Box<dyn Read>>) -> std::io::Result<Vec<u8>> {
    use std::io::BufRead;
    let mut line = Vec::new();
    bytes.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// A header longer than this belongs to no call records.
const HEADER_BYTES_MAX: u64 = 64 * 1024;

#[cfg(test)]
mod tests;
