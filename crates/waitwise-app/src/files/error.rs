//! What keeps files from giving an answer.

use std::io;

use waitwise_history::breakdown::TooManyGroups;
use waitwise_history::records::{ReadError, Tally};

use super::open::Input;
use crate::call_records::CallRecordsError;
use crate::error::ErrorKind;

/// Why files gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// A file could not be read to its end.
    #[error("cannot read {name}")]
    Read {
        /// The file.
        name: String,
        /// Why.
        source: ReadError,
    },
    /// Too much could not be read.
    #[error(
        "{} of {} records cannot be used, which is more than {}%",
        .tally.refused_records + .tally.refused_visits, .tally.records, .max_share * 100.0
    )]
    Refused {
        /// What was read, and what could not be.
        tally: Box<Tally>,
        /// How much may be unreadable.
        max_share: f64,
        /// The files' names, by number.
        names: Vec<String>,
    },
    /// Call records cannot be read.
    #[error(transparent)]
    Calls(#[from] CallRecordsError),
    /// The question has too many groups.
    #[error("the question cannot be answered")]
    Groups(#[from] TooManyGroups),
}

impl FilesError {
    pub(crate) fn read(inputs: &[Input], source: ReadError) -> FilesError {
        let name = inputs.get(source.file).map(Input::name);
        FilesError::Read {
            name: name.unwrap_or_default(),
            source,
        }
    }

    /// Fails if more than `max_share` (0.0..=1.0) could not be used.
    pub(crate) fn check(inputs: &[Input], tally: &Tally, max_share: f64) -> Result<(), FilesError> {
        match tally.refused_share() > max_share {
            false => Ok(()),
            true => Err(FilesError::Refused {
                tally: Box::new(tally.clone()),
                max_share,
                names: inputs.iter().map(Input::name).collect(),
            }),
        }
    }

    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            FilesError::Read { source, .. } if is_no_file(&source.source) => ErrorKind::Usage,
            FilesError::Read { .. } | FilesError::Refused { .. } => ErrorKind::Incomplete,
            FilesError::Calls(error) => error.kind(),
            FilesError::Groups(_) => ErrorKind::Usage,
        }
    }

    /// Returns what to try.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            FilesError::Calls(error) => return error.hints(),
            FilesError::Read { .. } => "check that the file is there, readable and whole",
            FilesError::Refused { .. } => {
                "check that these are conversation records, one JSON object a line; --max-bad lets more pass"
            }
            FilesError::Groups(_) => "group by less",
        };
        vec![hint.to_owned()]
    }
}

/// Whether a file is not there to be read at all, rather than damaged.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory
    )
}
