use std::time::Duration;

use serde_json::json;

use crate::rig::{RULES, Rig, SKILLS, Seen};

/// The same hour of work on a tenant.
async fn work(rig: &Rig) -> Vec<Seen> {
    let mut seen = vec![
        rig.sign_in().await,
        rig.get(SKILLS).await,
        rig.get(RULES).await,
        rig.get("/none").await,
    ];
    let mut query = rig.query(3);
    query["pageSize"] = json!(3);
    seen.push(rig.summary(&query).await);
    let (id, text) = rig.target_rule();
    seen.push(
        rig.call(
            "PUT",
            &format!("{RULES}/{id}"),
            &text.replacen("\"weight\":50", "\"weight\":90", 1),
        )
        .await,
    );
    rig.sandbox.advance(Duration::from_secs(2 * 86_400));
    seen.push(rig.sign_in().await);
    seen.push(rig.summary(&rig.query(3)).await);
    seen.push(rig.get("/sandbox/requests").await);
    seen.push(rig.get("/sandbox/waits?from=2026-03-28T00:00:00Z").await);
    seen
}

#[tokio::test]
async fn two_sandboxes_say_the_same_to_the_last_header() {
    let (one, other) = (Rig::start().await, Rig::start().await);
    assert_eq!(work(&one).await, work(&other).await);
    let different = Rig::with(|options| options.seed = 4).await;
    assert_ne!(work(&one).await[1].text, work(&different).await[1].text);
}

#[tokio::test]
async fn an_answer_is_dated_by_the_service_clock() {
    let rig = Rig::start().await;
    let date = rig.get(SKILLS).await.header("date").to_owned();
    assert_eq!(date, "Mon, 30 Mar 2026 09:30:15 GMT");
}
