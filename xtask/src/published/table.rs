//! The table as a file: one line for each operation and definition, so that a change can be read as one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// The facts, and where they are from.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    pub(super) source: Source,
    /// By `METHOD /path`.
    pub(super) operations: BTreeMap<String, Operation>,
    /// Each definition's members, by name.
    pub(super) definitions: BTreeMap<String, BTreeMap<String, Kind>>,
}

/// Where the facts are from.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Source {
    package: String,
    pub(super) version: String,
    how: String,
}

/// One operation's facts.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    /// Each query name's type.
    pub(super) query: BTreeMap<String, Kind>,
    /// Query names that cannot be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    required: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_required: Option<bool>,
    /// `None`: a success has no body.
    pub(super) answer: Option<Kind>,
}

/// A member's type.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Kind {
    /// `string`, `integer`, `number`, `boolean`, `datetime`, `date`, `any`, or a definition; `[T]` is a list and `{T}` an
    /// object of such.
    Name(String),
    /// A text with these known values.
    Values(Vec<String>),
    /// A list of texts with these known values: one list in a list.
    ItemValues([Vec<String>; 1]),
}

impl Kind {
    /// Returns the name of the definition or plain type that it is made of.
    pub(super) fn bare(&self) -> &str {
        match self {
            Kind::Name(name) => name.trim_matches(['[', ']', '{', '}']),
            Kind::Values(_) | Kind::ItemValues(_) => "string",
        }
    }
}

impl Table {
    /// Reads what `facts.py` says.
    ///
    /// # Errors
    ///
    /// Fails if an operation is absent from the package, or its answer cannot be read.
    pub(super) fn from_facts(facts: &[u8], version: String) -> Result<Table> {
        #[derive(Deserialize)]
        struct Facts {
            operations: BTreeMap<String, Operation>,
            definitions: BTreeMap<String, BTreeMap<String, Kind>>,
            absent: Vec<String>,
        }
        let facts: Facts = serde_json::from_slice(facts).context("cannot read the facts")?;
        ensure!(
            facts
                .absent
                .iter()
                .all(|absent| absent.ends_with(" /oauth/token")),
            "the package has no {}",
            facts.absent.join(", ")
        );
        let source = Source {
            package: super::PACKAGE.to_owned(),
            version,
            how: "cargo xtask published: names and types in the package's own source; known values of lists' items \
                  from the vendor's Swagger description"
                .to_owned(),
        };
        Ok(Table {
            source,
            operations: facts.operations,
            definitions: facts.definitions,
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read, or is no table.
    pub(super) fn read(path: &Path) -> Result<Table> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        serde_json::from_str(&text).with_context(|| format!("`{shown}` is no table of facts"))
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = self.text()?;
        fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Takes known values of lists' items from an earlier table.
    pub(super) fn keep_item_values(&mut self, earlier: &Table) {
        for (name, members) in &earlier.definitions {
            for (member, kind) in members {
                if matches!(kind, Kind::ItemValues(_)) {
                    self.set_item_values(name, member, kind.clone());
                }
            }
        }
    }

    /// Gives the items of a member their known values, if it is a list of texts.
    pub(super) fn set_item_values(&mut self, definition: &str, member: &str, values: Kind) {
        let members = self.definitions.get_mut(definition);
        let kind = members.and_then(|members| members.get_mut(member));
        if let Some(kind) = kind.filter(|kind| **kind == Kind::Name("[string]".to_owned())) {
            *kind = values;
        }
    }

    fn text(&self) -> Result<String> {
        let mut text = format!(
            "{{\n\"source\": {},\n",
            serde_json::to_string(&self.source)?
        );
        section(&mut text, "operations", &self.operations)?;
        text.push_str(",\n");
        section(&mut text, "definitions", &self.definitions)?;
        text.push_str("\n}\n");
        Ok(text)
    }
}

fn section<T: Serialize>(
    text: &mut String,
    name: &str,
    entries: &BTreeMap<String, T>,
) -> Result<()> {
    let _ = write!(text, "\"{name}\": {{");
    for (index, (key, value)) in entries.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let (key, value) = (serde_json::to_string(key)?, serde_json::to_string(value)?);
        let _ = write!(text, "{comma}\n{key}: {value}");
    }
    text.push_str("\n}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Table};

    const FACTS: &str = r#"{
        "operations": {"GET /a": {"query": {"n": "integer"}, "answer": "A"}},
        "definitions": {"A": {"list": "[string]", "state": ["on", "off"], "more": "{A}"}},
        "absent": ["POST /oauth/token"]}"#;

    #[test]
    fn a_table_is_written_by_lines_and_read_again() {
        let mut table = Table::from_facts(FACTS.as_bytes(), "1.0.0".to_owned()).unwrap();
        table.set_item_values("A", "list", Kind::ItemValues([vec!["x".to_owned()]]));
        table.set_item_values("A", "more", Kind::ItemValues([vec!["x".to_owned()]]));
        let text = table.text().unwrap();
        let line = r#""A": {"list":[["x"]],"more":"{A}","state":["on","off"]}"#;
        assert!(text.lines().any(|own| own == line), "{text}");
        let again: Table = serde_json::from_str(&text).unwrap();
        assert_eq!(again.text().unwrap(), text);

        let mut fresh = Table::from_facts(FACTS.as_bytes(), "1.0.0".to_owned()).unwrap();
        fresh.keep_item_values(&again);
        assert_eq!(fresh.text().unwrap(), text);
    }

    #[test]
    fn an_operation_that_the_package_lacks_is_named() {
        let facts = FACTS.replace("/oauth/token", "/api/v2/none");
        let error = Table::from_facts(facts.as_bytes(), String::new()).unwrap_err();
        assert!(error.to_string().contains("POST /api/v2/none"), "{error}");
    }
}
