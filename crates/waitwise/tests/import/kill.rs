//! Ending an import by SIGKILL at a chosen point.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What lay in the history's folder when an import was killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) has_runs: bool,
    pub(crate) has_facts: bool,
    pub(crate) is_half_written: bool,
}

/// Lets an import come to its end, and returns how many states of its folder were seen meanwhile.
pub(crate) fn run(command: &mut Command) -> usize {
    let folder = folder(command);
    let mut child = start(command);
    let mut states = BTreeSet::new();
    let status = loop {
        states.extend(sizes(&folder));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success(), "an import ended with {status}");
    states.len()
}

/// Begins an import and kills it as soon as so many states of its folder's files were seen. `None`: it came to its end.
pub(crate) fn kill_at(command: &mut Command, point: usize) -> Option<Seen> {
    let folder = folder(command);
    let mut child = start(command);
    let mut states = BTreeSet::new();
    loop {
        states.extend(sizes(&folder));
        if states.len() >= point {
            // SIGKILL.
            child.kill().unwrap();
            let status = child.wait().unwrap();
            return (!status.success()).then(|| Seen::of(&folder));
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(
                status.success(),
                "the import to be killed at {point} ended with {status}"
            );
            return None;
        }
    }
}

fn folder(command: &Command) -> PathBuf {
    let mut variables = command.get_envs();
    let folder = variables.find(|(name, _)| *name == "WAITWISE_HISTORY_DIR");
    folder.unwrap().1.unwrap().into()
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().unwrap()
}

impl Seen {
    fn of(folder: &Path) -> Seen {
        let mut found = Vec::new();
        files(folder, &mut found);
        let has = |end: &str| {
            found
                .iter()
                .any(|path| path.to_string_lossy().contains(end))
        };
        Seen {
            has_runs: has("/importing/run-"),
            has_facts: has(".parquet"),
            is_half_written: has(".part"),
        }
    }
}

/// Every file below a folder at this moment with its size.
fn sizes(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    files(folder, &mut found);
    let sized = found.into_iter().filter_map(|path| {
        let size = std::fs::metadata(&path).ok()?.len();
        Some((path, size))
    });
    sized.collect()
}

/// Every file below a folder. What is listed may be gone before it is looked at.
pub(crate) fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}
