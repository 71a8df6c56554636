//! How a check speaks: one line when all is well, every finding when not.

use anyhow::{Result, bail};

/// Ends a check: prints `summary` if nothing was found, else every finding.
///
/// # Errors
///
/// Fails with the number of findings unless there are none.
pub(crate) fn conclude(findings: &[String], summary: &str) -> Result<()> {
    if findings.is_empty() {
        say(summary);
        return Ok(());
    }
    for finding in findings {
        eprintln!("{finding}");
    }
    bail!("{} to put right", count(findings.len(), "finding"))
}

/// Returns `1 file`, `2 files`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Prints one line, or a text of several, for the person who started the chore.
#[expect(
    clippy::print_stdout,
    reason = "a chore's answer belongs on stdout; this is the one place"
)]
pub(crate) fn say(text: &str) {
    println!("{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::{conclude, count};

    #[test]
    fn any_finding_fails_the_check_and_is_counted() {
        assert!(conclude(&[], "all well").is_ok());
        let error = conclude(&["a".to_owned(), "b".to_owned()], "all well").unwrap_err();
        assert_eq!(error.to_string(), "2 findings to put right");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}
