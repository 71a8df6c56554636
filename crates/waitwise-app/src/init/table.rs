//! The data table that a flow reads priorities from.

use waitwise_wire::platform::data_table::DataTable;

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
