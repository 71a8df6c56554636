//! `cargo xtask fuzz`: everything that reads outside input, fed by libFuzzer on the stable compiler.
//!
//! The targets are a package of their own in `fuzz/`. Coverage comes from plain LLVM passes, so neither a nightly
//! compiler nor cargo-fuzz is needed; a C++ compiler is, for libFuzzer itself.

use std::fs::{self, File};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::flags::Flags;
use crate::report::say;
use crate::{cargo, machine};

/// What libFuzzer needs to see which branches an input takes. One codegen unit: the tables of several do not link.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";

/// Far above what any reader needs for an input of [`LEN_MAX`]: whoever gets there grows without bound.
const RSS_LIMIT_MB: u32 = 512;

/// One input may take so long, in seconds, on a machine that does other things as well.
const TIMEOUT_SECS: u32 = 10;

/// Room for several pages of a list, and for nesting deeper than any stack would hold.
const LEN_MAX: u32 = 64 * 1024;

/// With it the same binary goes the same way, as far as its time reaches.
pub(crate) const SEED: u32 = 1;

const SECONDS_DEFAULT: u64 = 60;

/// One target's run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Campaign {
    pub(crate) target: String,
    pub(crate) inputs: u64,
    /// Edges of the program that some input took.
    pub(crate) edges: u64,
    pub(crate) peak_rss_mb: u64,
}

/// Runs one target, or all of them, as many at a time as there are cores.
///
/// # Errors
///
/// Fails at the first finding, and names the file with the input.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let seconds = flags.take("--seconds")?.unwrap_or(SECONDS_DEFAULT);
    let target = flags.word();
    flags.end()?;
    for campaign in campaigns(target.as_deref(), seconds)? {
        say(&format!(
            "{}: {} inputs, {} edges, at most {} MiB, nothing found",
            campaign.target, campaign.inputs, campaign.edges, campaign.peak_rss_mb
        ));
    }
    Ok(())
}

/// Builds and runs the target named, or all, each for so many seconds.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn campaigns(target: Option<&str>, seconds: u64) -> Result<Vec<Campaign>> {
    let root = cargo::workspace_root()?;
    let mut targets = targets(&root)?;
    if let Some(wanted) = target {
        targets.retain(|name| name == wanted);
        ensure!(
            !targets.is_empty(),
            "there is no fuzz target `{wanted}` in fuzz/targets"
        );
    }
    let binaries = build(&root, &targets)?;
    let beside = thread::available_parallelism().map_or(1, NonZero::get);
    let mut campaigns = Vec::new();
    for targets in targets.chunks(beside) {
        say(&format!("for {seconds} s: {}", targets.join(", ")));
        campaigns.extend(at_once(targets, |name| {
            fuzz(&root, &binaries, name, seconds).with_context(|| format!("target `{name}` failed"))
        })?);
    }
    Ok(campaigns)
}

/// Runs each target on a thread of its own, since libFuzzer uses one core, and waits for all.
fn at_once(
    targets: &[String],
    run: impl Fn(&str) -> Result<Campaign> + Sync,
) -> Result<Vec<Campaign>> {
    thread::scope(|scope| {
        let threads: Vec<_> = targets
            .iter()
            .map(|name| scope.spawn(|| run(name)))
            .collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(campaign) => campaign,
            Err(_) => bail!("a thread panicked"),
        });
        ended.collect()
    })
}

fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).context("cannot read `fuzz/targets`")? {
        let path = entry.context("cannot read `fuzz/targets`")?.path();
        let name = path.file_stem().context("a target without a name")?;
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Builds with coverage into a target folder of its own, and returns the folder of the binaries.
fn build(root: &Path, targets: &[String]) -> Result<PathBuf> {
    let triple = machine::host_triple()?;
    let built = root.join("target/fuzz");
    let mut cargo = cargo::command();
    // Naming the triple keeps the flags away from build scripts, which cannot be linked with them.
    cargo
        .args(["build", "--release", "--target", &triple])
        .current_dir(root.join("fuzz"))
        .env("RUSTFLAGS", COVERAGE)
        .env("CARGO_TARGET_DIR", &built);
    for target in targets {
        cargo.args(["--bin", target]);
    }
    let status = cargo.status().context("cannot start `cargo build`")?;
    ensure!(status.success(), "the fuzz targets do not build");
    Ok(built.join(triple).join("release"))
}

fn fuzz(root: &Path, binaries: &Path, name: &str, seconds: u64) -> Result<Campaign> {
    let folder = root.join("target/fuzz");
    let corpus = folder.join("corpus").join(name);
    let findings = folder.join("findings").join(name);
    for needed in [&corpus, &findings] {
        fs::create_dir_all(needed)
            .with_context(|| format!("cannot make `{}`", needed.display()))?;
    }
    let log_path = folder.join(format!("{name}.log"));
    let log = File::create(&log_path)
        .with_context(|| format!("cannot write `{}`", log_path.display()))?;
    // At the lowest priority, so that a person can go on working.
    let status = Command::new("nice")
        .args(["-n", "19"])
        .arg(binaries.join(name))
        .arg(&corpus)
        .arg(root.join("fuzz/seeds").join(name))
        .args(options(seconds))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        // Keeps the target of the settings from running commands that it made up.
        .env("WAITWISE_CLIENT_SECRET", "fuzz")
        .stdout(log.try_clone().context("cannot share the log")?)
        .stderr(log)
        .status()
        .context("cannot start the target")?;
    let log = fs::read(&log_path).context("cannot read the target's log")?;
    let log = String::from_utf8_lossy(&log);
    if !status.success() {
        bail!(
            "{}\nthe whole log is {}",
            last_lines(&log, 30),
            log_path.display()
        );
    }
    read_log(name, &log)
        .with_context(|| format!("cannot find the figures in `{}`", log_path.display()))
}

fn options(seconds: u64) -> [String; 6] {
    [
        format!("-max_total_time={seconds}"),
        format!("-seed={SEED}"),
        format!("-rss_limit_mb={RSS_LIMIT_MB}"),
        format!("-timeout={TIMEOUT_SECS}"),
        format!("-max_len={LEN_MAX}"),
        "-print_final_stats=1".to_owned(),
    ]
}

fn read_log(target: &str, log: &str) -> Option<Campaign> {
    let number = |text: &str| text.split_whitespace().next()?.parse().ok();
    let after = |mark: &str| number(log.rsplit_once(mark)?.1);
    Some(Campaign {
        target: target.to_owned(),
        inputs: after("stat::number_of_executed_units:")?,
        edges: after(" cov: ")?,
        peak_rss_mb: after("stat::peak_rss_mb:")?,
    })
}

fn last_lines(text: &str, n_lines: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n_lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Campaign, last_lines, read_log};

    #[test]
    fn figures_are_the_last_ones_of_the_log() {
        let log = "#2 INITED cov: 10 ft: 11 corp: 1/1b\n#9 NEW    cov: 34 ft: 40 corp: 2/9b\n\
            stat::number_of_executed_units: 1234\nstat::average_exec_per_sec:     61\n\
            stat::peak_rss_mb:              45\n";
        let expected = Campaign {
            target: "rule".to_owned(),
            inputs: 1234,
            edges: 34,
            peak_rss_mb: 45,
        };
        assert_eq!(read_log("rule", log), Some(expected));
        assert_eq!(read_log("rule", "Killed\n"), None);
    }

    #[test]
    fn the_end_of_a_long_log_is_shown() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a\n", 2), "a");
    }
}
