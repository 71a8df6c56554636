//! Answers to stdout, everything else to stderr.

pub(crate) mod analysis;
pub(crate) mod change;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod journal;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod table;

use std::io::Write;

/// Writes an answer to stdout. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn answer(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes one line of an answer to stdout.
pub(crate) fn answer_line(text: &str) {
    answer(&format!("{text}\n"));
}

/// Writes a line that is no answer to stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
