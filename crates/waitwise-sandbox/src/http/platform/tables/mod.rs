//! Architect data tables: list, read, create. `columns` says what a table's schema can be, `rows` is what is in it.

pub(crate) mod columns;
pub(crate) mod rows;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use waitwise_wire::platform::DATA_TABLES;

use super::{Setup, is_named, list as page_of, text};
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::tenant::Division;
use columns::schema_exception;

/// The largest page of tables, and of rows.
const SIZE_MAX: u32 = 100;

/// How many tables an organisation has at most.
const TABLES_MAX: usize = 200;

/// A data table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The division's id and name.
    pub(crate) division: (String, String),
    /// A JSON schema whose `properties` are the columns.
    pub(crate) schema: Map<String, Value>,
    /// The rows by key, each a JSON object as it was written.
    pub(crate) rows: BTreeMap<String, String>,
}

impl Table {
    /// The table of a skill's priority, as a flow reads it.
    pub(crate) fn of_priorities(id: String, name: String, home: &Division) -> Table {
        let column = |order: u32, kind: &str| json!({"type": kind, "displayOrder": order});
        let schema = json!({
            "type": "object",
            "properties": {
                "key": column(0, "string"),
                "skillId": column(1, "string"),
                "priority": column(2, "integer"),
                "updatedBy": column(3, "string"),
                "updatedAt": column(4, "string"),
            },
            "required": ["key"],
            "additionalProperties": false,
        });
        Table {
            id,
            name,
            description: Some("Minutes of head start by skill".to_owned()),
            division: (home.id.clone(), home.name.clone()),
            schema: schema.as_object().cloned().unwrap_or_default(),
            rows: BTreeMap::new(),
        }
    }

    fn entity(&self, with_schema: bool) -> Value {
        let (id, name) = &self.division;
        let mut entity = json!({
            "id": self.id,
            "name": self.name,
            "division": {"id": id, "name": name},
            "selfUri": format!("{}/{}", DATA_TABLES.path, self.id),
        });
        if let Some(description) = &self.description {
            entity["description"] = description.as_str().into();
        }
        if with_schema {
            let mut schema = self.schema.clone();
            let draft = "http://json-schema.org/draft-04/schema#";
            schema.entry("$schema").or_insert_with(|| draft.into());
            entity["schema"] = schema.into();
        }
        entity
    }
}

impl Setup {
    /// Returns an id for a table that is about to be made.
    pub(crate) fn next_table_id(&mut self, seed: u64) -> String {
        self.tables_made += 1;
        let name = format!("{seed}/data table/{}", self.tables_made);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }
}

/// `GET …/datatables`.
pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let query = &call.request.query;
    let name = query::value(query, "name");
    let divisions = query::values(query, "divisionId");
    let asked = |table: &&Table| {
        (divisions.is_empty() || divisions.contains(&table.division.0))
            && name.as_ref().is_none_or(|name| is_named(&table.name, name))
    };
    let mut tables: Vec<&Table> = state.setup.tables.iter().filter(asked).collect();
    match query::value(query, "sortBy").as_deref() {
        Some("name") => tables.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => tables.sort_by(|a, b| a.id.cmp(&b.id)),
    }
    if is_descending(query) {
        tables.reverse();
    }
    let with_schema = asks_for_schema(query);
    let entities = tables
        .into_iter()
        .map(|table| text(&table.entity(with_schema)));
    page_of(call, SIZE_MAX, true).page(&entities.collect::<Vec<_>>())
}

/// `GET …/datatables/{datatableId}`; its schema only comes with `expand=schema`.
pub(super) fn get(state: &State, call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let table = find(&state.setup.tables, id)?;
    Ok(Reply::json(
        &table.entity(asks_for_schema(&call.request.query)),
    ))
}

#[derive(Deserialize)]
struct Wanted {
    name: Option<String>,
    description: Option<String>,
    division: Option<WantedDivision>,
    schema: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct WantedDivision {
    id: Option<String>,
}

/// `POST …/datatables`. A second table of one name is refused.
pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let wanted: Wanted = serde_json::from_slice(&call.request.body).map_err(syntax_error)?;
    let name = wanted.name.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(schema_exception("the data table has no name"));
    }
    let schema = wanted.schema.unwrap_or_default();
    columns::check(&schema)?;
    if state.setup.tables.iter().any(|table| table.name == name) {
        return Err(not_unique(&format!(
            "There is a data table `{name}` already"
        )));
    }
    if state.setup.tables.len() >= TABLES_MAX {
        let message = format!("An organisation has at most {TABLES_MAX} data tables");
        return Err(Refusal::new(400, "bad.request", message));
    }
    let division = division(state, wanted.division)?;
    let id = state.setup.next_table_id(state.seed);
    let table = Table {
        id,
        name,
        description: wanted.description,
        division,
        schema,
        rows: BTreeMap::new(),
    };
    let reply = Reply::json(&table.entity(true));
    state.setup.tables.push(table);
    state.follow_flow(call.now);
    Ok(reply)
}

fn division(state: &State, wanted: Option<WantedDivision>) -> Result<(String, String), Refusal> {
    let divisions = &state.tenant.organisation.divisions;
    let id = wanted.and_then(|division| division.id);
    let found = match &id {
        None => divisions.first(),
        Some(id) => divisions.iter().find(|division| division.id == *id),
    };
    let division = found.ok_or_else(|| {
        let id = id.unwrap_or_default();
        Refusal::invalid("/division/id", format!("there is no division `{id}`"))
    })?;
    Ok((division.id.clone(), division.name.clone()))
}

/// A table that is planted, with its rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlantedTable {
    name: String,
    /// Any object: it may be one that could not have been made.
    schema: Map<String, Value>,
    #[serde(default)]
    rows: Vec<Box<RawValue>>,
}

impl State {
    /// Puts other tables in the place of all, unchecked; `Err` names a row without a text `key`.
    pub(crate) fn plant_tables(
        &mut self,
        tables: Vec<PlantedTable>,
        now: crate::centre::TimeMs,
    ) -> Result<(), String> {
        let home = self.tenant.organisation.divisions[0].clone();
        let mut planted = Vec::new();
        for PlantedTable { name, schema, rows } in tables {
            let mut by_key = BTreeMap::new();
            for row in rows {
                let key = rows::key_of(row.get()).ok_or_else(|| row.get().to_owned())?;
                by_key.insert(key, row.get().to_owned());
            }
            let own = self.setup.tables.iter().find(|table| table.name == name);
            let id = own.map(|table| table.id.clone());
            planted.push(Table {
                id: id.unwrap_or_else(|| self.setup.next_table_id(self.seed)),
                name,
                description: None,
                division: (home.id.clone(), home.name.clone()),
                schema,
                rows: by_key,
            });
        }
        self.setup.tables = planted;
        self.follow_flow(now);
        Ok(())
    }
}

fn asks_for_schema(query: &str) -> bool {
    query::values(query, "expand")
        .iter()
        .any(|part| part == "schema")
}

fn is_descending(query: &str) -> bool {
    let order = query::value(query, "sortOrder").unwrap_or_default();
    order.to_lowercase().starts_with("desc")
}

fn find<'a>(tables: &'a [Table], id: &str) -> Result<&'a Table, Refusal> {
    let found = tables.iter().find(|table| table.id == id);
    found.ok_or_else(|| table_not_found(id))
}

fn table_not_found(id: &str) -> Refusal {
    let message = format!("There is no data table `{id}`");
    Refusal::new(404, "flows.datatables.table.not.found", message)
}

fn not_unique(message: &str) -> Refusal {
    Refusal::new(409, "flows.datatables.not.unique", message)
}

fn syntax_error(error: impl ToString) -> Refusal {
    let message = format!("The request body cannot be read: {}", error.to_string());
    Refusal::new(400, "flows.datatables.syntax.error", message)
}
