//! One row of call records.

use csv::StringRecord;
use jiff::civil::DateTime;

use super::mapping::Mapping;
use crate::centre::calendar::{DAY, HOUR};
use crate::centre::{Conversation, Outcome};

/// A call as its row says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// When the caller entered, as written.
    pub(super) offered: DateTime,
    /// The queue's number, given by the reader of the file.
    pub(super) queue: u16,
    pub(super) outcome: Outcome,
    pub(super) wait_ms: u32,
    /// 0 also where it is not recorded.
    pub(super) handle_ms: u32,
}

impl Call {
    /// Milliseconds from 1970 to the caller's entry as written, read as if it were UTC.
    pub(super) fn offered_ms(&self) -> i64 {
        milliseconds(self.offered)
    }

    /// Milliseconds from 1970 to the end of the call, likewise.
    pub(super) fn ended_ms(&self) -> i64 {
        self.offered_ms() + i64::from(self.wait_ms) + i64::from(self.handle_ms)
    }

    pub(super) fn conversation(&self, skill: u16, shift_ms: i64) -> Conversation {
        Conversation {
            start: self.offered_ms() + shift_ms,
            skill,
            code: (self.outcome == Outcome::Answered).then_some(skill),
            outcome: self.outcome,
            wait_ms: self.wait_ms,
            handle_ms: self.handle_ms,
        }
    }
}

/// When the first and the last caller entered.
pub(super) fn first_and_last(calls: &[Call]) -> Option<(DateTime, DateTime)> {
    let offered = || calls.iter().map(|call| call.offered);
    Some((offered().min()?, offered().max()?))
}

/// What a row turned out to be.
pub(super) enum Reading<'a> {
    /// A call; its queue is named, not numbered yet.
    Call { call: Call, queue: &'a str },
    /// No call, or one that never was in the queue.
    Dropped,
    /// Not to be read, for this reason.
    Unreadable(String),
}

/// A mapping with its columns found in the header.
pub(super) struct Columns {
    mapping: Mapping,
    format: String,
    queue: Option<usize>,
    date: Option<usize>,
    offered: usize,
    offered_at_once: Option<usize>,
    answered: Option<usize>,
    abandoned: Option<usize>,
    ended: Option<usize>,
    wait_secs: Option<usize>,
    handle_secs: Option<usize>,
    outcome: Option<usize>,
}

impl Columns {
    /// Finds the mapping's columns; else the name of one that is missing.
    pub(super) fn find(mapping: Mapping, header: &StringRecord) -> Result<Columns, String> {
        let place = |column: &String| {
            let found = header
                .iter()
                .position(|present| present.trim_start_matches('\u{feff}') == column);
            found.ok_or_else(|| column.clone())
        };
        let place_opt = |column: &Option<String>| column.as_ref().map(place).transpose();
        let format = match &mapping.date_format {
            Some(date_format) => format!("{date_format} {}", mapping.time_format),
            None => mapping.time_format.clone(),
        };
        Ok(Columns {
            format,
            queue: place_opt(&mapping.queue)?,
            date: place_opt(&mapping.date)?,
            offered: place(&mapping.offered)?,
            offered_at_once: place_opt(&mapping.offered_at_once)?,
            answered: place_opt(&mapping.answered)?,
            abandoned: place_opt(&mapping.abandoned)?,
            ended: place_opt(&mapping.ended)?,
            wait_secs: place_opt(&mapping.wait_secs)?,
            handle_secs: place_opt(&mapping.handle_secs)?,
            outcome: mapping
                .outcome
                .as_ref()
                .map(|outcome| place(&outcome.column))
                .transpose()?,
            mapping,
        })
    }

    /// Reads a row.
    pub(super) fn read<'a>(&'a self, row: &'a StringRecord) -> Reading<'a> {
        match self.try_read(row) {
            Ok(Some((call, queue))) => Reading::Call { call, queue },
            Ok(None) => Reading::Dropped,
            Err(reason) => Reading::Unreadable(reason),
        }
    }

    fn try_read<'a>(&'a self, row: &'a StringRecord) -> Result<Option<(Call, &'a str)>, String> {
        let Some(outcome) = self.outcome(row)? else {
            return Ok(None);
        };
        let (offered, wait_ms) = if self.is_blank(field(row, self.offered)?) {
            match self.offered_at_once {
                Some(column) if outcome == Outcome::Answered => {
                    let wait_ms = self
                        .wait_secs
                        .map_or(Ok(0), |column| seconds(field(row, column)?))?;
                    (self.instant(row, column)?, wait_ms)
                }
                _ => return Ok(None),
            }
        } else {
            let offered = self.instant(row, self.offered)?;
            (offered, self.wait_ms(row, offered, outcome)?)
        };
        let handle_ms = self.handle_ms(row, offered, wait_ms, outcome)?;
        Ok(Some((
            Call {
                offered,
                queue: 0,
                outcome,
                wait_ms,
                handle_ms,
            },
            self.queue(row)?,
        )))
    }

    /// How the call ended; `None` if the row is no call.
    fn outcome(&self, row: &StringRecord) -> Result<Option<Outcome>, String> {
        let answered = match (self.outcome, &self.mapping.outcome, self.answered) {
            (Some(column), Some(meaning), _) => {
                let said = field(row, column)?;
                if meaning.dropped.iter().any(|dropped| dropped == said) {
                    return Ok(None);
                }
                meaning.answered.iter().any(|answered| answered == said)
            }
            (_, _, Some(column)) => !self.is_blank(field(row, column)?),
            _ => true,
        };
        Ok(Some(if answered {
            Outcome::Answered
        } else {
            Outcome::Abandoned
        }))
    }

    fn queue<'a>(&'a self, row: &'a StringRecord) -> Result<&'a str, String> {
        match (self.queue, &self.mapping.queue_name) {
            (Some(column), _) => match field(row, column)?.trim() {
                "" => Err("no queue is named".to_owned()),
                queue => Ok(queue),
            },
            (None, Some(name)) => Ok(name),
            (None, None) => Ok("calls"),
        }
    }

    fn wait_ms(
        &self,
        row: &StringRecord,
        offered: DateTime,
        outcome: Outcome,
    ) -> Result<u32, String> {
        if let Some(column) = self.wait_secs {
            return seconds(field(row, column)?);
        }
        let (ends, what) = match outcome {
            Outcome::Answered => (self.answered, "answer"),
            Outcome::Abandoned | Outcome::FlowedOut => {
                (self.abandoned, "end of an unanswered call")
            }
        };
        let Some(column) = ends else {
            return Err(format!("no column says the {what}"));
        };
        self.since(row, offered, column)
            .map_err(|reason| format!("{what}: {reason}"))
    }

    fn handle_ms(
        &self,
        row: &StringRecord,
        offered: DateTime,
        wait_ms: u32,
        outcome: Outcome,
    ) -> Result<u32, String> {
        match (outcome, self.handle_secs, self.ended) {
            (Outcome::Answered, Some(column), _) => seconds(field(row, column)?),
            (Outcome::Answered, None, Some(column)) if !self.is_blank(field(row, column)?) => {
                let whole_ms = self
                    .since(row, offered, column)
                    .map_err(|reason| format!("end of the call: {reason}"))?;
                whole_ms
                    .checked_sub(wait_ms)
                    .ok_or_else(|| "ends before it is answered".to_owned())
            }
            _ => Ok(0),
        }
    }

    /// Milliseconds from the caller's entry to the instant in this column.
    fn since(&self, row: &StringRecord, offered: DateTime, column: usize) -> Result<u32, String> {
        let mut ms = milliseconds(self.instant(row, column)?) - milliseconds(offered);
        if self.date.is_some() && ms < -12 * HOUR {
            ms += DAY;
        }
        u32::try_from(ms)
            .map_err(|_| format!("{} is before the call came or weeks after it", &row[column]))
    }

    fn instant(&self, row: &StringRecord, column: usize) -> Result<DateTime, String> {
        let time = field(row, column)?;
        let parsed = match self.date {
            Some(date) => DateTime::strptime(&self.format, format!("{} {time}", field(row, date)?)),
            None => DateTime::strptime(&self.format, time),
        };
        parsed.map_err(|error| format!("cannot read instant `{time}`: {error}"))
    }

    fn is_blank(&self, text: &str) -> bool {
        self.mapping.blank.iter().any(|blank| blank == text)
    }
}

fn field(row: &StringRecord, column: usize) -> Result<&str, String> {
    row.get(column)
        .ok_or_else(|| format!("has {} columns, no column {}", row.len(), column + 1))
}

/// Seconds, with or without a fraction, in milliseconds.
fn seconds(text: &str) -> Result<u32, String> {
    let seconds: f64 = text
        .trim()
        .parse()
        .map_err(|_| format!("`{text}` is not a number of seconds"))?;
    // A week: longer than any call, far from what milliseconds can hold.
    if !(0.0..=604_800.0).contains(&seconds) {
        return Err(format!("`{text}` is no possible number of seconds"));
    }
    Ok(crate::centre::draw::whole((seconds * 1_000.0).round()))
}

fn milliseconds(written: DateTime) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let since = written.duration_since(epoch);
    since.as_secs() * 1_000 + i64::from(since.subsec_millis())
}
