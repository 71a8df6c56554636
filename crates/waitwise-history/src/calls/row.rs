//! One row as one call.

use jiff::civil::DateTime;
use waitwise_model::{Coded, Ending, Visit};

use super::duration::{self, MS_MAX};
use super::fault::{Fault, What};
use super::instant::{Moment, Times};
use super::mapping::{Mapping, OutcomeColumn};

/// A call as its row says, borrowing its texts from the row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call<'a> {
    /// The row's own id, if the mapping names one.
    pub id: Option<&'a str>,
    /// The queue.
    pub queue: &'a str,
    /// The skills asked for, sorted, each once.
    pub skills: Vec<&'a str>,
    /// The kind of contact.
    pub media: &'a str,
    /// When the caller entered the queue, as written.
    pub entered: DateTime,
    /// Whether the clock shows that time twice.
    pub is_repeated_hour: bool,
    /// When the caller entered the queue, in milliseconds since 1970.
    pub entered_at_ms: i64,
    /// When the call ended, if the row says so.
    pub ended_at_ms: Option<i64>,
    /// How the wait ended: answered, abandoned or flowed out.
    pub ending: Ending,
    /// How long the wait was, at most 31 days.
    pub wait_ms: u64,
    /// Time talking.
    pub talk_ms: Option<u64>,
    /// Time on hold.
    pub hold_ms: Option<u64>,
    /// After-call work.
    pub after_call_ms: Option<u64>,
    /// The handle time, at most 31 days.
    pub handle_ms: Option<u64>,
    /// Who took it.
    pub agent: Option<&'a str>,
    /// Its wrap-up code.
    pub code: Option<&'a str>,
    /// The priority in force while it waited.
    pub priority: Option<i32>,
    /// Whether the agent passed it on.
    pub is_transferred: bool,
}

impl Call<'_> {
    /// Returns the call as the one visit of a conversation of this id.
    pub fn visit<'s>(&'s self, conversation: &'s str) -> Visit<'s> {
        Visit {
            conversation,
            started_at_ms: self.entered_at_ms,
            ended_at_ms: self.ended_at_ms,
            number: 1,
            queue: self.queue,
            media: self.media,
            skills: &self.skills,
            entered_at_ms: self.entered_at_ms,
            is_offered: true,
            ending: self.ending,
            wait_ms: Some(self.wait_ms),
            coding: self.code.map_or(Coded::Nothing, Coded::Code),
            agent: self.agent,
            talk_ms: self.talk_ms,
            hold_ms: self.hold_ms,
            after_call_ms: self.after_call_ms,
            handle_ms: self.handle_ms,
            is_transferred: self.is_transferred,
            missed_alerts: 0,
            priority: self.priority,
            routing: None,
        }
    }
}

/// A row's fields.
pub(super) trait Fields {
    /// Returns a field; `None` if the row ends before it.
    fn field(&self, idx: usize) -> Option<&[u8]>;
}

/// A mapping with its columns found in the header.
pub(super) struct Columns {
    mapping: Mapping,
    times: Times,
    id: Option<usize>,
    queue: Option<usize>,
    skills: Option<usize>,
    media: Option<usize>,
    agent: Option<usize>,
    code: Option<usize>,
    priority: Option<usize>,
    transferred: Option<usize>,
    date: Option<usize>,
    offered: usize,
    offered_at_once: Option<usize>,
    answered: Option<usize>,
    abandoned: Option<usize>,
    ended: Option<usize>,
    wait_secs: Option<usize>,
    talk_secs: Option<usize>,
    hold_secs: Option<usize>,
    after_call_secs: Option<usize>,
    handle_secs: Option<usize>,
    outcome: Option<usize>,
}

/// A column of the mapping that cannot be told in the header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Unfound {
    Missing(String),
    Twice(String),
}

impl Columns {
    pub(super) fn find(mapping: Mapping, header: &[String]) -> Result<Columns, Unfound> {
        let place = |column: &String| {
            let mut found = (0..).zip(header).filter(|(_, present)| *present == column);
            match (found.next(), found.next()) {
                (Some((idx, _)), None) => Ok(idx),
                (None, _) => Err(Unfound::Missing(column.clone())),
                (Some(_), Some(_)) => Err(Unfound::Twice(column.clone())),
            }
        };
        let place_opt = |column: &Option<String>| column.as_ref().map(place).transpose();
        let outcome = mapping.outcome.as_ref();
        Ok(Columns {
            times: Times::of(&mapping),
            id: place_opt(&mapping.id)?,
            queue: place_opt(&mapping.queue)?,
            skills: place_opt(&mapping.skills)?,
            media: place_opt(&mapping.media)?,
            agent: place_opt(&mapping.agent)?,
            code: place_opt(&mapping.code)?,
            priority: place_opt(&mapping.priority)?,
            transferred: place_opt(&mapping.transferred)?,
            date: place_opt(&mapping.date)?,
            offered: place(&mapping.offered)?,
            offered_at_once: place_opt(&mapping.offered_at_once)?,
            answered: place_opt(&mapping.answered)?,
            abandoned: place_opt(&mapping.abandoned)?,
            ended: place_opt(&mapping.ended)?,
            wait_secs: place_opt(&mapping.wait_secs)?,
            talk_secs: place_opt(&mapping.talk_secs)?,
            hold_secs: place_opt(&mapping.hold_secs)?,
            after_call_secs: place_opt(&mapping.after_call_secs)?,
            handle_secs: place_opt(&mapping.handle_secs)?,
            outcome: outcome.map(|outcome| place(&outcome.column)).transpose()?,
            mapping,
        })
    }

    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Reads a row; `None` if it is no call, or one that never was in the queue.
    pub(super) fn read<'a>(&'a self, row: &'a impl Fields) -> Result<Option<Call<'a>>, Fault> {
        Row {
            columns: self,
            fields: row,
        }
        .call()
    }
}

/// One row under the mapping's eyes.
struct Row<'a, F> {
    columns: &'a Columns,
    fields: &'a F,
}

/// When a call entered, when its wait ended, and how.
struct Wait {
    entry: Moment,
    entered_at_ms: i64,
    wait_ms: u64,
}

impl<'a, F: Fields> Row<'a, F> {
    fn call(&self) -> Result<Option<Call<'a>>, Fault> {
        let columns = self.columns;
        let Some(ending) = self.ending()? else {
            return Ok(None);
        };
        let Some(wait) = self.wait(ending)? else {
            return Ok(None);
        };
        let is_answered = ending == Ending::Answered;
        let handling = match is_answered {
            true => self.handling(&wait)?,
            false => Handling::nothing(&wait),
        };
        let if_answered = |column: Option<usize>| match is_answered {
            true => self.name_opt(column),
            false => Ok(None),
        };
        Ok(Some(Call {
            id: self.name_opt(columns.id)?,
            queue: self.queue()?,
            skills: self.skills()?,
            media: self.media()?,
            entered: wait.entry.written,
            is_repeated_hour: wait.entry.is_repeated(),
            entered_at_ms: wait.entered_at_ms,
            ended_at_ms: handling.ended_at_ms,
            ending,
            wait_ms: wait.wait_ms,
            talk_ms: handling.talk_ms,
            hold_ms: handling.hold_ms,
            after_call_ms: handling.after_call_ms,
            handle_ms: handling.handle_ms,
            agent: if_answered(columns.agent)?,
            code: if_answered(columns.code)?,
            priority: self.priority()?,
            is_transferred: is_answered && self.filled(columns.transferred)?.is_some(),
        }))
    }

    /// How the call ended; `None` if the row is no call.
    fn ending(&self) -> Result<Option<Ending>, Fault> {
        let columns = self.columns;
        match (columns.outcome, &columns.mapping.outcome, columns.answered) {
            (Some(column), Some(meaning), _) => {
                let said = self.text(column)?;
                outcome(meaning, said).ok_or(Fault::at(column, What::UnknownOutcome))
            }
            (_, _, Some(column)) => Ok(Some(match self.filled(Some(column))? {
                Some(_) => Ending::Answered,
                None => Ending::Abandoned,
            })),
            _ => Ok(Some(Ending::Answered)),
        }
    }

    /// `None` if the caller never was in the queue.
    fn wait(&self, ending: Ending) -> Result<Option<Wait>, Fault> {
        let columns = self.columns;
        if self.filled(Some(columns.offered))?.is_some() {
            let entry = self.instant(columns.offered, None)?;
            return self.wait_from(entry, ending).map(Some);
        }
        match columns.offered_at_once {
            Some(column) if ending == Ending::Answered => {
                let entry = self.instant(column, None)?;
                let waited = columns.wait_secs.map(|column| self.duration(column));
                Ok(Some(Wait {
                    entry,
                    entered_at_ms: entry.before(None),
                    wait_ms: waited.transpose()?.unwrap_or(0),
                }))
            }
            _ => Ok(None),
        }
    }

    fn wait_from(&self, entry: Moment, ending: Ending) -> Result<Wait, Fault> {
        let columns = self.columns;
        if let Some(column) = columns.wait_secs {
            return Ok(Wait {
                entry,
                entered_at_ms: entry.before(None),
                wait_ms: self.duration(column)?,
            });
        }
        let end = match ending == Ending::Answered {
            true => columns.answered,
            false => columns.abandoned,
        };
        let column = end.ok_or(Fault::of_row(What::NoEnd))?;
        let end = self.instant(column, Some(&entry))?;
        let entered_at_ms = entry.before(Some(&end));
        Ok(Wait {
            entry,
            entered_at_ms,
            wait_ms: since(entered_at_ms, &end, column, What::BeforeEntry)?,
        })
    }

    fn handling(&self, wait: &Wait) -> Result<Handling, Fault> {
        let columns = self.columns;
        let talk_ms = self.duration_opt(columns.talk_secs)?;
        let hold_ms = self.duration_opt(columns.hold_secs)?;
        let after_call_ms = self.duration_opt(columns.after_call_secs)?;
        let parts = [talk_ms, hold_ms, after_call_ms];
        let sum_ms = parts.into_iter().flatten().reduce(|sum, part| sum + part);
        let to_end_ms = self.answer_to_end(wait)?;
        let handle_ms = match self.duration_opt(columns.handle_secs)? {
            Some(handle_ms) => Some(handle_ms),
            None => to_end_ms.or(sum_ms),
        };
        let answered_at_ms = wait.end_ms();
        Ok(Handling {
            ended_at_ms: to_end_ms.or(handle_ms).map(|ms| later(answered_at_ms, ms)),
            talk_ms,
            hold_ms,
            after_call_ms,
            handle_ms,
        })
    }

    fn answer_to_end(&self, wait: &Wait) -> Result<Option<u64>, Fault> {
        let column = self.columns.ended;
        let (Some(column), Some(_)) = (column, self.filled(column)?) else {
            return Ok(None);
        };
        let end = self.instant(column, Some(&wait.entry))?;
        since(wait.end_ms(), &end, column, What::BeforeAnswer).map(Some)
    }

    fn queue(&self) -> Result<&'a str, Fault> {
        match (self.columns.queue, &self.columns.mapping.queue_name) {
            (Some(column), _) => self
                .name_opt(Some(column))?
                .ok_or(Fault::at(column, What::Blank)),
            (None, Some(name)) => Ok(name),
            (None, None) => Ok("calls"),
        }
    }

    fn skills(&self) -> Result<Vec<&'a str>, Fault> {
        let text = self.name_opt(self.columns.skills)?;
        let mut skills: Vec<&str> = match (text, &self.columns.mapping.skill_separator) {
            (None, _) => Vec::new(),
            (Some(text), Some(separator)) if !separator.is_empty() => {
                let parts = text.split(separator.as_str()).map(str::trim);
                parts.filter(|skill| !skill.is_empty()).collect()
            }
            (Some(text), _) => vec![text],
        };
        skills.sort_unstable();
        skills.dedup();
        Ok(skills)
    }

    fn media(&self) -> Result<&'a str, Fault> {
        let named = self.columns.mapping.media_name.as_deref();
        let read = self.name_opt(self.columns.media)?;
        Ok(read.or(named).unwrap_or("voice"))
    }

    fn priority(&self) -> Result<Option<i32>, Fault> {
        let column = self.columns.priority;
        let (Some(column), Some(text)) = (column, self.filled(column)?) else {
            return Ok(None);
        };
        let number = text.trim().parse();
        number
            .map(Some)
            .map_err(|_| Fault::at(column, What::NoNumber))
    }

    /// An instant; one that follows `entry` may lie after midnight where only its time of day is written.
    fn instant(&self, column: usize, entry: Option<&Moment>) -> Result<Moment, Fault> {
        let times = &self.columns.times;
        let text = self.text(column)?;
        let moment = match self.columns.date {
            Some(date) => times.moment_of_day(self.text(date)?, text, entry),
            None => times.moment(text),
        };
        moment.map_err(|what| Fault::at(column, what))
    }

    fn duration(&self, column: usize) -> Result<u64, Fault> {
        duration::milliseconds(self.text(column)?).map_err(|what| Fault::at(column, what))
    }

    fn duration_opt(&self, column: Option<usize>) -> Result<Option<u64>, Fault> {
        let (Some(column), Some(_)) = (column, self.filled(column)?) else {
            return Ok(None);
        };
        self.duration(column).map(Some)
    }

    /// A name without the blanks around it; control characters have no place in it.
    fn name_opt(&self, column: Option<usize>) -> Result<Option<&'a str>, Fault> {
        let (Some(column), Some(text)) = (column, self.filled(column)?) else {
            return Ok(None);
        };
        match text.trim() {
            "" => Ok(None),
            name if name.chars().any(char::is_control) => Err(Fault::at(column, What::Control)),
            name => Ok(Some(name)),
        }
    }

    /// The text of a column that the mapping names, unless it is one of those that mean nothing.
    fn filled(&self, column: Option<usize>) -> Result<Option<&'a str>, Fault> {
        let Some(column) = column else {
            return Ok(None);
        };
        let text = self.text(column)?;
        let blank = &self.columns.mapping.blank;
        Ok((!blank.iter().any(|blank| blank == text)).then_some(text))
    }

    fn text(&self, column: usize) -> Result<&'a str, Fault> {
        let bytes = self.fields.field(column);
        let bytes = bytes.ok_or(Fault::at(column, What::Missing))?;
        std::str::from_utf8(bytes).map_err(|_| Fault::at(column, What::NotUtf8))
    }
}

impl Wait {
    fn end_ms(&self) -> i64 {
        later(self.entered_at_ms, self.wait_ms)
    }
}

/// What came after the answer.
struct Handling {
    ended_at_ms: Option<i64>,
    talk_ms: Option<u64>,
    hold_ms: Option<u64>,
    after_call_ms: Option<u64>,
    handle_ms: Option<u64>,
}

impl Handling {
    /// An unanswered call ends with its wait.
    fn nothing(wait: &Wait) -> Handling {
        Handling {
            ended_at_ms: Some(wait.end_ms()),
            talk_ms: None,
            hold_ms: None,
            after_call_ms: None,
            handle_ms: None,
        }
    }
}

/// What an outcome column's value means; `None` if it means nothing, `Some(None)` if the row is no call.
fn outcome(meaning: &OutcomeColumn, said: &str) -> Option<Option<Ending>> {
    let is_in = |list: &[String]| list.iter().any(|value| value == said);
    if is_in(&meaning.dropped) {
        Some(None)
    } else if is_in(&meaning.answered) {
        Some(Some(Ending::Answered))
    } else if is_in(&meaning.flowed_out) {
        Some(Some(Ending::FlowedOut))
    } else if meaning.abandoned.as_deref().is_none_or(is_in) {
        Some(Some(Ending::Abandoned))
    } else {
        None
    }
}

/// Milliseconds from an instant to a moment.
fn since(from_ms: i64, moment: &Moment, column: usize, if_before: What) -> Result<u64, Fault> {
    let ms = u64::try_from(moment.not_before(from_ms) - from_ms)
        .map_err(|_| Fault::at(column, if_before))?;
    match ms <= MS_MAX {
        true => Ok(ms),
        false => Err(Fault::at(column, What::TooLate)),
    }
}

/// Instants end in 2099, durations after 31 days: their sum is far from the end of what milliseconds can count.
fn later(at_ms: i64, by_ms: u64) -> i64 {
    at_ms.saturating_add_unsigned(by_ms)
}
