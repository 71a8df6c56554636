//! Where a figure was measured.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

/// Returns processor, cores, memory, system and compiler in one sentence.
pub(crate) fn described() -> Result<String> {
    let cores = std::thread::available_parallelism().context("cannot count the cores")?;
    let processor = field("/proc/cpuinfo", "model name");
    let memory_kib = field("/proc/meminfo", "MemTotal");
    let memory_kib = memory_kib.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let memory = memory_kib.map(|kib| format!("{:.0} GiB of memory", kib as f64 / 1024.0 / 1024.0));
    let parts = [
        Some(format!("{cores} cores")),
        processor,
        memory,
        said("uname", &["-sr"]),
        said("rustc", &["--version"]),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Returns the triple that this compiler builds for by default.
pub(crate) fn host_triple() -> Result<String> {
    let version = said("rustc", &["-vV"]).context("cannot start `rustc -vV`")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

/// Returns what a program prints, without the last line feed; `None` if it does not succeed.
pub(crate) fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

/// Returns the first `name: value` of a file of the system; other systems do not have it.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let of_name = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(of_name)
}
