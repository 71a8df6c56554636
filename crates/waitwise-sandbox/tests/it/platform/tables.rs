use serde_json::json;

use super::{TABLES, platform, schema, table, walk};

#[tokio::test]
async fn a_table_is_made_once_and_shows_its_columns_when_asked() {
    let rig = platform().await;
    assert!(walk(&rig, TABLES).await.is_empty());
    let path = table(&rig, "Priorities").await;
    let plain = rig.get(&path).await.json();
    assert!(plain.get("schema").is_none(), "{plain}");
    let with_schema = rig.get(&format!("{path}?expand=schema")).await.json();
    assert_eq!(with_schema["schema"]["properties"], schema()["properties"]);
    let listed = walk(&rig, &format!("{TABLES}?expand=schema&name=priorit*")).await;
    assert_eq!(listed, [with_schema]);
    let again = json!({"name": "Priorities", "schema": schema()});
    rig.call("POST", TABLES, &again.to_string())
        .await
        .refused(409, "flows.datatables.not.unique");
    rig.get(&format!("{TABLES}/none"))
        .await
        .refused(404, "flows.datatables.table.not.found");
}

#[tokio::test]
async fn a_table_that_cannot_be_is_refused_with_the_reason() {
    let rig = platform().await;
    let with = |pointer: &str, value| {
        let mut schema = schema();
        *schema.pointer_mut(pointer).unwrap() = value;
        json!({"name": "t", "schema": schema})
    };
    let mut many = schema();
    for n in 0..46 {
        many["properties"][format!("c{n}")] = json!({"type": "string"});
    }
    for (body, part) in [
        (json!({"schema": schema()}), "no name"),
        (json!({"name": "t"}), "\"object\""),
        (
            with("/properties/key/type", json!("integer")),
            "column `key`",
        ),
        (with("/required", json!([])), "`required`"),
        (
            with("/additionalProperties", json!(true)),
            "additionalProperties",
        ),
        (
            with("/properties/share/type", json!("date")),
            "`share` is of type `date`",
        ),
        (json!({"name": "t", "schema": many}), "at most 50"),
    ] {
        let seen = rig.call("POST", TABLES, &body.to_string()).await;
        let message = seen.refused(400, "flows.datatables.schema.exception");
        assert!(message.contains(part), "{message}");
    }
    rig.call("POST", TABLES, "{")
        .await
        .refused(400, "flows.datatables.syntax.error");
    assert!(walk(&rig, TABLES).await.is_empty());
}
