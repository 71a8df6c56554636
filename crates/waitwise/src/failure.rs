//! How a command ends: exit codes, and errors told once with their causes and hints.

use std::error::Error;
use std::fmt::Write as _;

use waitwise_app::doctor::Complaint;
use waitwise_app::{AppError, ErrorKind};

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: ErrorKind,
    message: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    details: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            cause: None,
            details: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// The question was wrong: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::new(ErrorKind::Usage, message)
    }

    pub(crate) fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// Returns the documented exit code, 1..=7.
    pub(crate) fn exit_code(&self) -> u8 {
        exit_code(self.kind)
    }

    /// Returns the message, each cause on a line of its own, both sides of a disagreement, and the hints.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("error: {}\n", self.message);
        for cause in self.causes() {
            let _ = writeln!(text, "  because: {}", cause.replace('\n', "\n    "));
        }
        for detail in &self.details {
            let _ = writeln!(text, "  {detail}");
        }
        for hint in &self.hints {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }

    /// Returns the same as something found out about, rather than run into.
    pub(crate) fn into_complaint(self) -> Complaint {
        let mut said = vec![self.message.clone()];
        said.extend(self.causes());
        Complaint {
            kind: self.kind,
            found: said.join(": "),
            to_do: self.hints,
        }
    }

    /// Each cause once: a transparent layer says what its source says.
    fn causes(&self) -> Vec<String> {
        let mut said = self.message.clone();
        let mut causes = Vec::new();
        let mut cause = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = cause {
            let line = error.to_string();
            if line != said {
                causes.push(line.clone());
            }
            said = line;
            cause = error.source();
        }
        causes
    }
}

/// Returns the documented exit code of a kind of failure, 1..=7.
pub(crate) fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Failed => 1,
        ErrorKind::Usage => 2,
        ErrorKind::Moved => 3,
        ErrorKind::Refused => 4,
        ErrorKind::SignIn => 5,
        ErrorKind::Incomplete => 6,
        ErrorKind::RateLimit => 7,
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Failure {
            kind: error.kind(),
            message: error.to_string(),
            cause: None,
            details: error.both_sides(),
            hints: error.hints(),
        }
        .because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_told_once_and_hints_stand_apart() {
        let inner = std::io::Error::other("disk full");
        let failure = Failure::usage("cannot write the plan")
            .because(inner)
            .hint("make room");
        assert_eq!(
            failure.render(),
            "error: cannot write the plan\n  because: disk full\nhint: make room\n"
        );
        assert_eq!(failure.exit_code(), 2);
    }
}
