//! This machine: the journal, and who may read and change our files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use waitwise_store::{Change, ChangeState, Store};

use super::{Check, Complaint, Status, listed};
use crate::error::{AppError, ErrorKind};

const JOURNAL: &str = "journal";
const FILES: &str = "files";

/// Whether the journal can be read, and whether every change in it came to an end.
pub(super) async fn journal(path: Result<&Path, &Complaint>) -> Check {
    let path = match path {
        Ok(path) => path,
        Err(complaint) => {
            return Check {
                to_do: complaint.to_do.clone(),
                ..Check::with(JOURNAL, Status::Wrong(complaint.kind), &complaint.found)
            };
        }
    };
    // Opening would make it.
    if !path.exists() {
        return Check::ok(JOURNAL, format!("none yet; it will be {}", path.display()));
    }
    match changes(path).await {
        Ok(changes) => unfinished(&changes),
        Err(error) => {
            Check::wrong(JOURNAL, &error).advise("--state-dir names another folder for the journal")
        }
    }
}

async fn changes(path: &Path) -> Result<Vec<Change>, AppError> {
    let store = Store::open(path).await?;
    let changes = store.changes().await?;
    // The files are looked at next, and SQLite's helpers beside the journal are not to be among them.
    store.close().await?;
    Ok(changes)
}

fn unfinished(changes: &[Change]) -> Check {
    let is_unfinished =
        |change: &&Change| matches!(change.state, ChangeState::Open | ChangeState::Unknown);
    let ids: Vec<_> = changes
        .iter()
        .filter(is_unfinished)
        .map(|change| &change.id)
        .collect();
    if ids.is_empty() {
        return Check::ok(JOURNAL, "every change in it came to its end");
    }
    let found = format!("changes that did not come to their end: {}", listed(&ids));
    Check::with(JOURNAL, Status::Wrong(ErrorKind::Failed), found).advise(
        "`waitwise resume CHANGE` finishes a change, `waitwise resume CHANGE --undo` takes it back; `waitwise changes show CHANGE` tells what happened",
    )
}

/// Whether others can read what is private or change what is trusted. Files that are missing are no concern.
pub(super) fn files(private: &[PathBuf], trusted: &[PathBuf], journal: Option<&Path>) -> Check {
    let mut private = private.to_vec();
    private.extend(journal.into_iter().flat_map(of_journal));
    let open = private.iter().filter(|path| grants(path, 0o077));
    let loose = trusted.iter().filter(|path| grants(path, 0o022));
    let found: Vec<_> = open.chain(loose).map(|path| path.display()).collect();
    if found.is_empty() {
        return Check::ok(
            FILES,
            "only you can read what is private and change what is trusted",
        );
    }
    let found = format!("open to other users of this machine: {}", listed(&found));
    Check::with(FILES, Status::Wrong(ErrorKind::Failed), found)
        .advise("`chmod go= FILE` closes a file or folder to others; a secret that others could read is best replaced")
}

/// The journal, the files that SQLite keeps beside it, its lock, and its folder.
fn of_journal(path: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = OsString::from(path);
        name.push(suffix);
        PathBuf::from(name)
    };
    let files = ["", "-wal", "-shm", "-lock"].map(beside);
    files
        .into_iter()
        .chain(path.parent().map(Path::to_owned))
        .collect()
}

#[cfg(unix)]
fn grants(path: &Path, bits: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & bits != 0)
}

/// Other systems have no such bits; their folders of users are closed to others by default.
#[cfg(not(unix))]
fn grants(_path: &Path, _bits: u32) -> bool {
    false
}
