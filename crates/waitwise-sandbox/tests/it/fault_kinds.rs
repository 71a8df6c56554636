//! What each kind of fault does, over the control route where it has a shape of its own there.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use waitwise_sandbox::{Fault, FaultRule, When};

use crate::rig::{RULES, Rig, SKILLS};

/// Long enough for a busy machine; whatever takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(60);

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, work).await.unwrap()
}

impl Rig {
    /// Switches a fault on over the control route, and checks that it is shown as it was given.
    async fn switch_on(&self, route: &str, more: Value, fault: Value) {
        let mut rule = json!({"route": route, "fault": fault});
        rule.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let seen = self
            .call("POST", "/sandbox/faults", &rule.to_string())
            .await;
        assert_eq!(seen.status, 200, "{seen:?}");
        let shown = self.get("/sandbox/faults").await.json();
        let last = shown.as_array().unwrap().last().unwrap();
        assert_eq!(last["fault"], rule["fault"]);
    }

    /// The rule of the tenant's queue as the list shows it.
    async fn listed(&self) -> Value {
        let rules = self.get(RULES).await.json();
        let queue = self.sandbox.connection().queue_id.as_str();
        let mut rules = rules["entities"].as_array().unwrap().iter();
        rules.find(|rule| rule["queueId"] == queue).unwrap().clone()
    }

    async fn put(&self, text: &str) -> u16 {
        let (id, _) = self.target_rule();
        let path = format!("{RULES}/{id}");
        self.call("PUT", &path, text).await.status
    }
}

fn once() -> Value {
    json!({"times": 1})
}

#[tokio::test]
async fn a_429_says_anything_about_when_to_come_back() {
    let rig = Rig::start().await;
    for (retry_after, expected) in [
        (json!("absent"), None),
        (json!({"text": "7"}), Some("7")),
        (json!({"text": "-7"}), Some("-7")),
        (json!({"text": "soon"}), Some("soon")),
        (
            json!({"date_in": 90}),
            Some("Mon, 30 Mar 2026 09:31:45 GMT"),
        ),
        (
            json!({"date_in": -90}),
            Some("Mon, 30 Mar 2026 09:28:45 GMT"),
        ),
    ] {
        rig.switch_on("skills", once(), json!({"too_many": retry_after}))
            .await;
        let seen = rig.get(SKILLS).await;
        let shown = seen.headers.get("retry-after").map(String::as_str);
        assert_eq!((seen.status, shown), (429, expected));
        let recorded = rig.sandbox.requests().pop().unwrap();
        assert_eq!(recorded.retry_after.as_deref(), expected);
        assert_eq!(recorded.service_at.to_string(), "2026-03-30T09:30:15.25Z");
    }
}

#[tokio::test]
async fn an_answer_can_be_something_else_than_json_though_the_work_is_done() {
    let rig = Rig::start().await;
    let (_, text) = rig.target_rule();
    let before = rig.sandbox.rules();
    rig.switch_on("put_rule", once(), json!({"body_after": "<html>"}))
        .await;
    let (id, _) = rig.target_rule();
    let seen = rig.call("PUT", &format!("{RULES}/{id}"), &text).await;
    assert_eq!((seen.status, seen.text.as_str()), (200, "<html>"));
    assert_ne!(rig.sandbox.rules(), before);
}

#[tokio::test]
async fn a_reset_cuts_in_the_middle_of_the_body() {
    let rig = Rig::start().await;
    rig.switch_on("skills", once(), json!({"reset_in_body": 10}))
        .await;
    let mut response = rig.request("GET", SKILLS, "").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut read = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => read += chunk.expect("an error comes before the end").len(),
            Err(error) => break error,
        }
    };
    assert!(read <= 10, "{read}");
    assert!(
        format!("{error:?}").contains("ConnectionReset"),
        "{error:?}"
    );
}

#[tokio::test]
async fn pages_can_lead_back_or_never_end() {
    let rig = Rig::start().await;
    let page = "/api/v2/routing/skills?pageSize=2&pageNumber=";
    rig.switch_on("skills", json!({}), json!({"repeat_page_token": true}))
        .await;
    let seen = rig.get(&format!("{page}1")).await.json();
    assert_eq!(seen["nextUri"], seen["selfUri"]);
    rig.sandbox.clear_faults();
    for (further, n) in [("empty", 0), ("same", 2)] {
        rig.switch_on("*", json!({}), json!({"endless_pages": further}))
            .await;
        let mut query = rig.query(3);
        query["pageSize"] = json!(2);
        let mut tokens = Vec::new();
        for round in 0..3 {
            let listed = rig.get(&format!("{page}{}", round + 100)).await.json();
            assert_eq!(listed["entities"].as_array().unwrap().len(), n);
            let next = format!("pageNumber={}", round + 101);
            assert!(listed["nextUri"].as_str().unwrap().contains(&next));
            let seen = rig.summary(&query).await.json();
            let entities = seen["entities"].as_array().unwrap().len();
            assert_eq!(entities, if round == 0 { 2 } else { n }, "{seen}");
            query["nextPageToken"] = seen["nextPageToken"].clone();
            assert!(!tokens.contains(&seen["nextPageToken"]));
            tokens.push(seen["nextPageToken"].clone());
        }
        rig.sandbox.clear_faults();
    }
}

#[tokio::test]
async fn an_entity_can_come_twice_across_pages() {
    let rig = Rig::start().await;
    let page = |n| format!("/api/v2/routing/skills?pageSize=2&pageNumber={n}");
    let first = rig.get(&page(1)).await.json()["entities"][0].clone();
    rig.switch_on("*", json!({}), json!({"duplicate_entity": true}))
        .await;
    let second = rig.get(&page(2)).await.json();
    assert_eq!(second["entities"].as_array().unwrap().len(), 3);
    assert_eq!(second["entities"][2], first);
    let mut query = rig.query(3);
    query["pageSize"] = json!(2);
    let first = rig.summary(&query).await.json();
    assert_eq!(first["entities"][2], first["entities"][0]);
    query["nextPageToken"] = first["nextPageToken"].clone();
    let second = rig.summary(&query).await.json();
    let last = second["entities"].as_array().unwrap().last().unwrap();
    assert_eq!(last, &first["entities"][0]);
}

#[tokio::test]
async fn a_token_can_end_before_it_says() {
    let rig = Rig::start().await;
    rig.switch_on("token", once(), json!({"token_life_secs": 60}))
        .await;
    let issued = rig.sign_in().await.json();
    assert_eq!(issued["expires_in"], 86_399);
    rig.sandbox.advance(Duration::from_secs(59));
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.sandbox.advance(Duration::from_secs(1));
    rig.get(SKILLS).await.refused(401, "credentials.expired");
    rig.sign_in().await;
    rig.sandbox.advance(Duration::from_secs(60));
    assert_eq!(
        rig.get(SKILLS).await.status,
        200,
        "the next one says the truth"
    );
}

#[tokio::test]
async fn a_list_can_lag_behind_a_write() {
    let rig = Rig::start().await;
    let (_, text) = rig.target_rule();
    rig.switch_on("put_rule", once(), json!({"stale_rules": {"reads": 2}}))
        .await;
    let version = async || rig.listed().await["version"].as_u64().unwrap();
    let before = version().await;
    assert_eq!(rig.put(&text).await, 200);
    assert_eq!([version().await, version().await], [before, before]);
    assert_eq!(version().await, before + 1);
    rig.switch_on("put_rule", once(), json!({"stale_rules": {"seconds": 9}}))
        .await;
    assert_eq!(rig.put(&text).await, 200);
    rig.clock.advance(Duration::from_secs(8));
    assert_eq!(version().await, before + 1);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(version().await, before + 2);
}

#[tokio::test]
async fn somebody_else_writes_before_or_after_a_request() {
    let rig = Rig::start().await;
    let (_, text) = rig.target_rule();
    let skill = rig.listed().await["skills"][0]["id"].clone();
    let weight =
        |when| json!({"edit": {"when": when, "set": {"weight": {"skill": skill, "weight": 77}}}});
    let name = json!({"edit": {"when": "after", "set": {"member": {"name": "name", "value": "\"theirs\""}}}});
    let shown = async || {
        let rule = rig.listed().await;
        (rule["skills"][0]["weight"] == 77, rule["name"] == "theirs")
    };
    rig.switch_on("rules", once(), weight("before")).await;
    assert_eq!(shown().await, (true, false));
    assert_eq!(rig.put(&text).await, 200);
    rig.switch_on("rules", once(), weight("after")).await;
    assert_eq!(shown().await, (false, false));
    assert_eq!(shown().await, (true, false));
    rig.switch_on("put_rule", once(), weight("before")).await;
    assert_eq!(rig.put(&text).await, 200);
    assert_eq!(shown().await, (false, false), "their edit is overwritten");
    rig.switch_on("put_rule", once(), weight("after")).await;
    rig.switch_on("put_rule", once(), name).await;
    assert_eq!(rig.put(&text).await, 200);
    assert_eq!(shown().await, (true, true), "two edits at one moment");
    let bad = json!({"route": "*", "fault": {"edit": {"when": "after", "set": {"member": {"name": "a", "value": "{"}}}}});
    let seen = rig.call("POST", "/sandbox/faults", &bad.to_string()).await;
    assert!(seen.text.contains("`{` is not JSON"), "{seen:?}");
}

#[tokio::test]
async fn the_clock_jumps_at_a_request() {
    let rig = Rig::start().await;
    let before = rig.sandbox.now();
    rig.switch_on("skills", once(), json!({"clock_jump_secs": -3600}))
        .await;
    let seen = rig.get(SKILLS).await;
    assert_eq!(seen.header("date"), "Mon, 30 Mar 2026 08:30:15 GMT");
    assert_eq!(rig.sandbox.now().duration_since(before).as_secs(), -3600);
    rig.switch_on("skills", once(), json!({"clock_jump_secs": 100_000}))
        .await;
    rig.get(SKILLS).await.refused(401, "credentials.expired");
}

#[tokio::test]
async fn faults_beside_the_answer_come_together_with_one_that_makes_it() {
    let rig = Rig::start().await;
    rig.switch_on("skills", once(), json!({"clock_jump_secs": 60}))
        .await;
    rig.switch_on("skills", once(), json!({"status_after": 503}))
        .await;
    rig.switch_on("skills", once(), json!({"truncate": 3}))
        .await;
    rig.switch_on("skills", once(), json!({"latency_ms": 1}))
        .await;
    let seen = rig.get(SKILLS).await;
    assert_eq!(seen.status, 503);
    assert_eq!(seen.header("date"), "Mon, 30 Mar 2026 09:31:15 GMT");
    assert_eq!(rig.sandbox.struck(), [1, 1, 0, 1]);
    assert!(rig.try_call("GET", SKILLS, "").await.is_err());
    assert_eq!(rig.sandbox.struck(), [1, 1, 1, 1]);
}

#[tokio::test]
async fn a_request_is_held_until_it_is_released() {
    let rig = Rig::start().await;
    let (_, text) = rig.target_rule();
    for (when, done) in [("before", false), ("after", true)] {
        let before = rig.sandbox.rules();
        rig.switch_on("put_rule", once(), json!({"hold": when}))
            .await;
        let meanwhile = async {
            rig.sandbox.until_held(1).await;
            assert_eq!(rig.get("/sandbox/held").await.json(), json!({"held": 1}));
            assert_eq!(rig.sandbox.rules() != before, done);
            assert_eq!(rig.get(SKILLS).await.status, 200, "others go on");
            let held = rig
                .sandbox
                .requests()
                .into_iter()
                .find(|request| request.write);
            rig.call("POST", "/sandbox/release", "").await;
            held.unwrap().status
        };
        let (status, shown) = soon(async { tokio::join!(rig.put(&text), meanwhile) }).await;
        assert_eq!((status, shown), (200, done.then_some(200)));
        assert_ne!(rig.sandbox.rules(), before);
        assert_eq!(rig.sandbox.held(), 0);
        rig.sandbox.clear_requests();
    }
}

#[tokio::test]
async fn a_held_request_ends_with_its_connection() {
    let rig = Rig::start().await;
    let (id, text) = rig.target_rule();
    for (when, done) in [(When::Before, false), (When::After, true)] {
        let before = rig.sandbox.rules();
        rig.sandbox
            .add_fault(FaultRule::times("put_rule", 1, Fault::Hold(when)))
            .unwrap();
        let put = rig.request("PUT", &format!("{RULES}/{id}"), text.clone());
        soon(async {
            tokio::select! {
                answered = put.send() => panic!("{answered:?}"),
                () = rig.sandbox.until_held(1) => {}
            }
            rig.sandbox.until_held(0).await;
        })
        .await;
        rig.sandbox.release();
        assert_eq!(rig.get(SKILLS).await.status, 200);
        assert_eq!(rig.sandbox.rules() != before, done);
    }
}
