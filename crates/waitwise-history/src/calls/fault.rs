//! Why a row cannot be read. Nothing here can hold a piece of the row.

use std::fmt;

/// What is wrong with one field, or with the row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// The row has no such column.
    Missing,
    NotUtf8,
    /// A name with a control character, such as NUL.
    Control,
    Blank,
    NoInstant,
    /// Before 1990, or after 2099.
    OutOfTime,
    /// Clocks went forward over it.
    Skipped,
    BeforeEntry,
    BeforeAnswer,
    TooLate,
    NoDuration,
    NoNumber,
    UnknownOutcome,
    /// The mapping names no column that says when an unanswered call ended.
    NoEnd,
}

/// What is wrong, and in which column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// Its place; `None`: in the row.
    pub(super) column: Option<usize>,
    pub(super) what: What,
}

impl Fault {
    pub(super) fn at(column: usize, what: What) -> Fault {
        Fault {
            column: Some(column),
            what,
        }
    }

    pub(super) fn of_row(what: What) -> Fault {
        Fault { column: None, what }
    }

    /// Says it with the column's name.
    pub(super) fn said(self, header: &[String]) -> String {
        match self.column.and_then(|column| header.get(column)) {
            Some(name) => format!("`{name}` {}", self.what),
            None => self.what.to_string(),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Missing => "is missing: the row has too few columns",
            What::NotUtf8 => "is not UTF-8",
            What::Control => "holds a control character",
            What::Blank => "is blank",
            What::NoInstant => "is no instant of the mapping's format",
            What::OutOfTime => "lies before 1990 or after 2099",
            What::Skipped => "lies in an hour that the clock skipped: is the time zone right?",
            What::BeforeEntry => "lies before the caller's entry",
            What::BeforeAnswer => "lies before the answer",
            What::TooLate => "lies more than 31 days after what came before it",
            What::NoDuration => "is no duration of 0 to 31 days",
            What::NoNumber => "is no whole number",
            What::UnknownOutcome => "is no outcome that the mapping knows",
            What::NoEnd => "no column of the mapping says when an unanswered call ended",
        })
    }
}
