use std::time::Duration;

use serde_json::json;

use crate::rig::{RULES, Rig, SKILLS, SUMMARY, send};

#[tokio::test]
async fn the_list_names_every_route_and_needs_no_sign_in() {
    let rig = Rig::start().await;
    let list = send(rig.http().get(&rig.sandbox.connection().control_url))
        .await
        .unwrap()
        .json();
    let list = list.as_array().unwrap();
    assert!(list.len() >= 15);
    for entry in list {
        let (method, path) = entry["route"].as_str().unwrap().split_once(' ').unwrap();
        let seen = rig.call(method, path, "no JSON").await;
        assert!(
            seen.status == 200 || seen.status == 400,
            "{method} {path}: {seen:?}"
        );
        assert!(!entry["about"].as_str().unwrap().contains('\n'));
    }
    assert_eq!(rig.get("/sandbox/nothing").await.status, 404);
    assert_eq!(rig.call("DELETE", "/sandbox/clock", "").await.status, 405);
}

#[tokio::test]
async fn the_connection_is_all_a_client_needs() {
    let rig = Rig::start().await;
    let connection = rig.sandbox.connection();
    let served = rig.get("/sandbox/connection").await;
    assert_eq!(served.text, serde_json::to_string(connection).unwrap());
    assert_eq!(connection.base_url, format!("http://{}", connection.host));
    assert_eq!(
        connection.control_url,
        format!("{}/sandbox", connection.base_url)
    );
    assert_eq!(served.json()["ca_file"], json!(null));
    assert!(connection.wrapup_to_skill.len() >= 3);
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let rig = Rig::start().await;
    let clock =
        async |body: serde_json::Value| rig.call("POST", "/sandbox/clock", &body.to_string()).await;
    assert_eq!(
        rig.get("/sandbox/clock").await.json(),
        json!({"now": "2026-03-30T09:30:15Z", "speed": 0.0})
    );
    assert_eq!(
        clock(json!({"advance_seconds": 45})).await.json()["now"],
        "2026-03-30T09:31:00Z"
    );
    assert_eq!(
        clock(json!({"advance_days": 2})).await.json()["now"],
        "2026-04-01T09:31:00Z"
    );
    assert_eq!(
        clock(json!({"to": "2026-04-01T10:00:00.5Z"})).await.json()["now"],
        "2026-04-01T10:00:00.5Z"
    );
    rig.clock.advance(Duration::from_secs(100));
    let running = clock(json!({"speed": 60, "advance_seconds": 1}))
        .await
        .json();
    assert_eq!(
        running,
        json!({"now": "2026-04-01T10:00:01.5Z", "speed": 60.0})
    );
    rig.clock.advance(Duration::from_secs(2));
    assert_eq!(rig.sandbox.now().to_string(), "2026-04-01T10:02:01.5Z");
    for (body, part) in [
        (json!({"to": "2026-04-01T10:00:00Z"}), "cannot go back"),
        (
            json!({"advance_seconds": -1}),
            "cannot go back to 2026-04-01T10:02:00.5Z",
        ),
        (json!({"advance_days": -1}), "cannot go back"),
        (json!({"advance_days": 401}), "at most 400 days"),
        (json!({"to": "9999-01-01T00:00:00Z"}), "at most 400 days"),
        (json!({"speed": -1}), "between 0 and 86400"),
        (json!({"speed": 1e9}), "between 0 and 86400"),
        (json!({"advance_days": 1, "advance_seconds": 1}), "only one"),
        (json!({}), "say advance_seconds"),
        (json!({"days": 1}), "unknown field"),
    ] {
        let seen = clock(body.clone()).await;
        assert!(
            seen.status == 400 && seen.text.contains(part),
            "{seen:?} for {body}"
        );
    }
    assert_eq!(rig.sandbox.now().to_string(), "2026-04-01T10:02:01.5Z");
}

#[tokio::test]
async fn requests_are_recorded_without_secrets() {
    // `token` in a query is no operation's, and what is no operation's is refused where that is checked.
    let rig = Rig::with(|options| options.check_contract = false).await;
    rig.sandbox.clear_requests();
    let (id, text) = rig.target_rule();
    let path = format!("{RULES}/{id}");
    rig.sign_in().await;
    rig.get(&format!("{SKILLS}?pageSize=2&token=hidden")).await;
    rig.summary(&rig.query(1)).await;
    rig.get("/sandbox/clock").await;
    assert_eq!(rig.sandbox.writes(), 0);
    rig.call("PUT", &path, &text).await;
    rig.call("PUT", &path, "{}").await;
    rig.call("DELETE", SKILLS, "").await;
    rig.call("POST", "/elsewhere", "").await;
    let seen = rig.get("/sandbox/requests").await;
    let rows: Vec<_> = rig
        .sandbox
        .requests()
        .into_iter()
        .map(|r| (r.method, r.path, r.query, r.status, r.write))
        .collect();
    let row = |method: &str, path: &str, query: &str, status, write| {
        (
            method.to_owned(),
            path.to_owned(),
            query.to_owned(),
            Some(status),
            write,
        )
    };
    assert_eq!(
        rows,
        [
            row("POST", "/oauth/token", "", 200, false),
            row("GET", SKILLS, "pageSize=2&token=****", 200, false),
            row("POST", SUMMARY, "", 200, false),
            row("PUT", &path, "", 200, true),
            row("PUT", &path, "", 400, true),
            row("DELETE", SKILLS, "", 405, true),
            row("POST", "/elsewhere", "", 404, true),
        ]
    );
    assert_eq!(seen.json()["writes"], 4);
    assert_eq!(seen.json()["requests"][3]["body_bytes"], text.len());
    assert_eq!(seen.json()["requests"][0]["at"], "2026-03-30T09:30:15Z");
    assert!(
        !seen.text.contains("hidden")
            && !seen.text.contains(&rig.sandbox.connection().client_secret)
    );
    rig.call("DELETE", "/sandbox/requests", "").await;
    assert_eq!(
        rig.get("/sandbox/requests").await.json(),
        json!({"writes": 0, "requests": []})
    );
}

#[tokio::test]
async fn odd_tenants_can_be_made() {
    let rig = Rig::start().await;
    let put = async |path: &str, body: &str| rig.call("PUT", path, body).await.status;
    assert_eq!(put("/sandbox/rules", r#"[ {"id":1,"id":2} ]"#).await, 200);
    assert!(rig.get(RULES).await.text.contains(r#"[{"id":1,"id":2}]"#));
    assert_eq!(rig.get("/sandbox/rules").await.text, r#"[{"id":1,"id":2}]"#);
    assert_eq!(put("/sandbox/skills", r#"[{"name":"no id"}]"#).await, 200);
    assert!(rig.get(SKILLS).await.text.contains(r#"[{"name":"no id"}]"#));
    assert_eq!(put("/sandbox/rules", "[7]").await, 400);
    assert_eq!(put("/sandbox/skills", "{}").await, 400);

    let groups: Vec<_> = (0..250)
        .map(|n| json!({"wrapupCodeId": format!("c{n}"), "conversationCount": n}))
        .collect();
    assert_eq!(
        put("/sandbox/summary", &json!(groups).to_string()).await,
        200
    );
    let page = rig.summary(&rig.query(1)).await.json();
    assert_eq!(
        (
            page["entities"].as_array().unwrap().len(),
            &page["entities"][99]["wrapupCodeId"]
        ),
        (100, &json!("c99"))
    );
    assert!(page["nextPageToken"].is_string());
    assert_eq!(put("/sandbox/summary", r#"[1.10,"odd",null]"#).await, 200);
    assert_eq!(
        rig.summary(&rig.query(1)).await.text,
        r#"{"entities":[1.10,"odd",null]}"#
    );
    assert_eq!(put("/sandbox/summary", "null").await, 200);
    assert!(rig.summary(&rig.query(3)).await.json()["entities"][0]["avgWaitTime"].is_f64());

    assert_eq!(
        put("/sandbox/scopes", r#"["routing:rule:read"]"#).await,
        200
    );
    assert_eq!(rig.get(SKILLS).await.status, 200, "by its permission");
    assert_eq!(put("/sandbox/permissions", "[]").await, 200);
    rig.get(SKILLS).await.refused(403, "missing.permissions");
    assert_eq!(put("/sandbox/permissions", r#"["routing"]"#).await, 400);
    assert_eq!(put("/sandbox/scopes", r#"["routing"]"#).await, 400);
    assert_eq!(
        rig.call("POST", "/sandbox/tokens", r#"{"expires_in": 60}"#)
            .await
            .status,
        200
    );
    assert_eq!(rig.sign_in().await.json()["expires_in"], 60);
    assert_eq!(
        rig.call("POST", "/sandbox/tokens/expire", "").await.status,
        200
    );
    rig.get(RULES).await.refused(401, "credentials.expired");
}

#[tokio::test]
async fn a_reset_makes_everything_as_at_the_start() {
    let rig = Rig::start().await;
    let start = (
        rig.get(SKILLS).await,
        rig.get(RULES).await,
        rig.summary(&rig.query(4)).await,
    );
    let rules = rig.sandbox.rules();
    rig.call(
        "POST",
        "/sandbox/faults",
        r#"{"route":"*","times":1,"fault":{"status":503}}"#,
    )
    .await;
    rig.call("PUT", "/sandbox/rules", "[]").await;
    rig.call("PUT", "/sandbox/skills", "[]").await;
    rig.call("PUT", "/sandbox/summary", "[]").await;
    rig.call("PUT", "/sandbox/scopes", "[]").await;
    rig.call(
        "POST",
        "/sandbox/clock",
        r#"{"advance_days": 1, "speed": 3}"#,
    )
    .await;
    assert_eq!(rig.call("POST", "/sandbox/reset", "").await.status, 200);
    assert_eq!(rig.sandbox.rules(), rules);
    assert_eq!(rig.sandbox.requests(), []);
    assert_eq!(
        rig.get("/sandbox/clock").await.json(),
        json!({"now": "2026-03-30T09:30:15Z", "speed": 0.0})
    );
    rig.get(SKILLS).await.refused(401, "bad.credentials");
    let again = Rig::start().await;
    rig.call("POST", "/sandbox/reset", "").await;
    rig.sign_in().await;
    let after = (
        rig.get(SKILLS).await,
        rig.get(RULES).await,
        rig.summary(&rig.query(4)).await,
    );
    assert_eq!(after, start);
    drop(again);
}

#[tokio::test]
async fn the_truth_about_waits_adds_up() {
    let rig = Rig::start().await;
    rig.sandbox.advance(Duration::from_secs(86_400));
    let waits = rig
        .get("/sandbox/waits?from=2026-03-27T09%3A30%3A15Z")
        .await
        .json();
    assert_eq!(
        (waits["from"].as_str(), waits["to"].as_str()),
        (Some("2026-03-27T09:30:15Z"), Some("2026-03-31T09:30:15Z"))
    );
    let (mut offered, mut abandoned) = (0, 0);
    for skill in waits["skills"].as_array().unwrap() {
        let days = skill["days"].as_array().unwrap();
        assert_eq!(days.len(), 4);
        for key in [
            "offered",
            "answered",
            "abandoned",
            "answered_wait_ms",
            "wait_ms",
        ] {
            let sum: u64 = days.iter().map(|day| day[key].as_u64().unwrap()).sum();
            assert_eq!(skill["total"][key], sum, "{key}");
        }
        let total = &skill["total"];
        let ended = total["answered"].as_u64().unwrap() + total["abandoned"].as_u64().unwrap();
        // A few leave for voicemail.
        assert!((ended..ended + ended / 20).contains(&total["offered"].as_u64().unwrap()));
        offered += total["offered"].as_u64().unwrap();
        abandoned += total["abandoned"].as_u64().unwrap();
    }
    rig.sign_in().await;
    let groups = rig.summary(&rig.query(4)).await.json();
    let counted: u64 = groups["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["conversationCount"].as_u64().unwrap())
        .sum();
    assert_eq!(offered, counted);
    let uncoded = groups["entities"].as_array().unwrap().last().unwrap();
    assert!(uncoded["conversationCount"].as_u64().unwrap() > abandoned);
    for query in [
        "from=2026-04-01T00:00:00Z",
        "from=today",
        "from=1900-01-01T00:00:00Z",
    ] {
        assert_eq!(
            rig.get(&format!("/sandbox/waits?{query}")).await.status,
            400,
            "{query}"
        );
    }
}
