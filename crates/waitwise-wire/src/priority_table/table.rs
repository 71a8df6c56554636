//! The data table itself: which columns it must have, and how they are told from its schema.

use std::fmt;

use crate::json::{self, JsonError, Members};

/// The columns that we write, with the type that each must have. The key's column comes on top.
pub const COLUMNS: [(&str, ColumnType); 4] = [
    (super::PRIORITY, ColumnType::Integer),
    (super::SKILL_ID, ColumnType::String),
    (super::UPDATED_BY, ColumnType::String),
    (super::UPDATED_AT, ColumnType::String),
];

/// The types that a column of a data table can have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnType {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
    /// A type that this version does not know, as the host writes it.
    Other(String),
}

impl ColumnType {
    fn read(text: String) -> ColumnType {
        match text.as_str() {
            "string" => ColumnType::String,
            "integer" => ColumnType::Integer,
            "number" => ColumnType::Number,
            "boolean" => ColumnType::Boolean,
            _ => ColumnType::Other(text),
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ColumnType::String => "string",
            ColumnType::Integer => "integer",
            ColumnType::Number => "number",
            ColumnType::Boolean => "boolean",
            ColumnType::Other(text) => text,
        })
    }
}

/// A data table that cannot be the lever.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The text cannot be read.
    #[error("cannot read the data table")]
    Json(#[from] JsonError),
    /// No `id`, so its rows could not be addressed.
    #[error("the data table has no text `id`, or one that cannot stand in an address")]
    NoId,
    /// The tenant has no such table.
    #[error("there is no such data table in the tenant")]
    Gone,
    /// The host left the columns out.
    #[error("data table `{table}` came without its schema")]
    NoSchema {
        /// The table's name.
        table: String,
    },
    /// A column is missing.
    #[error("data table `{table}` has no column `{column}`; one of type {expected} was expected")]
    NoColumn {
        /// The table's name.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        expected: ColumnType,
    },
    /// A column has another type.
    #[error(
        "column `{column}` of data table `{table}` is of type {found}; {expected} was expected"
    )]
    WrongType {
        /// The table's name.
        table: String,
        /// The column.
        column: String,
        /// What it must be.
        expected: ColumnType,
        /// What it is.
        found: ColumnType,
    },
    /// A column that is not ours must be filled in every row, and we could not.
    #[error("every row of data table `{table}` must have a value in column `{column}`")]
    Required {
        /// The table's name.
        table: String,
        /// The column.
        column: String,
    },
}

/// A data table whose columns are as the lever needs them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How its key column is spelled.
    pub key_column: String,
    /// What a new row says in the columns that are not ours, in their order: those that have a default.
    pub defaults: Vec<(String, String)>,
}

impl Table {
    /// Reads a data table as the host gave it with its schema, and checks its columns.
    ///
    /// The key column may be spelled `key` or `KEY`: sources differ, and nobody has looked at a live table yet.
    ///
    /// # Errors
    /// What is missing, or has the wrong type.
    pub fn read(document: &str) -> Result<Table, TableError> {
        json::comparable(document, &[])?;
        let members = Members::of(document)?;
        let id = members.text("id").filter(|id| super::is_segment(id));
        let id = id.ok_or(TableError::NoId)?;
        let name = members.text("name").unwrap_or_else(|| id.clone());
        let schema = members
            .get("schema")
            .and_then(|schema| Members::of(schema.get()).ok());
        let columns = schema
            .as_ref()
            .and_then(|schema| Members::of(schema.get("properties")?.get()).ok());
        let (Some(schema), Some(columns)) = (schema, columns) else {
            return Err(TableError::NoSchema { table: name });
        };
        let table = Table {
            id,
            key_column: key_column(&columns).unwrap_or_else(|| super::KEY.to_owned()),
            defaults: Vec::new(),
            name,
        };
        table.check_type(&columns, &table.key_column, &ColumnType::String)?;
        for (column, expected) in &COLUMNS {
            table.check_type(&columns, column, expected)?;
        }
        let defaults = table.read_defaults(&columns);
        table.check_required(&schema, &defaults)?;
        Ok(Table { defaults, ..table })
    }

    fn check_type(
        &self,
        columns: &Members<'_>,
        column: &str,
        expected: &ColumnType,
    ) -> Result<(), TableError> {
        let (table, column_name) = (self.name.clone(), column.to_owned());
        let Some(described) = columns.get(column) else {
            return Err(TableError::NoColumn {
                table,
                column: column_name,
                expected: expected.clone(),
            });
        };
        let described = Members::of(described.get())?;
        let found = match described.text("type") {
            Some(text) => ColumnType::read(text),
            None => ColumnType::Other("unknown".to_owned()),
        };
        if found == *expected {
            return Ok(());
        }
        Err(TableError::WrongType {
            table,
            column: column_name,
            expected: expected.clone(),
            found,
        })
    }

    fn is_ours(&self, column: &str) -> bool {
        column == self.key_column || COLUMNS.iter().any(|(ours, _)| *ours == column)
    }

    fn read_defaults(&self, columns: &Members<'_>) -> Vec<(String, String)> {
        let default = |(column, described): &(String, &serde_json::value::RawValue)| {
            let default = Members::of(described.get()).ok()?.get("default")?.get();
            (default != "null").then(|| (column.clone(), default.to_owned()))
        };
        let others = columns.0.iter().filter(|(name, _)| !self.is_ours(name));
        others.filter_map(default).collect()
    }

    /// A new row could not be made; rather than find out half-way through a change, no change is planned.
    fn check_required(
        &self,
        schema: &Members<'_>,
        defaults: &[(String, String)],
    ) -> Result<(), TableError> {
        let required: Vec<String> = schema
            .get("required")
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let is_filled = |column: &String| {
            self.is_ours(column) || defaults.iter().any(|(filled, _)| filled == column)
        };
        match required.into_iter().find(|column| !is_filled(column)) {
            None => Ok(()),
            Some(column) => Err(TableError::Required {
                table: self.name.clone(),
                column,
            }),
        }
    }
}

/// Returns how the key column is spelled, `key` before any other spelling.
fn key_column(columns: &Members<'_>) -> Option<String> {
    let names = || columns.0.iter().map(|(name, _)| name);
    let exact = names().find(|name| *name == super::KEY);
    exact
        .or_else(|| names().find(|name| name.eq_ignore_ascii_case(super::KEY)))
        .cloned()
}
