//! Bytes → rows, a row group at a time.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{BoolType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use waitwise_model::{Coded, Ending, QueueId, Visit};

use super::checked::Checked;
use super::columns::{Column, Columns, N_COLUMNS, SCHEMA};
use super::guard::{Footer, checksum, footer};
use super::pages::{self, ListColumn, NOTHING, TextColumn};
use super::{Coverage, FORMAT, FactsError, GROUP_ROWS_MAX, HEAD_KEY, Head, HeadShape};
use crate::key::ConversationKey;
use crate::row::{Row, ending};

/// Reads a file of facts.
#[derive(Debug)]
pub struct Reader<F> {
    file: F,
    footer: ParquetMetaData,
    head: Head,
    /// For each row group each column's checksum.
    checksums: Vec<[u64; N_COLUMNS]>,
    /// The next row group.
    next: usize,
}

impl<F: ChunkReader> Reader<F> {
    /// Reads the footer. What it says is what was written, or this fails.
    ///
    /// # Errors
    /// The file cannot be read, is of another format or version, or is damaged.
    pub fn open(file: F) -> Result<Reader<F>, FactsError> {
        let Footer { bytes, guard_at } = footer(&file)?;
        let footer = ParquetMetaDataReader::decode_metadata(&bytes)?;
        let foreign = || FactsError::Format { expected: FORMAT };
        if footer.file_metadata().schema() != &**SCHEMA {
            return Err(foreign());
        }
        let said = footer.file_metadata().key_value_metadata();
        let said = said.and_then(|all| all.iter().find(|one| one.key == HEAD_KEY));
        let said = said.and_then(|said| said.value.as_deref());
        let shape = said.and_then(|said| serde_json::from_str(said).ok());
        let shape: HeadShape = shape.ok_or_else(foreign)?;
        if shape.format != FORMAT {
            return Err(foreign());
        }
        let strange = FactsError::Damaged {
            what: "its footer does not say what this format has there",
        };
        let checksums = shape.checksums.iter().map(|text| checksums(text));
        let Some(checksums) = checksums.collect::<Option<Vec<_>>>() else {
            return Err(strange);
        };
        let head = Head {
            queue: QueueId::new(shape.queue),
            day: shape.date,
            coverage: Coverage {
                from: shape.covers_from,
                to: shape.covers_to,
            },
            sources: shape.sources,
            legs: shape.visits,
            in_progress: shape.in_progress,
        };
        match is_sound(&footer, &head, checksums.len(), guard_at) {
            true => Ok(Reader {
                file,
                footer,
                head,
                checksums,
                next: 0,
            }),
            false => Err(strange),
        }
    }

    /// Returns what the file says about itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the wanted columns of the next rows into `batch`; returns whether there were any.
    ///
    /// # Errors
    /// The file cannot be read, or one of these columns is damaged.
    pub fn next_batch(&mut self, wanted: Columns, batch: &mut Batch) -> Result<bool, FactsError> {
        let group = self.footer.row_groups().get(self.next);
        let (Some(group), Some(checksums)) = (group, self.checksums.get(self.next)) else {
            return Ok(false);
        };
        let from = Group {
            file: &self.file,
            group,
            checksums,
            n_rows: rows_of(group),
        };
        batch.read(&from, wanted)?;
        self.next += 1;
        Ok(true)
    }

    /// Returns where a column of a row group begins, and its length.
    #[cfg(test)]
    pub(super) fn place(&self, group: usize, column: usize) -> (usize, usize) {
        let (start, length) = self.footer.row_group(group).column(column).byte_range();
        let number = |number| usize::try_from(number).unwrap();
        (number(start), number(length))
    }

    /// Hands each row to `take`, with the wanted columns; the others have nothing in them.
    ///
    /// # Errors
    /// As [`Reader::next_batch`]: then what was handed out must not be used.
    pub fn for_each(
        &mut self,
        wanted: Columns,
        mut take: impl FnMut(&Row<'_>),
    ) -> Result<(), FactsError> {
        let mut batch = Batch::default();
        while self.next_batch(wanted, &mut batch)? {
            batch.view()?.rows().for_each(|row| take(&row));
        }
        Ok(())
    }
}

fn rows_of(group: &RowGroupMetaData) -> usize {
    usize::try_from(group.num_rows()).unwrap_or(usize::MAX)
}

/// Returns whether the row groups are as many, as large and where they must be.
fn is_sound(footer: &ParquetMetaData, head: &Head, n_checksums: usize, end: u64) -> bool {
    let groups = footer.row_groups();
    let is_within = |group: &RowGroupMetaData| {
        let mut columns = group.columns().iter();
        columns.all(|column| range_of(column).is_some_and(|range| range.end <= end))
            && group.num_columns() == N_COLUMNS
            && (1..=GROUP_ROWS_MAX).contains(&rows_of(group))
    };
    groups.len() == n_checksums
        && groups.iter().all(is_within)
        && groups.iter().map(rows_of).sum::<usize>() == head.legs
}

/// Returns where a column lies, of which the library only says so if no number is negative.
fn range_of(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let first_page = column.dictionary_page_offset();
    let start = u64::try_from(first_page.unwrap_or(column.data_page_offset())).ok()?;
    let length = u64::try_from(column.compressed_size()).ok()?;
    Some(start..start.checked_add(length)?)
}

/// Reads a row group's checksums.
fn checksums(text: &str) -> Option<[u64; N_COLUMNS]> {
    let mut checksums = [0; N_COLUMNS];
    let (digits, rest) = text.as_bytes().as_chunks::<16>();
    if digits.len() != N_COLUMNS || !rest.is_empty() {
        return None;
    }
    for (checksum, digits) in checksums.iter_mut().zip(digits) {
        *checksum = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(checksums)
}

/// A row group in its file.
struct Group<'a, F> {
    file: &'a F,
    group: &'a RowGroupMetaData,
    checksums: &'a [u64; N_COLUMNS],
    n_rows: usize,
}

impl<F: ChunkReader> Group<'_, F> {
    /// Returns a column's pages, all of whose bytes are what was written.
    fn pages(&self, column: Column) -> Result<Box<dyn PageReader>, FactsError> {
        let idx = column as usize;
        let about = self.group.column(idx);
        let (start, length) = about.byte_range();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = self.file.get_bytes(start, length)?;
        if checksum(&bytes) != self.checksums[idx] {
            return Err(FactsError::Damaged { what: "a column" });
        }
        let chunk = Arc::new(Chunk { start, bytes });
        let pages = SerializedPageReader::new(chunk, about, self.n_rows, None)?;
        Ok(Box::new(pages))
    }

    /// Reads a column that every row has.
    fn all<T: DataType>(&self, column: Column, into: &mut Vec<T::T>) -> Result<(), FactsError> {
        into.clear();
        let n_values = self.typed::<T>(column, None, into)?;
        self.whole(n_values)
    }

    /// Reads a column that not every row has.
    fn some<T: DataType>(
        &self,
        column: Column,
        into: &mut Vec<Option<T::T>>,
    ) -> Result<(), FactsError> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let n_levels = self.typed::<T>(column, Some(&mut levels), &mut values)?;
        self.whole(n_levels)?;
        let mut values = values.into_iter();
        into.clear();
        into.extend(levels.iter().map(|level| match level {
            0 => None,
            _ => values.next(),
        }));
        Ok(())
    }

    fn typed<T: DataType>(
        &self,
        column: Column,
        levels: Option<&mut Vec<i16>>,
        into: &mut Vec<T::T>,
    ) -> Result<usize, FactsError> {
        let about = self.group.column(column as usize).column_descr_ptr();
        let pages = Checked::new(self.pages(column)?, column);
        let mut reader = ColumnReaderImpl::<T>::new(about, Box::new(pages));
        let (_, _, n_levels) = reader.read_records(self.n_rows, levels, None, into)?;
        Ok(n_levels)
    }

    fn whole(&self, found: usize) -> Result<(), FactsError> {
        match found == self.n_rows {
            true => Ok(()),
            false => Err(FactsError::Damaged {
                what: "the number of rows of a column",
            }),
        }
    }
}

/// A column's bytes, at the place that they have in the file.
struct Chunk {
    start: u64,
    bytes: Bytes,
}

impl Chunk {
    fn from(&self, at: u64) -> ParquetResult<Bytes> {
        let at = at.checked_sub(self.start).map(usize::try_from);
        let within = at.and_then(Result::ok).filter(|at| *at <= self.bytes.len());
        let within = within.map(|at| self.bytes.slice(at..));
        within.ok_or_else(|| ParquetError::EOF("a page begins outside of its column".to_owned()))
    }
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.start + u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }
}

impl ChunkReader for Chunk {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let mut bytes = self.from(start)?;
        if bytes.len() < length {
            let text = "a page ends outside of its column".to_owned();
            return Err(ParquetError::EOF(text));
        }
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// Rows by column. A column that was not asked for has nothing in it.
#[derive(Debug, Default)]
pub struct Batch {
    n_rows: usize,
    keys: Vec<[u8; 16]>,
    skills: ListColumn,
    queue: TextColumn,
    media: TextColumn,
    outcome: TextColumn,
    code: TextColumn,
    reserved: TextColumn,
    agent: TextColumn,
    routing: TextColumn,
    offered_at: Vec<i64>,
    started_at: Vec<i64>,
    recorded_at: Vec<i64>,
    ended_at: Vec<Option<i64>>,
    decided_at: Vec<Option<i64>>,
    wait: Vec<Option<i64>>,
    talk: Vec<Option<i64>>,
    hold: Vec<Option<i64>>,
    after_call: Vec<Option<i64>>,
    handle: Vec<Option<i64>>,
    leg: Vec<i32>,
    missed_alerts: Vec<i32>,
    priority: Vec<Option<i32>>,
    is_offered: Vec<bool>,
    is_transferred: Vec<bool>,
}

impl Batch {
    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    fn read<F: ChunkReader>(
        &mut self,
        from: &Group<'_, F>,
        wanted: Columns,
    ) -> Result<(), FactsError> {
        // What an earlier row group had must not stand in for a column that is not wanted.
        self.clear();
        for column in Column::ALL.into_iter().filter(|column| wanted.has(*column)) {
            self.read_column(from, column)?;
        }
        self.n_rows = from.n_rows;
        Ok(())
    }

    fn read_column<F: ChunkReader>(
        &mut self,
        from: &Group<'_, F>,
        column: Column,
    ) -> Result<(), FactsError> {
        let text = |into: &mut TextColumn| {
            let pages = &mut *from.pages(column)?;
            pages::texts(pages, column.is_optional(), from.n_rows, into)
        };
        match column {
            Column::ConversationKey => {
                pages::keys(&mut *from.pages(column)?, from.n_rows, &mut self.keys)
            }
            Column::Skills => {
                pages::lists(&mut *from.pages(column)?, from.n_rows, &mut self.skills)
            }
            Column::QueueId => text(&mut self.queue),
            Column::MediaType => text(&mut self.media),
            Column::Outcome => text(&mut self.outcome),
            Column::WrapUpCode => text(&mut self.code),
            Column::ReservedCode => text(&mut self.reserved),
            Column::AgentKey => text(&mut self.agent),
            Column::RoutingUsed => text(&mut self.routing),
            Column::OfferedAt => from.all::<Int64Type>(column, &mut self.offered_at),
            Column::ConversationStart => from.all::<Int64Type>(column, &mut self.started_at),
            Column::RecordedAt => from.all::<Int64Type>(column, &mut self.recorded_at),
            Column::ConversationEnd => from.some::<Int64Type>(column, &mut self.ended_at),
            Column::DecidedAt => from.some::<Int64Type>(column, &mut self.decided_at),
            Column::WaitMs => from.some::<Int64Type>(column, &mut self.wait),
            Column::TalkMs => from.some::<Int64Type>(column, &mut self.talk),
            Column::HoldMs => from.some::<Int64Type>(column, &mut self.hold),
            Column::AcwMs => from.some::<Int64Type>(column, &mut self.after_call),
            Column::HandleMs => from.some::<Int64Type>(column, &mut self.handle),
            Column::Leg => from.all::<Int32Type>(column, &mut self.leg),
            Column::MissedAlerts => from.all::<Int32Type>(column, &mut self.missed_alerts),
            Column::Priority => from.some::<Int32Type>(column, &mut self.priority),
            Column::IsOffered => from.all::<BoolType>(column, &mut self.is_offered),
            Column::IsTransferred => from.all::<BoolType>(column, &mut self.is_transferred),
        }
    }

    fn clear(&mut self) {
        self.n_rows = 0;
        self.keys.clear();
        self.skills.elements.clear();
        self.skills.ends.clear();
        for texts in [
            &mut self.queue,
            &mut self.media,
            &mut self.outcome,
            &mut self.code,
            &mut self.reserved,
            &mut self.agent,
            &mut self.routing,
        ] {
            texts.clear();
        }
        for numbers in [
            &mut self.offered_at,
            &mut self.started_at,
            &mut self.recorded_at,
        ] {
            numbers.clear();
        }
        for numbers in [
            &mut self.ended_at,
            &mut self.decided_at,
            &mut self.wait,
            &mut self.talk,
            &mut self.hold,
            &mut self.after_call,
            &mut self.handle,
        ] {
            numbers.clear();
        }
        self.leg.clear();
        self.missed_alerts.clear();
        self.priority.clear();
        self.is_offered.clear();
        self.is_transferred.clear();
    }

    /// Returns the rows to be looked at: each text of a dictionary is found once for all of them.
    ///
    /// # Errors
    /// An outcome is none that this version knows.
    pub fn view(&self) -> Result<View<'_>, FactsError> {
        let endings = self.outcome.dictionary().into_iter().map(ending);
        let endings = endings.collect::<Option<Vec<_>>>();
        let endings = endings.ok_or(FactsError::Damaged {
            what: "an outcome is none that this version knows",
        })?;
        let skills = self.skills.elements.dictionary();
        let elements = self.skills.elements.ids.iter();
        Ok(View {
            batch: self,
            endings,
            skills: elements.map(|id| text(&skills, *id)).collect(),
            queue: self.queue.dictionary(),
            media: self.media.dictionary(),
            code: self.code.dictionary(),
            reserved: self.reserved.dictionary(),
            agent: self.agent.dictionary(),
            routing: self.routing.dictionary(),
        })
    }
}

fn text<'a>(dictionary: &[&'a str], id: u32) -> &'a str {
    optional(dictionary, id).unwrap_or_default()
}

fn optional<'a>(dictionary: &[&'a str], id: u32) -> Option<&'a str> {
    dictionary.get(usize::try_from(id).ok()?).copied()
}

/// A batch's rows.
///
/// Equal texts of one batch are the same piece of memory, so whoever counts by them may compare addresses first.
#[derive(Debug)]
pub struct View<'a> {
    batch: &'a Batch,
    endings: Vec<Ending>,
    /// The skills of all rows, one row after the other.
    skills: Vec<&'a str>,
    queue: Vec<&'a str>,
    media: Vec<&'a str>,
    code: Vec<&'a str>,
    reserved: Vec<&'a str>,
    agent: Vec<&'a str>,
    routing: Vec<&'a str>,
}

impl<'a> View<'a> {
    /// Returns the rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.batch.n_rows).map(|idx| self.row(idx))
    }

    /// Returns the visits. The conversation's id is empty: facts do not know it.
    pub fn visits(&self) -> impl Iterator<Item = Visit<'_>> {
        (0..self.batch.n_rows).map(|idx| self.visit(idx))
    }

    fn row(&self, idx: usize) -> Row<'_> {
        let batch = self.batch;
        Row {
            key: ConversationKey(batch.keys.get(idx).copied().unwrap_or_default()),
            visit: self.visit(idx),
            decided_at_ms: number(&batch.decided_at, idx),
            recorded_at_ms: batch.recorded_at.get(idx).copied().unwrap_or_default(),
        }
    }

    fn visit(&self, idx: usize) -> Visit<'_> {
        let batch = self.batch;
        let id = |column: &TextColumn| column.ids.get(idx).copied().unwrap_or(NOTHING);
        let duration =
            |column: &[Option<i64>]| number(column, idx).and_then(|ms| u64::try_from(ms).ok());
        let count = |column: &[i32]| {
            let found = column.get(idx).and_then(|count| u32::try_from(*count).ok());
            found.unwrap_or_default()
        };
        let flag = |column: &[bool]| column.get(idx).copied().unwrap_or_default();
        let coding = match optional(&self.code, id(&batch.code)) {
            Some(code) => Coded::Code(code),
            None => match optional(&self.reserved, id(&batch.reserved)) {
                Some(word) => Coded::Reserved(word),
                None => Coded::Nothing,
            },
        };
        let outcome = usize::try_from(id(&batch.outcome)).ok();
        Visit {
            conversation: "",
            started_at_ms: batch.started_at.get(idx).copied().unwrap_or_default(),
            ended_at_ms: number(&batch.ended_at, idx),
            number: count(&batch.leg),
            queue: text(&self.queue, id(&batch.queue)),
            media: text(&self.media, id(&batch.media)),
            skills: self.skills(idx),
            entered_at_ms: batch.offered_at.get(idx).copied().unwrap_or_default(),
            is_offered: flag(&batch.is_offered),
            ending: outcome
                .and_then(|id| self.endings.get(id).copied())
                .unwrap_or(Ending::Untold),
            wait_ms: duration(&batch.wait),
            coding,
            agent: optional(&self.agent, id(&batch.agent)),
            talk_ms: duration(&batch.talk),
            hold_ms: duration(&batch.hold),
            after_call_ms: duration(&batch.after_call),
            handle_ms: duration(&batch.handle),
            is_transferred: flag(&batch.is_transferred),
            missed_alerts: count(&batch.missed_alerts),
            priority: batch.priority.get(idx).copied().flatten(),
            routing: optional(&self.routing, id(&batch.routing)),
        }
    }

    fn skills(&self, idx: usize) -> &[&'a str] {
        let ends = &self.batch.skills.ends;
        let end = |idx: usize| ends.get(idx).and_then(|end| usize::try_from(*end).ok());
        let start = idx.checked_sub(1).and_then(end).unwrap_or_default();
        let skills = end(idx).and_then(|end| self.skills.get(start..end));
        skills.unwrap_or_default()
    }
}

fn number(column: &[Option<i64>], idx: usize) -> Option<i64> {
    column.get(idx).copied().flatten()
}
