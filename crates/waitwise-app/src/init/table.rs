//! The data table that a flow reads priorities from.

use waitwise_client::{ReadClient, WriteClient};
use waitwise_wire::platform::data_table::DataTable;
use waitwise_wire::priority_table::Table;

use super::error::InitError;
use crate::error::AppError;

/// What the table is called where nobody says otherwise.
pub const TABLE_NAME: &str = "Waitwise priorities";

/// What looking for a table by its name or id came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found<'a> {
    /// None has it.
    None,
    /// This one has it.
    One(&'a DataTable),
    /// Several have the name; these are their ids.
    Several(Vec<&'a str>),
}

/// Looks for a table by its id, then by its name as the tenant spells it.
pub fn find<'a>(tables: &'a [DataTable], wanted: &str) -> Found<'a> {
    if let Some(table) = tables.iter().find(|table| table.id == wanted) {
        return Found::One(table);
    }
    let named: Vec<&DataTable> = tables.iter().filter(|table| table.name == wanted).collect();
    match named.as_slice() {
        [] => Found::None,
        [table] => Found::One(table),
        several => Found::Several(several.iter().map(|table| table.id.as_str()).collect()),
    }
}

/// Reads the table that is meant, with its columns checked; `None` if there is none.
///
/// # Errors
/// Several have the name, a column is missing or has a wrong type, or it cannot be read.
pub async fn usable(
    client: &ReadClient,
    tables: &[DataTable],
    wanted: &str,
) -> Result<Option<Table>, AppError> {
    match find(tables, wanted) {
        Found::None => Ok(None),
        Found::One(table) => Ok(Some(client.priority_table(&table.id).await?)),
        Found::Several(ids) => Err(InitError::SeveralTables {
            name: wanted.to_owned(),
            ids: ids.into_iter().map(str::to_owned).collect(),
        }
        .into()),
    }
}

/// Makes the table, and reads it back. If nobody knows whether the host made it, looking for it tells.
///
/// # Errors
/// It was not made, or what was made is not as it should be.
pub async fn create(client: &ReadClient, name: &str) -> Result<Table, AppError> {
    let made = WriteClient::new(client.clone())
        .create_priority_table(name)
        .await;
    let tables = client.data_tables().await?.items;
    match (usable(client, &tables, name).await?, made) {
        (Some(table), _) => Ok(table),
        (None, Err(source)) => Err(InitError::Table {
            name: name.to_owned(),
            source: Box::new(source),
        }
        .into()),
        (None, Ok(())) => Err(InitError::TableGone {
            name: name.to_owned(),
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_by_its_id_before_its_name_and_a_name_must_be_one_tables() {
        let table = |id: &str, name: &str| DataTable {
            id: id.to_owned(),
            name: name.to_owned(),
            columns: None,
        };
        let tables = [
            table("1", "a"),
            table("2", "b"),
            table("3", "b"),
            table("b2", "1"),
        ];
        assert_eq!(find(&tables, "1"), Found::One(&tables[0]));
        assert_eq!(find(&tables, "a"), Found::One(&tables[0]));
        assert_eq!(find(&tables, "b"), Found::Several(vec!["2", "3"]));
        assert_eq!(find(&tables, "c"), Found::None);
    }
}
