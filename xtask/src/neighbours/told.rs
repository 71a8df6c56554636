//! What a neighbour tells, and what of it is a finding.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

/// What one neighbour saw.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    /// Its package and version.
    sdk: String,
    /// Each request: method, and path with its query.
    sent: Vec<(String, String)>,
    /// Calls that were answered by 404.
    absent: Vec<String>,
    /// What an answer was before the package read and wrote it, and is no longer.
    losses: Vec<String>,
    counts: BTreeMap<String, u64>,
    /// The table's operations that it called.
    #[serde(skip)]
    pub(super) operations: BTreeSet<String>,
    /// What the sandbox found wrong with requests and answers.
    #[serde(skip)]
    pub(super) violations: Vec<String>,
}

/// Names of counts, in `plan.json` and here.
pub(super) const BY_QUERY: &str = "conversations";
pub(super) const BY_JOB: &str = "conversations of the job";
pub(super) const BY_JOB_ON_THE_DAY: &str = "conversations of the job that began on the day";

/// As much is shown of a long list.
const SHOWN_MAX: usize = 20;

impl Told {
    /// Reads what it prints.
    ///
    /// # Errors
    ///
    /// Fails if that is something else.
    pub(super) fn read(output: &[u8]) -> Result<Told> {
        let mut told: Told =
            serde_json::from_slice(output).context("cannot read what the neighbour tells")?;
        let operations = published().into_iter();
        told.operations = operations
            .filter(|operation| told.has_called(operation))
            .collect();
        Ok(told)
    }

    /// What Waitwise itself counted, beside a neighbour.
    pub(super) fn ours(beside: &Told, counts: BTreeMap<String, u64>) -> Told {
        Told {
            sdk: format!("Waitwise, beside {}", beside.sdk),
            sent: Vec::new(),
            absent: Vec::new(),
            losses: Vec::new(),
            counts,
            operations: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    /// Returns what it did in a line.
    pub(super) fn summary(&self) -> String {
        let counts = self.counts.iter().map(|(what, n)| format!("{n} {what}"));
        format!("{}: {}", self.sdk, counts.collect::<Vec<_>>().join(", "))
    }

    /// Returns what must not be.
    pub(super) fn findings(&self) -> Vec<String> {
        let sdk = &self.sdk;
        let mut found = Vec::new();
        for call in &self.absent {
            found.push(format!("{sdk}: {call} is answered by 404"));
        }
        for operation in published().difference(&self.operations) {
            found.push(format!(
                "{sdk}: nothing called {operation}: add it to xtask/src/neighbours/plan.json"
            ));
        }
        found.extend(self.other_days());
        let (losses, violations) = (self.losses.iter(), self.violations.iter());
        found.extend(losses.take(SHOWN_MAX).map(|loss| format!("{sdk}: {loss}")));
        found.extend(
            violations
                .take(SHOWN_MAX)
                .map(|one| format!("{sdk}: {one}")),
        );
        found
    }

    /// The query finds what began on the UTC days of its interval, a job whatever went on at some time of it. So a job
    /// has more; those of them that began on the day must be what the query finds.
    pub(super) fn other_days(&self) -> Option<String> {
        let count = |what: &str| self.counts.get(what).copied();
        let (query, job) = (count(BY_QUERY), count(BY_JOB_ON_THE_DAY));
        (query != job).then(|| {
            format!(
                "{}: {query:?} {BY_QUERY}, but {job:?} {BY_JOB_ON_THE_DAY}",
                self.sdk
            )
        })
    }

    fn has_called(&self, operation: &str) -> bool {
        let called = |(method, path): &(String, String)| {
            let path = path.split('?').next().unwrap_or_default();
            operation
                .split_once(' ')
                .is_some_and(|(own, pattern)| own == method && fits(pattern, path))
        };
        self.sent.iter().any(called)
    }
}

/// Returns where two counted differently.
pub(super) fn unequal_counts(all: &[Told]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, one) in all.iter().enumerate() {
        for other in &all[place + 1..] {
            for (what, n) in &one.counts {
                let differing = other.counts.get(what).filter(|other| *other != n);
                found.extend(
                    differing.map(|m| {
                        format!("{what}: {} counts {n}, {} counts {m}", one.sdk, other.sdk)
                    }),
                );
            }
        }
    }
    found
}

/// Returns the operations that a client of the sandbox can call: those of the wire crate, and sign-in.
fn published() -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Table {
        operations: BTreeMap<String, serde::de::IgnoredAny>,
    }
    let table = include_str!("../../../crates/waitwise-sandbox/published.json");
    let operations = serde_json::from_str::<Table>(table).map(|table| table.operations);
    let names = operations.unwrap_or_default().into_keys();
    // Waitwise never replaces a queue; the sandbox serves it to show what that does.
    let called = names.filter(|name| name != "PUT /api/v2/routing/queues/{queueId}");
    called.chain(["POST /oauth/token".to_owned()]).collect()
}

fn fits(pattern: &str, path: &str) -> bool {
    let (own, asked) = (pattern.split('/'), path.split('/'));
    own.clone().count() == asked.clone().count()
        && own
            .zip(asked)
            .all(|(own, asked)| own.starts_with('{') || own == asked)
}

#[cfg(test)]
mod tests {
    use super::{Told, unequal_counts};

    fn told(rest: &str) -> Told {
        let text = format!(r#"{{"sdk": "s", "absent": [], "losses": [], {rest}}}"#);
        Told::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_operation_counts_as_called_when_its_path_was_asked_for() {
        let one = told(r#""sent": [["GET", "/api/v2/routing/queues/q?expand=a"]], "counts": {}"#);
        let called: Vec<&str> = one.operations.iter().map(String::as_str).collect();
        assert_eq!(called, ["GET /api/v2/routing/queues/{queueId}"]);
        let findings = one.findings();
        assert_eq!(findings.len(), 29, "{findings:#?}");
        assert!(
            findings[0].contains("nothing called DELETE "),
            "{findings:#?}"
        );
    }

    #[test]
    fn a_job_has_what_the_query_finds_and_what_came_from_the_day_before() {
        let counts =
            r#""sent": [], "counts": {"conversations": 5, "conversations of the job": 7, "#;
        let day = |n| format!(r#"{counts}"conversations of the job that began on the day": {n}}}"#);
        assert_eq!(told(&day(5)).other_days(), None);
        assert!(told(&day(6)).other_days().is_some());
    }

    #[test]
    fn who_counts_otherwise_is_named() {
        let one = told(r#""sent": [], "counts": {"rows": 2, "skills": 5}"#);
        let other = told(r#""sent": [], "counts": {"rows": 3, "skills": 5}"#);
        assert_eq!(
            unequal_counts(&[one, other]),
            ["rows: s counts 2, s counts 3"]
        );
    }
}
