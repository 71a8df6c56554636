//! Whether requests and answers keep to the contract: methods, paths, query names, body members, shapes of answers.
//!
//! Sandbox and client share their shapes, so they could be wrong together. What is checked here comes from elsewhere: the
//! `table` of the published operations is generated from the vendor's own package by `cargo xtask published`, that of
//! the tutorial's is written by hand after the tutorial. `shape` holds JSON against it, and `oddities` lists what the
//! sandbox gets wrong on purpose.

mod oddities;
mod request;
mod shape;
mod table;
mod watch;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use waitwise_wire::operation::Operation;

pub use oddities::{ODDITIES, Oddity};
pub use request::check_request;
pub(crate) use watch::Watch;

use shape::Walk;
use table::{Kind, Tables};

/// One place where a request or an answer departs from the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The operation as the table names it, `GET /api/v2/tokens/me`, or the request's own method and path.
    pub operation: String,
    /// Whether it is the sandbox's answer that departs, and not the request.
    pub in_answer: bool,
    /// A JSON pointer into the body, `?name` in the query, or nothing for the whole.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            operation,
            in_answer,
            place,
            problem,
        } = self;
        let what = if *in_answer { "answer" } else { "request" };
        let place = if place.is_empty() { "" } else { place.as_str() };
        let space = if place.is_empty() { "" } else { " " };
        write!(f, "{what} of {operation}:{space}{place} {problem}")
    }
}

/// Returns every departure of an answer from the contract: a success has the published shape, a refusal that of errors.
///
/// An operation that stands in no table has no shape to depart from.
pub fn check_answer(operation: &Operation, status: u16, body: &[u8]) -> Vec<Violation> {
    let tables = Tables::get();
    let Some(found) = tables.of(operation.method.as_str(), operation.path) else {
        return Vec::new();
    };
    let violation = |(place, problem)| Violation {
        operation: found.name.to_owned(),
        in_answer: true,
        place,
        problem,
    };
    let error = found.operation.error.as_ref().unwrap_or(&tables.error);
    let problems = match status {
        200..=299 => answer_problems(found.operation.answer.as_ref(), body, &found),
        _ => error_problems(error, status, body, &found),
    };
    problems.into_iter().map(violation).collect()
}

/// A place and what is wrong there.
type Problem = (String, String);

fn answer_problems(answer: Option<&Kind>, body: &[u8], found: &table::Found<'_>) -> Vec<Problem> {
    match answer {
        Some(kind) => match parse(body) {
            Ok(value) => Walk::answer(found.table).check(kind, &value),
            Err(problem) => vec![problem],
        },
        None if body.is_empty() => Vec::new(),
        None => whole("has a body, and none is published"),
    }
}

/// Refusals have members that every reader relies on; the package does not say which, so they stand here.
fn error_problems(
    error: &Kind,
    status: u16,
    body: &[u8],
    found: &table::Found<'_>,
) -> Vec<Problem> {
    let value = match parse(body) {
        Ok(value) => value,
        Err(problem) => return vec![problem],
    };
    let mut problems = Walk::answer(found.table).check(error, &value);
    let of_sign_in = *error == Kind::Definition(table::OAUTH_ERROR.to_owned());
    let needed: &[&str] = match of_sign_in {
        true => &["error"],
        false => &["message", "code", "status", "contextId"],
    };
    for name in needed.iter().filter(|name| value.get(**name).is_none()) {
        problems.push((format!("/{name}"), "is missing in a refusal".to_owned()));
    }
    let said = value.get("status").and_then(Value::as_u64);
    if said.is_some_and(|said| said != u64::from(status)) {
        problems.push((
            "/status".to_owned(),
            format!("is not {status}, as the answer's"),
        ));
    }
    problems
}

fn parse(body: &[u8]) -> Result<Value, Problem> {
    let strict = serde_json::from_slice(body);
    // A rule may hold numbers beyond what a float can; that is JSON all the same.
    let text = || serde_json::from_slice(body).ok().and_then(without_numbers);
    strict.or_else(|error| text().ok_or((String::new(), format!("is not JSON: {error}"))))
}

/// Returns a value with 0 in the place of every number.
fn without_numbers(text: &RawValue) -> Option<Value> {
    let text = text.get();
    Some(match text.as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            let member = |(name, value): (String, &RawValue)| Some((name, without_numbers(value)?));
            Value::Object(members.into_iter().map(member).collect::<Option<_>>()?)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Value::Array(
                items
                    .into_iter()
                    .map(without_numbers)
                    .collect::<Option<_>>()?,
            )
        }
        b'-' | b'0'..=b'9' => Value::from(0),
        _ => serde_json::from_str(text).ok()?,
    })
}

fn whole(problem: impl Into<String>) -> Vec<Problem> {
    vec![(String::new(), problem.into())]
}

#[cfg(test)]
mod tests;
