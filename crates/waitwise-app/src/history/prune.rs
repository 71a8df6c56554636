//! Retention: facts of days that are to be kept no longer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use waitwise_model::QueueId;

use super::disk::{History, entries, on_disk, sync_folder};
use super::error::HistoryError;
use super::folder::queue_of;

/// What is to go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prune {
    /// Of these queues; none: of all.
    pub queues: Vec<QueueId>,
    /// Conversations that began before this UTC day.
    pub before: Date,
}

/// A folder that goes: one queue's day, or the pages of a day that was being pulled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pruned {
    /// The queue; `None` for pages.
    pub queue: Option<QueueId>,
    /// The UTC day.
    pub day: Date,
    /// How many bytes it holds.
    pub bytes: u64,
    path: PathBuf,
}

impl History {
    /// Finds what would go. Nothing is looked into, so what is damaged goes too.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn to_prune(&self, prune: &Prune) -> Result<Vec<Pruned>, HistoryError> {
        let mut found = Vec::new();
        let facts = self.dir().join("facts");
        for name in entries(&facts)? {
            let queue = queue_of(&name);
            let Some(queue) = queue.filter(|queue| prune.is_about(queue)) else {
                continue;
            };
            for day in entries(&facts.join(&name))? {
                let path = facts.join(&name).join(&day);
                let day = day.strip_prefix("date=").and_then(|day| day.parse().ok());
                found.extend(prune.of(Some(queue.clone()), day, path)?);
            }
        }
        // Pages are of several queues at once.
        if prune.queues.is_empty() {
            let pulling = self.dir().join("pulling");
            for name in entries(&pulling)? {
                let (path, day) = (pulling.join(&name), name.parse().ok());
                found.extend(prune.of(None, day, path)?);
            }
        }
        Ok(found)
    }

    /// Removes what [`History::to_prune`] found. Cut off, the same again removes the rest.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn prune(&self, found: &[Pruned]) -> Result<(), HistoryError> {
        let _writing = self.writing()?;
        for pruned in found {
            remove(&pruned.path).map_err(on_disk(&pruned.path))?;
        }
        Ok(())
    }
}

impl Prune {
    fn is_about(&self, queue: &QueueId) -> bool {
        self.queues.is_empty() || self.queues.contains(queue)
    }

    fn of(
        &self,
        queue: Option<QueueId>,
        day: Option<Date>,
        path: PathBuf,
    ) -> Result<Option<Pruned>, HistoryError> {
        let Some(day) = day.filter(|day| *day < self.before) else {
            return Ok(None);
        };
        let bytes = size(&path).map_err(on_disk(&path))?;
        Ok(Some(Pruned {
            queue,
            day,
            bytes,
            path,
        }))
    }
}

fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// Removes a folder, and the one above it if it was the last in it.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let Some(above) = folder.parent() else {
        return Ok(());
    };
    match fs::remove_dir(above) {
        Ok(()) => above.parent().map_or(Ok(()), sync_folder),
        // Others are in it still.
        Err(_) => sync_folder(above),
    }
}
