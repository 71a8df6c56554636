//! `cargo xtask test`: the steps that a change has to pass, in the order in which a mistake is cheapest to find.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::clock::{now, seconds};
use crate::report::{count, say};
use crate::{call_records, cargo, deps, facts, licences, neighbours, tidy};

type Step = fn() -> Result<()>;

/// What runs, by name. Formatting first, since it takes a second; the tests before the checks of our own, since a
/// developer waits for them.
const STEPS: &[(&str, Step)] = &[
    ("formatting", formatting),
    ("clippy", clippy),
    ("tests", tests),
    ("rustdoc", rustdoc),
    ("deps", deps::run),
    ("licences", licences::run),
    ("tidy", tidy::run),
];

/// What needs more than Rust, and is therefore asked for by `--all`.
const BEYOND_RUST: &[(&str, Step)] = &[
    ("neighbours", neighbours::run),
    ("call records", call_records::run),
    ("facts", facts::run),
];

/// Runs every step, each announced by name and closed with its duration; `all` adds those that install other tools.
///
/// # Errors
///
/// Fails at the first step that does, and names it.
pub(crate) fn run(all: bool) -> Result<()> {
    let started = now();
    let beyond = if all { BEYOND_RUST } else { &[] };
    let steps: Vec<&(&str, Step)> = STEPS.iter().chain(beyond).collect();
    for (number, (name, step)) in (1..).zip(&steps) {
        say(&format!("==> {number}/{} {name}", steps.len()));
        let step_started = now();
        step().with_context(|| format!("step `{name}` failed"))?;
        say(&format!("<== {name}: {}", seconds(step_started.elapsed())));
    }
    say(&format!(
        "all {} passed in {}",
        count(steps.len(), "step"),
        seconds(started.elapsed())
    ));
    Ok(())
}

fn formatting() -> Result<()> {
    succeed(cargo::command().args(["fmt", "--all", "--check"]))
        .context("the code is not formatted; `cargo fmt --all` does it")
}

fn clippy() -> Result<()> {
    succeed(cargo::command().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn rustdoc() -> Result<()> {
    // Private items too: that is what our own readers see, and a broken link misleads them as much.
    let mut cargo = cargo::command();
    cargo.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    let flags = env::var("RUSTDOCFLAGS").unwrap_or_default();
    succeed(cargo.env("RUSTDOCFLAGS", format!("{flags} -D warnings")))
}

/// Runs all tests and shows their output as it comes.
fn tests() -> Result<()> {
    let mut cargo = cargo::command();
    cargo.args(["test", "--workspace"]).stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cannot start `cargo test`")?;
    let stdout = child
        .stdout
        .take()
        .context("cannot read from `cargo test`")?;
    let n_passed = show_and_count(stdout).context("cannot read from `cargo test`")?;
    let status = child.wait().context("cannot wait for `cargo test`")?;
    ensure!(
        status.success(),
        "`cargo test --workspace` ended with {status}"
    );
    something_ran(n_passed)
}

/// Prints every line and returns how many tests passed according to them.
fn show_and_count(output: impl Read) -> io::Result<usize> {
    let mut n_passed = 0;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        say(&line);
        n_passed += passed_in(&line).unwrap_or_default();
    }
    Ok(n_passed)
}

/// Fails if not a single test ran: cargo calls that a success.
fn something_ran(n_passed: usize) -> Result<()> {
    ensure!(n_passed > 0, "no test ran, so nothing is shown to work");
    say(&format!("{} passed", count(n_passed, "test")));
    Ok(())
}

/// Returns how many tests passed according to a closing line (`test result: ok. 3 passed; …`), `None` for other lines.
fn passed_in(line: &str) -> Option<usize> {
    let (_, result) = line.split_once("test result: ")?;
    let (before, _) = result.split_once(" passed;")?;
    before.rsplit(' ').next()?.parse().ok()
}

fn succeed(command: &mut Command) -> Result<()> {
    let words = command.get_args().map(|arg| arg.to_string_lossy());
    let said = format!("cargo {}", words.collect::<Vec<_>>().join(" "));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{said}`"))?;
    if !status.success() {
        bail!("`{said}` ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{passed_in, show_and_count, something_ran};

    #[test]
    fn a_run_of_many_empty_binaries_is_a_failure() {
        let empty = "test result: ok. 0 passed; 0 failed\n";
        let n_passed = show_and_count(empty.repeat(3).as_bytes()).unwrap();
        assert!(something_ran(n_passed).is_err());
        let one = format!("{empty}test result: ok. 1 passed; 0 failed\n{empty}");
        assert_eq!(show_and_count(one.as_bytes()).unwrap(), 1);
        assert!(something_ran(1).is_ok());
    }

    #[test]
    fn closing_lines_are_counted_and_others_are_not() {
        let closing = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out";
        assert_eq!(passed_in(closing), Some(12));
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(passed_in(empty), Some(0));
        assert_eq!(passed_in("test tests::a_line ... ok"), None);
        assert_eq!(passed_in("running 12 tests"), None);
    }

    #[test]
    fn a_coloured_closing_line_counts_too() {
        let closing = "test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 7 passed; 0 failed";
        assert_eq!(passed_in(closing), Some(7));
    }
}
