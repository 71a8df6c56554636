//! What one run of a program cost.
//!
//! The system counts the memory of whoever starts a program as that program's, until it has more itself. A benchmark
//! holds whole histories, so each program is started by a fresh, small process of this same binary.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

use crate::clock::now;
use crate::report::say;

/// The chore of the small process: not for people, so `--help` does not name it.
pub(crate) const STARTER: &str = "measure";

/// Where the small process puts what the measured program says; without it that goes unread.
const ANSWER: &str = "XTASK_MEASURE_ANSWER";

/// The cost of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time together, of the program and of those it waited for.
    pub(crate) cpu: Duration,
    /// The most memory that it had at one time, in KiB.
    pub(crate) peak_kib: u64,
}

/// Runs a program to its end, its words unread, and returns its cost.
///
/// # Errors
///
/// Fails if it cannot be started, or does not succeed; then with what it said on stderr.
pub(crate) fn cost(command: &Command) -> Result<Cost> {
    run(command, None)
}

/// The same, with what the program said on stdout, by way of the file `answer`.
///
/// # Errors
///
/// As [`cost`], or if the file cannot be written or read.
pub(crate) fn cost_and_answer(command: &Command, answer: &Path) -> Result<(Cost, String)> {
    let cost = run(command, Some(answer))?;
    let said = fs::read_to_string(answer).context("cannot read what a measured program said")?;
    Ok((cost, said))
}

fn run(command: &Command, answer: Option<&Path>) -> Result<Cost> {
    let own = env::current_exe().context("cannot find this program")?;
    let mut starter = Command::new(own);
    starter
        .arg(STARTER)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null());
    match answer {
        Some(path) => starter.env(ANSWER, path),
        None => starter.env_remove(ANSWER),
    };
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => starter.env(name, value),
            None => starter.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        starter.current_dir(folder);
    }
    let output = starter
        .output()
        .context("cannot start a measured program")?;
    ensure!(
        output.status.success(),
        "a measured program failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout);
    read(&said).with_context(|| format!("cannot read a cost in `{said}`"))
}

/// Runs the program that `words` name and prints its cost: wall clock and CPU in nanoseconds, memory in KiB.
///
/// # Errors
///
/// Fails if it cannot be started or does not succeed.
pub(crate) fn start(words: &[String]) -> Result<()> {
    let (program, args) = words.split_first().context("name a program to measure")?;
    let mut command = Command::new(program);
    command.args(args).stdout(match env::var_os(ANSWER) {
        Some(path) => Stdio::from(fs::File::create(path).context("cannot keep an answer")?),
        None => Stdio::null(),
    });
    let began = now();
    let child = command.spawn();
    let child = child.with_context(|| format!("cannot start `{program}`"))?;
    let ended = child.wait4().context("cannot wait for a program")?;
    let wall = began.elapsed();
    ensure!(ended.status.success(), "it ended with {}", ended.status);
    let cpu = ended.rusage.utime + ended.rusage.stime;
    let peak_kib = ended.rusage.maxrss / 1024;
    say(&format!(
        "{} {} {peak_kib}",
        wall.as_nanos(),
        cpu.as_nanos()
    ));
    Ok(())
}

fn read(said: &str) -> Option<Cost> {
    let mut numbers = said.split_whitespace().map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    Some(Cost {
        wall: Duration::from_nanos(next()?),
        cpu: Duration::from_nanos(next()?),
        peak_kib: next()?,
    })
}

/// Returns the middle value; of an even number the lower one of the two.
pub(crate) fn median<T: Copy + PartialOrd>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// Writes the median with the least and the greatest value, such as `12.3 (11.9–14.0)` with one decimal.
pub(crate) fn spread(values: &[f64], decimals: usize) -> String {
    let middle = median(values).unwrap_or(f64::NAN);
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{middle:.decimals$} ({least:.decimals$}–{most:.decimals$})")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{median, read, start};

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(median::<u8>(&[]), None);
    }

    #[test]
    fn a_cost_is_read_as_it_was_printed() {
        let cost = read("2000000 1000000 512\n").unwrap();
        assert_eq!(cost.wall, Duration::from_millis(2));
        assert_eq!((cost.cpu.as_micros(), cost.peak_kib), (1000, 512));
        assert!(read("error").is_none());
    }

    #[test]
    fn a_failure_of_the_measured_program_is_one() {
        let words = |script: &str| ["sh", "-c", script].map(str::to_owned);
        assert!(start(&words("exit 0")).is_ok());
        let error = start(&words("exit 3")).unwrap_err().to_string();
        assert_eq!(error, "it ended with exit status: 3");
    }
}
