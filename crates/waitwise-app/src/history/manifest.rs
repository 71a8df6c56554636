//! What stands beside each file of facts: the same as in its footer, and its digest, for people and tools that do not
//! read Parquet's. Nothing here depends on it: the file is the truth.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use waitwise_history::Head;
use waitwise_history::facts::{self, Digest, Source, Written};

/// A manifest. Its format is `waitwise-manifest/1`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    /// The format of the facts.
    pub facts: String,
    /// The file's name.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The queue.
    pub queue: String,
    /// The UTC day on which the conversations began.
    pub date: Date,
    /// Where the facts came from.
    pub sources: Vec<Source>,
    /// The file has all conversations that began from here…
    pub covers_from: Timestamp,
    /// …up to here. The same instant twice: nobody says that it has all.
    pub covers_to: Timestamp,
    /// Whether that is the whole day.
    pub is_whole: bool,
    /// How many rows it has.
    pub visits: usize,
    /// How many of them are of conversations that were going on when they were read.
    pub in_progress: usize,
}

impl Manifest {
    pub(super) fn new(file: &str, written: &Written) -> Manifest {
        let head = &written.head;
        Manifest {
            format: "waitwise-manifest/1".to_owned(),
            facts: facts::FORMAT.to_owned(),
            file: file.to_owned(),
            bytes: written.n_bytes,
            sha256: written.sha256.clone(),
            queue: head.queue.to_string(),
            date: head.day,
            sources: head.sources.clone(),
            covers_from: head.coverage.from,
            covers_to: head.coverage.to,
            is_whole: head.coverage.is_whole(head.day),
            visits: head.legs,
            in_progress: head.in_progress,
        }
    }

    /// Returns its text.
    pub(super) fn text(&self) -> String {
        // Texts and numbers: writing them as JSON cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Returns whether it says what a file's head says. It does not if somebody was cut off between the two.
    fn is_of(&self, head: &Head) -> bool {
        self.queue == head.queue.as_str()
            && self.date == head.day
            && self.sources == head.sources
            && (self.covers_from, self.covers_to) == (head.coverage.from, head.coverage.to)
            && (self.visits, self.in_progress) == (head.legs, head.in_progress)
    }
}

/// Returns where the manifest of a file lies. Engines leave names with such a beginning alone.
pub(super) fn path(facts: &Path) -> PathBuf {
    facts.with_file_name("_manifest.json")
}

/// Returns the manifest of a file with this head: the one beside it, or, if that is missing or of another file, what it
/// should be.
pub(super) fn of(facts: &Path, head: &Head) -> io::Result<Manifest> {
    if let Some(manifest) = beside(facts, head) {
        return Ok(manifest);
    }
    let name = facts.file_name().unwrap_or_default().to_string_lossy();
    let written = Written {
        head: head.clone(),
        n_bytes: fs::metadata(facts)?.len(),
        sha256: sha256(facts)?,
    };
    Ok(Manifest::new(&name, &written))
}

/// Returns the manifest beside a file with this head; `None` if it is missing or of another file.
pub(super) fn beside(facts: &Path, head: &Head) -> Option<Manifest> {
    let text = fs::read_to_string(path(facts)).ok()?;
    let manifest: Manifest = serde_json::from_str(&text).ok()?;
    let n_bytes = fs::metadata(facts).ok()?.len();
    (manifest.is_of(head) && manifest.bytes == n_bytes).then_some(manifest)
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut digest = Digest::default();
    let mut file = File::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.finish()),
            length => digest.update(&piece[..length]),
        }
    }
}
