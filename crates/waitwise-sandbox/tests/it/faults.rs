use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use waitwise_sandbox::{Fault, FaultRule};

use crate::rig::{RULES, Rig, SKILLS, send};

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        headers: BTreeMap::new(),
        body: None,
    }
}

#[tokio::test]
async fn a_status_comes_as_often_as_told_with_what_it_brings() {
    let rig = Rig::start().await;
    let headers = BTreeMap::from([
        ("Retry-After".to_owned(), "7".to_owned()),
        ("Content-Type".to_owned(), "text/html".to_owned()),
    ]);
    let fault = Fault::Status {
        status: 503,
        headers,
        body: Some("<b>busy</b>".to_owned()),
    };
    rig.sandbox
        .add_fault(FaultRule {
            after: 1,
            ..FaultRule::times("skills", 2, fault)
        })
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 200);
    for _ in 0..2 {
        let seen = rig.get(SKILLS).await;
        assert_eq!(
            (seen.status, seen.header("retry-after"), seen.text.as_str()),
            (503, "7", "<b>busy</b>")
        );
        assert_eq!(seen.header("content-type"), "text/html");
        assert!(!seen.header("inin-correlation-id").is_empty());
    }
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.sandbox
        .add_fault(FaultRule::always("GET /api/v2/routing/rules", status(500)))
        .unwrap();
    rig.get(RULES).await.refused(500, "internal.server.error");
    assert_eq!(
        rig.get(SKILLS).await.status,
        200,
        "other routes are left alone"
    );
    rig.sandbox.clear_faults();
    assert_eq!(rig.get(RULES).await.status, 200);
}

#[tokio::test]
async fn a_rate_strikes_its_share_the_same_way_each_time() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let rig = Rig::start().await;
        rig.sandbox
            .add_fault(FaultRule {
                rate: Some(0.5),
                seed: 9,
                ..FaultRule::always("*", status(502))
            })
            .unwrap();
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(rig.get(SKILLS).await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let struck = runs[0].iter().filter(|status| **status == 502).count();
    assert!((8..=32).contains(&struck), "{struck} of 40");
}

#[tokio::test]
async fn a_reset_cuts_before_or_after_the_work() {
    let rig = Rig::start().await;
    let (id, text) = rig.target_rule();
    let path = format!("{RULES}/{id}");
    for (fault, done) in [(Fault::ResetBefore, false), (Fault::ResetAfter, true)] {
        let before = rig.sandbox.rules();
        rig.sandbox
            .add_fault(FaultRule::times("put_rule", 1, fault))
            .unwrap();
        let error = rig.try_call("PUT", &path, &text).await.unwrap_err();
        assert!(reset_by_peer(&error), "{error:?}");
        assert_eq!(rig.sandbox.rules() != before, done);
        assert_eq!(
            rig.sandbox
                .requests()
                .last()
                .map(|request| (request.status, request.write)),
            Some((None, true))
        );
    }
    assert_eq!(rig.call("PUT", &path, &text).await.status, 200);
}

fn reset_by_peer(error: &(dyn std::error::Error + 'static)) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset)
        || error.source().is_some_and(reset_by_peer)
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let rig = Rig::start().await;
    let whole = rig.get(SKILLS).await.text.len();
    for bytes in [0, 10, whole - 1] {
        rig.sandbox
            .add_fault(FaultRule::times("skills", 1, Fault::Truncate(bytes)))
            .unwrap();
        let mut response = rig.request("GET", SKILLS, "").send().await.unwrap();
        assert_eq!(response.content_length(), Some(whole as u64));
        let mut read = 0;
        let error = loop {
            match response.chunk().await {
                Ok(chunk) => read += chunk.expect("an error comes before the end").len(),
                Err(error) => break error,
            }
        };
        assert_eq!(read, bytes, "{error:?}");
    }
    rig.sandbox
        .add_fault(FaultRule::times("skills", 1, Fault::Truncate(whole)))
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 200, "nothing is left to cut");
}

#[tokio::test]
async fn a_repeated_page_token_never_ends() {
    let rig = Rig::start().await;
    rig.sandbox
        .add_fault(FaultRule::always("summary", Fault::RepeatPageToken))
        .unwrap();
    let mut query = rig.query(3);
    query["pageSize"] = json!(2);
    let first = rig.summary(&query).await.json();
    query["nextPageToken"] = first["nextPageToken"].clone();
    let second = rig.summary(&query).await.json();
    assert!(first["nextPageToken"].is_string());
    assert_eq!(second["nextPageToken"], first["nextPageToken"]);
    assert_ne!(second["entities"], first["entities"]);
}

#[tokio::test]
async fn tokens_can_end_just_before_a_request() {
    let rig = Rig::start().await;
    rig.sandbox
        .add_fault(FaultRule {
            after: 1,
            ..FaultRule::times("skills", 1, Fault::ExpireTokens)
        })
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.get(SKILLS).await.refused(401, "credentials.expired");
    rig.sign_in().await;
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn work_can_be_done_and_denied() {
    let rig = Rig::start().await;
    let (id, text) = rig.target_rule();
    let before = rig.sandbox.rules();
    rig.sandbox
        .add_fault(FaultRule::times("put_rule", 1, Fault::StatusAfter(503)))
        .unwrap();
    rig.call("PUT", &format!("{RULES}/{id}"), &text)
        .await
        .refused(503, "service.unavailable");
    assert_ne!(rig.sandbox.rules(), before);
}

#[tokio::test]
async fn a_late_answer_outlasts_a_real_time_out() {
    let rig = Rig::start().await;
    rig.sandbox
        .add_fault(FaultRule::times("skills", 1, Fault::Latency(3_600_000)))
        .unwrap();
    let error = send(
        rig.request("GET", SKILLS, "")
            .timeout(Duration::from_millis(50)),
    )
    .await
    .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    rig.sandbox
        .add_fault(FaultRule::times("skills", 1, Fault::Latency(1)))
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn the_first_fault_that_strikes_is_the_only_one() {
    let rig = Rig::start().await;
    rig.sandbox
        .add_fault(FaultRule::times("*", 1, status(500)))
        .unwrap();
    rig.sandbox
        .add_fault(FaultRule::times("skills", 1, status(503)))
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 500);
    assert_eq!(rig.get(SKILLS).await.status, 503);
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn a_refused_request_over_the_rate_limit_meets_no_fault() {
    let rig = Rig::with(|options| options.requests_per_minute = 1).await;
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.sandbox
        .add_fault(FaultRule::times("skills", 1, status(503)))
        .unwrap();
    assert_eq!(rig.get(SKILLS).await.status, 429);
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.get(SKILLS).await.status, 503);
}

#[tokio::test]
async fn faults_that_cannot_be_are_refused() {
    let rig = Rig::start().await;
    let post = async |body: serde_json::Value| {
        let seen = rig.call("POST", "/sandbox/faults", &body.to_string()).await;
        (
            seen.status,
            seen.json()["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    for (body, part) in [
        (
            json!({"route": "nowhere", "fault": {"status": 503}}),
            "no route `nowhere`",
        ),
        (
            json!({"route": "*", "rate": 1.5, "fault": {"status": 503}}),
            "rate lies in 0..=1",
        ),
        (
            json!({"route": "*", "fault": {"status": 99}}),
            "99 is no HTTP status",
        ),
        (json!({"route": "*", "fault": {}}), "exactly one of"),
        (
            json!({"route": "*", "fault": {"status": 503, "truncate": 3}}),
            "exactly one of",
        ),
        (
            json!({"route": "*", "fault": {"expire_tokens": false}}),
            "exactly one of",
        ),
        (
            json!({"route": "*", "fault": {"truncate": 3, "body": ""}}),
            "only `status` takes",
        ),
        (
            json!({"route": "*", "fault": {"status": 503, "headers": {"a b": "c"}}}),
            "`a b` cannot be a header",
        ),
        (
            json!({"route": "*", "fault": {"reset": "now"}}),
            "unknown variant",
        ),
        (
            json!({"route": "*", "fault": {"explode": 1}}),
            "unknown field",
        ),
        (json!({"route": "*"}), "missing field `fault`"),
    ] {
        let (status, message) = post(body.clone()).await;
        assert!(
            status == 400 && message.contains(part),
            "{status} {message} for {body}"
        );
    }
    assert_eq!(rig.get("/sandbox/faults").await.json(), json!([]));
}
