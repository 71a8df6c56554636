//! Why a record was not read, and where.

use serde_json::error::Category;

/// A record that could not be read. It quotes nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Where reading stopped, in bytes from the record's begin.
    pub offset: usize,
    /// Why, as a fragment: "its id is missing".
    pub reason: &'static str,
}

impl Refused {
    /// Says what the parser found wrong. The parser's own text may quote the record.
    pub(super) fn of(record: &str, error: &serde_json::Error) -> Refused {
        let reason = match error.classify() {
            Category::Eof => "it is cut off",
            Category::Data => "something in it is of the wrong kind, or comes twice",
            Category::Syntax | Category::Io => "it is not JSON",
        };
        Refused {
            offset: offset(record, error.line(), error.column()),
            reason,
        }
    }

    /// Says what the parser found wrong in a part of the record.
    pub(super) fn within(record: &str, part: &str, error: &serde_json::Error) -> Refused {
        let begins = part.as_ptr().addr().checked_sub(record.as_ptr().addr());
        let refused = Refused::of(part, error);
        Refused {
            offset: begins.unwrap_or_default() + refused.offset,
            ..refused
        }
    }

    /// Returns the reason with its place by line and column, both from 1.
    pub(super) fn located(&self, record: &str) -> String {
        let before = record.get(..self.offset).unwrap_or(record);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
        format!("{} at line {line} column {column}", self.reason)
    }
}

/// Turns a line from 1 and a column in bytes from 1 (0: before the line's first byte) into an offset.
fn offset(record: &str, line: usize, column: usize) -> usize {
    let lines = record.split_inclusive('\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    std::cmp::min(before + column.saturating_sub(1), record.len())
}
