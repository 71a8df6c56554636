//! What has been found since the start, and what is not looked at.

use waitwise_wire::operation::{Method, Operation};

use super::{Violation, check_answer};

/// As many violations are kept; a suite fails at the first one, so the rest is for reading.
const KEPT_MAX: usize = 100;

/// Watches one tenant's requests and answers.
#[derive(Debug)]
pub(crate) struct Watch {
    strict: bool,
    found: Vec<Violation>,
    /// Operations that answer what was put there from outside, which may be as odd as it likes.
    planted: Vec<(Method, &'static str)>,
}

impl Watch {
    /// Nothing found yet; one that is not strict never finds anything.
    pub(crate) fn new(strict: bool) -> Watch {
        Watch {
            strict,
            found: Vec::new(),
            planted: Vec::new(),
        }
    }

    /// Returns whether requests and answers are checked at all.
    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }

    /// Returns what was found, oldest first.
    pub(crate) fn found(&self) -> &[Violation] {
        &self.found
    }

    /// Keeps what was found.
    pub(crate) fn keep(&mut self, violations: &[Violation]) {
        let room = KEPT_MAX.saturating_sub(self.found.len());
        self.found.extend(violations.iter().take(room).cloned());
    }

    /// From now on, an operation's successes are not looked at: what they hold was put there from outside.
    pub(crate) fn plant(&mut self, operation: &Operation) {
        self.planted.push((operation.method, operation.path));
    }

    /// Returns what is wrong with an answer, unless it holds what was planted.
    pub(crate) fn answer(&self, operation: &Operation, status: u16, body: &[u8]) -> Vec<Violation> {
        let planted = self.planted.contains(&(operation.method, operation.path));
        match planted && (200..300).contains(&status) {
            true => Vec::new(),
            false => check_answer(operation, status, body),
        }
    }
}
