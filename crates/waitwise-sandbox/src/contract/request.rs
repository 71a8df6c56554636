//! Whether a request is one that the contract has.

use serde_json::Value;

use super::shape::Walk;
use super::table::{Found, Kind, Tables};
use super::{Problem, Violation, parse, whole};
use crate::http::query::pairs;

/// Returns every departure of a request from the contract: an unknown method or path, query names that the operation
/// does not take, values that they cannot have, and body members that are not published.
pub fn check_request(method: &str, path: &str, query: &str, body: &[u8]) -> Vec<Violation> {
    let tables = Tables::get();
    let (name, problems) = match tables.of(method, path) {
        Some(found) => (found.name.to_owned(), problems(&found, query, body)),
        None if tables.has_path(path) => (format!("{method} {path}"), whole("has no such method")),
        None => (format!("{method} {path}"), whole("is no path of the API")),
    };
    let violation = |(place, problem)| Violation {
        operation: name.clone(),
        in_answer: false,
        place,
        problem,
    };
    problems.into_iter().map(violation).collect()
}

fn problems(found: &Found<'_>, query: &str, body: &[u8]) -> Vec<Problem> {
    let mut problems = query_problems(found, query);
    let operation = found.operation;
    problems.extend(match (&operation.form, &operation.body) {
        (Some(fields), _) => fields_problems(fields, &String::from_utf8_lossy(body), ""),
        (None, Some(_)) if body.is_empty() => match operation.body_required {
            true => whole("lacks its body"),
            false => Vec::new(),
        },
        (None, Some(kind)) => match parse(body) {
            Ok(value) => Walk::request(found.table).check(kind, &value),
            Err(problem) => vec![problem],
        },
        (None, None) if body.is_empty() => Vec::new(),
        (None, None) => whole("has a body, and none is published"),
    });
    problems
}

fn query_problems(found: &Found<'_>, query: &str) -> Vec<Problem> {
    let mut problems = fields_problems(&found.operation.query, query, "?");
    let given: Vec<String> = pairs(query).map(|(name, _)| name).collect();
    let required = found.operation.required.iter();
    for name in required.filter(|name| !given.contains(name)) {
        problems.push((format!("?{name}"), "cannot be left out".to_owned()));
    }
    problems
}

/// Checks `name=value` pairs, of a query or of a form.
fn fields_problems(
    known: &std::collections::BTreeMap<String, Kind>,
    text: &str,
    mark: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    for (name, value) in pairs(text) {
        let problem = match known.get(&name) {
            None => Some("is not taken by this operation".to_owned()),
            Some(kind) if is_list(kind) || !seen.contains(&name) => field_problem(kind, &value),
            Some(_) => Some("is given twice".to_owned()),
        };
        problems.extend(problem.map(|problem| (format!("{mark}{name}"), problem)));
        seen.push(name);
    }
    problems
}

fn is_list(kind: &Kind) -> bool {
    matches!(kind, Kind::List(_))
}

fn field_problem(kind: &Kind, value: &str) -> Option<String> {
    let expected = match kind {
        Kind::Integer if value.parse::<i64>().is_err() => "a whole number".to_owned(),
        Kind::Number if value.parse::<f64>().is_err() => "a number".to_owned(),
        Kind::Boolean if !["true", "false"].contains(&value) => "true or false".to_owned(),
        Kind::Values(values) if !values.iter().any(|known| known == value) => {
            format!("one of {}", values.join(", "))
        }
        Kind::List(item) => return field_problem(item, value),
        Kind::Text
        | Kind::Integer
        | Kind::Number
        | Kind::Boolean
        | Kind::Instant
        | Kind::Date
        | Kind::Any
        | Kind::Values(_)
        | Kind::Map(_)
        | Kind::Definition(_) => return None,
    };
    Some(format!("must be {expected}, got {}", Value::from(value)))
}
