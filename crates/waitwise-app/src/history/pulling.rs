//! The pages of a day that is being pulled: what a cut-off pull goes on from.

use std::fs::{self, File};
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waitwise_history::page::{self, Page};
use waitwise_model::{QueueId, Window};

use super::disk::{on_disk, write};
use super::error::HistoryError;

/// The pages of a day that is being pulled.
#[derive(Debug)]
pub(super) struct Pulling(pub(super) PathBuf);

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
        write_text(&self.0.join("job.json"), &text)
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
        write_text(&self.page_path(number), &page::write(page))
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

fn write_text(path: &Path, text: &str) -> Result<(), HistoryError> {
    write(path, |mut file| file.write_all(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;

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
}
