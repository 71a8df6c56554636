//! Where history lies on disk, and that nothing there is ever half written.
//!
//! ```text
//! DIR/facts/queue=ID/date=2026-03-02/facts.parquet   one queue's facts of one UTC day
//! DIR/facts/queue=ID/date=2026-03-02/_manifest.json  what that file is, for people and other tools
//! DIR/pulling/2026-03-02/                            a day that is being pulled
//! DIR/lock                                           held by whoever changes a file of facts
//! ```
//!
//! A file is written beside its place, made durable, and moved there: whoever finds it finds all of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use waitwise_history::facts::{self, Batch, Columns, Of};
use waitwise_history::{FactsError, Head, Part, Reader, Row, Table};
use waitwise_model::{QueueId, Visit};

use super::error::HistoryError;
use super::folder::{queue_folder, queue_of};
use super::manifest::{self, Manifest};
use super::pulling::Pulling;

const FACTS: &str = "facts.parquet";

/// A tenant's history on disk.
#[derive(Clone, Debug)]
pub struct History {
    dir: PathBuf,
}

/// A file of facts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says about itself.
    pub head: Head,
    /// The manifest beside it; made anew if it is missing or says otherwise.
    pub manifest: Manifest,
}

impl History {
    /// Uses `dir`, which is made when something is written. One tenant, one folder.
    pub fn at(dir: impl Into<PathBuf>) -> History {
        History { dir: dir.into() }
    }

    /// Returns the folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns all files of facts, by queue and day.
    ///
    /// # Errors
    /// A folder or a file cannot be read, or is not of this format.
    pub fn kept(&self) -> Result<Vec<Kept>, HistoryError> {
        let mut kept = Vec::new();
        for queue in self.queues()? {
            for day in self.days(&queue)? {
                let path = self.facts_path(&queue, day);
                let head = open(&path)?.head().clone();
                let manifest = manifest::of(&path, &head).map_err(on_disk(&path))?;
                kept.push(Kept {
                    path,
                    head,
                    manifest,
                });
            }
        }
        Ok(kept)
    }

    /// Returns the queues of which there are facts, sorted.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn queues(&self) -> Result<Vec<QueueId>, HistoryError> {
        let names = entries(&self.dir.join("facts"))?;
        let mut queues: Vec<_> = names.iter().filter_map(|name| queue_of(name)).collect();
        queues.sort();
        Ok(queues)
    }

    /// Returns the days of which there are facts of a queue, sorted.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn days(&self, queue: &QueueId) -> Result<Vec<Date>, HistoryError> {
        let folder = self.queue_path(queue);
        let mut days = Vec::new();
        for name in entries(&folder)? {
            let day = name.strip_prefix("date=").and_then(|day| day.parse().ok());
            let is_there = |day: &Date| self.facts_path(queue, *day).exists();
            days.extend(day.filter(is_there));
        }
        days.sort();
        Ok(days)
    }

    /// Returns how many files there are of the format before this one, which is not read any more.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn outdated(&self) -> Result<usize, HistoryError> {
        let facts = self.dir.join("facts");
        let mut count = 0;
        for name in entries(&facts)? {
            if queue_of(&name).is_none() {
                let files = entries(&facts.join(name))?;
                count += files
                    .iter()
                    .filter(|name| name.ends_with(".ndjson"))
                    .count();
            }
        }
        Ok(count)
    }

    /// Returns what a queue's file of a day says about itself; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is not of this format.
    pub fn head(&self, queue: &QueueId, day: Date) -> Result<Option<Head>, HistoryError> {
        let reader = self.reader(queue, day)?;
        Ok(reader.map(|reader| reader.head().clone()))
    }

    /// Hands each row of a queue's day to `take`, with the wanted columns, and returns the head; `None` if there is no
    /// such day.
    ///
    /// # Errors
    /// The file cannot be read, or is not as it was written: then what was handed out must not be used.
    pub fn read_day(
        &self,
        queue: &QueueId,
        day: Date,
        wanted: Columns,
        take: impl FnMut(&Row<'_>),
    ) -> Result<Option<Head>, HistoryError> {
        let Some(mut reader) = self.reader(queue, day)? else {
            return Ok(None);
        };
        let path = self.facts_path(queue, day);
        reader.for_each(wanted, take).map_err(unusable(&path))?;
        Ok(Some(reader.head().clone()))
    }

    /// Hands each visit of a queue's day to `take`, with the wanted columns; none if there is no such day.
    ///
    /// # Errors
    /// As [`History::read_day`].
    pub(crate) fn read_visits(
        &self,
        queue: &QueueId,
        day: Date,
        wanted: Columns,
        batch: &mut Batch,
        mut take: impl FnMut(&Visit<'_>),
    ) -> Result<(), HistoryError> {
        let Some(mut reader) = self.reader(queue, day)? else {
            return Ok(());
        };
        let mut read = || -> Result<(), FactsError> {
            while reader.next_batch(wanted, batch)? {
                batch.view()?.visits().for_each(|visit| take(&visit));
            }
            Ok(())
        };
        read().map_err(unusable(&self.facts_path(queue, day)))
    }

    /// Returns a reader of a queue's day; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is not of this format.
    pub fn reader(&self, queue: &QueueId, day: Date) -> Result<Option<Reader<File>>, HistoryError> {
        let path = self.facts_path(queue, day);
        if !path.exists() {
            return Ok(None);
        }
        let reader = open(&path)?;
        // A file that was put into another's place would count for both.
        match reader.head().queue == *queue && reader.head().day == day {
            true => Ok(Some(reader)),
            false => Err(HistoryError::Misplaced {
                path,
                queue: reader.head().queue.clone(),
                day: reader.head().day,
            }),
        }
    }

    /// Waits until nobody else changes files of facts, and lets nobody else until it is dropped, or the process ends.
    pub(super) fn writing(&self) -> Result<Writing<'_>, HistoryError> {
        let path = self.dir.join("lock");
        let locked = || {
            make_folder(&self.dir)?;
            let mut options = owners_file();
            options.write(true).create(true).truncate(false);
            let file = options.open(&path)?;
            file.lock()?;
            Ok(file)
        };
        Ok(Writing {
            history: self,
            _lock: locked().map_err(on_disk(&path))?,
        })
    }

    fn queue_path(&self, queue: &QueueId) -> PathBuf {
        self.dir.join("facts").join(queue_folder(queue))
    }

    pub(super) fn facts_path(&self, queue: &QueueId, day: Date) -> PathBuf {
        let folder = self.queue_path(queue).join(format!("date={day}"));
        folder.join(FACTS)
    }

    /// Returns the place for a day that is being pulled.
    pub(super) fn pulling(&self, day: Date) -> Pulling {
        Pulling(self.dir.join("pulling").join(day.to_string()))
    }
}

/// The right to change files of facts. One process has it.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    history: &'a History,
    _lock: File,
}

impl Writing<'_> {
    /// Writes the manifest of a file of facts with this head, if it is missing or of another file: whoever wrote the
    /// facts may have been cut off before it.
    pub(super) fn mend_manifest(&self, head: &Head) -> Result<(), HistoryError> {
        let path = self.history.facts_path(&head.queue, head.day);
        if manifest::beside(&path, head).is_some() {
            return Ok(());
        }
        let manifest = manifest::of(&path, head).map_err(on_disk(&path))?;
        write_manifest(&path, &manifest)
    }

    /// Adds rows to the facts of a queue's day. What is there stays, but for what a newer record says otherwise. No two
    /// threads may add to the same file.
    ///
    /// `rows` are those that [`Table::parts`] gives for this queue and day after [`Table::keep_newest`]; `None`: there
    /// are none, and that is known.
    pub(super) fn add(&self, of: Of, rows: Option<Part<'_>>) -> Result<Head, HistoryError> {
        let path = self.history.facts_path(&of.queue, of.day);
        let Some(mut reader) = self.history.reader(&of.queue, of.day)? else {
            return write_facts(&path, of, rows);
        };
        let head = reader.head().clone();
        let mut table = Table::default();
        let mut unfit = None;
        let mut add = |row: &Row<'_>, table: &mut Table| {
            unfit = unfit.or(table.add_row(row).err());
        };
        let read = reader.for_each(Columns::ALL, |row| add(row, &mut table));
        read.map_err(unusable(&path))?;
        table.end_rows();
        if let Some(rows) = rows {
            rows.for_each(|row| add(row, &mut table));
            table.end_rows();
        }
        if let Some(unfit) = unfit {
            return Err(HistoryError::TooMuch {
                path,
                source: unfit,
            });
        }
        table.keep_newest();
        let of = Of {
            coverage: head.coverage.with(of.coverage),
            sources: [head.sources, of.sources].concat(),
            ..of
        };
        let parts = table.parts();
        write_facts(&path, of, parts.first().copied())
    }
}

fn write_facts(path: &Path, of: Of, rows: Option<Part<'_>>) -> Result<Head, HistoryError> {
    let mut written = None;
    write(path, |file| {
        match facts::write(BufWriter::new(file), of, rows) {
            Ok(facts) => written = Some(facts),
            Err(FactsError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        }
        Ok(())
    })?;
    let nothing = || on_disk(path)(io::ErrorKind::WriteZero.into());
    let written = written.ok_or_else(nothing)?;
    write_manifest(path, &Manifest::new(FACTS, &written))?;
    Ok(written.head)
}

fn write_manifest(path: &Path, manifest: &Manifest) -> Result<(), HistoryError> {
    write(&manifest::path(path), |mut file| {
        file.write_all(manifest.text().as_bytes())
    })
}

fn open(path: &Path) -> Result<Reader<File>, HistoryError> {
    let file = File::open(path).map_err(on_disk(path))?;
    Reader::open(file).map_err(unusable(path))
}

/// Returns the names of what lies in a folder, sorted; nothing if there is no such folder. Names that are no Unicode
/// are none of ours.
pub(super) fn entries(folder: &Path) -> Result<Vec<String>, HistoryError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(Vec::new()),
        Err(error) => return Err(on_disk(folder)(error)),
    };
    let names = listed.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let names: io::Result<Vec<_>> = names.collect();
    let names = names.map_err(on_disk(folder))?;
    let mut names: Vec<_> = names.into_iter().flatten().collect();
    names.sort();
    Ok(names)
}

/// Writes a file that only its owner can read: all of it, or nothing.
pub(super) fn write(
    path: &Path,
    content: impl FnOnce(&File) -> io::Result<()>,
) -> Result<(), HistoryError> {
    let written = || -> io::Result<()> {
        let folder = folder_of(path);
        make_folder(folder)?;
        let beside = path.with_extension("part");
        let mut options = owners_file();
        options.write(true).create(true).truncate(true);
        let file = options.open(&beside)?;
        content(&file)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_folder(folder)
    };
    written().map_err(on_disk(path))
}

/// Makes a name durable: that needs its folder; elsewhere than on Unix a folder cannot be opened for it.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

pub(super) fn owners_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(super) fn on_disk(path: &Path) -> impl Fn(io::Error) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Disk {
        path: path.clone(),
        source,
    }
}

pub(super) fn unusable(path: &Path) -> impl Fn(FactsError) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Facts {
        path: path.clone(),
        source,
    }
}

/// Makes a folder that only its owner can look into, and those that it stands in, all of them durable.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    make_folder(folder_of(folder))?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(folder_of(folder)),
    }
}

/// Returns the folder that a file or folder stands in.
fn folder_of(path: &Path) -> &Path {
    let parent = path.parent();
    parent
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
