//! What keeps a history from being complete.

use std::path::PathBuf;

use jiff::civil::Date;
use waitwise_client::ClientError;
use waitwise_history::{FactsError, Unfit};
use waitwise_model::QueueId;

use crate::error::ErrorKind;

/// Why a history is not, or cannot be told to be, complete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The disk cannot be used.
    #[error("cannot use {}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of facts cannot be used.
    #[error("cannot use the facts in {}", path.display())]
    Facts {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FactsError,
    },
    /// A file of facts lies in the place of another.
    #[error("{} holds queue `{queue}` on {day}, which is not what its folder says", path.display())]
    Misplaced {
        /// The file.
        path: PathBuf,
        /// The queue that it is of.
        queue: QueueId,
        /// The day that it is of.
        day: Date,
    },
    /// A day's facts are more than can be held.
    #[error("cannot add to the facts in {}", path.display())]
    TooMuch {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unfit,
    },
    /// There are no facts.
    #[error("there are no facts in {}", dir.display())]
    Empty {
        /// The history's folder.
        dir: PathBuf,
    },
    /// An export cannot be written.
    #[error("cannot write the export")]
    Export {
        /// Why.
        source: FactsError,
    },
    /// Another import is under way.
    #[error("another import into {} is under way", dir.display())]
    Importing {
        /// The history's folder.
        dir: PathBuf,
    },
    /// A conversation began on the last day that there is.
    #[error("a conversation began on {day}, the calendar's last day")]
    EndOfCalendar {
        /// The day.
        day: Date,
    },
    /// A day's job did not come to its end, as often as it was submitted.
    #[error(
        "the history of {day} is missing: its job was submitted {tries} times, the last one {ended}"
    )]
    Job {
        /// The day.
        day: Date,
        /// How often it was submitted.
        tries: u32,
        /// What became of the last one: "ended as FAILED".
        ended: String,
    },
    /// A day's pages, as the query gives them, did not come to an end.
    #[error(
        "the history of {day} is missing: its pages were walked {tries} times, the last time they {ended}"
    )]
    Walk {
        /// The day.
        day: Date,
        /// How often.
        tries: u32,
        /// What became of the last time.
        ended: String,
    },
    /// The newest records of a day were changing all the time.
    #[error("the history of {day} kept changing while it was read: {read} records of {claimed}")]
    Unsettled {
        /// The day.
        day: Date,
        /// How many records were read.
        read: usize,
        /// How many the source claims.
        claimed: usize,
    },
    /// Several days are missing.
    #[error("{first}; also missing: {}", dates(.others))]
    Days {
        /// What happened on the first.
        first: Box<HistoryError>,
        /// The others.
        others: Vec<Date>,
    },
    /// A day's history could not be asked for.
    #[error("the history of {day} is missing")]
    Day {
        /// The day.
        day: Date,
        /// Why.
        source: Box<ClientError>,
    },
    /// Nothing of the history could be asked for.
    #[error("the history of {from} to {to} is missing")]
    Unasked {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
        /// Why.
        source: Box<ClientError>,
    },
    /// The days are on disk, but the tenant's aggregates, which prove them, could not be asked for.
    #[error("the history of {from} to {to} is read, but nothing proves that it is complete")]
    Unproved {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
        /// Why.
        source: Box<ClientError>,
    },
    /// The source counts more than it shows.
    #[error(
        "{missing} of {offered} interactions that the tenant counts for queue `{queue}` on {day} are in none of the records it shows"
    )]
    Hidden {
        /// The queue.
        queue: QueueId,
        /// The day.
        day: Date,
        /// How many are missing.
        missing: u64,
        /// How many the tenant counts.
        offered: u64,
        /// On how many other days something is missing too.
        other_days: usize,
    },
    /// A day of the window was never pulled, or not whole.
    #[error("the history of queue `{queue}` on {day} was not pulled{}", if *is_partly { " whole" } else { "" })]
    NotPulled {
        /// The queue.
        queue: QueueId,
        /// The day.
        day: Date,
        /// Whether a part of it was.
        is_partly: bool,
    },
    /// The facts and the tenant's own aggregates say different things.
    #[error("{n_different} of {n_compared} numbers differ from the tenant's own aggregates")]
    Differs {
        /// How many numbers differ.
        n_different: usize,
        /// How many were compared.
        n_compared: usize,
    },
    /// No queue was named.
    #[error("no queue to pull the history of")]
    NoQueue,
}

impl HistoryError {
    /// Returns what kind of failure it is.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            HistoryError::Disk { .. }
            | HistoryError::Export { .. }
            | HistoryError::Importing { .. } => ErrorKind::Failed,
            HistoryError::NoQueue | HistoryError::Empty { .. } => ErrorKind::Usage,
            HistoryError::Facts { .. }
            | HistoryError::Misplaced { .. }
            | HistoryError::TooMuch { .. }
            | HistoryError::EndOfCalendar { .. }
            | HistoryError::Job { .. }
            | HistoryError::Walk { .. }
            | HistoryError::Unsettled { .. }
            | HistoryError::Days { .. }
            | HistoryError::Day { .. }
            | HistoryError::Unasked { .. }
            | HistoryError::Unproved { .. }
            | HistoryError::Hidden { .. }
            | HistoryError::NotPulled { .. }
            | HistoryError::Differs { .. } => ErrorKind::Incomplete,
        }
    }

    /// Returns what to try, one sentence a line.
    pub(crate) fn hints(&self) -> Vec<String> {
        let again = "the same command again goes on where this one ended";
        let hints: &[&str] = match self {
            HistoryError::Disk { .. } => &["--history-dir names another folder for it"],
            HistoryError::Facts { .. } | HistoryError::Misplaced { .. } => &[
                "remove the file; `waitwise history pull` or `waitwise history import` reads that day again",
            ],
            HistoryError::TooMuch { .. }
            | HistoryError::Export { .. }
            | HistoryError::EndOfCalendar { .. } => &[],
            HistoryError::Importing { .. } => {
                &["wait until it has ended, or end it; then try again"]
            }
            HistoryError::Job { .. }
            | HistoryError::Walk { .. }
            | HistoryError::Unsettled { .. }
            | HistoryError::Days { .. }
            | HistoryError::Day { .. }
            | HistoryError::Unasked { .. }
            | HistoryError::Unproved { .. } => &[again],
            HistoryError::Hidden { .. } => &[
                "divisions hide them: give the client's role every division that the queue's conversations belong to",
                "if they are only late, the same command again in some hours finds them",
            ],
            HistoryError::NotPulled { queue, .. } => {
                return vec![
                    format!(
                        "`waitwise history pull --queue {queue}` reads it; --days and --until say how much"
                    ),
                    "of imported files `waitwise history import --covers` says that they hold whole days".to_owned(),
                ];
            }
            HistoryError::Differs { .. } => {
                &["late records differ for some hours: pull again, then check again"]
            }
            HistoryError::Empty { .. } => {
                &["`waitwise history list` shows what is kept, and where"]
            }
            HistoryError::NoQueue => &["name one or more with --queue"],
        };
        let mut hints: Vec<_> = hints.iter().map(|hint| (*hint).to_owned()).collect();
        hints.extend(self.refused().map(ClientError::hints).unwrap_or_default());
        hints
    }

    /// Returns the client's error, if it is what kept a day from being read.
    pub(crate) fn refused(&self) -> Option<&ClientError> {
        match self {
            HistoryError::Day { source, .. }
            | HistoryError::Unasked { source, .. }
            | HistoryError::Unproved { source, .. } => Some(source),
            HistoryError::Days { first, .. } => first.refused(),
            HistoryError::Disk { .. }
            | HistoryError::Facts { .. }
            | HistoryError::Misplaced { .. }
            | HistoryError::TooMuch { .. }
            | HistoryError::Export { .. }
            | HistoryError::Empty { .. }
            | HistoryError::Importing { .. }
            | HistoryError::EndOfCalendar { .. }
            | HistoryError::Job { .. }
            | HistoryError::Walk { .. }
            | HistoryError::Unsettled { .. }
            | HistoryError::Hidden { .. }
            | HistoryError::NotPulled { .. }
            | HistoryError::Differs { .. }
            | HistoryError::NoQueue => None,
        }
    }
}

/// Returns whether the host refused because what was asked for is not, or no longer, there: an expired cursor, a job
/// that was removed. Which status early or expired results have could not be verified, so any refusal of the request
/// itself counts; who we are and how much we ask are other matters.
pub(super) fn is_gone(error: &ClientError) -> bool {
    let status = error.refusal().map(|(status, _)| status);
    status.is_some_and(|status| {
        (400..500).contains(&status) && ![401, 403, 408, 429].contains(&status)
    })
}

fn dates(days: &[Date]) -> String {
    let days: Vec<_> = days.iter().map(ToString::to_string).collect();
    days.join(", ")
}
