//! A data table's columns: what a schema must be, and what fits a column.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use waitwise_wire::json::{Members, decimal};

use crate::http::reply::Refusal;

/// How many columns a table has at most, the key included.
const COLUMNS_MAX: usize = 50;

/// How many characters a key has at most.
const KEY_CHARS_MAX: usize = 256;

const TYPES: [&str; 4] = ["string", "integer", "number", "boolean"];

/// Checks the schema of a table that is to be made.
pub(crate) fn check(schema: &Map<String, Value>) -> Result<(), Refusal> {
    let empty = Map::new();
    let columns = schema.get("properties").and_then(Value::as_object);
    let columns = columns.unwrap_or(&empty);
    let kind = |column: &Value| {
        let kind = column.get("type").and_then(Value::as_str);
        kind.unwrap_or_default().to_owned()
    };
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.map(Vec::as_slice).unwrap_or_default();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err(schema_exception("the schema's `type` is \"object\""));
    }
    if columns.get("key").map(kind).as_deref() != Some("string") {
        return Err(schema_exception(
            "a data table has a column `key` of type string",
        ));
    }
    if !required.iter().any(|name| name == "key") {
        return Err(schema_exception("`required` names `key`"));
    }
    if schema.get("additionalProperties").and_then(Value::as_bool) == Some(true) {
        return Err(schema_exception("`additionalProperties` is false"));
    }
    if columns.len() > COLUMNS_MAX {
        return Err(schema_exception(&format!(
            "a data table has at most {COLUMNS_MAX} columns"
        )));
    }
    let odd = columns
        .iter()
        .find(|(_, column)| !TYPES.contains(&kind(column).as_str()));
    match odd {
        None => Ok(()),
        Some((name, column)) => {
            let (kind, types) = (kind(column), TYPES.join(", "));
            let message = format!("the column `{name}` is of type `{kind}`; there are {types}");
            Err(schema_exception(&message))
        }
    }
}

/// Checks a row against a table's schema, and returns its key.
pub(crate) fn check_row(schema: &Map<String, Value>, row: &Members<'_>) -> Result<String, Refusal> {
    let empty = Map::new();
    let columns = schema.get("properties").and_then(Value::as_object);
    let columns = columns.unwrap_or(&empty);
    for (name, value) in &row.0 {
        let column = columns
            .get(name)
            .ok_or_else(|| schema_exception(&format!("the data table has no column `{name}`")))?;
        let kind = column
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !fits(value, kind) {
            let value = value.get();
            let message = format!("the column `{name}` is of type {kind}, got {value}");
            return Err(schema_exception(&message));
        }
    }
    let key = row.text("key").unwrap_or_default();
    match key.chars().count() {
        0 => Err(schema_exception("the row has no `key`")),
        n if n > KEY_CHARS_MAX => {
            let message = format!("a key has at most {KEY_CHARS_MAX} characters, got {n}");
            Err(schema_exception(&message))
        }
        _ => Ok(key),
    }
}

/// Numbers count by their value: `6.0` and `6E0` are integers.
fn fits(value: &RawValue, kind: &str) -> bool {
    let text = value.get();
    let first = text.bytes().next().unwrap_or_default();
    let is_number = first == b'-' || first.is_ascii_digit();
    match kind {
        "string" => first == b'"',
        "boolean" => matches!(text, "true" | "false"),
        "number" => is_number,
        "integer" => is_number && !decimal(text).contains("e-"),
        // A schema that was planted may say what it likes.
        _ => true,
    }
}

/// Returns the columns that a row leaves out and that have a default, with that default's text.
pub(crate) fn defaults(schema: &Map<String, Value>, row: &Members<'_>) -> Vec<(String, String)> {
    let columns = schema.get("properties").and_then(Value::as_object);
    let absent = columns.into_iter().flatten();
    let absent = absent.filter(|(name, _)| row.get(name).is_none());
    absent
        .filter_map(|(name, column)| Some((name.clone(), column.get("default")?.to_string())))
        .collect()
}

/// 400 for a schema, or a row that does not fit one.
pub(crate) fn schema_exception(message: &str) -> Refusal {
    let message = format!("The data table's schema is not met: {message}");
    Refusal::new(400, "flows.datatables.schema.exception", message)
}
