//! Which permissions are missing, and for which commands.
//!
//! A client-credentials client has the permissions of its roles, each in the divisions that the role was given for;
//! scopes do not count. Only trying tells: what is refused with 403 is not permitted.

use waitwise_wire::operation::{Needs, Operation};
use waitwise_wire::platform::{self, CREATE_DATA_TABLE, CREATE_ROW, DELETE_ROW, PUT_ROW};

use super::{Answers, PERMISSIONS, WRITE, status};
use crate::doctor::{Check, Status};
use crate::error::{AppError, ErrorKind};

/// One operation that was tried.
struct Tried<'a> {
    operation: &'static Operation,
    /// The commands that need it.
    commands: &'static str,
    error: Option<&'a AppError>,
}

/// Whether every operation that reads is open.
pub(super) fn may_read(answers: &Answers) -> Check {
    let tried = tried(answers);
    let is_refused = |tried: &&Tried<'_>| tried.error.and_then(status) == Some(403);
    let refused: Vec<&Tried<'_>> = tried.iter().filter(is_refused).collect();
    if !refused.is_empty() {
        let missing: Vec<String> = refused.into_iter().map(missing).collect();
        return Check::with(PERMISSIONS, Status::Wrong(ErrorKind::SignIn), missing.join("; "))
            .advise("put the permission into a role of the OAuth client (Admin, Roles), and give the role in the divisions of the queue, its agents and its conversations")
            .advise("scopes do not count for client credentials; a new role counts from the next sign-in on");
    }
    // What is not there has a check of its own.
    let in_trouble = tried
        .iter()
        .filter_map(|tried| tried.error)
        .find(|error| status(error) != Some(404));
    match in_trouble {
        None => Check::ok(PERMISSIONS, "everything may be read that any command reads"),
        Some(error) => Check::wrong(PERMISSIONS, error),
    }
}

/// What may be written shows only in writing, and an examination does not write.
pub(super) fn may_write() -> Check {
    let all = [CREATE_DATA_TABLE, CREATE_ROW, PUT_ROW, DELETE_ROW];
    let names: Vec<String> = all.iter().map(permissions).collect();
    let found = format!(
        "whether these are there shows only when something is written: {}",
        names.join(", ")
    );
    Check::with(WRITE, Status::Unknown, found)
}

fn tried(answers: &Answers) -> [Tried<'_>; 9] {
    let tried = |operation, commands, error| Tried {
        operation,
        commands,
        error,
    };
    [
        tried(
            &platform::QUEUE,
            "`init`, `plan` and `explain`",
            answers.queue.as_ref().err(),
        ),
        tried(
            &platform::SKILLS,
            "`init`, `analyze`, `plan`, `apply` and `explain`",
            answers.skills.as_ref().err(),
        ),
        tried(
            &platform::WRAP_UP_CODES,
            "`init`",
            answers.codes.as_ref().err(),
        ),
        tried(
            &platform::PREDICTORS,
            "`init` and `plan`",
            answers.predictors.as_ref().err(),
        ),
        tried(
            &platform::DATA_TABLES,
            "`init`, `plan` and `apply`",
            answers.tables.as_ref().err(),
        ),
        tried(
            &platform::ROWS,
            "`plan`, `apply` and `rollback`",
            answers.rows.as_ref().err(),
        ),
        tried(
            &platform::JOB_AVAILABILITY,
            "`history pull`",
            answers.available_to.as_ref().err(),
        ),
        tried(
            &platform::AGGREGATES,
            "`history pull`, `history check`, `analyze` and `plan`",
            answers.totals.as_ref().err(),
        ),
        tried(
            &platform::OBSERVATIONS,
            "`explain`",
            answers.observations.as_ref().err(),
        ),
    ]
}

fn missing(tried: &Tried<'_>) -> String {
    let permissions = permissions(tried.operation);
    format!("{permissions} is missing, which {} need", tried.commands)
}

fn permissions(operation: &Operation) -> String {
    let Needs::AnyPermission(names) = operation.needs else {
        return String::new();
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}
