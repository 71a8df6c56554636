//! The tenant that is pulled, and what a pull leaves on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use waitwise_sandbox::SandboxOptions;

use crate::bench::{Bench, Ended};

/// Two working days behind the job store's date, and a Friday morning that only the query knows.
const NOW: &str = "2026-03-27T12:00:00Z";

/// Pages of both kinds are small, so that there are many.
const PULL: &str = "history pull --contract platform --days 3 --page-size 100 --output json";

/// A pull's files by their names below the folder of facts.
pub(crate) type Facts = BTreeMap<PathBuf, Vec<u8>>;

pub(crate) async fn bench() -> Bench {
    Bench::with(SandboxOptions {
        now: Some(NOW.parse().unwrap()),
        ..SandboxOptions::default()
    })
    .await
}

/// The command, with its history in this folder of the bench.
pub(crate) fn line(folder: &str) -> String {
    format!("{PULL} --history-dir {folder}")
}

/// Runs it to its end.
pub(crate) async fn pull(bench: &Bench, folder: &str) -> Ended {
    bench.waitwise(&line(folder)).await.with(0)
}

/// What the answer says of the evidence, as text.
pub(crate) fn evidence(pulled: &Ended) -> String {
    let answer: Value = pulled.json();
    assert_eq!(answer["residual"], Value::Array(Vec::new()));
    answer["evidence"].to_string()
}

/// The facts of a history, byte by byte.
pub(crate) fn facts(bench: &Bench, folder: &str) -> Facts {
    let root = bench.rig.dir().join(folder).join("facts");
    let files = files(&root).into_iter();
    let facts: Facts = files
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), bytes)
        })
        .collect();
    assert!(!facts.is_empty(), "{folder} has no facts");
    facts
}

/// Every file below a folder at this moment, files half written included.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // What is listed may be gone before it is looked at.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// How many pages of records the tenant has handed out so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pages {
    /// Of jobs: days that have ended.
    pub(crate) job: usize,
    /// Of the query: the day that is going on.
    pub(crate) query: usize,
}

impl Pages {
    pub(crate) fn of(bench: &Bench) -> Pages {
        let requests = bench.rig.sandbox.requests();
        let answered = |end: &str| {
            let pages = requests
                .iter()
                .filter(|request| request.path.ends_with(end) && request.status == Some(200));
            pages.count()
        };
        Pages {
            job: answered("/results"),
            query: answered("/details/query"),
        }
    }
}
