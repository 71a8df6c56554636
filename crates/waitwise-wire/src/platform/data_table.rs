//! Architect data tables: what they are called, their columns, and their rows, which stay in the host's own text.

use crate::json::Members;
use crate::lenient::Object;

/// The column that every table has and whose value names a row.
pub const KEY: &str = "key";

/// A data table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataTable {
    /// Identity; survives renaming.
    pub id: String,
    /// The name as the tenant spells it.
    pub name: String,
    /// The columns, in the host's order; `None` if the schema was not asked for or not given.
    pub columns: Option<Vec<Column>>,
}

/// A column of a data table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The member's name in a row.
    pub name: String,
    /// What its values are; `None` if the schema does not say in one word.
    pub kind: Option<ColumnKind>,
    /// Whether every row must have it.
    pub is_required: bool,
}

/// What the values of a column are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Texts.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// True or false.
    Boolean,
    /// Something that this version does not know.
    Other(String),
}

impl ColumnKind {
    fn read(word: &str) -> ColumnKind {
        match word {
            "string" => ColumnKind::Text,
            "integer" => ColumnKind::Integer,
            "number" => ColumnKind::Number,
            "boolean" => ColumnKind::Boolean,
            other => ColumnKind::Other(other.to_owned()),
        }
    }
}

impl DataTable {
    /// Returns the column of this name; `None` without one, or without a schema.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .as_ref()?
            .iter()
            .find(|column| column.name == name)
    }
}

/// Reads a data table.
///
/// # Errors
/// It has no id, as a fragment.
pub fn read_table(entity: &str) -> Result<DataTable, String> {
    let table = Object::read(entity)?;
    let id = table.need("id")?;
    Ok(DataTable {
        name: table.text("name").unwrap_or_else(|| id.clone()),
        id,
        columns: table.object("schema").map(|schema| columns(&schema)),
    })
}

fn columns(schema: &Object<'_>) -> Vec<Column> {
    let required = schema.texts("required");
    let Some(properties) = schema.object("properties") else {
        return Vec::new();
    };
    let column = |(name, raw): &(String, &serde_json::value::RawValue)| Column {
        name: name.clone(),
        kind: Object::read(raw.get())
            .ok()
            .and_then(|property| property.text("type"))
            .map(|word| ColumnKind::read(&word)),
        is_required: required.contains(name),
    };
    properties.members().iter().map(column).collect()
}

/// Returns the value of a row's key column; `None` if it is no text. An older sample of the vendor's spells the column
/// `KEY`; any spelling is read, since a table may have any.
pub fn row_key(row: &str) -> Option<String> {
    let row = Members::of(row).ok()?;
    let spelled = row
        .0
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(KEY));
    let key = row.get(KEY).or(spelled.map(|(_, value)| *value))?;
    serde_json::from_str(key.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_its_columns() {
        let table = read_table(
            r#"{"id":"t1","name":"Priorities","schema":{"type":"object","required":["key"],
                "properties":{"key":{"type":"string"},"priority":{"type":"integer","$id":"/x"},
                              "when":{"type":["string","null"]},"odd":7,"new":{"type":"date"}}}}"#,
        )
        .unwrap();
        let kind = |name: &str| table.column(name).unwrap().kind.clone();
        assert!(table.column("key").unwrap().is_required);
        assert_eq!(kind("priority"), Some(ColumnKind::Integer));
        assert_eq!((kind("when"), kind("odd")), (None, None));
        assert_eq!(kind("new"), Some(ColumnKind::Other("date".to_owned())));
        assert_eq!(table.column("gone"), None);
    }

    #[test]
    fn a_table_without_its_schema_has_unknown_columns() {
        let table = read_table(r#"{"id":"t1"}"#).unwrap();
        assert_eq!((table.name.as_str(), table.columns), ("t1", None));
        assert!(read_table(r#"{"name":"x"}"#).is_err());
    }

    #[test]
    fn a_rows_key_is_found_in_any_spelling() {
        let key = |row: &str| row_key(row);
        assert_eq!(key(r#"{"key":"billing","p":1}"#).unwrap(), "billing");
        assert_eq!(key(r#"{"KEY":"billing"}"#).unwrap(), "billing");
        assert_eq!(key(r#"{"Key":"billing"}"#).unwrap(), "billing");
        assert_eq!(
            key(r#"{"KEY":"other","key":"billing"}"#).unwrap(),
            "billing"
        );
        assert_eq!(key(r#"{"key":7}"#), None);
    }
}
