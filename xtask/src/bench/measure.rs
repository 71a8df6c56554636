//! What one run of a program cost.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use crate::clock::now;

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
/// Fails if it cannot be started or does not succeed; then it is run once more to show what it says.
pub(crate) fn cost(command: &mut Command) -> Result<Cost> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = now();
    let child = command.spawn().context("cannot start a measured program")?;
    let ended = child
        .wait4()
        .context("cannot wait for a measured program")?;
    let wall = began.elapsed();
    succeeded(ended.status, command)?;
    Ok(Cost {
        wall,
        cpu: ended.rusage.utime + ended.rusage.stime,
        peak_kib: ended.rusage.maxrss / 1024,
    })
}

fn succeeded(status: ExitStatus, command: &mut Command) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let again = command
        .stderr(Stdio::piped())
        .output()
        .context("cannot start a measured program")?;
    bail!(
        "a measured program ended with {status}:\n{}",
        String::from_utf8_lossy(&again.stderr)
    );
}

/// Returns the middle value; of an even number the lower one of the two.
pub(crate) fn median<T: Copy + PartialOrd>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{cost, median};

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(median::<u8>(&[]), None);
    }

    #[test]
    fn a_program_has_a_cost_and_a_failure_says_what_it_said() {
        let cost_of = |script: &str| cost(Command::new("sh").args(["-c", script]));
        let measured = cost_of("true").unwrap();
        assert!(measured.wall > measured.cpu / 2 && measured.peak_kib > 0);
        let error = cost_of("echo why >&2; exit 3").unwrap_err().to_string();
        assert!(error.contains("exit status: 3:\nwhy"), "{error}");
    }
}
