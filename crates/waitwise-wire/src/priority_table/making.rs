//! Making the data table itself.

use serde_json::{Map, Value, json};

use super::{COLUMNS, KEY};

/// Returns the body that makes a data table called `name`, with the columns that the lever needs and no others.
pub fn creation(name: &str) -> String {
    let column =
        |(order, (_, kind)): (usize, &(&str, String))| json!({"type": kind, "displayOrder": order});
    let ours = COLUMNS
        .iter()
        .map(|(column, kind)| (*column, kind.to_string()));
    let all: Vec<(&str, String)> = std::iter::once((KEY, "string".to_owned()))
        .chain(ours)
        .collect();
    let columns = all.iter().enumerate();
    let properties: Map<String, Value> = columns
        .map(|(order, entry)| (entry.0.to_owned(), column((order, entry))))
        .collect();
    let body = json!({
        "name": name,
        "description": "Minutes of head start by skill, written by Waitwise and read by a flow",
        "schema": {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "object",
            "properties": properties,
            "required": [KEY],
            "additionalProperties": false,
        },
    });
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priority_table::Table;

    #[test]
    fn what_is_made_is_what_is_needed() {
        let mut made: Value = serde_json::from_str(&creation("Head \"starts\"")).unwrap();
        made["id"] = "t".into();
        let table = Table::read(&made.to_string()).unwrap();
        assert_eq!(
            (table.name.as_str(), table.key_column.as_str()),
            ("Head \"starts\"", "key")
        );
        assert!(table.defaults.is_empty());
    }
}
