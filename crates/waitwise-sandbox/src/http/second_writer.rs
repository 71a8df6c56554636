//! Somebody else who changes the rule of the tenant's queue or a data table's row, at a moment of the test's choosing.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_wire::json::{self, Members};

use super::fault::{FaultError, When};
use super::rules::splice;
use super::state::{State, iso};
use crate::centre::TimeMs;

/// A change by somebody else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// On which side of the struck request's work.
    pub when: When,
    /// What is changed, and into what.
    pub set: EditedPart,
}

/// What is changed, and into what. Tables are meant by id or name; what is not there is not changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum EditedPart {
    /// The weight of a skill; a skill that the rule does not have is added.
    Weight {
        /// The skill's id.
        skill: String,
        /// 1..=100, if the edit is to be a sensible one.
        weight: u8,
    },
    /// An outermost member; one that the rule does not have is added.
    Member {
        /// Its name.
        name: String,
        /// Its value's own text, which must be JSON.
        value: String,
    },
    /// A data table's row, whole.
    Row {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
        /// The row's own text, which must be JSON; `None`: the row is removed.
        row: Option<String>,
    },
    /// One column of a data table's row.
    Cell {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
        /// The column; one that the row does not have is added.
        column: String,
        /// Its value's own text, which must be JSON.
        value: String,
    },
}

impl Edit {
    /// Checks that it leaves JSON behind.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        let text = match &self.set {
            EditedPart::Member { value, .. } | EditedPart::Cell { value, .. } => Some(value),
            EditedPart::Row { row, .. } => row.as_ref(),
            EditedPart::Weight { .. } => None,
        };
        match text {
            Some(text) if serde_json::from_str::<&RawValue>(text).is_err() => {
                Err(FaultError::Value(text.clone()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Does the edit.
    pub(crate) fn run(&self, state: &mut State, now: TimeMs) {
        match &self.set {
            EditedPart::Weight { .. } | EditedPart::Member { .. } => {
                state.edit_rule(|rule| self.of(rule, &iso(now)), now);
            }
            EditedPart::Row { table, key, row } => match row {
                Some(row) => state.store_row(table, key.clone(), row.clone(), now),
                None => state.remove_row(table, key, now),
            },
            EditedPart::Cell {
                table,
                key,
                column,
                value,
            } => {
                let row = state.table(table).and_then(|table| table.rows.get(key));
                let edited = row.and_then(|row| {
                    let members = Members::of(row).ok()?;
                    Some(splice(row, &members, &[(column, value.clone())]))
                });
                if let Some(edited) = edited {
                    state.store_row(table, key.clone(), edited, now);
                }
            }
        }
    }

    /// Returns the rule with the edit, its `version` counted up and its `dateModified` set; `None` if the rule's
    /// skills are no array, in which no weight can be set, or if the edit is of a row.
    pub(crate) fn of(&self, rule: &str, modified: &str) -> Option<String> {
        let members = Members::of(rule).ok()?;
        let (name, value) = match &self.set {
            EditedPart::Member { name, value } => (name.as_str(), value.clone()),
            EditedPart::Weight { skill, weight } => {
                ("skills", with_weight(&members, skill, *weight)?)
            }
            EditedPart::Row { .. } | EditedPart::Cell { .. } => return None,
        };
        let version = (super::rules::version(&members) + 1).to_string();
        let stamps = [
            ("version", version),
            ("dateModified", json::quoted(modified)),
        ];
        let mut values = vec![(name, value)];
        values.extend(stamps.into_iter().filter(|(stamp, _)| *stamp != name));
        Some(splice(rule, &members, &values))
    }
}

/// The rule's `skills` with another weight of one skill, every other byte as it was.
fn with_weight(rule: &Members<'_>, skill: &str, weight: u8) -> Option<String> {
    let skills = match rule.get("skills") {
        Some(skills) if skills.get() != "null" => skills.get(),
        Some(_) | None => "[]",
    };
    let entries = json::elements(skills).ok()?;
    let of_skill = |entry: &&&RawValue| {
        let id = Members::of(entry.get())
            .ok()
            .and_then(|entry| entry.text("id"));
        id.as_deref() == Some(skill)
    };
    if let Some(entry) = entries.iter().find(of_skill) {
        let members = Members::of(entry.get()).ok()?;
        let edited = splice(entry.get(), &members, &[("weight", weight.to_string())]);
        let mut text = skills.to_owned();
        text.replace_range(json::span(skills, entry), &edited);
        return Some(text);
    }
    let added = format!(r#"{{"id":{},"weight":{weight}}}"#, json::quoted(skill));
    let kept = entries.iter().map(|entry| entry.get());
    let all: Vec<&str> = kept.chain([added.as_str()]).collect();
    Some(format!("[{}]", all.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: EditedPart, rule: &str, expected: Option<&str>) {
        let when = When::Before;
        assert_eq!(
            Edit { when, set }.of(rule, "now").as_deref(),
            expected,
            "{rule}"
        );
    }

    #[test]
    fn an_edit_leaves_every_other_byte() {
        let weight = || EditedPart::Weight {
            skill: "b".to_owned(),
            weight: 9,
        };
        check(
            weight(),
            r#"{ "version":1, "skills": [ {"id":"a"}, {"weight" : 5.0,"id":"b"} ],"dateModified":"x"}"#,
            Some(
                r#"{ "version":2, "skills": [ {"id":"a"}, {"weight" : 9,"id":"b"} ],"dateModified":"now"}"#,
            ),
        );
        check(
            weight(),
            r#"{"version":1,"dateModified":"x","skills":null}"#,
            Some(r#"{"version":2,"dateModified":"now","skills":[{"id":"b","weight":9}]}"#),
        );
        check(weight(), r#"{"skills":7}"#, None);
        let member = |name: &str, value: &str| EditedPart::Member {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        check(
            member("name", r#""n""#),
            r#"{"name":"m","x":1E2}"#,
            Some(r#"{"name":"n","x":1E2,"version":1,"dateModified":"now"}"#),
        );
        check(
            member("version", "70"),
            r#"{"version":1}"#,
            Some(r#"{"version":70,"dateModified":"now"}"#),
        );
    }
}
