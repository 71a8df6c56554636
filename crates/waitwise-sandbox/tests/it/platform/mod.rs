//! The published platform's operations.

mod access;
mod flow;
mod planted;
mod resources;
mod rows;
mod tables;

use serde_json::{Value, json};
use waitwise_sandbox::Api;

use crate::rig::Rig;

pub(crate) const TABLES: &str = "/api/v2/flows/datatables";
pub(crate) const QUEUES: &str = "/api/v2/routing/queues";
pub(crate) const CODES: &str = "/api/v2/routing/wrapupcodes";

pub(crate) async fn platform() -> Rig {
    Rig::with(|options| options.api = Api::Platform).await
}

/// Walks a list to its end by its own addresses, and returns the entities.
pub(crate) async fn walk(rig: &Rig, first: &str) -> Vec<Value> {
    let mut entities = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(uri) = next {
        let page = rig.get(&uri).await;
        assert_eq!(page.status, 200, "{uri}: {page:?}");
        let page = page.json();
        entities.extend(page["entities"].as_array().unwrap().clone());
        next = page["nextUri"].as_str().map(str::to_owned);
    }
    entities
}

pub(crate) fn texts(entities: &[Value], member: &str) -> Vec<String> {
    let text = |entity: &Value| entity[member].as_str().unwrap().to_owned();
    entities.iter().map(text).collect()
}

/// The schema of a table with a column of every type.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "key": {"type": "string"},
            "priority": {"type": "integer"},
            "share": {"type": "number"},
            "open": {"type": "boolean", "default": false},
            "note": {"type": "string"},
        },
        "required": ["key"],
        "additionalProperties": false,
    })
}

/// Makes a table and returns its path.
pub(crate) async fn table(rig: &Rig, name: &str) -> String {
    let body = json!({"name": name, "schema": schema()});
    let made = rig.call("POST", TABLES, &body.to_string()).await;
    assert_eq!(made.status, 200, "{made:?}");
    format!("{TABLES}/{}", made.json()["id"].as_str().unwrap())
}
