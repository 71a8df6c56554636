//! A data table's rows. A row is kept as it was sent, character for character.

use waitwise_wire::json::{self, Members};

use super::columns::{check_row, defaults};
use super::{SIZE_MAX, Table, find, is_descending, not_unique, page_of, syntax_error};
use crate::centre::TimeMs;
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::rules::splice;
use crate::http::state::State;

/// How many rows a table has at most.
const ROWS_MAX: usize = 5_000;

/// `GET …/rows`, by key.
pub(crate) fn list(state: &mut State, call: &Call<'_>, table: &str) -> Result<Reply, Refusal> {
    let query = &call.request.query;
    let rows = &find(shown(state, call), table)?.rows;
    let brief = is_brief(query);
    let entity = |(key, row): (&String, &String)| entity(key, row, brief);
    let mut entities: Vec<String> = rows.iter().map(entity).collect();
    if is_descending(query) {
        entities.reverse();
    }
    page_of(call, SIZE_MAX, true).page(&entities)
}

/// `GET …/rows/{rowId}`.
pub(crate) fn get(
    state: &mut State,
    call: &Call<'_>,
    table: &str,
    key: &str,
) -> Result<Reply, Refusal> {
    let rows = &find(shown(state, call), table)?.rows;
    let row = rows.get(key).ok_or_else(|| row_not_found(table, key))?;
    let entity = entity(key, row, is_brief(&call.request.query));
    Ok(Reply::raw(200, entity))
}

/// `POST …/rows`.
pub(crate) fn create(state: &mut State, call: &Call<'_>, table: &str) -> Result<Reply, Refusal> {
    let own = find(&state.setup.tables, table)?;
    let (key, row) = read(own, &call.request.body)?;
    if own.rows.contains_key(&key) {
        let message = format!("The data table `{}` has a row `{key}` already", own.name);
        return Err(not_unique(&message));
    }
    if own.rows.len() >= ROWS_MAX {
        let message = format!(
            "The data table `{}` has {ROWS_MAX} rows, and can have no more",
            own.name
        );
        return Err(Refusal::new(400, "flows.datatables.too.many.rows", message));
    }
    state.store_row(table, key, row.clone(), call.now);
    Ok(Reply::raw(200, row))
}

/// `PUT …/rows/{rowId}`: the row becomes what is sent. A column that is left out has its default, or nothing.
pub(crate) fn put(
    state: &mut State,
    call: &Call<'_>,
    table: &str,
    key: &str,
) -> Result<Reply, Refusal> {
    let own = find(&state.setup.tables, table)?;
    if !own.rows.contains_key(key) {
        return Err(row_not_found(table, key));
    }
    let (sent, row) = read(own, &call.request.body)?;
    // What the platform does with another key in the body is not published; to refuse it can do no harm.
    if sent != key {
        let message = format!("the path says the row `{key}`, the body says `{sent}`");
        return Err(super::schema_exception(&message));
    }
    state.store_row(table, sent, row.clone(), call.now);
    Ok(Reply::raw(200, row))
}

/// `DELETE …/rows/{rowId}`.
pub(crate) fn delete(
    state: &mut State,
    call: &Call<'_>,
    table: &str,
    key: &str,
) -> Result<Reply, Refusal> {
    if !find(&state.setup.tables, table)?.rows.contains_key(key) {
        return Err(row_not_found(table, key));
    }
    state.remove_row(table, key, call.now);
    Ok(Reply::empty(204))
}

impl State {
    /// Puts a row into a table, by the table's id or name, in the place of the one of its key; the flow reads it from
    /// `now` on. A table that is not there stays away.
    pub(crate) fn store_row(&mut self, table: &str, key: String, row: String, now: TimeMs) {
        if let Some(table) = self.table(table) {
            table.rows.insert(key, row);
            self.follow_flow(now);
        }
    }

    /// Takes a row out of a table, by the table's id or name.
    pub(crate) fn remove_row(&mut self, table: &str, key: &str, now: TimeMs) {
        if let Some(table) = self.table(table) {
            table.rows.remove(key);
            self.follow_flow(now);
        }
    }

    /// Returns a table by its id or name.
    pub(crate) fn table(&mut self, table: &str) -> Option<&mut Table> {
        let mut tables = self.setup.tables.iter_mut();
        tables.find(|own| own.id == table || own.name == table)
    }
}

/// Returns the key that a row's text has.
pub(crate) fn key_of(row: &str) -> Option<String> {
    Members::of(row).ok()?.text("key")
}

/// The tables as clients see them.
fn shown<'a>(state: &'a mut State, call: &Call<'_>) -> &'a [Table] {
    state
        .stale_tables
        .read(&state.setup.tables, call.service.monotonic)
}

/// Whether only keys come back: so it is unless the request says otherwise.
fn is_brief(query: &str) -> bool {
    query::value(query, "showbrief").as_deref() != Some("false")
}

fn entity(key: &str, row: &str, brief: bool) -> String {
    match brief {
        true => format!(r#"{{"key":{}}}"#, json::quoted(key)),
        false => row.to_owned(),
    }
}

/// Reads a row that is sent; returns its key, and its text with the defaults of the columns that it leaves out.
fn read(table: &Table, body: &[u8]) -> Result<(String, String), Refusal> {
    let sent = std::str::from_utf8(body).map_err(syntax_error)?;
    let row = Members::of(sent).map_err(syntax_error)?;
    json::comparable(sent, &[]).map_err(syntax_error)?;
    let key = check_row(&table.schema, &row)?;
    let absent = defaults(&table.schema, &row);
    let absent: Vec<(&str, String)> = absent
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    Ok((key, splice(sent, &row, &absent).trim().to_owned()))
}

fn row_not_found(table: &str, key: &str) -> Refusal {
    let message = format!("There is no row `{key}` in the data table `{table}`");
    Refusal::new(404, "flows.datatables.row.not.found", message)
}
