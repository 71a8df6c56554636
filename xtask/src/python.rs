//! Python with the packages that a chore needs, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo;

/// An interpreter that has the packages.
#[derive(Debug)]
pub(crate) struct Python {
    pub(crate) program: PathBuf,
}

impl Python {
    /// Makes the environment in `folder` with `packages` as pip names them, unless an earlier run did, which `check`
    /// shows: a script that succeeds only where they are installed.
    ///
    /// # Errors
    ///
    /// Fails if there is no Python 3 with `venv`, or pip cannot fetch the packages.
    pub(crate) fn prepare(folder: &Path, packages: &[&str], check: &str) -> Result<Python> {
        let program = folder.join("bin/python");
        let python = Python { program };
        if python.says(check).is_err() {
            succeed(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let mut pip = Command::new(&python.program);
            pip.args(["-m", "pip", "install", "--quiet"]).args(packages);
            succeed(&mut pip)?;
        }
        Ok(python)
    }

    /// Makes the environment with DuckDB, which those chores share that only ask it something.
    ///
    /// # Errors
    ///
    /// As [`Python::prepare`].
    pub(crate) fn with_duckdb() -> Result<Python> {
        let folder = cargo::target_folder()?.join("duckdb/venv");
        Python::prepare(&folder, &["duckdb"], "import duckdb")
    }

    /// Returns what a script prints.
    ///
    /// # Errors
    ///
    /// Fails if the script does, with what it said.
    pub(crate) fn says(&self, script: &str) -> Result<String> {
        self.answers(script, &[])
    }

    /// Returns what a script prints that is given `args`.
    ///
    /// # Errors
    ///
    /// As [`Python::says`].
    pub(crate) fn answers(&self, script: &str, args: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["-c", script]).args(args);
        let output = command.output().context("cannot start Python")?;
        ensure!(
            output.status.success(),
            "a Python script ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8(output.stdout).context("cannot read what Python says")?;
        Ok(said.trim_end().to_owned())
    }
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().context("cannot start Python")?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
