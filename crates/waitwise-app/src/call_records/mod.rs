//! Call records of other systems: files on the disk, read by a mapping.
//!
//! [`read`] hands out each call of several files; [`rehearse`] shows how they would be read, and keeps nothing.

mod error;
mod rehearsal;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use waitwise_history::calls::{self, Identities, unpacked};
use waitwise_model::Visit;

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
    pub paths: Vec<PathBuf>,
    /// How their columns are to be understood.
    pub mapping: Chosen,
    /// How many rows of a file may be unreadable, in 0.0..=1.0.
    pub max_bad_share: f64,
}

/// Is told how many more bytes of the files have been read, as they lie on the disk.
pub type Progress<'a> = dyn Fn(u64) + Send + Sync + 'a;

/// A file that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRead {
    /// The file.
    pub path: PathBuf,
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
    progress: &Progress<'_>,
    taker: &mut impl Taker,
) -> Result<Vec<FileRead>, CallRecordsError> {
    let mapping = files.mapping.find()?;
    let mut all = Vec::new();
    for path in &files.paths {
        let read = read_file(path, mapping.as_ref(), progress, taker)?;
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

fn read_file(
    path: &Path,
    mapping: Option<&(String, Mapping)>,
    progress: &Progress<'_>,
    taker: &mut impl Taker,
) -> Result<FileRead, CallRecordsError> {
    let unread = |source| CallRecordsError::Read {
        path: path.to_path_buf(),
        source,
    };
    let bytes = open(path, progress).map_err(|source| CallRecordsError::Open {
        path: path.to_path_buf(),
        source,
    })?;
    let given = mapping.map(|(_, mapping)| mapping.clone());
    let mut rows = calls::Calls::open(bytes, given).map_err(unread)?;
    let mut identities = Identities::default();
    while let Some(row) = rows.next_row().map_err(unread)? {
        if let Row::Call(place, call) = row {
            let visit = call.visit(identities.of(&call));
            taker.call(place, &call, &visit);
        }
    }
    let given = mapping.map(|(name, _)| name.as_str());
    Ok(FileRead {
        path: path.to_path_buf(),
        mapping: rows.mapping_name().or(given).unwrap_or_default().to_owned(),
        time_zone: rows.mapping().zone_name().to_owned(),
        tally: rows.tally().clone(),
    })
}

fn open<'a>(path: &Path, progress: &'a Progress<'_>) -> io::Result<impl Read + 'a> {
    let bytes = File::open(path)?;
    unpacked(Counted { bytes, progress })
}

/// Counts what is read.
struct Counted<'a, 'p> {
    bytes: File,
    progress: &'a Progress<'p>,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.bytes.read(room)?;
        (self.progress)(n_bytes as u64);
        Ok(n_bytes)
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
