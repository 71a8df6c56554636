//! `cargo xtask bench build`: what a first build of the release binary costs, and what that buys.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::measure::cost;
use crate::flags::Flags;
use crate::{cargo, machine, page};

/// Packages below this are many and small, and summed up.
const SHOWN_FROM_SECS: f64 = 4.0;

/// What the dear ones buy.
const WORTH: &[(&str, &str)] = &[
    (
        "libsqlite3-sys",
        "SQLite itself, compiled from C: the journal is durable before each write, without a server",
    ),
    (
        "sqlx-core",
        "the journal's connection: async, cancellable, and the way to Postgres later",
    ),
    ("sqlx-sqlite", "as sqlx-core"),
    (
        "ring",
        "the cryptography of TLS; aws-lc would cost about 40 s more",
    ),
    ("rustls", "TLS without a system library"),
    ("rustls-webpki", "checks certificates for rustls"),
    ("tokio", "timers, sockets, signals for client and sandbox"),
    ("hyper", "HTTP/1 on both sides"),
    ("hyper-util", "hyper's connections and pools"),
    (
        "reqwest",
        "the client: proxies, time-outs, roots of the system",
    ),
    (
        "clap_builder",
        "the command line: help, variables, completions, man pages",
    ),
    ("clap_derive", "the command line as types"),
    (
        "jiff",
        "dates, time zones and daylight saving; window arithmetic",
    ),
    ("serde_core", "JSON and TOML as types"),
    ("serde_derive", "JSON and TOML as types"),
    (
        "serde_json",
        "bodies, plans, answers; raw values, so that a rule keeps its bytes",
    ),
    ("toml_edit", "the settings file"),
    ("toml", "the settings file and mappings of call records"),
    ("toml_parser", "as toml"),
    ("syn", "the derives of clap, serde, thiserror and maud"),
    ("maud", "the demo's report, escaped by construction"),
    ("maud_macros", "the demo's report, escaped by construction"),
    ("schemars", "JSON schemas of settings and plans"),
    ("schemars_derive", "JSON schemas of settings and plans"),
    ("csv", "real call records in the sandbox"),
    ("lzma-rust2", "real call records as .xz"),
    ("zlib-rs", "real call records as .gz"),
    (
        "wide",
        "ends of strings in records, sixteen bytes at a time without unsafe code of ours",
    ),
    ("zerovec", "international host names (url)"),
    ("idna", "international host names (url)"),
    ("tracing-subscriber", "the log: levels, JSON lines"),
    ("comfy-table", "tables that fit the terminal"),
    ("indicatif", "progress bars"),
    ("regex-automata", "filters of the log"),
    ("rcgen", "throw-away certificates of the sandbox"),
    ("x509-parser", "throw-away certificates of the sandbox"),
];

/// Builds into an empty folder and writes the page.
///
/// # Errors
///
/// Fails if the build does, or cargo's report of timings cannot be read.
pub(crate) fn run(flags: Flags) -> Result<()> {
    flags.end()?;
    let root = cargo::workspace_root()?;
    let folder = root.join("target/bench/cold");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the last cold build")?;
    }
    let mut cargo = cargo::command();
    cargo
        .args(["build", "--release", "--timings", "--package", "waitwise"])
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", &folder);
    let cost = cost(&cargo).context("the cold build failed")?;
    let packages = by_package(&report(&folder)?)?;
    let text = format!(
        "`cargo build --release --package waitwise` into an empty folder, sources fetched before: **{:.0} s**, {:.0} s of CPU. {}.\n\n{}",
        cost.wall.as_secs_f64(),
        cost.cpu.as_secs_f64(),
        machine::described()?,
        table(&packages)
    );
    crate::report::say(&text);
    page::write_part(&root.join(super::PAGE), "build", &text)
}

fn report(folder: &Path) -> Result<String> {
    let path = folder.join("cargo-timings/cargo-timing.html");
    fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

#[derive(Deserialize)]
struct Unit {
    name: String,
    /// Seconds from its start to its end, while others may have run beside it.
    duration: f64,
}

/// Returns the seconds of each package, build script and its run included.
fn by_package(html: &str) -> Result<BTreeMap<String, f64>> {
    let units = html
        .split_once("UNIT_DATA = ")
        .and_then(|(_, rest)| Some(rest.split_once("];")?.0));
    let units = units.context("cargo's report has no units")?;
    let units: Vec<Unit> =
        serde_json::from_str(&format!("{units}]")).context("cannot read cargo's units")?;
    let mut packages = BTreeMap::new();
    for unit in units {
        *packages.entry(unit.name).or_default() += unit.duration;
    }
    Ok(packages)
}

fn table(packages: &BTreeMap<String, f64>) -> String {
    let mut dearest: Vec<(&str, f64)> = packages
        .iter()
        .map(|(name, secs)| (name.as_str(), *secs))
        .collect();
    dearest.sort_by(|a, b| b.1.total_cmp(&a.1));
    let n_shown = dearest.partition_point(|(_, secs)| *secs >= SHOWN_FROM_SECS);
    let (shown, rest) = dearest.split_at(n_shown);
    let mut text = "| package | s | what it buys |\n|---|---|---|\n".to_owned();
    for (name, secs) in shown {
        let _ = writeln!(text, "| {name} | {secs:.1} | {} |", worth(name));
    }
    let rest_secs: f64 = rest.iter().map(|(_, secs)| secs).sum();
    let n_rest = rest.len();
    let _ = writeln!(
        text,
        "| {n_rest} others | {rest_secs:.1} | each below {SHOWN_FROM_SECS} s |"
    );
    text
}

fn worth(name: &str) -> &'static str {
    let known = WORTH.iter().find(|(package, _)| *package == name);
    match known {
        Some((_, worth)) => worth,
        None if name.starts_with("waitwise") => "the product itself",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{by_package, table};

    #[test]
    fn units_of_a_package_are_summed_and_small_ones_together() {
        let html = r#"<script>const UNIT_DATA = [
            {"i":0,"name":"ring","mode":"todo","target":" build-script","duration":1.5},
            {"i":1,"name":"ring","mode":"todo","target":"","duration":9.0},
            {"i":2,"name":"csv","mode":"todo","target":"","duration":0.5}
        ];
        const CONCURRENCY_DATA = [];"#;
        let packages = by_package(html).unwrap();
        let text = table(&packages);
        assert!(text.contains("| ring | 10.5 | the cryptography"), "{text}");
        assert!(text.contains("| 1 others | 0.5 |"), "{text}");
        assert!(by_package("<html>").is_err());
    }
}
