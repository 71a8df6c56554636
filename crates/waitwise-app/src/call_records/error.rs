//! What keeps call records from being read.

use std::path::PathBuf;

use waitwise_history::calls::{CallsError, Mapping, MappingError};

use super::FileRead;
use crate::error::ErrorKind;

/// Why call records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallRecordsError {
    /// A file cannot be opened.
    #[error("cannot open call records {name}")]
    Open {
        /// The file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is no CSV that the mapping fits, or cannot be read to its end.
    #[error("cannot read call records {name}")]
    Read {
        /// The file.
        name: String,
        /// What the reader said.
        source: CallsError,
    },
    /// The mapping cannot be opened.
    #[error("cannot open the column mapping {}", path.display())]
    OpenMapping {
        /// As it was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The mapping is none.
    #[error("cannot understand the column mapping {}", path.display())]
    Mapping {
        /// As it was given.
        path: PathBuf,
        /// What the parser said.
        source: Box<MappingError>,
    },
    /// Too many rows of a file cannot be read.
    #[error(
        "{} of {} rows of {} cannot be read, which is more than {}%{}",
        read.tally.bad, read.tally.rows(), read.name, max_share * 100.0, located(read)
    )]
    TooManyBad {
        /// What reading the file came to.
        read: Box<FileRead>,
        /// How many may be unreadable, in 0.0..=1.0.
        max_share: f64,
    },
}

fn located(read: &FileRead) -> String {
    let first = read.tally.located.first();
    first.map_or_else(String::new, |first| {
        format!("; the first is line {}: {}", first.place.line, first.reason)
    })
}

impl CallRecordsError {
    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            CallRecordsError::Read {
                source: CallsError::Read { .. },
                ..
            }
            | CallRecordsError::TooManyBad { .. } => ErrorKind::Incomplete,
            CallRecordsError::Open { .. }
            | CallRecordsError::Read { .. }
            | CallRecordsError::OpenMapping { .. }
            | CallRecordsError::Mapping { .. } => ErrorKind::Usage,
        }
    }

    /// Returns what to try.
    pub fn hints(&self) -> Vec<String> {
        let shipped = || Mapping::names().collect::<Vec<_>>().join(", ");
        vec![match self {
            CallRecordsError::Open { .. } => {
                "check that the file is there and may be read".to_owned()
            }
            CallRecordsError::Read { source, .. } => match source {
                CallsError::Read { .. } => {
                    "the file is cut off or damaged: copy it again".to_owned()
                }
                CallsError::Utf16 => {
                    "write it anew as UTF-8, such as by iconv -f UTF-16 -t UTF-8".to_owned()
                }
                CallsError::UnknownHeader { .. } => format!(
                    "--mapping FILE names a TOML file that says what the columns mean; carried along are {}",
                    shipped()
                ),
                CallsError::NoHeader
                | CallsError::NoColumn { .. }
                | CallsError::ColumnTwice { .. }
                | _ => "the first line names the columns; --mapping FILE says what they mean"
                    .to_owned(),
            },
            CallRecordsError::OpenMapping { .. } => {
                format!("--mapping takes a file, or one of {}", shipped())
            }
            CallRecordsError::Mapping { .. } => {
                "docs/call-records.md lists what a mapping can say".to_owned()
            }
            CallRecordsError::TooManyBad { .. } => {
                "--dry-run shows how rows are read; --max-bad PERCENT lets more pass".to_owned()
            }
        }]
    }
}
