//! `cargo xtask bench`: figures for `docs/benchmarks.md`, measured on the machine that runs it.

mod build;
pub(crate) mod measure;
mod tenant;
mod tutorial;

use anyhow::{Result, bail};

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
        Some("build") => build::run(flags),
        other => bail!(
            "there is no benchmark `{}`: tutorial, build",
            other.unwrap_or_default()
        ),
    }
}
