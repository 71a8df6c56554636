//! What became of the runs, by the faults that struck them.

use std::fmt::Write as _;

use waitwise_app::ErrorKind;

use crate::kind::Kind;

/// In the order of their exit codes, 1 to 7, without 2: a storm does not change the question.
const ERRORS: [(ErrorKind, &str); 6] = [
    (ErrorKind::Failed, "failed (1)"),
    (ErrorKind::Moved, "moved (3)"),
    (ErrorKind::Refused, "refused (4)"),
    (ErrorKind::SignIn, "sign-in (5)"),
    (ErrorKind::Incomplete, "incomplete (6)"),
    (ErrorKind::RateLimit, "rate limit (7)"),
];

/// One run, as far as the table is concerned.
pub(crate) struct Row {
    /// The kinds that struck at least one of its requests.
    pub(crate) struck: Vec<Kind>,
    /// `None`: success.
    pub(crate) error: Option<ErrorKind>,
}

/// Writes the table as Markdown. A run stands in the row of each fault that struck it.
pub(crate) fn table(rows: &[&Row]) -> String {
    let errors = ERRORS.map(|(_, name)| name).join(" | ");
    let mut text = format!("| what struck | runs | success | {errors} |\n");
    text.push_str(&format!("|---|{}\n", "---:|".repeat(ERRORS.len() + 2)));
    for kind in Kind::ALL {
        line(&mut text, kind.name(), rows, |row| {
            row.struck.contains(&kind)
        });
    }
    line(&mut text, "nothing", rows, |row| row.struck.is_empty());
    line(&mut text, "all runs", rows, |_| true);
    text
}

fn line(text: &mut String, name: &str, rows: &[&Row], belongs: impl Fn(&Row) -> bool) {
    let rows: Vec<&&Row> = rows.iter().filter(|row| belongs(row)).collect();
    let ended = |error| rows.iter().filter(|row| row.error == error).count();
    let _ = write!(text, "| {name} | {} | {} |", rows.len(), ended(None));
    for (error, _) in ERRORS {
        let _ = write!(text, " {} |", ended(Some(error)));
    }
    text.push('\n');
}
