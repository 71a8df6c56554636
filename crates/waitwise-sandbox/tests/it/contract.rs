//! Requests and answers that depart from the contract are refused, named and kept.

use crate::rig::{RULES, Rig, SKILLS};

async fn check_refused(rig: &Rig, method: &str, path: &str, body: &str, expected: &str) {
    let seen = rig.call(method, path, body).await;
    let message = seen.refused(400, "contract.violation");
    assert!(message.ends_with(expected), "{message}");
    let last = rig.sandbox.violations().pop().unwrap();
    assert_eq!(last.to_string(), message);
}

#[tokio::test]
async fn what_no_operation_takes_is_refused_and_kept() {
    let rig = Rig::start().await;
    assert_eq!(rig.get(SKILLS).await.status, 200);
    assert_eq!(rig.sandbox.violations(), []);

    let path = format!("{SKILLS}?size=5");
    check_refused(
        &rig,
        "GET",
        &path,
        "",
        "?size is not taken by this operation",
    )
    .await;
    let mut query = rig.query(1);
    query["filter"]["clauses"][0]["operator"] = "matches".into();
    let summary = crate::rig::SUMMARY;
    let expected = "/filter/clauses/0/operator is no published member of SummaryClause";
    check_refused(&rig, "POST", summary, &query.to_string(), expected).await;
    assert_eq!(rig.sandbox.violations().len(), 2);

    let seen = rig.get("/sandbox/violations").await.json();
    assert_eq!(seen[0]["place"], "?size");
    assert_eq!(seen[1]["inAnswer"], false);
}

#[tokio::test]
async fn a_write_that_departs_is_refused_before_it_is_done() {
    let rig = Rig::start().await;
    let (id, text) = rig.target_rule();
    let path = format!("{RULES}/{id}?force=true");
    check_refused(
        &rig,
        "PUT",
        &path,
        &text,
        "?force is not taken by this operation",
    )
    .await;
    assert_eq!(rig.target_rule().1, text);
}

#[tokio::test]
async fn an_answer_that_departs_becomes_a_500_and_what_was_put_there_is_not_looked_at() {
    let rig = Rig::start().await;
    let (id, text) = rig.target_rule();
    rig.sandbox
        .set_skills(vec![r#"{"id":5,"odd":true}"#.to_owned()])
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 200);

    // A queue that is no text gets into the list by another way than the one that is meant for oddities.
    let edit = serde_json::json!({"route": "skills", "fault": {"edit": {"when": "before", "set": {
        "member": {"name": "name", "value": "5"}}}}});
    let seen = rig.call("POST", "/sandbox/faults", &edit.to_string()).await;
    assert_eq!(seen.status, 200, "{seen:?}");
    rig.get(SKILLS).await;
    let message = rig.get(RULES).await.refused(500, "contract.violation");
    assert!(message.contains("/name must be a text, got 5"), "{message}");
    assert!(rig.sandbox.violations()[0].in_answer);
    assert_ne!(rig.target_rule(), (id, text));
}

#[tokio::test]
async fn nothing_is_checked_where_that_is_switched_off() {
    let rig = Rig::with(|options| options.check_contract = false).await;
    assert_eq!(rig.get(&format!("{SKILLS}?size=5")).await.status, 200);
    assert_eq!(rig.sandbox.violations(), []);
}
