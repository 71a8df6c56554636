use serde_json::json;

use super::{QUEUES, TABLES, platform, texts, walk};

#[tokio::test]
async fn wrong_set_ups_can_be_planted_over_http() {
    let rig = platform().await;
    let queue = rig.sandbox.connection().queue_id.clone();
    let put = async |path: &str, body: serde_json::Value| {
        let path = format!("/sandbox/{path}");
        rig.call("PUT", &path, &body.to_string()).await.status
    };
    let path = format!("{QUEUES}/{queue}");
    let before = rig.get(&path).await.json();
    let set =
        json!({"queue": queue, "set": {"scoringMethod": "PriorityOnly", "description": null}});
    assert_eq!(put("queue", set).await, 200);
    let after = rig.get(&path).await.json();
    assert_eq!(after["scoringMethod"], "PriorityOnly");
    assert_eq!(after["callingPartyName"], before["callingPartyName"]);
    assert!(after.get("description").is_none());
    for set in [
        json!({"queue": "none", "set": {}}),
        json!({"queue": queue, "set": {"scoringMethod": "Random"}}),
    ] {
        assert_eq!(put("queue", set).await, 400);
    }

    assert_eq!(put("predictive", json!([queue])).await, 200);
    let predictors = "/api/v2/routing/predictors";
    let found = walk(&rig, &format!("{predictors}?queueId={queue}")).await;
    assert_eq!(found[0]["queues"][0]["id"], queue.as_str());
    assert!(
        walk(&rig, &format!("{predictors}?queueId=none"))
            .await
            .is_empty()
    );
    assert_eq!(put("predictive", json!(["none"])).await, 400);

    let home = rig.sandbox.organisation().divisions[1].id.clone();
    assert_eq!(put("hidden-divisions", json!([home])).await, 200);
    assert_eq!(put("hidden-divisions", json!(["none"])).await, 400);
    assert_eq!(put("jobs-behind", json!({"seconds": 864_000})).await, 200);

    let odd = json!({"properties": {"priority": {"type": "string"}}});
    let tables = json!([{"name": "t", "schema": odd, "rows": [{"key": "a", "priority": "x"}]}]);
    assert_eq!(put("tables", tables).await, 200);
    let shown = walk(&rig, &format!("{TABLES}?expand=schema")).await;
    assert_eq!(texts(&shown, "name"), ["t"]);
    assert_eq!(shown[0]["schema"]["properties"], odd["properties"]);
    assert_eq!(
        put("tables", json!([{"name": "t", "schema": {}, "rows": [7]}])).await,
        400
    );

    assert_eq!(
        put("rate-limit", json!({"requests_per_minute": 0})).await,
        400
    );
    assert_eq!(
        put("rate-limit", json!({"requests_per_minute": 1})).await,
        200
    );
    rig.get(QUEUES)
        .await
        .refused(429, "too.many.requests.retry.after");
    rig.call("POST", "/sandbox/reset", "").await;
    rig.sign_in().await;
    assert_eq!(rig.get(&path).await.json(), before);
    assert!(walk(&rig, TABLES).await.is_empty());
}
