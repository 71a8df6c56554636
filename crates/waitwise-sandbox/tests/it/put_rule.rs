use std::time::Duration;

use serde_json::{Value, json};
use waitwise_wire::json::comparable;

use crate::rig::{RULES, Rig};

/// A rule that is written oddly, with one skill.
fn rule(skill: &str) -> String {
    format!(
        r#"{{ "id": "r1", "skills":[ {{"weight":5E1 , "id":"{skill}","x":1.10}} ],"queueId":"q", "big": 1234567890123456789012345, "n\u00e9":[{{}},null] }}"#
    )
}

/// A tenant with two rules of no consequence, and its first skill.
async fn rig() -> (Rig, String) {
    let rig = Rig::start().await;
    let skill = rig.get(crate::rig::SKILLS).await.json()["entities"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    rig.sandbox
        .set_rules(vec![r#"{"id":"r0"}"#.to_owned(), rule(&skill)])
        .unwrap();
    (rig, skill)
}

async fn put(rig: &Rig, body: &str) -> crate::rig::Seen {
    rig.call("PUT", &format!("{RULES}/r1"), body).await
}

#[tokio::test]
async fn the_sent_text_is_kept_token_for_token() {
    let (rig, skill) = rig().await;
    rig.sandbox.advance(Duration::from_millis(1_500));
    let seen = put(&rig, &rule(&skill)).await;
    assert_eq!(seen.status, 200, "{seen:?}");
    let added = r#","version":1,"dateModified":"2026-03-30T09:30:16.500Z" }"#;
    let expected = rule(&skill).strip_suffix(" }").unwrap().to_owned() + added;
    assert_eq!(seen.text, expected);
    assert_eq!(
        rig.sandbox.rules(),
        [r#"{"id":"r0"}"#.to_owned(), expected.clone()]
    );
    assert!(rig.get(RULES).await.text.contains(&expected));

    let again = expected
        .replace(r#""version":1"#, r#""version" : 77.5"#)
        .replace("5E1", "1.0");
    let stored = put(&rig, &again).await.text;
    assert_eq!(
        stored,
        again.replace("77.5", "2"),
        "the stored version counts, not the sent one"
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_place_and_nothing_is_stored() {
    let (rig, skill) = rig().await;
    rig.sandbox
        .set_skills(vec![
            format!(r#"{{"id":"{skill}","name":"A"}}"#),
            r#"{"id":"off","name":"B","state":"inactive"}"#.to_owned(),
            r#"{"id":"gone","name":"C","state":"deleted"}"#.to_owned(),
        ])
        .unwrap();
    let before = rig.sandbox.rules();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&rule(&skill)).unwrap();
        change(&mut value);
        value.to_string()
    };
    let push = |rule: &mut Value, entry| rule["skills"].as_array_mut().unwrap().push(entry);
    let weight = |token: &str| rule(&skill).replace("5E1", token);
    for (body, field) in [
        (with(&|rule| rule["id"] = json!("r2")), "/id"),
        (with(&|rule| rule["id"] = json!(null)), "/id"),
        (with(&|rule| rule["queueId"] = json!("p")), "/queueId"),
        (
            with(&|rule| drop(rule.as_object_mut().unwrap().remove("queueId"))),
            "/queueId",
        ),
        (with(&|rule| rule["skills"] = json!({})), "/skills"),
        (with(&|rule| push(rule, json!("a"))), "/skills/1"),
        (
            with(&|rule| push(rule, json!({"weight": 5}))),
            "/skills/1/id",
        ),
        (
            with(&|rule| rule["skills"][0]["id"] = json!(5)),
            "/skills/0/id",
        ),
        (
            with(&|rule| rule["skills"][0]["id"] = json!("unknown")),
            "/skills/0/id",
        ),
        (
            with(&|rule| rule["skills"][0]["id"] = json!("off")),
            "/skills/0/id",
        ),
        (
            with(&|rule| rule["skills"][0]["id"] = json!("gone")),
            "/skills/0/id",
        ),
        (weight("0"), "/skills/0/weight"),
        (weight("101"), "/skills/0/weight"),
        (weight("50.5"), "/skills/0/weight"),
        (weight("\"50\""), "/skills/0/weight"),
        (weight("null"), "/skills/0/weight"),
        (
            rule(&skill).replace("\"x\":", "\"i\\u0064\":"),
            "/skills/0/id",
        ),
        (rule(&skill).replace("\"big\":", "\"queueId\":"), "/queueId"),
    ] {
        put(&rig, &body).await.refused_field(field);
    }
    for body in ["", "[]", "{", "{\"id\":\"r1\"} x"] {
        put(&rig, body).await.refused(400, "bad.request");
    }
    let unknown = put(
        &rig,
        &with(&|rule| rule["skills"][0]["id"] = json!("unknown")),
    )
    .await
    .json();
    assert_eq!(unknown["message"], "skill `unknown` does not exist");
    rig.call("PUT", &format!("{RULES}/r2"), &rule(&skill))
        .await
        .refused(404, "not.found");
    assert_eq!(rig.sandbox.rules(), before);
}

#[tokio::test]
async fn a_rule_may_have_no_skills_at_all() {
    let (rig, _) = rig().await;
    for body in [
        r#"{"id":"r1","queueId":"q"}"#,
        r#"{"id":"r1","queueId":"q","skills":null}"#,
        r#"{"id":"r1","queueId":"q","skills":[]}"#,
    ] {
        assert_eq!(put(&rig, body).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn callers_feel_the_weights_from_the_write_on() {
    let (favoured, plain) = (Rig::start().await, Rig::start().await);
    let (id, text) = favoured.target_rule();
    let mut changed: Value = serde_json::from_str(&text).unwrap();
    for (idx, entry) in changed["skills"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        entry["weight"] = json!(if idx == 0 { 100 } else { 1 });
    }
    let skill = changed["skills"][0]["id"].as_str().unwrap().to_owned();
    let days = Duration::from_secs(7 * 86_400);
    let put = favoured
        .call("PUT", &format!("{RULES}/{id}"), &changed.to_string())
        .await;
    assert_eq!(put.status, 200, "{put:?}");
    let start = plain.sandbox.now();
    let mut means = Vec::new();
    for rig in [&favoured, &plain] {
        rig.sandbox.advance(days);
        let waits = rig.sandbox.waits(start, rig.sandbox.now()).unwrap();
        let total = waits
            .skills
            .into_iter()
            .find(|waits| waits.id == skill)
            .unwrap()
            .total;
        means.push((total.offered, total.wait_ms as f64 / total.offered as f64));
    }
    assert_eq!(means[0].0, means[1].0, "the very same callers");
    assert!(means[0].1 < means[1].1, "{means:?}");
}

#[tokio::test]
async fn the_same_weights_again_change_nothing() {
    let (written, plain) = (Rig::start().await, Rig::start().await);
    let (id, text) = written.target_rule();
    let stored = written.call("PUT", &format!("{RULES}/{id}"), &text).await;
    let except = ["version", "dateModified"];
    assert_eq!(
        comparable(&stored.text, &except).unwrap(),
        comparable(&text, &except).unwrap()
    );
    let start = plain.sandbox.now();
    for rig in [&written, &plain] {
        rig.sandbox.advance(Duration::from_secs(3 * 86_400));
    }
    let waits = |rig: &Rig| rig.sandbox.waits(start, rig.sandbox.now()).unwrap();
    assert_eq!(waits(&written), waits(&plain));
}
