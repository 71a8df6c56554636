//! What stands in the way, told before it is met: settings, the way to the host, what may be read there, mapping,
//! journal, files.
//!
//! Start at [`examine`]. `host` follows the way to the host; `tenant` looks at what it answers where the tutorial's
//! contract is spoken, `platform` where the published platform's is; `local` looks at the files of this machine.
//! Nothing here can write to a host.

mod host;
mod local;
mod mapping;
mod platform;
mod tenant;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use waitwise_client::{Contract, ReadClient, Settings};
use waitwise_model::Clock;

use crate::error::{AppError, ErrorKind};
use crate::gather::Question;
use crate::history::History;

/// What is to be examined.
#[derive(Debug)]
pub struct Subject {
    /// How to reach the host, or why that is not known.
    pub settings: Result<Settings, Complaint>,
    /// What would be asked, or why that is not known.
    pub question: Result<Question, Complaint>,
    /// Platform only: the data table that priorities are written to, by its name or id.
    pub table: String,
    /// Platform only: where the pulled history is, or why that is not known.
    pub history: Result<History, Complaint>,
    /// The journal's file, or why it is not known where it is.
    pub journal: Result<PathBuf, Complaint>,
    /// Files of which only their owner should know the content.
    pub private: Vec<PathBuf>,
    /// Files that others may read, but not change: what they say is trusted.
    pub trusted: Vec<PathBuf>,
}

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Complaint {
    /// With which kind of failure a command would end because of it.
    pub kind: ErrorKind,
    /// What is wrong.
    pub found: String,
    /// What to do about it, a sentence each.
    pub to_do: Vec<String>,
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Its name; stays the same from version to version.
    pub name: &'static str,
    /// What came of it.
    pub status: Status,
    /// What was found, as a fragment.
    pub found: String,
    /// What to do about it, a sentence each; empty if nothing.
    pub to_do: Vec<String>,
}

/// What came of a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing; no command fails because of it.
    Warning,
    /// A command would end with this kind of failure.
    Wrong(ErrorKind),
    /// It cannot be told from here.
    Unknown,
    /// Not looked at, because of something that another check found.
    Skipped,
}

/// From the one that must be mended first to the one that can wait: each hides those behind it.
const BY_WEIGHT: [ErrorKind; 7] = [
    ErrorKind::Usage,
    ErrorKind::Failed,
    ErrorKind::SignIn,
    ErrorKind::RateLimit,
    ErrorKind::Incomplete,
    ErrorKind::Refused,
    ErrorKind::Moved,
];

/// Looks at everything, from the settings to the journal; what cannot be looked at is said to be skipped.
pub async fn examine(subject: Subject, clock: Arc<dyn Clock>) -> Vec<Check> {
    let mut checks = vec![settings(&subject)];
    match subject.settings {
        Ok(settings) => {
            let asked = Asked {
                question: subject.question.as_ref().ok(),
                table: &subject.table,
                history: subject.history.as_ref().ok(),
            };
            checks.extend(at_host(settings, &asked, clock).await);
        }
        Err(_) => checks.extend(host::skipped("the settings say no host and sign-in")),
    }
    checks.push(local::journal(subject.journal.as_deref()).await);
    let journal = subject.journal.ok();
    checks.push(local::files(
        &subject.private,
        &subject.trusted,
        journal.as_deref(),
    ));
    checks
}

/// Returns the kind of failure that must be mended first; `None` if nothing is wrong.
pub fn worst(checks: &[Check]) -> Option<ErrorKind> {
    let found = |kind: &ErrorKind| {
        checks
            .iter()
            .any(|check| check.status == Status::Wrong(*kind))
    };
    BY_WEIGHT.into_iter().find(found)
}

fn settings(subject: &Subject) -> Check {
    let complaints = [
        subject.settings.as_ref().err(),
        subject.question.as_ref().err(),
    ];
    let complaints: Vec<_> = complaints.into_iter().flatten().collect();
    match complaints.as_slice() {
        [] => Check::ok("settings", "host, sign-in and queue are set"),
        [first, ..] => Check {
            name: "settings",
            status: Status::Wrong(first.kind),
            found: complaints
                .iter()
                .map(|complaint| complaint.found.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            to_do: complaints
                .iter()
                .flat_map(|complaint| complaint.to_do.clone())
                .collect(),
        },
    }
}

/// What is to be asked at the host.
struct Asked<'a> {
    question: Option<&'a Question>,
    table: &'a str,
    history: Option<&'a History>,
}

async fn at_host(settings: Settings, asked: &Asked<'_>, clock: Arc<dyn Clock>) -> Vec<Check> {
    let (mut checks, is_reached) = host::reach(&settings, &clock).await;
    let because = "nobody is signed in";
    // Retries, which the first look did without, belong to reading.
    let client = ReadClient::connect(settings.clone(), Arc::clone(&clock));
    let client = client.ok().filter(|_| is_reached);
    checks.extend(match (settings.contract, client) {
        (Contract::Tutorial, Some(client)) => tenant::look(&client, asked.question, &*clock).await,
        (Contract::Platform, Some(client)) => {
            platform::look(&client, &settings, asked, &*clock).await
        }
        (Contract::Tutorial, None) => tenant::skipped(because),
        (Contract::Platform, None) => platform::skipped(because),
    });
    checks
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Check {
        Check::with(name, Status::Ok, found)
    }

    fn skipped(name: &'static str, because: &str) -> Check {
        Check::with(name, Status::Skipped, format!("not looked at: {because}"))
    }

    fn with(name: &'static str, status: Status, found: impl Into<String>) -> Check {
        Check {
            name,
            status,
            found: found.into(),
            to_do: Vec::new(),
        }
    }

    fn advise(mut self, to_do: impl Into<String>) -> Check {
        self.to_do.push(to_do.into());
        self
    }

    fn wrong(name: &'static str, error: &AppError) -> Check {
        Check {
            to_do: error.hints(),
            ..Check::with(name, Status::Wrong(error.kind()), chain(error))
        }
    }
}

/// The error and its causes in one line, each said once.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut said = text.clone();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // A transparent layer says what its source says.
        if line != said {
            text = format!("{text}: {line}");
        }
        said = line;
        cause = error.source();
    }
    text
}

/// Lists the first few names and counts the rest.
fn listed<T: std::fmt::Display>(names: &[T]) -> String {
    // As many as fit a line or two.
    const SHOWN: usize = 8;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text = format!("{text} and {} more", names.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_the_rest_is_mended_first() {
        let check = |status| Check::with("x", status, "");
        for (found, expected) in [
            (
                vec![
                    Status::Ok,
                    Status::Warning,
                    Status::Unknown,
                    Status::Skipped,
                ],
                None,
            ),
            (
                vec![
                    Status::Wrong(ErrorKind::Refused),
                    Status::Wrong(ErrorKind::SignIn),
                ],
                Some(ErrorKind::SignIn),
            ),
            (
                vec![
                    Status::Wrong(ErrorKind::Failed),
                    Status::Wrong(ErrorKind::Usage),
                ],
                Some(ErrorKind::Usage),
            ),
        ] {
            let checks: Vec<_> = found.into_iter().map(check).collect();
            assert_eq!(worst(&checks), expected, "{checks:?}");
        }
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        assert_eq!(listed(&["a"]), "`a`");
        let ten: Vec<_> = (0..10).collect();
        assert!(listed(&ten).ends_with("`7` and 2 more"));
    }
}
