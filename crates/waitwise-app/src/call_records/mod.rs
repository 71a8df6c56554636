//! Call records of other systems: files on the disk, read by a mapping.
//!
//! [`read`] hands out each call of several files; [`rehearse`] shows how they would be read, and keeps nothing.

mod error;
mod rehearsal;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use waitwise_history::calls::{self, Identities};
use waitwise_history::records;
use waitwise_model::Visit;

use crate::files::{Input, Progress};

pub use error::CallRecordsError;
pub use rehearsal::{Example, FileRehearsal, Rehearsal, Totals, rehearse};
pub use waitwise_history::calls::{BadRow, Call, Mapping, Place, Row, Tally};

/// Which mapping files are read by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chosen {
    /// The one of those carried along that fits each file's header.
    ByHeader,
    /// One carried along by its name or, if there is none of that name, one in this file.
    Given(PathBuf),
}

/// What is read.
#[derive(Clone, Debug)]
pub struct CallFiles {
    /// The files, plain or packed by gzip, xz or zstd.
    pub inputs: Vec<Input>,
    /// How their columns are to be understood.
    pub mapping: Chosen,
    /// How many rows of a file may be unreadable, in 0.0..=1.0.
    pub max_bad_share: f64,
}

/// A file that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRead {
    /// The file's name.
    pub name: String,
    /// The name of its mapping, or the mapping's file.
    pub mapping: String,
    /// The zone of its written times.
    pub time_zone: String,
    /// What reading it came to.
    pub tally: Tally,
}

/// Takes what files say.
pub trait Taker {
    /// A call, where it stands in the file that is being read, and the visit that it is.
    fn call(&mut self, place: Place, call: &Call<'_>, visit: &Visit<'_>);

    /// A file was read to its end.
    fn file(&mut self, _read: &FileRead) {}
}

/// Reads all files, one after the other.
///
/// # Errors
/// A mapping or a file cannot be used, a file cannot be read to its end, or too many of its rows cannot be read. What was
/// taken before is not all there is.
pub fn read(
    files: &CallFiles,
    progress: &Progress,
    taker: &mut impl Taker,
) -> Result<Vec<FileRead>, CallRecordsError> {
    let mapping = files.mapping.find()?;
    let mut all = Vec::new();
    for input in &files.inputs {
        let read = read_file(input, mapping.as_ref(), progress, taker)?;
        if read.tally.has_more_bad_than(files.max_bad_share) {
            return Err(CallRecordsError::TooManyBad {
                read: Box::new(read),
                max_share: files.max_bad_share,
            });
        }
        taker.file(&read);
        all.push(read);
    }
    Ok(all)
}

/// Returns the zone of the written times of the first file: that of hours and days, unless somebody wants another.
///
/// Standard input cannot be looked at twice: where its header decides on the mapping, it is UTC.
///
/// # Errors
/// The mapping or the file cannot be used.
pub fn time_zone(inputs: &[Input], mapping: &Chosen) -> Result<TimeZone, CallRecordsError> {
    let mapping = match (mapping.find()?, inputs.first()) {
        (Some((_, mapping)), _) => mapping,
        (None, Some(input @ Input::File(_))) => open(input, None, &ignored())?.mapping().clone(),
        (None, Some(Input::Stdin) | None) => return Ok(TimeZone::UTC),
    };
    let zone = mapping.time_zone;
    Ok(zone.map_or(TimeZone::UTC, |zone| zone.time_zone().clone()))
}

fn ignored() -> Progress {
    Arc::new(|_| {})
}

/// Brings what reading several files came to together, their troubles with the number of their file.
pub fn tally(files: &[FileRead]) -> records::Tally {
    let mut all = records::Tally::default();
    for (file, read) in files.iter().enumerate() {
        all.records += read.tally.rows();
        all.refused_records += read.tally.bad;
        all.visits += read.tally.calls;
        all.troubles.extend(read.tally.located.iter().map(|bad| {
            let Place { line, offset } = bad.place;
            let place = records::Place { file, offset, line };
            records::Trouble::new(place, bad.reason.clone())
        }));
    }
    all
}

fn read_file(
    input: &Input,
    mapping: Option<&(String, Mapping)>,
    progress: &Progress,
    taker: &mut impl Taker,
) -> Result<FileRead, CallRecordsError> {
    let unread = |source| unread(input, source);
    let mut rows = open(input, mapping.map(|(_, mapping)| mapping.clone()), progress)?;
    let mut identities = Identities::default();
    while let Some(row) = rows.next_row().map_err(unread)? {
        if let Row::Call(place, call) = row {
            let visit = call.visit(identities.of(&call));
            taker.call(place, &call, &visit);
        }
    }
    let given = mapping.map(|(name, _)| name.as_str());
    Ok(FileRead {
        name: input.name(),
        mapping: rows.mapping_name().or(given).unwrap_or_default().to_owned(),
        time_zone: rows.mapping().zone_name().to_owned(),
        tally: rows.tally().clone(),
    })
}

fn open(
    input: &Input,
    mapping: Option<Mapping>,
    progress: &Progress,
) -> Result<calls::Calls<impl Read + use<>>, CallRecordsError> {
    let bytes = input
        .open(progress)
        .map_err(|source| CallRecordsError::Open {
            name: input.name(),
            source,
        })?;
    calls::Calls::open(bytes, mapping).map_err(|source| unread(input, source))
}

fn unread(input: &Input, source: calls::CallsError) -> CallRecordsError {
    CallRecordsError::Read {
        name: input.name(),
        source,
    }
}

impl Chosen {
    /// The mapping with its name; `None` if each file's header decides.
    fn find(&self) -> Result<Option<(String, Mapping)>, CallRecordsError> {
        let Chosen::Given(path) = self else {
            return Ok(None);
        };
        let name = path.display().to_string();
        let text = match Mapping::shipped(&name) {
            Some(text) => text.to_owned(),
            None => {
                std::fs::read_to_string(path).map_err(|source| CallRecordsError::OpenMapping {
                    path: path.clone(),
                    source,
                })?
            }
        };
        let mapping = Mapping::parse(&text).map_err(|source| CallRecordsError::Mapping {
            path: path.clone(),
            source: Box::new(source),
        })?;
        Ok(Some((name, mapping)))
    }
}
