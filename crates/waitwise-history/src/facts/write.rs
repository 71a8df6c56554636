//! Rows → bytes.

use std::io::{self, Write};

use bytes::Bytes;
use jiff::civil::Date;
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{
    SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter,
};
use sha2::Sha256;
use waitwise_model::QueueId;

use super::columns::{Column, PROPERTIES, SCHEMA};
use super::guard::{checksum, guard};
use super::{Coverage, FORMAT, FactsError, GROUP_ROWS_MAX, HEAD_KEY, Head, HeadShape, Source};
use crate::page::hex;
use crate::row::{Row, ending_word};
use crate::table::{Maybe, NO_TEXT, Part, Stored, Table, Word};

/// What a file is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Of {
    /// The queue of all rows.
    pub queue: QueueId,
    /// The UTC day on which all their conversations began.
    pub day: Date,
    /// Which part of the day they are all of.
    pub coverage: Coverage,
    /// Where they came from.
    pub sources: Vec<Source>,
}

/// A file that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// What it says about itself.
    pub head: Head,
    /// Its length in bytes.
    pub n_bytes: u64,
    /// The SHA-256 of all its bytes, as 64 hexadecimal digits.
    pub sha256: String,
}

/// Writes a file of facts: `rows` as [`Table::parts`](crate::Table::parts) gives them, or none.
///
/// # Errors
/// The disk or the library refuses.
pub fn write<W: Write + Send>(
    sink: W,
    of: Of,
    rows: Option<Part<'_>>,
) -> Result<Written, FactsError> {
    let sink = Sink::new(sink);
    let mut writer = SerializedFileWriter::new(sink, SCHEMA.clone(), PROPERTIES.clone())?;
    let mut checksums = Vec::new();
    let (mut legs, mut in_progress) = (0, 0);
    if let Some(part) = rows {
        let mut texts = Texts::of(part);
        for rows in part.stored().chunks(GROUP_ROWS_MAX) {
            let group = Group { part, rows };
            group.write(writer.next_row_group()?, &mut texts)?;
            writer.flush().map_err(FactsError::Io)?;
            let columns = writer.flushed_row_groups().last();
            let columns = columns.map(|group| group.columns()).unwrap_or_default();
            let ranges = columns.iter().map(|column| column.byte_range());
            checksums.push(writer.inner().checksums(ranges)?);
            writer.inner_mut().let_go().map_err(FactsError::Io)?;
            legs += rows.len();
            let is_going_on = |row: &&Stored| row.ended_at.get().is_none();
            in_progress += rows.iter().filter(is_going_on).count();
        }
    }
    let mut sources = of.sources;
    sources.sort_unstable();
    sources.dedup();
    let head = Head {
        queue: of.queue,
        day: of.day,
        coverage: of.coverage,
        sources,
        legs,
        in_progress,
    };
    let said = KeyValue::new(HEAD_KEY.to_owned(), shape(&head, checksums));
    writer.append_key_value_metadata(said);
    // What the library writes before the first row group must not be taken for the footer.
    writer.flush().map_err(FactsError::Io)?;
    writer.inner_mut().let_go().map_err(FactsError::Io)?;
    let (n_bytes, sha256) = writer.into_inner()?.end().map_err(FactsError::Io)?;
    Ok(Written {
        head,
        n_bytes,
        sha256,
    })
}

/// Writes rows of any queues and days into one file, in the order in which they come: for other tools, since what such a
/// file is of nobody says.
pub struct Rows<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    table: Table,
}

impl<W: Write + Send> Rows<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// The disk or the library refuses.
    pub fn begin(sink: W) -> Result<Rows<W>, FactsError> {
        Ok(Rows {
            writer: SerializedFileWriter::new(sink, SCHEMA.clone(), PROPERTIES.clone())?,
            table: Table::default(),
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The disk or the library refuses.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), FactsError> {
        let unfit = |unfit| FactsError::Io(io::Error::other(unfit));
        self.table.add_row(row).map_err(unfit)?;
        match self.table.len() < GROUP_ROWS_MAX {
            true => Ok(()),
            false => self.write_group(),
        }
    }

    fn write_group(&mut self) -> Result<(), FactsError> {
        if !self.table.is_empty() {
            let part = self.table.whole();
            let rows = part.stored();
            let group = Group { part, rows };
            group.write(self.writer.next_row_group()?, &mut Texts::of(part))?;
            self.table.clear();
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The disk or the library refuses.
    pub fn end(mut self) -> Result<W, FactsError> {
        self.write_group()?;
        Ok(self.writer.into_inner()?)
    }
}

fn shape(head: &Head, checksums: Vec<String>) -> String {
    let shape = HeadShape {
        format: FORMAT.to_owned(),
        queue: head.queue.to_string(),
        date: head.day,
        covers_from: head.coverage.from,
        covers_to: head.coverage.to,
        sources: head.sources.clone(),
        visits: head.legs,
        in_progress: head.in_progress,
        checksums,
    };
    // Texts and numbers: writing them as JSON cannot fail.
    serde_json::to_string(&shape).unwrap_or_default()
}

/// A SHA-256 in the making.
#[derive(Clone, Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.0, bytes);
    }

    /// Returns the digest as 64 hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&sha2::Digest::finalize(self.0))
    }
}

/// Where bytes go: held back until their checksums are known, then let go.
struct Sink<W> {
    inner: W,
    held: Vec<u8>,
    /// How many bytes have gone.
    n_gone: u64,
    digest: Digest,
}

impl<W: Write> Sink<W> {
    fn new(inner: W) -> Self {
        Sink {
            inner,
            held: Vec::new(),
            n_gone: 0,
            digest: Digest::default(),
        }
    }

    /// Returns the checksums of ranges of bytes, each as a start and a length, that are held.
    fn checksums(&self, ranges: impl Iterator<Item = (u64, u64)>) -> Result<String, FactsError> {
        let mut text = String::new();
        for (start, length) in ranges {
            let start = start.checked_sub(self.n_gone).map(usize::try_from);
            let held = start.and_then(Result::ok).and_then(|start| {
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                self.held.get(start..end)
            });
            let lost = io::Error::other("a column is not where it was written");
            let held = held.ok_or(lost).map_err(FactsError::Io)?;
            text += &hex(&checksum(held).to_be_bytes());
        }
        Ok(text)
    }

    fn let_go(&mut self) -> io::Result<()> {
        self.inner.write_all(&self.held)?;
        self.digest.update(&self.held);
        self.n_gone += u64::try_from(self.held.len()).unwrap_or(u64::MAX);
        self.held.clear();
        Ok(())
    }

    /// Takes what is held for the footer and lets it go behind its guard. Returns the number of all bytes, and their
    /// digest.
    fn end(mut self) -> io::Result<(u64, String)> {
        let guard = guard(&self.held);
        self.held.splice(0..0, guard);
        self.let_go()?;
        self.inner.flush()?;
        Ok((self.n_gone, self.digest.finish()))
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The table's texts as the library wants them, made when they are first needed.
struct Texts<'a> {
    part: Part<'a>,
    made: Vec<Option<ByteArray>>,
}

impl<'a> Texts<'a> {
    fn of(part: Part<'a>) -> Self {
        let made = vec![None; part.n_texts()];
        Texts { part, made }
    }

    fn get(&mut self, number: u32) -> ByteArray {
        let text = self.part.text(number);
        let copy = || ByteArray::from(Bytes::copy_from_slice(text.as_bytes()));
        let made = usize::try_from(number).ok();
        match made.and_then(|number| self.made.get_mut(number)) {
            Some(made) => made.get_or_insert_with(copy).clone(),
            None => copy(),
        }
    }
}

/// The rows of one row group.
struct Group<'a> {
    part: Part<'a>,
    rows: &'a [Stored],
}

impl Group<'_> {
    fn write<W: Write + Send>(
        &self,
        mut writer: SerializedRowGroupWriter<'_, W>,
        texts: &mut Texts<'_>,
    ) -> Result<(), FactsError> {
        for column in Column::ALL {
            let missing = || FactsError::Io(io::Error::other("the schema has fewer columns"));
            let mut into = writer.next_column()?.ok_or_else(missing)?;
            self.column(column, &mut into, texts)?;
            into.close()?;
        }
        writer.close()?;
        Ok(())
    }

    fn column(
        &self,
        column: Column,
        into: &mut SerializedColumnWriter<'_>,
        texts: &mut Texts<'_>,
    ) -> Result<(), FactsError> {
        match column {
            Column::ConversationKey => {
                let key = |row: &Stored| FixedLenByteArray::from(row.key.0.to_vec());
                self.all(into.typed::<FixedLenByteArrayType>(), key)
            }
            Column::Leg => self.all(into.typed::<Int32Type>(), |row| bits(row.number)),
            Column::MissedAlerts => {
                self.all(into.typed::<Int32Type>(), |row| bits(row.missed_alerts))
            }
            Column::Priority => self.some(into.typed::<Int32Type>(), |row| row.priority),
            Column::IsOffered => self.all(into.typed::<BoolType>(), |row| row.is_offered),
            Column::IsTransferred => self.all(into.typed::<BoolType>(), |row| row.is_transferred),
            Column::OfferedAt => self.all(into.typed::<Int64Type>(), |row| row.entered_at),
            Column::ConversationStart => self.all(into.typed::<Int64Type>(), |row| row.started_at),
            Column::RecordedAt => self.all(into.typed::<Int64Type>(), |row| row.recorded_at),
            Column::ConversationEnd => self.numbers(into, |row| row.ended_at),
            Column::DecidedAt => self.numbers(into, |row| row.decided_at),
            Column::WaitMs => self.numbers(into, |row| row.wait),
            Column::TalkMs => self.numbers(into, |row| row.talk),
            Column::HoldMs => self.numbers(into, |row| row.hold),
            Column::AcwMs => self.numbers(into, |row| row.after_call),
            Column::HandleMs => self.numbers(into, |row| row.handle),
            Column::QueueId => self.texts(into, texts, |row| row.queue),
            Column::MediaType => self.texts(into, texts, |row| row.media),
            Column::Outcome => {
                let word = |row: &Stored| ByteArray::from(ending_word(row.ending));
                self.all(into.typed::<ByteArrayType>(), word)
            }
            Column::WrapUpCode => self.words(into, texts, |row| match row.coding {
                Word::Code(code) => code,
                Word::Reserved(_) | Word::Nothing => NO_TEXT,
            }),
            Column::ReservedCode => self.words(into, texts, |row| match row.coding {
                Word::Reserved(word) => word,
                Word::Code(_) | Word::Nothing => NO_TEXT,
            }),
            Column::AgentKey => self.words(into, texts, |row| row.agent),
            Column::RoutingUsed => self.words(into, texts, |row| row.routing),
            Column::Skills => self.skills(into, texts),
        }
    }

    /// Writes a column that every row has.
    fn all<T: DataType>(
        &self,
        into: &mut ColumnWriterImpl<'_, T>,
        of: impl FnMut(&Stored) -> T::T,
    ) -> Result<(), FactsError> {
        let values: Vec<_> = self.rows.iter().map(of).collect();
        into.write_batch(&values, None, None)?;
        Ok(())
    }

    /// Writes a column that not every row has.
    fn some<T: DataType>(
        &self,
        into: &mut ColumnWriterImpl<'_, T>,
        mut of: impl FnMut(&Stored) -> Option<T::T>,
    ) -> Result<(), FactsError> {
        let mut values = Vec::with_capacity(self.rows.len());
        let mut levels = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let value = of(row);
            levels.push(i16::from(value.is_some()));
            values.extend(value);
        }
        into.write_batch(&values, Some(&levels), None)?;
        Ok(())
    }

    fn numbers(
        &self,
        into: &mut SerializedColumnWriter<'_>,
        of: impl Fn(&Stored) -> Maybe,
    ) -> Result<(), FactsError> {
        self.some(into.typed::<Int64Type>(), |row| of(row).get())
    }

    fn texts(
        &self,
        into: &mut SerializedColumnWriter<'_>,
        texts: &mut Texts<'_>,
        of: impl Fn(&Stored) -> u32,
    ) -> Result<(), FactsError> {
        self.all(into.typed::<ByteArrayType>(), |row| texts.get(of(row)))
    }

    fn words(
        &self,
        into: &mut SerializedColumnWriter<'_>,
        texts: &mut Texts<'_>,
        of: impl Fn(&Stored) -> u32,
    ) -> Result<(), FactsError> {
        self.some(into.typed::<ByteArrayType>(), |row| {
            let number = of(row);
            (number != NO_TEXT).then(|| texts.get(number))
        })
    }

    /// Writes the lists: the first element of a row has the repetition level 0, each other 1; a row without any has
    /// the definition level 0.
    fn skills(
        &self,
        into: &mut SerializedColumnWriter<'_>,
        texts: &mut Texts<'_>,
    ) -> Result<(), FactsError> {
        let (mut values, mut levels, mut repetition) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.rows {
            let skills = self.part.list(row.skills);
            repetition.push(0);
            levels.push(i16::from(!skills.is_empty()));
            repetition.resize(repetition.len() + skills.len().saturating_sub(1), 1);
            levels.resize(repetition.len(), 1);
            values.extend(skills.iter().map(|skill| texts.get(*skill)));
        }
        let into = into.typed::<ByteArrayType>();
        into.write_batch(&values, Some(&levels), Some(&repetition))?;
        Ok(())
    }
}

/// Counts stand in signed columns, which every engine has; a table takes none that does not fit.
fn bits(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
