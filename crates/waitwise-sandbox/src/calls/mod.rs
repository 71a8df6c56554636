//! Real call records as a tenant's history.
//!
//! Start at [`read_calls`]. What a row says is read by `waitwise_history::calls`; `shift` moves the whole past to end
//! shortly before the sandbox's start.

mod call;
mod shift;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use waitwise_history::calls::{self, BadRow, Calls, Mapping, MappingError, Row, unpacked};

use crate::centre::{Conversation, TimeMs};
use call::Call;

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
    pub skipped: u64,
    /// The first few of them.
    pub skipped_rows: Vec<BadRow>,
    /// Rows left out because the mapping says that they are no calls, or never were in the queue.
    pub dropped: u64,
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
    /// The file is no CSV that a mapping fits, or cannot be read to its end.
    #[error("cannot read call records `{path}`")]
    Read {
        /// The file.
        path: String,
        /// What the reader said.
        source: calls::CallsError,
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
        source: Box<MappingError>,
    },
    /// More than one row in twenty cannot be read: the mapping is probably wrong.
    #[error(
        "{skipped} of {rows} rows of `{path}` cannot be read; the first is line {line}: {reason}"
    )]
    TooManySkipped {
        /// The file.
        path: String,
        /// Rows that cannot be read.
        skipped: u64,
        /// All rows.
        rows: u64,
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

/// Reads call records from CSV, plain or packed by gzip, xz or zstd, moved in time to end before `now`.
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
    let unpacked = File::open(path).and_then(unpacked);
    let bytes = unpacked.map_err(|source| CallsError::Open {
        path: shown.clone(),
        source,
    })?;
    let (numbered, tally) = read_all(&shown, bytes, mapping)?;
    judge(&shown, &tally)?;
    let Some((first, last)) = call::first_and_last(&numbered.calls) else {
        return Err(CallsError::Empty { path: shown });
    };
    let shift_ms = shift::into_the_past_of(now, &numbered.calls);
    let (names, conversations) = numbered.into_conversations(shift_ms);
    Ok(CallHistory {
        names,
        conversations,
        first,
        last,
        shift_ms,
        skipped: tally.bad,
        skipped_rows: tally.located,
        dropped: tally.left_out,
    })
}

/// More rows than this that cannot be read, in 0.0..=1.0, and the mapping is probably wrong.
const BAD_SHARE_MAX: f64 = 0.05;

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

/// Calls as read, with queue names numbered in order of appearance.
#[derive(Default)]
struct Numbered {
    calls: Vec<Call>,
    queues: BTreeMap<String, u16>,
}

fn read_all(
    path: &str,
    bytes: impl Read,
    mapping: Option<Mapping>,
) -> Result<(Numbered, calls::Tally), CallsError> {
    let unread = |source| CallsError::Read {
        path: path.to_owned(),
        source,
    };
    let mut rows = Calls::open(bytes, mapping).map_err(unread)?;
    let mut numbered = Numbered::default();
    while let Some(row) = rows.next_row().map_err(unread)? {
        let Row::Call(_, read) = row else { continue };
        let queue = numbered.number(read.queue);
        let queue = queue.ok_or_else(|| CallsError::TooManyQueues {
            path: path.to_owned(),
        })?;
        numbered.calls.push(Call::of(&read, queue));
    }
    Ok((numbered, rows.tally().clone()))
}

fn judge(path: &str, tally: &calls::Tally) -> Result<(), CallsError> {
    match tally.located.first() {
        Some(first) if tally.has_more_bad_than(BAD_SHARE_MAX) => Err(CallsError::TooManySkipped {
            path: path.to_owned(),
            skipped: tally.bad,
            rows: tally.rows(),
            line: first.place.line,
            reason: first.reason.clone(),
        }),
        _ => Ok(()),
    }
}

impl Numbered {
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

#[cfg(test)]
mod tests;
