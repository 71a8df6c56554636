//! `cargo xtask bench search`: what a whole search costs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::PAGE;
use super::measure::{cost, spread};
use crate::flags::Flags;
use crate::report::say;
use crate::{cargo, machine, page};

/// The test that does one search, of a centre whose size a variable tells.
const TEST: &str = "speed::a_centre_of_a_given_size_is_searched";
const SIZE: &str = "WAITWISE_SEARCH_SIZE";

/// Skills and agents.
const SIZES: [(u32, u32); 2] = [(6, 60), (12, 300)];

const RUNS: usize = 3;

/// Measures each search a few times and writes the page.
///
/// # Errors
///
/// Fails if the tests cannot be built, or a search does not succeed.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let runs = flags.take("--runs")?.unwrap_or(RUNS);
    flags.end()?;
    ensure!(runs > 0, "--runs must be at least 1");
    let program = built()?;
    let mut text = format!(
        "Medians of {runs} runs each; the smallest and the largest value in brackets. {}.\n\n\
        | search | wall clock, s | CPU time, s | peak memory, MiB |\n|---|---|---|---|\n",
        machine::described()?
    );
    for (skills, agents) in SIZES {
        let mut command = Command::new(&program);
        command
            .args([TEST, "--exact"])
            .env(SIZE, format!("{skills}x{agents}"));
        let costs = (0..runs)
            .map(|_| cost(&command))
            .collect::<Result<Vec<_>>>()?;
        let of =
            |value: fn(&super::measure::Cost) -> f64| costs.iter().map(value).collect::<Vec<_>>();
        let _ = writeln!(
            text,
            "| {skills} skills, {agents} agents | {} | {} | {} |",
            spread(&of(|cost| cost.wall.as_secs_f64()), 1),
            spread(&of(|cost| cost.cpu.as_secs_f64()), 1),
            spread(&of(|cost| cost.peak_kib as f64 / 1024.0), 0),
        );
    }
    say(&text);
    page::write_part(&cargo::workspace_root()?.join(PAGE), "search", &text)
}

/// What cargo says of something that it has built.
#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
}

/// Builds the tests, optimised, and returns the program.
fn built() -> Result<PathBuf> {
    let mut cargo = cargo::command();
    cargo
        .args(["test", "--release", "--no-run", "--message-format=json"])
        .args(["--package", "waitwise-weights", "--test", "quality"])
        .stderr(Stdio::inherit());
    let output = cargo.output().context("cannot start `cargo test`")?;
    ensure!(output.status.success(), "the tests cannot be built");
    let said = String::from_utf8_lossy(&output.stdout);
    let artifacts = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let program = artifacts
        .filter_map(|artifact| artifact.executable)
        .next_back();
    program.context("cargo names no program that it has built")
}
