//! Reads the bodies of analytics questions; what cannot be is refused by the member's name.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::centre::TimeMs;
use crate::http::answer::Call;
use crate::http::reply::Refusal;
use crate::http::state::ceil_ms;

/// The members of a question.
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// The request's body, which has no members but `known`.
    pub(super) fn of(call: &Call<'_>, known: &[&str]) -> Result<Body, Refusal> {
        let read = serde_json::from_slice(&call.request.body);
        let Ok(Value::Object(members)) = read else {
            let message = "The request body is not a JSON object";
            return Err(Refusal::new(400, "bad.request", message));
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(invalid(name, "is no member of this question")),
            None => Ok(Body(members)),
        }
    }

    /// A member that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let text = |value: &'_ Value| value.is_string();
        match self.get(name) {
            Some(value) if !text(value) => Err(invalid(name, "is not a text")),
            value => Ok(value.and_then(Value::as_str)),
        }
    }

    /// A yes or no; absent: no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(invalid(name, "is neither true nor false")),
        }
    }

    /// A list of texts; absent: empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        let texts = self.list(name)?.iter().map(Value::as_str).collect();
        let texts: Option<Vec<&str>> = texts;
        texts.ok_or_else(|| invalid(name, "is not a list of texts"))
    }

    /// A list; absent: empty.
    pub(super) fn list(&self, name: &str) -> Result<&[Value], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(invalid(name, "is not a list")),
        }
    }

    /// `interval`, which every question about the past has: half-open, in whole milliseconds.
    pub(super) fn interval(&self) -> Result<Range<TimeMs>, Refusal> {
        let text = self
            .text("interval")?
            .ok_or_else(|| invalid("interval", "is missing"))?;
        let instants = text.split_once('/').and_then(|(from, to)| {
            Some((
                from.parse::<Timestamp>().ok()?,
                to.parse::<Timestamp>().ok()?,
            ))
        });
        let Some((from, to)) = instants else {
            return Err(invalid(
                "interval",
                "is not two instants with a slash between",
            ));
        };
        let interval = ceil_ms(from)..ceil_ms(to);
        match interval.is_empty() {
            true => Err(invalid("interval", "ends before it begins")),
            false => Ok(interval),
        }
    }

    /// Refuses members that the platform knows and the sandbox does not serve, unless they ask for nothing.
    pub(super) fn without(&self, names: &[&str]) -> Result<(), Refusal> {
        let asks = |value: &Value| value.as_array().is_none_or(|list| !list.is_empty());
        let asked = names.iter().find(|name| self.get(name).is_some_and(asks));
        match asked {
            Some(name) => Err(invalid(name, "is not served by this sandbox")),
            None => Ok(()),
        }
    }
}

/// 400 about a member, given by its name or by a path of names.
pub(super) fn invalid(name: &str, what: &str) -> Refusal {
    Refusal::invalid(format!("/{name}"), format!("`{name}` {what}"))
}
