use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waitwise_sandbox::centre::Outcome;
use waitwise_sandbox::tenant::{Tenant, TenantSpec};

use crate::rig::Rig;

/// The tenant that `Rig::start` serves, to count by hand.
fn tenant(rig: &Rig) -> Tenant {
    let now = rig.sandbox.now().as_millisecond();
    Tenant::generate(&TenantSpec {
        history_days: 4,
        ..TenantSpec::new(3, now)
    })
}

fn entities(seen: &crate::rig::Seen) -> Vec<Value> {
    assert_eq!(seen.status, 200, "{seen:?}");
    seen.json()["entities"].as_array().unwrap().clone()
}

#[tokio::test]
async fn groups_are_the_centres_conversations_by_code() {
    let rig = Rig::start().await;
    let tenant = tenant(&rig);
    let groups = entities(&rig.summary(&rig.query(3)).await);
    let from = (rig.sandbox.now() - SignedDuration::from_hours(72)).as_millisecond();
    let within: Vec<_> = tenant
        .centre
        .conversations()
        .iter()
        .filter(|conversation| conversation.start >= from)
        .collect();
    assert!(within.len() > 500 && within.len() < tenant.centre.conversations().len());
    let ids: Vec<_> = groups
        .iter()
        .map(|group| group["wrapupCodeId"].as_str())
        .collect();
    assert!(
        ids.split_last().unwrap().1.is_sorted() && ids.last() == Some(&None),
        "{ids:?}"
    );
    for group in &groups {
        let code = group["wrapupCodeId"]
            .as_str()
            .map(|id| tenant.codes.iter().position(|code| code.id == id).unwrap());
        let waits: Vec<_> = within
            .iter()
            .filter(|c| c.code.map(usize::from) == code)
            .map(|c| f64::from(c.wait_ms))
            .collect();
        assert_eq!(group["conversationCount"], waits.len());
        let mean = waits.iter().sum::<f64>() / waits.len() as f64 / 1000.0;
        assert_eq!(
            group["avgWaitTime"].as_f64().unwrap().to_bits(),
            mean.to_bits()
        );
    }
    let counted: u64 = groups
        .iter()
        .map(|group| group["conversationCount"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, within.len() as u64);
    let uncoded = within.iter().filter(|c| c.code.is_none()).count();
    assert_eq!(groups.last().unwrap()["conversationCount"], uncoded);
    let abandoned = within
        .iter()
        .filter(|c| c.outcome == Outcome::Abandoned)
        .count();
    assert!(abandoned > 0 && abandoned < uncoded);
}

#[tokio::test]
async fn the_range_is_half_open_on_the_start() {
    let rig = Rig::start().await;
    let tenant = tenant(&rig);
    let start = tenant.centre.conversations()[100].start;
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
    let here = tenant
        .centre
        .conversations()
        .iter()
        .filter(|c| c.start == start)
        .count() as u64;
    let nanos = SignedDuration::from_nanos(1);
    for (from, to, expected) in [
        (at(start), at(start + 1), here),
        (at(start - 1), at(start), 0),
        (at(start) + nanos, at(start + 1), 0),
        (at(start), at(start) + nanos, here),
    ] {
        let mut query = rig.query(1);
        query["filter"]["clauses"][1]["from"] = json!(from.to_string());
        query["filter"]["clauses"][1]["to"] = json!(to.to_string());
        let others = tenant
            .centre
            .conversations()
            .iter()
            .filter(|c| c.start == start - 1)
            .count() as u64;
        let expected = if to == at(start) { others } else { expected };
        let counted: u64 = entities(&rig.summary(&query).await)
            .iter()
            .map(|group| group["conversationCount"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, expected, "{from} to {to}");
    }
}

#[tokio::test]
async fn only_the_metrics_asked_for_are_given() {
    let rig = Rig::start().await;
    for (metrics, present, absent) in [
        (["conversationCount"], "conversationCount", "avgWaitTime"),
        (["avgWaitTime"], "avgWaitTime", "conversationCount"),
    ] {
        let mut query = rig.query(3);
        query["metrics"] = json!(metrics);
        for group in entities(&rig.summary(&query).await) {
            assert!(
                group[present].is_number() && group[absent].is_null(),
                "{group}"
            );
        }
    }
}

#[tokio::test]
async fn pages_hold_every_group_once_and_tokens_belong_to_their_query() {
    let rig = Rig::start().await;
    let whole = entities(&rig.summary(&rig.query(3)).await);
    let mut query = rig.query(3);
    query["pageSize"] = json!(2);
    let mut paged = Vec::new();
    loop {
        let seen = rig.summary(&query).await;
        assert!(entities(&seen).len() <= 2);
        paged.extend(entities(&seen));
        match seen.json().get("nextPageToken") {
            Some(token) => query["nextPageToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(paged, whole);

    query.as_object_mut().unwrap().remove("nextPageToken");
    let token = rig.summary(&query).await.json()["nextPageToken"].clone();
    for mut other in [rig.query(2), rig.query(3)] {
        other["nextPageToken"] = token.clone();
        rig.summary(&other).await.refused_field("/nextPageToken");
    }
    query["nextPageToken"] = json!("odd");
    rig.summary(&query).await.refused_field("/nextPageToken");
}

#[tokio::test]
async fn another_queue_and_an_empty_day_have_no_groups() {
    let rig = Rig::start().await;
    let mut query = rig.query(3);
    query["filter"]["clauses"][0]["value"] = json!("elsewhere");
    assert_eq!(rig.summary(&query).await.json(), json!({"entities": []}));
    let mut query = rig.query(3);
    query["filter"]["clauses"][1]["to"] = json!("1999-01-01T00:00:00Z");
    query["filter"]["clauses"][1]["from"] = json!("1998-01-01T00:00:00Z");
    assert_eq!(rig.summary(&query).await.json(), json!({"entities": []}));
}

#[tokio::test]
async fn history_goes_on_as_time_passes() {
    let rig = Rig::start().await;
    let count = async || -> u64 {
        rig.sign_in().await;
        let groups = entities(&rig.summary(&rig.query(30)).await);
        groups
            .iter()
            .map(|group| group["conversationCount"].as_u64().unwrap())
            .sum()
    };
    let before = count().await;
    rig.sandbox.advance(Duration::from_secs(4 * 86_400));
    assert!(count().await > before + 500);
}

#[tokio::test]
async fn each_member_that_cannot_be_is_named() {
    let rig = Rig::start().await;
    let with = |pointer: &str, value: Value| {
        let mut query = rig.query(1);
        *query.pointer_mut(pointer).unwrap() = value;
        query
    };
    let clauses = rig.query(1)["filter"]["clauses"].clone();
    for (query, field) in [
        (with("/view", json!("calls")), "/view"),
        (with("/groupBy", json!(["queueId"])), "/groupBy"),
        (with("/groupBy", json!("wrapupCodeId")), "/groupBy"),
        (with("/metrics", json!([])), "/metrics"),
        (
            with("/metrics", json!(["conversationCount", "tWait"])),
            "/metrics",
        ),
        (with("/filter", json!(null)), "/filter/type"),
        (with("/filter/type", json!("or")), "/filter/type"),
        (with("/filter/clauses", json!({})), "/filter/clauses"),
        (
            with("/filter/clauses", json!([clauses[0]])),
            "/filter/clauses",
        ),
        (
            with("/filter/clauses", json!([clauses[1]])),
            "/filter/clauses",
        ),
        (
            with(
                "/filter/clauses",
                json!([clauses[0], clauses[1], clauses[1]]),
            ),
            "/filter/clauses/2/type",
        ),
        (
            with("/filter/clauses/0/dimension", json!("userId")),
            "/filter/clauses/0/dimension",
        ),
        (
            with("/filter/clauses/0/value", json!(7)),
            "/filter/clauses/0/value",
        ),
        (
            with("/filter/clauses/1/dimension", json!("date")),
            "/filter/clauses/1/dimension",
        ),
        (
            with("/filter/clauses/1/from", json!("yesterday")),
            "/filter/clauses/1/from",
        ),
        (
            with("/filter/clauses/1/to", clauses[1]["from"].clone()),
            "/filter/clauses/1/from",
        ),
        (
            with("/filter/clauses/1/to", json!(null)),
            "/filter/clauses/1/to",
        ),
        (with("/pageSize", json!(0)), "/pageSize"),
        (with("/pageSize", json!(501)), "/pageSize"),
        (with("/pageSize", json!("100")), "/pageSize"),
    ] {
        rig.summary(&query).await.refused_field(field);
    }
    rig.call("POST", crate::rig::SUMMARY, "{")
        .await
        .refused(400, "bad.request");
    rig.call("POST", crate::rig::SUMMARY, "[]")
        .await
        .refused(400, "bad.request");
}
