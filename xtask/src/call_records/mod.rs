//! `cargo xtask call-records`: what Waitwise reads of the public sets, against a query that knows nothing of it.
//!
//! DuckDB adds up each set by SQL of its own; `waitwise history import --dry-run` adds it up by the mapping that it
//! carries along. Calls, answered, abandoned and seconds waited must be the same in every queue.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::python::Python;
use crate::report::{conclude, count, say};
use crate::{cargo, page};

/// Where the figures go.
const PAGE: &str = "docs/call-records.md";
const PART: &str = "totals";
const SCRIPT: &str = include_str!("totals.py");
/// Sets have dozens of queues; the page shows the largest, and the comparison all.
const SHOWN: usize = 5;

/// Compares, and writes the figures into the page. Where the sets do not lie beside the checkout, says so.
///
/// # Errors
///
/// Fails if there is no Python, DuckDB cannot be fetched, or a figure differs.
pub(crate) fn run() -> Result<()> {
    let packed = cargo::workspace_root()?.join("../shared/data");
    if !packed.is_dir() {
        say("skipped: ../shared/data with the public sets is not here");
        return Ok(());
    }
    let waitwise = cargo::debug_build()?;
    let sets = by_duckdb(&packed)?;
    let mut findings = Vec::new();
    let mut part = String::new();
    for set in &sets {
        let read = by_waitwise(&waitwise, &packed.join(format!("{}.xz", set.name)))?;
        findings.extend(differences(set, &read));
        part += &shown(set, &read);
    }
    let n_queues = sets.iter().map(|set| set.queues.len()).sum();
    if findings.is_empty() {
        page::write_part(&cargo::workspace_root()?.join(PAGE), PART, &part)?;
    }
    let summary = format!(
        "{} of {} agree with DuckDB on calls, answered, abandoned and seconds waited",
        count(n_queues, "queue"),
        count(sets.len(), "file")
    );
    conclude(&findings, &summary)
}

/// A set as DuckDB adds it up.
#[derive(Debug, Deserialize)]
struct Set {
    name: String,
    version: String,
    queues: Vec<(String, u64, u64, u64, u64)>,
}

/// What a queue comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Totals {
    calls: u64,
    answered: u64,
    abandoned: u64,
    wait_secs: u64,
}

impl Set {
    fn totals(&self) -> BTreeMap<String, Totals> {
        let totals =
            |(queue, calls, answered, abandoned, wait_secs): &(String, u64, u64, u64, u64)| {
                let totals = Totals {
                    calls: *calls,
                    answered: *answered,
                    abandoned: *abandoned,
                    wait_secs: *wait_secs,
                };
                (queue.clone(), totals)
            };
        self.queues.iter().map(totals).collect()
    }
}

fn by_duckdb(packed: &Path) -> Result<Vec<Set>> {
    let folder = cargo::target_folder()?.join("call-records");
    let python = Python::with_duckdb()?;
    let unpacked = folder.join("unpacked");
    fs::create_dir_all(&unpacked).context("cannot make a folder for the unpacked sets")?;
    let arguments = [packed, &unpacked].map(|path| path.to_string_lossy().into_owned());
    let said = python.answers(SCRIPT, &arguments.each_ref().map(String::as_str))?;
    let lines = said.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .context("cannot understand what DuckDB's script says")
}

fn by_waitwise(waitwise: &Path, file: &Path) -> Result<BTreeMap<String, Totals>> {
    #[derive(Deserialize)]
    struct Answer {
        queues: Vec<Queue>,
    }
    #[derive(Deserialize)]
    struct Queue {
        queue: String,
        calls: u64,
        answered: u64,
        abandoned: u64,
        wait_sum_ms: u64,
    }
    let mut command = std::process::Command::new(waitwise);
    command.args(["history", "import", "--dry-run", "--output=json", "--calls"]);
    let output = command.arg(file).output();
    let output = output.context("cannot start waitwise")?;
    ensure!(
        output.status.success(),
        "waitwise ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Answer =
        serde_json::from_slice(&output.stdout).context("cannot understand waitwise's answer")?;
    let totals = answer.queues.into_iter().map(|queue| {
        let totals = Totals {
            calls: queue.calls,
            answered: queue.answered,
            abandoned: queue.abandoned,
            wait_secs: queue.wait_sum_ms / 1000,
        };
        (queue.queue, totals)
    });
    Ok(totals.collect())
}

fn differences(set: &Set, read: &BTreeMap<String, Totals>) -> Vec<String> {
    let expected = set.totals();
    let queues = expected.keys().chain(read.keys());
    let unequal = queues.filter(|queue| expected.get(*queue) != read.get(*queue));
    let unequal: std::collections::BTreeSet<_> = unequal.collect();
    let said = unequal.into_iter().map(|queue| {
        format!(
            "queue {queue} of {}: DuckDB says {:?}, Waitwise {:?}",
            set.name,
            expected.get(queue),
            read.get(queue)
        )
    });
    said.collect()
}

fn shown(set: &Set, read: &BTreeMap<String, Totals>) -> String {
    let mut text = format!(
        "**{}**, {}; each figure as DuckDB {} and Waitwise have it:\n\n\
         | queue | calls | answered | abandoned | mean wait |\n|---|---:|---:|---:|---:|\n",
        set.name,
        count(set.queues.len(), "queue"),
        set.version
    );
    let mut queues: Vec<_> = set.totals().into_iter().collect();
    queues.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.calls));
    for (queue, expected) in queues.iter().take(SHOWN) {
        let Some(read) = read.get(queue) else {
            continue;
        };
        let _ = writeln!(
            text,
            "| {queue} | {} · {} | {} · {} | {} · {} | {:.3} s · {:.3} s |",
            expected.calls,
            read.calls,
            expected.answered,
            read.answered,
            expected.abandoned,
            read.abandoned,
            mean_secs(*expected),
            mean_secs(*read)
        );
    }
    text + "\n"
}

fn mean_secs(totals: Totals) -> f64 {
    totals.wait_secs as f64 / totals.calls as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_differs_is_found() {
        let set = Set {
            name: "s".to_owned(),
            version: "1".to_owned(),
            queues: vec![("a".to_owned(), 3, 2, 1, 30), ("b".to_owned(), 1, 1, 0, 5)],
        };
        let same = set.totals();
        assert!(differences(&set, &same).is_empty());
        let mut other = same.clone();
        other.remove("b");
        other.insert("c".to_owned(), same["a"]);
        if let Some(totals) = other.get_mut("a") {
            totals.wait_secs += 1;
        }
        let found = differences(&set, &other);
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("queue a of s: DuckDB says Some(Totals { calls: 3,"));
    }
}
