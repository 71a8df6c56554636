//! A second source: a Swagger 2.0 file that describes the same API, or a part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::table::{Kind, Table};
use super::wanted::Operation as Wanted;

/// What is read of the file.
#[derive(Debug, Deserialize)]
pub(super) struct Swagger {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    definitions: BTreeMap<String, Schema>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    responses: BTreeMap<String, Response>,
    #[serde(default, rename = "x-inin-requires-permissions")]
    permissions: Permissions,
}

#[derive(Debug, Default, Deserialize)]
struct Permissions {
    #[serde(default)]
    permissions: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    schema: Option<Schema>,
}

#[derive(Debug, Deserialize)]
struct Response {
    schema: Option<Schema>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "enum")]
    values: Vec<String>,
    items: Option<Box<Schema>>,
    properties: BTreeMap<String, Schema>,
}

impl Schema {
    fn definition(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix("#/definitions/")
    }
}

/// Reads the file.
///
/// # Errors
///
/// Fails if it cannot be read, or is no Swagger 2.0.
pub(super) fn read(path: &Path) -> Result<Swagger> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    serde_json::from_str(&text).with_context(|| format!("cannot read `{shown}` as Swagger 2.0"))
}

/// Adds the known values of lists' items.
pub(super) fn add_item_values(table: &mut Table, second: &Swagger) {
    for (name, schema) in &second.definitions {
        for (member, schema) in &schema.properties {
            let values = schema.items.as_ref().map(|items| &items.values);
            if let Some(values) = values.filter(|values| !values.is_empty()) {
                table.set_item_values(name, member, Kind::ItemValues([values.clone()]));
            }
        }
    }
}

/// Returns in what the table, the wire crate's operations and the file differ, one line each.
pub(super) fn differences(table: &Table, second: &Swagger, wanted: &[Wanted]) -> Vec<String> {
    let mut found = Vec::new();
    for operation in wanted {
        let key = operation.key();
        let described = second
            .paths
            .get(&operation.path)
            .and_then(|methods| methods.get(&operation.method.to_lowercase()));
        match (described, table.operations.get(&key)) {
            (Some(described), Some(own)) => {
                let mut add = |difference| found.push(format!("{key}: {difference}"));
                query_names(own, described).into_iter().for_each(&mut add);
                shapes(own, described).into_iter().for_each(&mut add);
                permissions(operation, described)
                    .into_iter()
                    .for_each(&mut add);
            }
            (None, Some(_)) => found.push(format!("{key}: not in the file")),
            (Some(_) | None, None) => {}
        }
    }
    found.extend(members(table, second));
    found
}

fn query_names(own: &super::table::Operation, described: &Operation) -> Option<String> {
    let in_query = described
        .parameters
        .iter()
        .filter(|one| one.place == "query");
    let described: BTreeSet<&str> = in_query.map(|one| one.name.as_str()).collect();
    sets_differ(
        "query names",
        own.query.keys().map(String::as_str),
        described,
    )
}

fn shapes(own: &super::table::Operation, described: &Operation) -> Vec<String> {
    let body = described.parameters.iter().find(|one| one.place == "body");
    let body = body.and_then(|one| one.schema.as_ref()?.definition());
    let mut successes = described
        .responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    let answer = successes.find_map(|(_, response)| response.schema.as_ref()?.definition());
    let differ = |what, own: Option<&Kind>, described: Option<&str>| {
        // Plain objects have no name in either source.
        let (own, described) = (own.map_or("any", Kind::bare), described.unwrap_or("any"));
        (own != described)
            .then(|| format!("{what} is {own} in the package, {described} in the file"))
    };
    let differing = [
        differ("body", own.body.as_ref(), body),
        differ("answer", own.answer.as_ref(), answer),
    ];
    differing.into_iter().flatten().collect()
}

fn permissions(own: &Wanted, described: &Operation) -> Option<String> {
    let described = described.permissions.permissions.iter().map(String::as_str);
    let described = described.collect();
    sets_differ(
        "permissions",
        own.permissions.iter().map(String::as_str),
        described,
    )
}

fn members(table: &Table, second: &Swagger) -> Vec<String> {
    let mut found = Vec::new();
    for (name, members) in &table.definitions {
        let Some(described) = second.definitions.get(name) else {
            found.push(format!("{name}: not in the file"));
            continue;
        };
        let names = described.properties.keys().map(String::as_str).collect();
        let differ = sets_differ("members", members.keys().map(String::as_str), names);
        found.extend(differ.map(|differ| format!("{name}: {differ}")));
        for (member, kind) in members {
            let described = described.properties.get(member);
            if let (Kind::Values(values), Some(described)) = (kind, described) {
                let values = values.iter().map(String::as_str);
                let described = described.values.iter().map(String::as_str).collect();
                let differ = sets_differ("values", values, described);
                found.extend(differ.map(|differ| format!("{name}.{member}: {differ}")));
            }
        }
    }
    found
}

/// Says what only one side has; `None` if both have the same.
fn sets_differ<'a>(
    what: &str,
    own: impl Iterator<Item = &'a str>,
    described: BTreeSet<&str>,
) -> Option<String> {
    let own: BTreeSet<&str> = own.collect();
    let only = |of: &BTreeSet<&str>, not_in: &BTreeSet<&str>| {
        let only: Vec<&str> = of.difference(not_in).copied().collect();
        only.join(", ")
    };
    let (here, there) = (only(&own, &described), only(&described, &own));
    let parts = [("only here", here), ("only in the file", there)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts
        .map(|(side, names)| format!("{side}: {names}"))
        .collect();
    (!parts.is_empty()).then(|| format!("{what} {}", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::{Swagger, add_item_values, differences};
    use crate::published::table::Table;
    use crate::published::wanted::Operation;

    const SWAGGER: &str = r##"{
        "paths": {"/a": {"get": {
            "parameters": [{"name": "n", "in": "query"}, {"name": "id", "in": "path"}],
            "responses": {"200": {"schema": {"$ref": "#/definitions/A"}}, "400": {}},
            "x-inin-requires-permissions": {"permissions": ["a:b:view"]}}}},
        "definitions": {"A": {"properties": {
            "state": {"enum": ["on", "off"]}, "list": {"items": {"enum": ["x", "y"]}}}}}}"##;

    fn check(facts: &str, permission: &str, expected: &[&str]) {
        let second: Swagger = serde_json::from_str(SWAGGER).unwrap();
        let mut table = Table::from_facts(facts.as_bytes(), String::new()).unwrap();
        add_item_values(&mut table, &second);
        let wanted = Operation {
            method: "GET".to_owned(),
            path: "/a".to_owned(),
            permissions: vec![permission.to_owned()],
        };
        assert_eq!(differences(&table, &second, &[wanted]), expected);
    }

    #[test]
    fn what_both_say_alike_is_not_told_and_every_difference_is() {
        let alike = r#"{"operations": {"GET /a": {"query": {"n": "integer"}, "answer": "A"}},
            "definitions": {"A": {"state": ["on", "off"], "list": "[string]"}}, "absent": []}"#;
        check(alike, "a:b:view", &[]);
        check(
            alike,
            "a:b:edit",
            &["GET /a: permissions only here: a:b:edit; only in the file: a:b:view"],
        );
        let other = r#"{"operations": {"GET /a": {"query": {"m": "integer"}, "answer": "B"}},
            "definitions": {"A": {"state": ["on"]}, "B": {}}, "absent": []}"#;
        check(
            other,
            "a:b:view",
            &[
                "GET /a: query names only here: m; only in the file: n",
                "GET /a: answer is B in the package, A in the file",
                "A: members only in the file: list",
                "A.state: values only in the file: off",
                "B: not in the file",
            ],
        );
    }
}
