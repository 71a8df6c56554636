use super::{TABLES, platform, texts, walk};
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
