//! `cargo xtask bench`: figures for `docs/benchmarks.md`, measured on the machine that runs it.

mod build;
pub(crate) mod history;
pub(crate) mod measure;
mod search;
mod sim;
mod tenant;
mod tutorial;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo;
use crate::flags::Flags;

/// Where the figures go.
const PAGE: &str = "docs/benchmarks.md";

/// Runs the benchmark that the first word names.
///
/// # Errors
///
/// Fails if there is no such benchmark, or it cannot be run to its end.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    match flags.word().as_deref() {
        Some("tutorial") => tutorial::run(flags),
        Some("history") => history::run(flags),
        Some("sim") => sim::run(flags),
        Some("search") => search::run(flags),
        Some("build") => build::run(flags),
        other => bail!(
            "there is no benchmark `{}`: tutorial, history, sim, search, build",
            other.unwrap_or_default()
        ),
    }
}

/// Builds the binary as the first page of the documentation says, and returns where it is.
fn release_build(root: &Path) -> Result<PathBuf> {
    let mut cargo = cargo::command();
    cargo.args(["build", "--release", "--package", "waitwise"]);
    let status = cargo.current_dir(root).status();
    let status = status.context("cannot start `cargo build`")?;
    ensure!(status.success(), "the release build failed");
    Ok(root.join("target/release/waitwise"))
}
