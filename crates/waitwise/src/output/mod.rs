//! Answers to stdout, everything else to stderr.

pub(crate) mod analysis;
pub(crate) mod bottlenecks;
pub(crate) mod call_records;
pub(crate) mod change;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod imported;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod json;
pub(crate) mod kept;
pub(crate) mod number;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod prospect;
pub(crate) mod pruned;
pub(crate) mod settings_file;
pub(crate) mod simulation;
pub(crate) mod table;
pub(crate) mod twin;
pub(crate) mod visits;

use std::io::{self, Write};

/// Writes an answer to stdout. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn answer(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes an answer that is no text to stdout. A reader that has seen enough is no failure; anything else is, since nobody
/// would see that a file is cut off.
pub(crate) fn answer_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.or_else(|error| match error.kind() == io::ErrorKind::BrokenPipe {
        true => Ok(()),
        false => Err(error),
    })
}

/// Writes one line of an answer to stdout.
pub(crate) fn answer_line(text: &str) {
    answer(&format!("{text}\n"));
}

/// Writes a line that is no answer to stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes lines that are no answer to stderr.
pub(crate) fn note_lines(lines: &[String]) {
    lines.iter().for_each(|line| note(line));
}

/// Asks on the terminal for one of several things by its number, from 1; `None`: the answer is no such number.
pub(crate) fn ask_which(question: &str, of: &[String]) -> io::Result<Option<usize>> {
    let mut stderr = io::stderr().lock();
    for (place, name) in of.iter().enumerate() {
        writeln!(stderr, "{:3}  {name}", place + 1)?;
    }
    write!(stderr, "{question} [1-{}] ", of.len())?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let number = answer.trim().parse::<usize>().ok();
    Ok(number
        .and_then(|number| number.checked_sub(1))
        .filter(|place| *place < of.len()))
}

/// Asks on the terminal; everything but a yes is a no. It changes nothing about the terminal that Ctrl-C would leave behind.
pub(crate) fn ask(question: &str) -> io::Result<bool> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, expected) in [
            ("y\n", true),
            (" YES\r\n", true),
            ("n\n", false),
            ("\n", false),
            ("", false),
            ("yep\n", false),
        ] {
            assert_eq!(is_yes(answer), expected, "{answer:?}");
        }
    }
}
