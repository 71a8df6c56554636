//! Facts as others read them: DuckDB, without being told anything, finds the columns, rows and figures that
//! `docs/facts-format.md` promises.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::cargo;
use crate::python::Python;
use crate::report::{conclude, count, say};

const SCRIPT: &str = include_str!("facts.py");

/// What the script says.
#[derive(Debug, Deserialize)]
struct Said {
    version: String,
    groups: usize,
    visits: usize,
    findings: Vec<String>,
}

/// Imports a simulated tenant's export and lets DuckDB look at the facts. Says so if there is no DuckDB to be had.
///
/// # Errors
///
/// Fails if Waitwise does, or DuckDB finds anything else than what is promised.
pub(crate) fn run() -> Result<()> {
    let python = match Python::with_duckdb() {
        Ok(python) => python,
        Err(error) => {
            say(&format!("could not be done: DuckDB: {error:#}"));
            return Ok(());
        }
    };
    let waitwise = cargo::debug_build()?;
    let folder = cargo::target_folder()?.join("foreign");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot clear a folder for the facts")?;
    }
    fs::create_dir_all(&folder).context("cannot make a folder for the facts")?;
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (records, history, answer) = (path("a.ndjson"), path("history"), path("a.csv"));
    told(
        &waitwise,
        &["sandbox", "export", "--tenants=2", "--days=3", &records],
    )?;
    told(
        &waitwise,
        &["history", "import", &records, "--history-dir", &history],
    )?;
    let figures = told(&waitwise, &["analyze", "--facts", &history, "--output=csv"])?;
    fs::write(&answer, figures).context("cannot write the figures")?;
    let facts = format!("{history}/facts");
    let said = python.answers(SCRIPT, &[&facts, &records, &answer])?;
    let said: Said = serde_json::from_str(&said).context("cannot understand DuckDB's script")?;
    ensure!(
        said.visits > 1000,
        "only {} visits were imported",
        said.visits
    );
    let summary = format!(
        "DuckDB {} reads {} as they are, and adds them up as we do in {}",
        said.version,
        count(said.visits, "visit"),
        count(said.groups, "group")
    );
    conclude(&said.findings, &summary)
}

/// Returns what a command of Waitwise answers.
fn told(waitwise: &Path, args: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(waitwise).args(args).output();
    let output = output.context("cannot start waitwise")?;
    ensure!(
        output.status.success(),
        "`waitwise {}` ended with {}:\n{}",
        args.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}
