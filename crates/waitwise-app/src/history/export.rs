//! Facts for other tools, in one file.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::civil::Date;
use waitwise_history::facts::{Columns, Rows, text};
use waitwise_history::{FactsError, Row};
use waitwise_model::QueueId;

use super::disk::{self, History};
use super::error::HistoryError;

/// Which facts, and as what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// Of these queues; none: of all.
    pub queues: Vec<QueueId>,
    /// Of conversations that began on this UTC day or later.
    pub first: Option<Date>,
    /// Of conversations that began on this UTC day or earlier.
    pub last: Option<Date>,
    /// As what.
    pub format: ExportFormat,
}

/// How rows are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Parquet, with the columns of facts.
    Parquet,
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// How many files of facts were read.
    pub files: usize,
    /// How many visits were written.
    pub visits: u64,
}

impl History {
    /// Writes facts into a file: all of it, or nothing. Rows come by queue, day and entry.
    ///
    /// # Errors
    /// Facts cannot be read, or the file cannot be written.
    pub fn export_to(&self, export: &Export, path: &Path) -> Result<Exported, HistoryError> {
        let mut done = Ok(Exported::default());
        disk::write(path, |file| {
            done = self.export(export, BufWriter::new(file));
            match &done {
                // It is told below; here it keeps the file from being put into its place.
                Err(_) => Err(io::ErrorKind::Other.into()),
                Ok(_) => Ok(()),
            }
        })
        .or_else(|error| match done {
            Err(_) => Ok(()),
            Ok(_) => Err(error),
        })?;
        done
    }

    /// Writes facts to `sink`.
    ///
    /// # Errors
    /// Facts cannot be read, or cannot be written: what was written before must not be used.
    pub fn export(
        &self,
        export: &Export,
        sink: impl Write + Send,
    ) -> Result<Exported, HistoryError> {
        let mut writer = Writer::begin(export.format, sink)?;
        let mut done = Exported::default();
        for queue in self.queues()? {
            if !export.queues.is_empty() && !export.queues.contains(&queue) {
                continue;
            }
            for day in self.days(&queue)? {
                if export.has(day) {
                    done.visits += self.export_day(&queue, day, &mut writer)?;
                    done.files += 1;
                }
            }
        }
        writer.end()?;
        Ok(done)
    }

    fn export_day(
        &self,
        queue: &QueueId,
        day: Date,
        writer: &mut Writer<impl Write + Send>,
    ) -> Result<u64, HistoryError> {
        let mut failed = None;
        let mut visits = 0;
        self.read_day(queue, day, Columns::ALL, |row| {
            visits += 1;
            if failed.is_none() {
                failed = writer.add(row).err();
            }
        })?;
        failed.map_or(Ok(visits), |error| Err(unwritten(error)))
    }
}

impl Export {
    fn has(&self, day: Date) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

enum Writer<W: Write + Send> {
    Lines {
        sink: W,
        write: fn(&Row<'_>, &mut String),
        line: String,
    },
    Parquet(Box<Rows<W>>),
}

impl<W: Write + Send> Writer<W> {
    fn begin(format: ExportFormat, mut sink: W) -> Result<Writer<W>, HistoryError> {
        let write = match format {
            ExportFormat::Csv => {
                let header = text::csv_header();
                let written = sink.write_all(header.as_bytes());
                written.map_err(|error| unwritten(FactsError::Io(error)))?;
                text::csv
            }
            ExportFormat::Ndjson => text::json,
            ExportFormat::Parquet => {
                let rows = Rows::begin(sink).map_err(unwritten)?;
                return Ok(Writer::Parquet(Box::new(rows)));
            }
        };
        Ok(Writer::Lines {
            sink,
            write,
            line: String::new(),
        })
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), FactsError> {
        match self {
            Writer::Lines { sink, write, line } => {
                line.clear();
                write(row, line);
                sink.write_all(line.as_bytes()).map_err(FactsError::Io)
            }
            Writer::Parquet(rows) => rows.add(row),
        }
    }

    fn end(self) -> Result<(), HistoryError> {
        let mut sink = match self {
            Writer::Lines { sink, .. } => sink,
            Writer::Parquet(rows) => rows.end().map_err(unwritten)?,
        };
        sink.flush()
            .map_err(|error| unwritten(FactsError::Io(error)))
    }
}

fn unwritten(source: FactsError) -> HistoryError {
    HistoryError::Export { source }
}
