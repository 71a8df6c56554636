use serde_json::json;
use waitwise_sandbox::{Edit, EditedPart, Fault, FaultRule, Staleness, When};

use super::{platform, table, texts, walk};

#[tokio::test]
async fn a_row_is_kept_as_sent_and_only_its_key_comes_back_unasked() {
    let rig = platform().await;
    let rows = format!("{}/rows", table(&rig, "t").await);
    let text =
        r#"{ "share":1.10E1 , "key":"a\u002fb c", "priority": 6.0,"note":"\u00e9", "open":true }"#;
    let made = rig.call("POST", &rows, text).await;
    assert_eq!((made.status, made.text.as_str()), (200, text));
    let row = format!("{rows}/a%2Fb%20c");
    assert_eq!(rig.get(&row).await.text, r#"{"key":"a/b c"}"#);
    let brief = rig.get(&format!("{row}?showbrief=true")).await;
    assert_eq!(brief.text, r#"{"key":"a/b c"}"#);
    let whole = rig.get(&format!("{row}?showbrief=false")).await;
    assert_eq!(whole.text, text);
    assert!(
        rig.get(&format!("{rows}?showbrief=false"))
            .await
            .text
            .contains(text)
    );
    assert_eq!(walk(&rig, &rows).await, [json!({"key": "a/b c"})]);

    let short = r#"{"key":"a/b c","priority":2}"#;
    let put = rig.call("PUT", &row, short).await;
    assert_eq!(put.text, r#"{"key":"a/b c","priority":2,"open":false}"#);
    assert_eq!(
        rig.sandbox.rows("t").unwrap()["a/b c"],
        put.text,
        "what is left out is gone"
    );
    let gone = rig.call("DELETE", &row, "").await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    for (method, body) in [("GET", ""), ("PUT", short), ("DELETE", "")] {
        rig.call(method, &row, body)
            .await
            .refused(404, "flows.datatables.row.not.found");
    }
}

#[tokio::test]
async fn rows_are_listed_by_key_page_by_page_with_what_was_asked_for() {
    let rig = platform().await;
    let rows = format!("{}/rows", table(&rig, "t").await);
    for key in ["c", "a", "b"] {
        let row = json!({"key": key, "priority": 1});
        rig.call("POST", &rows, &row.to_string()).await;
    }
    let all = walk(&rig, &format!("{rows}?showbrief=false&pageSize=1")).await;
    assert_eq!(texts(&all, "key"), ["a", "b", "c"]);
    assert!(all.iter().all(|row| row["priority"] == 1), "{all:?}");
    rig.get(&format!("{rows}?pageSize=101"))
        .await
        .refused_field("pageSize");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let rig = platform().await;
    let rows = format!("{}/rows", table(&rig, "t").await);
    rig.call("POST", &rows, r#"{"key":"a"}"#).await;
    let before = rig.sandbox.rows("t");
    let long = "k".repeat(257);
    for body in [
        json!({"key": "a", "colour": 1}),
        json!({"key": "a", "priority": "6"}),
        json!({"key": "a", "priority": 6.5}),
        json!({"key": "a", "priority": null}),
        json!({"key": "a", "share": true}),
        json!({"key": "a", "open": 0}),
        json!({"key": "a", "note": 5}),
        json!({"key": ""}),
        json!({"key": 5}),
        json!({"priority": 1}),
        json!({"key": long}),
    ] {
        for (method, path) in [("POST", rows.clone()), ("PUT", format!("{rows}/a"))] {
            let seen = rig.call(method, &path, &body.to_string()).await;
            seen.refused(400, "flows.datatables.schema.exception");
        }
    }
    rig.call("PUT", &format!("{rows}/a"), r#"{"key":"b"}"#)
        .await
        .refused(400, "flows.datatables.schema.exception");
    for body in ["", "[]", r#"{"key":"b","key":"c"}"#] {
        rig.call("POST", &rows, body)
            .await
            .refused(400, "flows.datatables.syntax.error");
    }
    rig.call("POST", &rows, r#"{"key":"a"}"#)
        .await
        .refused(409, "flows.datatables.not.unique");
    rig.call("POST", "/api/v2/flows/datatables/none/rows", "{}")
        .await
        .refused(404, "flows.datatables.table.not.found");
    assert_eq!(rig.sandbox.rows("t"), before);
    let most = "é".repeat(256);
    let row = json!({"key": most}).to_string();
    assert_eq!(rig.call("POST", &rows, &row).await.status, 200);
}

#[tokio::test]
async fn a_table_has_5000_rows_at_most() {
    let rig = platform().await;
    let schema = super::schema();
    let full: Vec<_> = (0..5_000).map(|n| json!({"key": n.to_string()})).collect();
    let tables = json!([{"name": "t", "schema": schema, "rows": full}]);
    rig.sandbox.set_tables(&tables.to_string()).unwrap();
    let id = texts(&walk(&rig, super::TABLES).await, "id")[0].clone();
    let rows = format!("{}/{id}/rows", super::TABLES);
    rig.call("POST", &rows, r#"{"key":"one more"}"#)
        .await
        .refused(400, "flows.datatables.too.many.rows");
    rig.call("DELETE", &format!("{rows}/17"), "").await;
    let made = rig.call("POST", &rows, r#"{"key":"one more"}"#).await;
    assert_eq!(made.status, 200, "{made:?}");
}

fn edit(when: When, set: EditedPart) -> Fault {
    Fault::Edit(Edit { when, set })
}

#[tokio::test]
async fn somebody_else_writes_rows_at_a_chosen_moment() {
    let rig = platform().await;
    let rows = format!("{}/rows", table(&rig, "t").await);
    rig.call("POST", &rows, r#"{"key":"a","open":true, "priority":1}"#)
        .await;
    let row = format!("{rows}/a?showbrief=false");
    let cell = |value: &str| EditedPart::Cell {
        table: "t".to_owned(),
        key: "a".to_owned(),
        column: "priority".to_owned(),
        value: value.to_owned(),
    };
    let whole = |key: &str, row: Option<&str>| EditedPart::Row {
        table: "t".to_owned(),
        key: key.to_owned(),
        row: row.map(str::to_owned),
    };
    let once = |route: &str, fault| rig.sandbox.add_fault(FaultRule::times(route, 1, fault));
    once("row", edit(When::Before, cell("2"))).unwrap();
    assert_eq!(
        rig.get(&row).await.text,
        r#"{"key":"a","open":true, "priority":2}"#
    );
    once("row", edit(When::After, cell("3"))).unwrap();
    assert_eq!(rig.get(&row).await.json()["priority"], 2);
    assert_eq!(rig.get(&row).await.json()["priority"], 3);
    once(
        "create_row",
        edit(When::Before, whole("b", Some(r#"{"key":"b"}"#))),
    )
    .unwrap();
    rig.call("POST", &rows, r#"{"key":"b","priority":5}"#)
        .await
        .refused(409, "flows.datatables.not.unique");
    once("put_row", edit(When::Before, whole("a", None))).unwrap();
    rig.call("PUT", &format!("{rows}/a"), r#"{"key":"a"}"#)
        .await
        .refused(404, "flows.datatables.row.not.found");
    let odd = once("row", edit(When::Before, cell("2,"))).unwrap_err();
    assert_eq!(odd.to_string(), "the fault cannot be set");
}

#[tokio::test]
async fn reads_of_rows_can_lag_behind() {
    let rig = platform().await;
    let rows = format!("{}/rows", table(&rig, "t").await);
    rig.call("POST", &rows, r#"{"key":"a","priority":1}"#).await;
    let stale = Fault::StaleRows(Staleness::Reads(2));
    rig.sandbox
        .add_fault(FaultRule::times("put_row", 1, stale))
        .unwrap();
    let row = format!("{rows}/a?showbrief=false");
    rig.call("PUT", &format!("{rows}/a"), r#"{"key":"a","priority":2}"#)
        .await;
    assert_eq!(rig.get(&row).await.json()["priority"], 1);
    let listed = rig.get(&format!("{rows}?showbrief=false")).await.json();
    assert_eq!(listed["entities"][0]["priority"], 1);
    assert_eq!(rig.get(&row).await.json()["priority"], 2);
}
