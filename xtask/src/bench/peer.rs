//! Python with what the tutorial's program needs, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What the program imports beyond the standard library.
const PACKAGES: [&str; 2] = ["requests", "python-dateutil"];

/// An interpreter that has the packages.
#[derive(Debug)]
pub(crate) struct Python {
    pub(crate) program: PathBuf,
}

impl Python {
    /// Makes the environment in `folder`, unless an earlier run did.
    ///
    /// # Errors
    ///
    /// Fails if there is no Python 3 with `venv`, or pip cannot fetch the packages.
    pub(crate) fn prepare(folder: &Path) -> Result<Python> {
        let program = folder.join("bin/python");
        let python = Python { program };
        if python.says("import requests, dateutil").is_err() {
            succeed(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let mut pip = Command::new(&python.program);
            pip.args(["-m", "pip", "install", "--quiet"]).args(PACKAGES);
            succeed(&mut pip)?;
        }
        Ok(python)
    }

    /// Returns the versions of interpreter and packages.
    ///
    /// # Errors
    ///
    /// Fails if the interpreter does.
    pub(crate) fn versions(&self) -> Result<String> {
        self.says(
            "import platform, requests, dateutil\n\
             print(f'Python {platform.python_version()}, requests {requests.__version__}, '\n\
             \x20     f'python-dateutil {dateutil.__version__}')",
        )
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
