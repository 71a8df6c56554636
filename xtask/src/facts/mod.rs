//! `cargo xtask facts`: facts are plain Parquet, which an engine that knows nothing of Waitwise reads as it is.
//!
//! A simulated history is imported. DuckDB then looks through the folder, and answers one question twice: from the facts,
//! and from the records that they were made of. Waitwise answers it from the facts, too. All three have to agree.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::bench::history::{ASK_DUCKDB, ASK_DUCKDB_FACTS, Answer};
use crate::cargo;
use crate::python::Python;
use crate::report::{conclude, count, say};

const LOOK: &str = include_str!("look.py");

/// A week of one tenant, over whose end some conversations reach: seed 5 has several codes for a skill.
const EXPORT: [&str; 4] = ["--seed", "5", "--days", "7"];

/// Imports, looks and compares. Says so if there is no DuckDB to be had.
///
/// # Errors
///
/// Fails if Waitwise does, or DuckDB does not find in the facts what it should.
pub(crate) fn run() -> Result<()> {
    let waitwise = cargo::debug_build()?;
    let folder = cargo::target_folder()?.join("facts");
    let python = match Python::with_duckdb() {
        Ok(python) => python,
        Err(error) => {
            say(&format!("could not be done: DuckDB: {error:#}"));
            return Ok(());
        }
    };
    fs::create_dir_all(&folder).context("cannot make a folder for the facts")?;
    let (records, history) = (folder.join("week.ndjson"), folder.join("history"));
    if history.exists() {
        fs::remove_dir_all(&history).context("cannot remove the last history")?;
    }
    let run = |command: &mut Command| -> Result<String> {
        let output = command.output().context("cannot start waitwise")?;
        ensure!(
            output.status.success(),
            "{command:?} ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).context("waitwise says no text")
    };
    let waitwise = || Command::new(&waitwise);
    run(waitwise()
        .args(["sandbox", "export"])
        .args(EXPORT)
        .arg(&records))?;
    run(waitwise()
        .args(["history", "import", "--history-dir"])
        .args([&history, &records]))?;

    let looked = python.answers(LOOK, &[&text(&history)])?;
    let findings: Vec<String> = serde_json::from_str(&looked)
        .with_context(|| format!("cannot understand what DuckDB's script says: {looked}"))?;
    let ask = |script: &str, of: &Path| {
        let answer = folder.join("answer.csv");
        python.answers(script, &[&text(of), "1", &text(&answer)])?;
        Answer::read(&fs::read_to_string(answer).context("DuckDB has left no answer")?)
    };
    let expected = ask(ASK_DUCKDB, &records)?;
    let from_facts = ask(ASK_DUCKDB_FACTS, &history)?;
    expected
        .agree(&from_facts, 1e-9)
        .context("DuckDB answers otherwise from facts than from the records")?;
    let own = run(waitwise()
        .args(["analyze", "--exact", "--output", "csv", "--facts"])
        .arg(&history))?;
    expected
        .agree(&Answer::read(&own)?, 1e-9)
        .context("Waitwise answers otherwise from facts than DuckDB from the records")?;
    say(&format!("{} agree", count(expected.n_groups(), "group")));
    conclude(&findings, "DuckDB reads the facts as they are")
}

/// As an argument of a script.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
