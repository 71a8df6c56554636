use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use waitwise_sandbox::{Sandbox, SandboxOptions, Trouble};

use crate::rig::{ManualClock, RULES, Rig, SKILLS, send};

const CALLS: &str = "date_received,queue_name,agent_number,answered,consult,transfer,hangup
2014-01-02 08:03:21,Sales,6935,2014-01-02 08:03:31,,,2014-01-02 08:05:54
2014-01-02 08:04:37,Help,,,,,2014-01-02 08:06:07
2014-01-02 08:06:26,Help,6968,2014-01-02 08:06:28,,,2014-01-02 08:07:00
";

#[tokio::test]
async fn call_records_are_served_as_history() {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(&file, CALLS).unwrap();
    let rig = Rig::with(|options| options.calls = Some(file.path().to_owned())).await;
    let map = &rig.sandbox.connection().wrapup_to_skill;
    let groups = rig.summary(&rig.query(30)).await.json();
    let told: Vec<_> = groups["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let skill = group["wrapupCodeId"].as_str().map(|code| map[code].clone());
            (
                skill,
                group["conversationCount"].clone(),
                group["avgWaitTime"].clone(),
            )
        })
        .collect();
    for expected in [
        (Some("sales".to_owned()), json!(1), json!(10.0)),
        (Some("help".to_owned()), json!(1), json!(2.0)),
        (None, json!(1), json!(90.0)),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
    let (id, text) = rig.target_rule();
    let put = rig.call("PUT", &format!("{RULES}/{id}"), &text).await;
    assert_eq!(put.status, 200, "{put:?}");
    rig.sandbox.advance(Duration::from_secs(60 * 86_400));
    rig.sign_in().await;
    let later = rig.summary(&rig.query(90)).await.json();
    assert_eq!(later, groups, "nobody calls any more");
}

#[tokio::test]
async fn a_speed_from_the_start_lets_tokens_end() {
    let rig = Rig::with(|options| options.speed = 86_400.0).await;
    rig.clock.advance(Duration::from_millis(999));
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.clock.advance(Duration::from_millis(1));
    rig.get(SKILLS).await.refused(401, "credentials.expired");
    assert_eq!(rig.sandbox.now().to_string(), "2026-03-31T09:30:15Z");
}

#[tokio::test]
async fn a_given_now_is_the_tenants() {
    let now = "2025-01-01T00:00:00.123Z".parse().unwrap();
    let rig = Rig::with(|options| options.now = Some(now)).await;
    assert_eq!(rig.sandbox.now(), now);
    rig.sandbox
        .advance_to("2025-01-02T00:00:00Z".parse().unwrap())
        .unwrap();
    let error = rig.sandbox.advance_to(now).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tenant's time is 2025-01-02T00:00:00Z: it cannot go back to 2025-01-01T00:00:00.123Z"
    );
    rig.sandbox.set_speed(f64::NAN).unwrap_err();
}

#[tokio::test]
async fn options_that_cannot_be_are_refused_by_name() {
    let refuse = async |change: fn(&mut SandboxOptions)| {
        let mut options = SandboxOptions::default();
        change(&mut options);
        let started = Sandbox::start(options, Arc::new(ManualClock::default())).await;
        let error = started.err().expect("a refusal");
        match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    };
    for (message, part) in [
        (
            refuse(|o| o.requests_per_minute = 0).await,
            "`requests_per_minute`: it is at least 1",
        ),
        (
            refuse(|o| o.history_days = 0).await,
            "`history_days`: it is at least 1",
        ),
        (refuse(|o| o.speed = -1.0).await, "between 0 and 86400"),
        (
            refuse(|o| o.now = "1969-01-01T00:00:00Z".parse().ok()).await,
            "`now`: its year",
        ),
        (
            refuse(|o| o.calls_mapping = Some("m.toml".into())).await,
            "`calls_mapping`: there are no call records",
        ),
        (
            refuse(|o| o.calls_a_day = Some(20_001)).await,
            "`calls_a_day`: a day has 300 to 20000 callers",
        ),
        (
            refuse(|o| {
                o.calls = Some("/nowhere.csv".into());
                o.calls_a_day = Some(1_000);
            })
            .await,
            "`calls_a_day`: call records say",
        ),
        (
            refuse(|o| {
                o.calls = Some("/nowhere.csv".into());
                o.troubles = Trouble::ALL.into_iter().collect();
            })
            .await,
            "`trouble`: call records say",
        ),
        (
            refuse(|o| o.calls = Some("/nowhere.csv".into())).await,
            "nowhere.csv",
        ),
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_given_one_is_used() {
    let rig = Rig::start().await;
    let port: u16 = rig
        .sandbox
        .connection()
        .host
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let options = SandboxOptions {
        port,
        history_days: 1,
        ..SandboxOptions::default()
    };
    let taken = Sandbox::start(options.clone(), rig.clock.clone()).await;
    let message = taken.err().expect("a refusal").to_string();
    assert_eq!(message, format!("cannot open port {port} of 127.0.0.1"));
    let clock = rig.clock.clone();
    let http = rig.http().clone();
    rig.sandbox.stop().await;
    let again = Sandbox::start(options, clock).await.unwrap();
    let url = format!("http://127.0.0.1:{port}/sandbox");
    assert_eq!(send(http.get(url)).await.unwrap().status, 200);
    again.stop().await;
}

#[tokio::test]
async fn a_million_groups_are_served_page_by_page() {
    let rig = Rig::with(|options| options.requests_per_minute = 10_000).await;
    let group = |n: u32| {
        serde_json::value::RawValue::from_string(format!(r#"{{"wrapupCodeId":"{n:07}"}}"#)).unwrap()
    };
    rig.sandbox
        .set_summary(Some((0..1_000_000).map(group).collect()));
    let mut query = rig.query(1);
    query["pageSize"] = json!(500);
    let mut pages = 0;
    let last = loop {
        let page = rig.summary(&query).await.json();
        pages += 1;
        let entities = page["entities"].as_array().unwrap();
        let last = entities.last().unwrap()["wrapupCodeId"]
            .as_str()
            .unwrap()
            .to_owned();
        query["nextPageToken"] = page["nextPageToken"].clone();
        if query["nextPageToken"].is_null() {
            break last;
        }
    };
    assert_eq!((pages, last.as_str()), (2_000, "0999999"));
}
