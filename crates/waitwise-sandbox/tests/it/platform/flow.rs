use std::time::Duration;

use serde_json::json;

use super::{QUEUES, TABLES, platform, texts, walk};
use crate::rig::Rig;

#[tokio::test]
async fn the_flows_table_is_there_only_if_asked_for() {
    let rig = platform().await;
    assert!(walk(&rig, TABLES).await.is_empty());
    rig.sandbox.set_flow_table(Some("Mine"));
    rig.sandbox.set_flow_table(Some("Mine"));
    assert_eq!(texts(&walk(&rig, TABLES).await, "name"), ["Mine"]);

    let rig = Rig::with(|options| options.make_flow_table = true).await;
    let made = walk(&rig, &format!("{TABLES}?expand=schema")).await;
    assert_eq!(texts(&made, "name"), ["Waitwise priorities"]);
    assert_eq!(
        made[0]["schema"]["properties"]["priority"]["type"],
        "integer"
    );
    let rows = format!("{TABLES}/{}/rows", made[0]["id"].as_str().unwrap());
    assert!(walk(&rig, &rows).await.is_empty());
    let row = r#"{"key":"Billing","skillId":"s","priority":6,"updatedBy":"w","updatedAt":"2026-03-30T00:00:00Z"}"#;
    assert_eq!(rig.call("POST", &rows, row).await.status, 200);
}

/// Mean waits in seconds of the target queue's callers in the week to come, by skill.
async fn week(rig: &Rig) -> Vec<(String, f64)> {
    let start = rig.sandbox.now();
    rig.sandbox.advance(Duration::from_secs(7 * 86_400));
    let waits = rig.sandbox.waits(start, rig.sandbox.now()).unwrap();
    let mean = |skill: waitwise_sandbox::SkillWaits| {
        let mean_ms = skill.total.wait_ms as f64 / skill.total.offered as f64;
        (skill.name, mean_ms / 1000.0)
    };
    waits.skills.into_iter().map(mean).collect()
}

async fn with_rows(table: &str, rows: &[(&str, i64)]) -> Rig {
    let rig = platform().await;
    rig.sandbox.set_flow_table(Some(table));
    let id = texts(&walk(&rig, TABLES).await, "id")[0].clone();
    for (key, priority) in rows {
        let row = json!({"key": key, "priority": priority}).to_string();
        let made = rig.call("POST", &format!("{TABLES}/{id}/rows"), &row).await;
        assert_eq!(made.status, 200, "{made:?}");
    }
    rig
}

#[tokio::test]
async fn callers_feel_the_priorities_of_the_flows_table_and_of_no_other() {
    let before = week(&platform().await).await;
    // The skill with most callers, so that the others cannot but wait longer.
    let (skill, plain) = before[0].clone();
    let favoured = week(&with_rows("t", &[(&skill, 10)]).await).await;
    assert!(favoured[0].1 < plain, "{favoured:?} {before:?}");

    let rig = with_rows("t", &[("Nobody asks for this", 10)]).await;
    assert_eq!(week(&rig).await, before);
    let rig = with_rows("t", &[(&skill, 10)]).await;
    rig.sandbox.set_flow_table(None);
    assert_eq!(week(&rig).await, before, "a flow that reads no table");
    let rig = with_rows("t", &[(&skill, 10)]).await;
    rig.sandbox.set_tables("[]").unwrap();
    assert_eq!(week(&rig).await, before, "a table that is gone");
    let id = rig_skill(&rig, &skill).await;
    let by_id = week(&with_rows("t", &[(&id, 10)]).await).await;
    assert_eq!(by_id, favoured, "a row may have the skill's id as its key");
}

async fn rig_skill(rig: &Rig, name: &str) -> String {
    rig.sign_in().await;
    let skills = walk(rig, crate::rig::SKILLS).await;
    let skill = skills.into_iter().find(|skill| skill["name"] == name);
    skill.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_queues_settings_are_how_it_is_routed() {
    let plain = week(&platform().await).await;
    for set in [
        r#"{"scoringMethod": "PriorityOnly"}"#,
        r#"{"skillEvaluationMethod": "NONE"}"#,
    ] {
        let rig = platform().await;
        let queue = rig.sandbox.connection().queue_id.clone();
        rig.sandbox.set_queue(&queue, set).unwrap();
        assert_ne!(week(&rig).await, plain, "{set}");
    }
    let rig = platform().await;
    let queue = rig.sandbox.connection().queue_id.clone();
    let path = format!("{QUEUES}/{queue}");
    rig.sandbox
        .set_queue(&queue, r#"{"scoringMethod": "PriorityOnly"}"#)
        .unwrap();
    rig.call("PUT", &path, r#"{"name": "Customer Service"}"#)
        .await;
    assert_eq!(week(&rig).await, plain, "the default is back");
}
