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
