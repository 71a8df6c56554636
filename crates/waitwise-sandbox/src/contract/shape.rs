//! Whether a JSON value has the shape that a table says.

use jiff::Timestamp;
use serde_json::Value;

use super::Problem;
use super::oddities::is_odd;
use super::table::{FURTHER, Kind, Table};

/// A walk over one body.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    table: &'a Table,
    /// Only the sandbox's answers are odd on purpose.
    allows_oddities: bool,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    pub(super) fn answer(table: &'a Table) -> Walk<'a> {
        Walk {
            table,
            allows_oddities: true,
            problems: Vec::new(),
        }
    }

    pub(super) fn request(table: &'a Table) -> Walk<'a> {
        Walk {
            allows_oddities: false,
            ..Walk::answer(table)
        }
    }

    /// Returns every place where `value` is not as `kind` says.
    pub(super) fn check(mut self, kind: &Kind, value: &Value) -> Vec<Problem> {
        self.value(kind, value, "", ("", ""));
        self.problems
    }

    /// `within` is the definition and the member that the value belongs to.
    fn value(&mut self, kind: &Kind, value: &Value, place: &str, within: (&str, &str)) {
        let expected = match (kind, value) {
            (Kind::Any, _) | (Kind::Text, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => {
                return;
            }
            (Kind::Number, Value::Number(_)) => return,
            (Kind::Integer, Value::Number(number)) if is_whole(number) => return,
            (Kind::Instant, Value::String(text)) if text.parse::<Timestamp>().is_ok() => return,
            (Kind::Date, Value::String(text)) if is_date(text) => return,
            (Kind::Values(values), Value::String(text)) => {
                return self.known(values, text, place, within);
            }
            (Kind::List(item), Value::Array(items)) => {
                return self.list(item, items, place, within);
            }
            (Kind::Map(of), Value::Object(members)) => {
                for (name, member) in members {
                    self.value(of, member, &child(place, name), within);
                }
                return;
            }
            (Kind::Definition(name), Value::Object(members)) => {
                return self.object(name, members, place);
            }
            (Kind::Text | Kind::Values(_), _) => "a text",
            (Kind::Integer, _) => "a whole number",
            (Kind::Number, _) => "a number",
            (Kind::Boolean, _) => "true or false",
            (Kind::Instant, _) => "an instant such as 2026-03-30T00:00:00.000Z",
            (Kind::Date, _) => "a date such as 2026-03-30",
            (Kind::List(_), _) => "a list",
            (Kind::Map(_) | Kind::Definition(_), _) => "an object",
        };
        // Null is no exception: the platform leaves out what it does not have, and the vendor's own package cannot read a
        // null where it knows the values.
        let shown = brief(value);
        self.problems
            .push((place.to_owned(), format!("must be {expected}, got {shown}")));
    }

    fn known(&mut self, values: &[String], text: &str, place: &str, within: (&str, &str)) {
        let known = values.iter().any(|value| value == text);
        if known || self.is_odd(within, Some(text)) {
            return;
        }
        let problem = format!("has the value `{text}`, which is not published");
        self.problems.push((place.to_owned(), problem));
    }

    fn list(&mut self, item: &Kind, items: &[Value], place: &str, within: (&str, &str)) {
        for (index, value) in items.iter().enumerate() {
            self.value(item, value, &format!("{place}/{index}"), within);
        }
    }

    fn object(&mut self, name: &str, members: &serde_json::Map<String, Value>, place: &str) {
        let table = self.table;
        let Some(known) = table.members(name) else {
            let problem = format!("is a `{name}`, which no table defines");
            return self.problems.push((place.to_owned(), problem));
        };
        for (member, value) in members {
            let place = child(place, member);
            match known.get(member).or_else(|| known.get(FURTHER)) {
                Some(kind) => self.value(kind, value, &place, (name, member)),
                None if self.is_odd((name, member), None) => {}
                None => {
                    let problem = format!("is no published member of {name}");
                    self.problems.push((place, problem));
                }
            }
        }
    }

    fn is_odd(&self, (definition, member): (&str, &str), value: Option<&str>) -> bool {
        self.allows_oddities && is_odd(definition, member, value)
    }
}

/// The platform also writes integers as `3.0` and `1.2E7`.
fn is_whole(number: &serde_json::Number) -> bool {
    let whole = |value: f64| value.fract() == 0.0;
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(whole)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn child(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A value as a message shows it: texts may be somebody's, so only their kind.
fn brief(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
