//! The programs that run a model: ours, two Rust crates, three Python packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::super::measure::{Cost, cost, cost_and_answer};
use super::super::release_build;
use super::source;
use crate::cargo;
use crate::python::Python;

/// One of them.
pub(super) struct Program {
    pub(super) name: &'static str,
    kind: Kind,
    /// Measured interactions of a full run: some seconds each.
    pub(super) interactions: u64,
    /// Whether strict priority in one pool is all that it has.
    pub(super) only_priority: bool,
}

enum Kind {
    Ours,
    Rust(&'static str),
    Python(&'static str),
}

/// Ours first: the others are compared with it.
pub(super) const PROGRAMS: [Program; 6] = [
    program("Waitwise", Kind::Ours, 50_000_000),
    program("simrs", Kind::Rust("simrs"), 20_000_000),
    program("NeXosim", Kind::Rust("nexosim"), 8_000_000),
    program("SimPy", Kind::Python("simpy"), 500_000),
    Program {
        only_priority: true,
        ..program("Ciw", Kind::Python("ciw"), 200_000)
    },
    program("salabim", Kind::Python("salabim"), 40_000),
];

const fn program(name: &'static str, kind: Kind, interactions: u64) -> Program {
    Program {
        name,
        kind,
        interactions,
        only_priority: false,
    }
}

/// The programs, built and installed.
pub(super) struct Programs {
    waitwise: PathBuf,
    rust: PathBuf,
    python: Python,
    script: PathBuf,
    /// Where what a program says is kept.
    answer: PathBuf,
}

const PACKAGES: [&str; 3] = ["ciw", "simpy", "salabim"];

const VERSIONS: &str = "import platform, ciw\nfrom importlib.metadata import version\n\
    print(f'Python {platform.python_version()}, SimPy {version(\"simpy\")}, Ciw {version(\"ciw\")}, salabim {version(\"salabim\")}')";

/// The parts of our answer that are wanted.
#[derive(Deserialize)]
struct Answer {
    classes: Vec<ClassAnswer>,
}

#[derive(Deserialize)]
struct ClassAnswer {
    mean_wait_secs: Figure,
}

#[derive(Deserialize)]
struct Figure {
    value: f64,
    low: f64,
    high: f64,
}

/// From how many replications a spread is taken, and Student's quantile for them.
const SPREAD_OF: u32 = 30;
const STUDENTS: f64 = 2.045_23;

impl Programs {
    pub(super) fn prepare(root: &Path) -> Result<Programs> {
        let venv = root.join("target/bench/sim-venv");
        let python = Python::prepare(&venv, &PACKAGES, VERSIONS)?;
        let target = root.join("target/bench/sim-peers");
        let mut cargo = cargo::command();
        cargo
            .args(["build", "--release", "--locked", "--target-dir"])
            .arg(&target)
            .current_dir(source(root, "sim-peers"));
        let status = cargo.status().context("cannot start `cargo build`")?;
        ensure!(status.success(), "the other crates cannot be built");
        Ok(Programs {
            waitwise: release_build(root)?,
            rust: target.join("release/sim-peers"),
            python,
            script: source(root, "sim/peers.py"),
            answer: root.join("target/bench/sim/answer.json"),
        })
    }

    /// Says what the others are.
    pub(super) fn versions(&self) -> Result<String> {
        let python = self.python.says(VERSIONS)?;
        let lock = include_str!("../sim-peers/Cargo.lock");
        let of = |name: &str| {
            let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
            Some(format!("{name} {}", rest.split('"').next()?))
        };
        let crates: Vec<String> = ["simrs", "nexosim"]
            .iter()
            .filter_map(|name| of(name))
            .collect();
        Ok(format!("{}; {python}", crates.join(", ")))
    }

    /// Runs a model once; returns what that cost and each class's mean wait.
    pub(super) fn run(
        &self,
        program: &Program,
        model: &Path,
        interactions: u64,
        seed: u64,
    ) -> Result<(Cost, Vec<f64>)> {
        let numbers = [interactions.to_string(), seed.to_string()];
        let command = match program.kind {
            Kind::Ours => self.ours(model, interactions, 1, seed),
            Kind::Rust(name) => {
                let mut command = Command::new(&self.rust);
                command.arg(name).arg(model).args(numbers);
                command
            }
            Kind::Python(name) => {
                let mut command = Command::new(&self.python.program);
                command.arg(&self.script).arg(name).arg(model).args(numbers);
                command
            }
        };
        let (cost, said) = cost_and_answer(&command, &self.answer)
            .with_context(|| format!("{} does not run {}", program.name, model.display()))?;
        let waits = match program.kind {
            Kind::Ours => means(&said)?,
            Kind::Rust(_) | Kind::Python(_) => serde_json::from_str(&said)?,
        };
        Ok((cost, waits))
    }

    /// Per class, our mean wait and the standard error of a single run of so many interactions.
    pub(super) fn spread(&self, model: &Path, interactions: u64) -> Result<(Vec<f64>, Vec<f64>)> {
        let command = self.ours(model, interactions, SPREAD_OF, 1_000);
        let (_, said) = cost_and_answer(&command, &self.answer)?;
        let answer: Answer = serde_json::from_str(&said).context("cannot read our own answer")?;
        let figures = || answer.classes.iter().map(|class| &class.mean_wait_secs);
        // Of the mean of all replications, made that of one.
        let error =
            |of: &Figure| (of.high - of.low) / (2.0 * STUDENTS) * f64::from(SPREAD_OF).sqrt();
        Ok((
            figures().map(|of| of.value).collect(),
            figures().map(error).collect(),
        ))
    }

    fn ours(&self, model: &Path, interactions: u64, replications: u32, seed: u64) -> Command {
        let mut command = Command::new(&self.waitwise);
        command
            .args(["simulate", "--threads", "1", "--output", "json", "--model"])
            .arg(model)
            .args(["--customers", &interactions.to_string()])
            .args(["--replications", &replications.to_string()])
            .args(["--seed", &seed.to_string()]);
        command
    }

    /// What a run of ours costs.
    pub(super) fn cost_of_ours(&self, model: &Path, interactions: u64, seed: u64) -> Result<Cost> {
        cost(&self.ours(model, interactions, 1, seed))
    }
}

fn means(said: &str) -> Result<Vec<f64>> {
    let answer: Answer = serde_json::from_str(said).context("cannot read our own answer")?;
    let classes = answer.classes.iter();
    Ok(classes.map(|class| class.mean_wait_secs.value).collect())
}
