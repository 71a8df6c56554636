//! Who answers the question, and how each is asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::answer::Answer;
use crate::python::Python;

/// An engine with a number of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contender {
    pub(super) engine: Engine,
    pub(super) threads: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Waitwise,
    DuckDb,
    ChDb,
    Polars,
    Orjson,
}

/// What an engine is asked about.
pub(super) enum Source {
    /// A file of conversation records.
    Records(PathBuf),
    /// A folder of a history, with Parquet in it.
    Facts(PathBuf),
}

impl Source {
    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        match self {
            Source::Records(path) | Source::Facts(path) => path,
        }
    }
}

/// What the other engines are, as pip names them.
pub(super) const PACKAGES: [&str; 4] = ["duckdb", "chdb", "polars", "orjson"];

/// Says the versions of interpreter and packages.
pub(super) const VERSIONS: &str = "import platform\n\
    from importlib.metadata import version\n\
    import chdb, duckdb, orjson, polars\n\
    print(f'Python {platform.python_version()}', *(f'{name} {version(name)}' for name in\n\
    \x20     ('duckdb', 'chdb', 'chdb-core', 'polars', 'orjson')), sep=', ')";

/// Arguments: records, threads, the file for the answer.
pub(crate) const ASK_DUCKDB: &str = include_str!("ask_duckdb.py");
/// Arguments: the folder of a history, threads, the file for the answer.
pub(crate) const ASK_DUCKDB_FACTS: &str = include_str!("ask_duckdb_facts.py");
const ASK_CHDB: &str = include_str!("ask_chdb.py");
const ASK_POLARS: &str = include_str!("ask_polars.py");
const ASK_ORJSON: &str = include_str!("ask_orjson.py");

impl Engine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Engine::Waitwise => "Waitwise",
            Engine::DuckDb => "DuckDB",
            Engine::ChDb => "chDB",
            Engine::Polars => "Polars",
            Engine::Orjson => "Python + orjson",
        }
    }

    /// How far its percentiles may lie from the exact ones, as a share of the value.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            // What it promises.
            Engine::Waitwise => 0.001,
            Engine::DuckDb | Engine::ChDb | Engine::Polars | Engine::Orjson => 1e-9,
        }
    }
}

/// Where the programs are, and where answers go.
pub(super) struct Desk<'a> {
    pub(super) waitwise: &'a Path,
    pub(super) python: &'a Python,
    pub(super) answer: PathBuf,
}

impl Desk<'_> {
    /// Returns the command by which `who` is asked. Only Waitwise and DuckDB are asked about facts.
    pub(super) fn ask(&self, who: Contender, source: &Source) -> Command {
        let threads = who.threads.to_string();
        match who.engine {
            Engine::Waitwise => {
                let mut command = Command::new(self.waitwise);
                let flag = match source {
                    Source::Records(_) => "--input",
                    Source::Facts(_) => "--facts",
                };
                command
                    .args(["analyze", "--group-by", "queue,skill,wrap-up"])
                    .args(["--output", "csv", "--threads", &threads, flag])
                    .arg(source.path());
                command
            }
            Engine::DuckDb => {
                let script = match source {
                    Source::Records(_) => ASK_DUCKDB,
                    Source::Facts(_) => ASK_DUCKDB_FACTS,
                };
                self.script(script, source, Some(&threads))
            }
            Engine::ChDb => self.script(ASK_CHDB, source, Some(&threads)),
            Engine::Polars => {
                let mut command = self.script(ASK_POLARS, source, None);
                command.env("POLARS_MAX_THREADS", threads);
                command
            }
            Engine::Orjson => self.script(ASK_ORJSON, source, None),
        }
    }

    fn script(&self, script: &str, source: &Source, threads: Option<&str>) -> Command {
        let mut command = Command::new(&self.python.program);
        command
            .args(["-c", script])
            .arg(source.path())
            .args(threads)
            .arg(&self.answer);
        command
    }

    /// Asks once, without looking at the cost, and returns the answer.
    ///
    /// # Errors
    ///
    /// Fails if the engine does, or its answer cannot be read.
    pub(super) fn answer(&self, who: Contender, source: &Source) -> Result<Answer> {
        let name = who.engine.name();
        let output = self.ask(who, source).output();
        let output = output.with_context(|| format!("cannot start {name}"))?;
        ensure!(
            output.status.success(),
            "{name} ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let csv = match who.engine {
            Engine::Waitwise => String::from_utf8(output.stdout).context("no text")?,
            Engine::DuckDb | Engine::ChDb | Engine::Polars | Engine::Orjson => {
                fs::read_to_string(&self.answer).context("there is no answer")?
            }
        };
        Answer::read(&csv).with_context(|| format!("cannot read the answer of {name}"))
    }
}
