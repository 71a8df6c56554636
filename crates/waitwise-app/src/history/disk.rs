//! Where history lies on disk, and that nothing there is ever half written.
//!
//! ```text
//! DIR/facts/QUEUE/2026-03-02.ndjson    one queue's facts of one UTC day
//! DIR/pulling/2026-03-02/job.json      a day that is being pulled: which job, for which queues
//! DIR/pulling/2026-03-02/00001.ndjson  its pages so far
//! ```
//!
//! A file is written beside its place, made durable, and moved there: whoever finds it finds all of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use waitwise_history::page::{self, Page};
use waitwise_history::{Fact, FactsError, Head, Reader};
use waitwise_model::{QueueId, Window};

use super::error::HistoryError;

/// A tenant's history on disk.
#[derive(Clone, Debug)]
pub struct History {
    dir: PathBuf,
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

    /// Returns the heads of all files of facts, by queue and day.
    ///
    /// # Errors
    /// A folder or a file cannot be read, or is not of this format.
    pub fn heads(&self) -> Result<Vec<Head>, HistoryError> {
        let mut heads = Vec::new();
        for queue in entries(&self.dir.join("facts"))? {
            for path in entries(&queue)? {
                if path.extension().is_some_and(|end| end == "ndjson") {
                    heads.push(open(&path)?.head().clone());
                }
            }
        }
        heads.sort_by(|a, b| (&a.queue, a.day).cmp(&(&b.queue, b.day)));
        Ok(heads)
    }

    /// Returns what a queue's file of a day says about itself; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is not of this format.
    pub fn head(&self, queue: &QueueId, day: Date) -> Result<Option<Head>, HistoryError> {
        let path = self.facts_path(queue, day);
        match path.exists() {
            true => Ok(Some(open(&path)?.head().clone())),
            false => Ok(None),
        }
    }

    /// Hands each fact of a queue's day to `take` and returns the head; `None` if there is no such day.
    ///
    /// # Errors
    /// The file cannot be read, or is not as it was written: then what was handed out must not be used.
    pub fn read_day(
        &self,
        queue: &QueueId,
        day: Date,
        mut take: impl FnMut(Fact),
    ) -> Result<Option<Head>, HistoryError> {
        let path = self.facts_path(queue, day);
        if !path.exists() {
            return Ok(None);
        }
        let mut reader = open(&path)?;
        while let Some(fact) = reader.next_fact().map_err(unusable(&path))? {
            take(fact);
        }
        Ok(Some(reader.head().clone()))
    }

    pub(super) fn write_facts(
        &self,
        queue: &QueueId,
        day: Date,
        text: &str,
    ) -> Result<(), HistoryError> {
        write(&self.facts_path(queue, day), text)
    }

    fn facts_path(&self, queue: &QueueId, day: Date) -> PathBuf {
        let facts = self.dir.join("facts").join(file_name(queue.as_str()));
        facts.join(format!("{day}.ndjson"))
    }

    /// Returns the place for a day that is being pulled.
    pub(super) fn pulling(&self, day: Date) -> Pulling {
        Pulling(self.dir.join("pulling").join(day.to_string()))
    }
}

/// The pages of a day that is being pulled.
#[derive(Debug)]
pub(super) struct Pulling(PathBuf);

/// What the pages come from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    format: String,
    /// For which queues, sorted.
    queues: Vec<String>,
    /// Which part of the day: pages of one question do not continue those of another.
    from: Timestamp,
    to: Timestamp,
    /// The query's pages are counted, so they must be equally large.
    page_size: Option<u32>,
    /// The job; `None`: the query for records that the job store does not have.
    pub(super) job: Option<String>,
}

impl Origin {
    pub(super) fn new(
        queues: &[QueueId],
        window: Window,
        job: Option<String>,
        page_size: Option<u32>,
    ) -> Origin {
        let mut queues: Vec<_> = queues.iter().map(ToString::to_string).collect();
        queues.sort();
        Origin {
            format: "waitwise-pulling/1".to_owned(),
            queues,
            from: window.from,
            to: window.to,
            page_size,
            job,
        }
    }
}

impl Pulling {
    /// Returns where the pages on disk came from; `None` if there is nothing to go on from.
    pub(super) fn origin(&self) -> Option<Origin> {
        let text = fs::read_to_string(self.0.join("job.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Forgets all pages, and begins with others.
    pub(super) fn begin(&self, origin: &Origin) -> Result<(), HistoryError> {
        self.end()?;
        // Texts: writing them as JSON cannot fail.
        let text = serde_json::to_string(origin).unwrap_or_default();
        write(&self.0.join("job.json"), &text)
    }

    /// Reads the pages that are there, from the first on, as long as each continues the one before.
    pub(super) fn pages(&self) -> Vec<Page> {
        let mut pages: Vec<Page> = Vec::new();
        while let Ok(file) = File::open(self.page_path(pages.len() + 1)) {
            let expected = pages
                .last()
                .map(|page| page.next.clone())
                .unwrap_or_default();
            match page::read(BufReader::new(file)) {
                Ok(page) if page.asked == expected => pages.push(page),
                // It cannot be used, so it is read again.
                Ok(_) | Err(_) => break,
            }
        }
        pages
    }

    pub(super) fn write_page(&self, number: usize, page: &Page) -> Result<(), HistoryError> {
        write(&self.page_path(number), &page::write(page))
    }

    /// Removes everything. The job's file goes first: pages without it are nobody's.
    pub(super) fn end(&self) -> Result<(), HistoryError> {
        let gone = |result: io::Result<()>| match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(on_disk(&self.0)(error)),
            Ok(()) | Err(_) => Ok(()),
        };
        gone(fs::remove_file(self.0.join("job.json")))?;
        gone(fs::remove_dir_all(&self.0))
    }

    fn page_path(&self, number: usize) -> PathBuf {
        self.0.join(format!("{number:05}.ndjson"))
    }
}

fn open(path: &Path) -> Result<Reader<BufReader<File>>, HistoryError> {
    let file = File::open(path).map_err(on_disk(path))?;
    Reader::open(BufReader::new(file)).map_err(unusable(path))
}

/// Returns what lies in a folder, by name; nothing if there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, HistoryError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(on_disk(folder)(error)),
    };
    let paths: io::Result<Vec<_>> = listed.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(on_disk(folder))?;
    paths.sort();
    Ok(paths)
}

/// Writes a file that only its owner can read: all of it, or nothing.
fn write(path: &Path, text: &str) -> Result<(), HistoryError> {
    let written = || -> io::Result<()> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        make_folder(folder)?;
        let beside = path.with_extension("part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        // The name is durable only with its folder; elsewhere than on Unix a folder cannot be opened for that.
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    written().map_err(on_disk(path))
}

fn on_disk(path: &Path) -> impl Fn(io::Error) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Disk {
        path: path.clone(),
        source,
    }
}

fn unusable(path: &Path) -> impl Fn(FactsError) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Facts {
        path: path.clone(),
        source,
    }
}

/// Makes a folder that only its owner can look into, and those that it stands in.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Returns an id as a name that every file system takes, different for different ids.
fn file_name(id: &str) -> String {
    use std::fmt::Write as _;
    let mut name = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => name.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail. Capitals too: some file systems hold them for small letters.
                let _ = write!(name, "_{byte:02x}");
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(asked: Option<&str>, next: Option<&str>) -> Page {
        Page {
            asked: asked.map(str::to_owned),
            next: next.map(str::to_owned),
            available_to: None,
            claimed: None,
            conversations: Vec::new(),
            rejected: Vec::new(),
        }
    }

    #[test]
    fn only_pages_that_continue_each_other_are_gone_on_from() {
        let dir = tempfile::tempdir().unwrap();
        let pulling = History::at(dir.path()).pulling("2026-03-02".parse().unwrap());
        assert_eq!(pulling.origin(), None);
        let origin = Origin::new(
            &[QueueId::new("q")],
            Window {
                from: "2026-03-02T00:00:00Z".parse().unwrap(),
                to: "2026-03-03T00:00:00Z".parse().unwrap(),
            },
            Some("job".to_owned()),
            None,
        );
        pulling.begin(&origin).unwrap();
        pulling.write_page(1, &page(None, Some("a"))).unwrap();
        pulling.write_page(2, &page(Some("a"), Some("b"))).unwrap();
        pulling.write_page(3, &page(Some("other"), None)).unwrap();
        assert_eq!(
            (pulling.origin(), pulling.pages().len()),
            (Some(origin.clone()), 2)
        );
        fs::write(dir.path().join("pulling/2026-03-02/00002.ndjson"), "cut o").unwrap();
        assert_eq!(pulling.pages().len(), 1);
        pulling.begin(&origin).unwrap();
        assert!(pulling.pages().is_empty());
        pulling.end().unwrap();
        pulling.end().unwrap();
        assert_eq!(pulling.origin(), None);
    }

    #[test]
    fn ids_are_told_apart_as_file_names() {
        let names = ["q", "Q", "../q", "_2e", "."].map(file_name);
        let expected = ["q", "_51", "_2e_2e_2fq", "_5f2e", "_2e"];
        assert_eq!(names, expected);
    }
}
