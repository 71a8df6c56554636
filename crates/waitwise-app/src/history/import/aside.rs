//! What an import has read, set aside until all is.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use waitwise_history::{Table, Unfit};

use crate::history::disk::{History, make_folder, on_disk, owners_file};
use crate::history::error::HistoryError;

/// The folder of one import. There is one at a time.
pub(super) struct Aside {
    folder: PathBuf,
    /// Ends with the process too.
    _lock: File,
}

impl Aside {
    /// Takes the folder, and forgets what an import that was cut off has left there.
    pub(super) fn begin(history: &History) -> Result<Aside, HistoryError> {
        let path = history.dir().join("import.lock");
        let folder = history.dir().join("importing");
        make_folder(history.dir()).map_err(on_disk(history.dir()))?;
        let mut options = owners_file();
        let lock = options.write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(on_disk(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let dir = history.dir().to_path_buf();
                return Err(HistoryError::Importing { dir });
            }
            Err(TryLockError::Error(error)) => return Err(on_disk(&path)(error)),
        }
        let aside = Aside {
            folder,
            _lock: lock,
        };
        aside.forget()?;
        make_folder(&aside.folder).map_err(on_disk(&aside.folder))?;
        Ok(aside)
    }

    /// Returns what one thread keeps its visits in: at most `limit` bytes of them in memory.
    pub(super) fn keeper(&self, number: usize, limit: usize) -> Keeper<'_> {
        Keeper {
            table: Table::default(),
            aside: self,
            path: self.folder.join(format!("run-{number}")),
            limit,
            file: None,
            n_written: 0,
            sections: Vec::new(),
            failed: None,
        }
    }

    /// Forgets everything.
    pub(super) fn end(self) -> Result<(), HistoryError> {
        self.forget()
    }

    fn forget(&self) -> Result<(), HistoryError> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(on_disk(&self.folder)(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// One day's visits in one thread's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Section {
    /// The UTC day, in days since 1970-01-01.
    pub(super) day: i64,
    /// How many visits.
    pub(super) rows: usize,
    path: PathBuf,
    start: u64,
    length: usize,
}

impl Section {
    /// Reads the visits into `table`.
    pub(super) fn read(&self, table: &mut Table) -> Result<(), HistoryError> {
        let mut bytes = vec![0; self.length];
        let mut read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.start))?;
            file.read_exact(&mut bytes)
        };
        read().map_err(on_disk(&self.path))?;
        table
            .take_in(&bytes)
            .map_err(|lost| on_disk(&self.path)(std::io::Error::other(lost)))
    }
}

/// One thread's visits: in memory, and on disk when they become too many.
pub(super) struct Keeper<'a> {
    pub(super) table: Table,
    aside: &'a Aside,
    path: PathBuf,
    limit: usize,
    file: Option<File>,
    n_written: u64,
    sections: Vec<Section>,
    failed: Option<HistoryError>,
}

impl Keeper<'_> {
    /// Sets visits aside if there are too many. Returns whether more can be taken; if not, [`Keeper::end`] says why.
    pub(super) fn has_room(&mut self) -> bool {
        if self.failed.is_none()
            && self.table.size() >= self.limit
            && let Err(error) = self.set_aside()
        {
            self.failed = Some(error);
        }
        self.failed.is_none()
    }

    /// Notes that a visit that was read cannot be kept.
    pub(super) fn refuse(&mut self, unfit: Unfit) {
        if self.failed.is_none() {
            let path = self.aside.folder.clone();
            self.failed = Some(HistoryError::TooMuch {
                path,
                source: unfit,
            });
        }
    }

    /// Sets everything aside and says where it is.
    pub(super) fn end(mut self) -> Result<Vec<Section>, HistoryError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.set_aside()?;
        Ok(self.sections)
    }

    fn set_aside(&mut self) -> Result<(), HistoryError> {
        if self.table.is_empty() {
            return Ok(());
        }
        let Keeper {
            table,
            path,
            file,
            n_written,
            sections,
            ..
        } = self;
        let mut open = match file.take() {
            Some(file) => file,
            None => create(path)?,
        };
        table.set_aside(|day, rows, bytes| {
            open.write_all(bytes).map_err(on_disk(path))?;
            sections.push(Section {
                day,
                rows,
                path: path.clone(),
                start: *n_written,
                length: bytes.len(),
            });
            *n_written += bytes.len() as u64;
            Ok(())
        })?;
        *file = Some(open);
        Ok(())
    }
}

fn create(path: &Path) -> Result<File, HistoryError> {
    let mut options = owners_file();
    let file = options.write(true).create_new(true).open(path);
    file.map_err(on_disk(path))
}
