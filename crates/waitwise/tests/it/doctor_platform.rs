//! What `doctor` finds at a host of the published platform: each trouble that can be planted, and only that.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::process::Command;
use waitwise_app::SystemClock;
use waitwise_app::model::Clock;
use waitwise_sandbox::{Api, Fault, FaultRule, SandboxOptions};
use waitwise_testkit::Rig;

use crate::bench::{Bench, Ended, ended};

/// What the checks came to, by name.
struct Found(BTreeMap<String, Value>);

/// A sound tenant whose history is pulled, with the flow's table.
async fn tenant() -> Bench {
    let bench = start(SandboxOptions {
        make_flow_table: true,
        ..SandboxOptions::default()
    })
    .await;
    ended(command(&bench, "history pull")).await.with(0);
    bench
}

/// A tenant that speaks the published platform's contract and tells the present time, and its true mapping.
pub(crate) async fn start(options: SandboxOptions) -> Bench {
    // The last day is a Sunday.
    start_with(6, options).await
}

/// The same with so many days of history at most.
pub(crate) async fn start_with(days: u16, options: SandboxOptions) -> Bench {
    let rig = Rig::with(SandboxOptions {
        api: Api::Platform,
        history_days: std::cmp::min(options.history_days, days),
        requests_per_minute: u32::MAX,
        ..options
    });
    let bench = Bench { rig: rig.await };
    let mapping = serde_json::to_string(&bench.rig.sandbox.connection().wrapup_to_skill);
    bench.file("map.json", &mapping.unwrap());
    let now = SystemClock::new().now();
    let ahead = now.duration_since(bench.rig.clock.now());
    bench.rig.clock.advance(ahead.unsigned_abs());
    bench
}

/// A command with all it needs to reach the tenant by the platform's contract.
pub(crate) fn command(bench: &Bench, line: &str) -> Command {
    let connection = bench.rig.sandbox.connection();
    let mut command = bench.command(line);
    command
        .env_remove("WAITWISE_HOST")
        .env_remove("WAITWISE_MAP_FILE")
        .env("WAITWISE_API_URL", &connection.api_url)
        .env("WAITWISE_LOGIN_URL", &connection.login_url)
        .env("WAITWISE_DAYS", "4");
    if line.starts_with("doctor") {
        command.env("WAITWISE_MAP_FILE", "map.json");
    }
    command
}

impl Found {
    /// Runs `doctor`, which must end with this exit code and say so, and must not write.
    async fn by(bench: &Bench, code: i32) -> Found {
        Found::of(
            bench,
            ended(command(bench, "doctor --output json")).await,
            code,
        )
    }

    #[track_caller]
    fn of(bench: &Bench, ended: Ended, code: i32) -> Found {
        let answer = ended.with(code).json();
        assert_eq!(bench.rig.sandbox.writes(), 0);
        let checks = answer["checks"].as_array().unwrap();
        let named = |check: &Value| (check["check"].as_str().unwrap().to_owned(), check.clone());
        Found(checks.iter().map(named).collect())
    }

    /// Checks that this one check is wrong or warns, says this, and what to do.
    #[track_caller]
    fn only(self, name: &str, status: &str, found: &str) -> Found {
        let is_trouble =
            |check: &&Value| matches!(check["status"].as_str(), Some("wrong" | "warning"));
        let troubles: Vec<_> = self.0.values().filter(is_trouble).collect();
        assert_eq!(troubles.len(), 1, "{troubles:#?}");
        let check = &self.0[name];
        assert_eq!(check["status"], status, "{check:#}");
        assert!(
            check["found"].as_str().unwrap().contains(found),
            "{check:#}"
        );
        assert!(!check["to_do"].as_array().unwrap().is_empty(), "{check:#}");
        self
    }
}

#[tokio::test]
async fn a_sound_tenant_is_well() {
    let bench = tenant().await;
    let found = Found::by(&bench, 0).await;
    let not_ok = found.0.values().filter(|check| check["status"] != "ok");
    let not_ok: Vec<_> = not_ok.map(|check| &check["check"]).collect();
    assert_eq!(not_ok, ["write"], "{:#?}", found.0);
}

#[tokio::test]
async fn a_client_of_another_region_and_a_bad_secret_are_told_apart() {
    let bench = tenant().await;
    let elsewhere = Bench::with(SandboxOptions {
        api: Api::Platform,
        seed: 2,
        ..SandboxOptions::default()
    })
    .await;
    let other = elsewhere.rig.sandbox.connection().clone();

    let mut doctor = command(&bench, "doctor --output json");
    doctor.env("WAITWISE_CLIENT_SECRET", "another");
    Found::of(&bench, ended(doctor).await, 5).only(
        "sign-in",
        "wrong",
        "the client secret is wrong",
    );

    // Both hosts are another region's.
    let mut doctor = command(&bench, "doctor --output json");
    doctor
        .env("WAITWISE_API_URL", &other.api_url)
        .env("WAITWISE_LOGIN_URL", &other.login_url);
    let found = Found::of(&bench, ended(doctor).await, 5);
    let found = found.only("sign-in", "wrong", "client not found");
    let to_do = found.0["sign-in"]["to_do"].to_string();
    assert!(to_do.contains("organisation's region?"), "{to_do}");

    // The token is of the right one.
    let mut doctor = command(&bench, "doctor --output json");
    doctor.env("WAITWISE_API_URL", &other.api_url);
    Found::of(&bench, ended(doctor).await, 5).only("api", "wrong", "401");

    let mut doctor = command(&bench, "doctor --output json");
    doctor.env("WAITWISE_LOGIN_URL", "https://login.nowhere.invalid");
    let found = Found::of(&bench, ended(doctor).await, 1);
    let found = found.only("name", "wrong", "login.nowhere.invalid");
    let to_do = found.0["name"]["to_do"].to_string();
    assert!(to_do.contains("organisation's region?"), "{to_do}");
}

#[tokio::test]
async fn each_missing_permission_is_named_with_the_commands_that_need_it() {
    let bench = tenant().await;
    let all = [
        ("routing:queue:view", "`init`, `plan` and `explain`"),
        ("routing:skill:view", "`apply`"),
        ("routing:wrapupCode:view", "`init`"),
        ("routing:predictor:view", "`init`"),
        ("architect:datatable:view", "`plan` and `apply`"),
        ("analytics:conversationDetail:view", "`history pull`"),
        ("analytics:conversationAggregate:view", "`history check`"),
        ("analytics:queueObservation:view", "`explain`"),
    ];
    for (missing, command) in all {
        let others = all.into_iter().map(|(permission, _)| permission);
        let others = others.filter(|permission| *permission != missing);
        bench.rig.sandbox.set_permissions(others).unwrap();
        let found = Found::by(&bench, 5).await;
        let found = found.only("permissions", "wrong", &format!("`{missing}`"));
        let text = found.0["permissions"]["found"].to_string();
        assert!(text.contains(command), "{text}");
        assert!(text.matches("is missing").count() == 1, "{text}");
    }
    bench.rig.sandbox.set_permissions([]).unwrap();
    let found = Found::by(&bench, 5).await;
    let found = found.only("permissions", "wrong", "");
    let text = found.0["permissions"]["found"].to_string();
    assert_eq!(text.matches("is missing").count(), all.len(), "{text}");
}

#[tokio::test]
async fn rows_that_may_not_be_read_are_a_missing_permission_not_a_bad_table() {
    let bench = tenant().await;
    let refused = Fault::Status {
        status: 403,
        headers: BTreeMap::new(),
        body: None,
    };
    let rule = FaultRule::times("rows", 1, refused);
    bench.rig.sandbox.add_fault(rule).unwrap();
    let found = Found::by(&bench, 5).await;
    let found = found.only("permissions", "wrong", "architect:datatableRow:view");
    let text = found.0["permissions"]["found"].to_string();
    assert!(text.contains("`plan`, `apply` and `rollback`"), "{text}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_seen() {
    let bench = tenant().await;
    bench
        .rig
        .clock
        .advance(std::time::Duration::from_secs(3600));
    Found::by(&bench, 1)
        .await
        .only("clock", "wrong", "s ahead of this machine's");
}

#[tokio::test]
async fn a_queue_on_which_weights_do_nothing_or_too_much_is_refused() {
    let bench = tenant().await;
    let queue = bench.queue();
    let sandbox = &bench.rig.sandbox;
    sandbox.set_predictive([queue.as_str()]).unwrap();
    Found::by(&bench, 4)
        .await
        .only("predictive", "wrong", "on predictive routing");
    sandbox.set_predictive([]).unwrap();
    let members = r#"{"scoringMethod": "PriorityOnly"}"#;
    sandbox.set_queue(&queue, members).unwrap();
    Found::by(&bench, 4)
        .await
        .only("queue", "wrong", "by priority alone (PriorityOnly)");
    let mut doctor = command(&bench, "doctor --output json");
    doctor.env("WAITWISE_QUEUE", "gone");
    let found = Found::of(&bench, ended(doctor).await, 2);
    assert_eq!(found.0["queue"]["status"], "wrong");
    assert_eq!(found.0["permissions"]["status"], "ok");
}

#[tokio::test]
async fn a_table_that_is_missing_or_has_a_wrong_column_is_named() {
    let bench = tenant().await;
    let column = |kind: &str| json!({ "type": kind });
    let table = |name: &str, priority: &str| {
        let columns = json!({
            "key": column("string"), "skillId": column("string"), "priority": column(priority),
            "updatedBy": column("string"), "updatedAt": column("string"),
        });
        json!({"name": name, "schema": {"type": "object", "properties": columns}, "rows": []})
    };
    let name = "Waitwise priorities";
    for (tables, found) in [
        (
            json!([table("Another", "integer")]),
            "there is no data table `Waitwise priorities`",
        ),
        (
            json!([table(name, "string")]),
            "column `priority` of data table `Waitwise priorities` is of type string; integer was expected",
        ),
        (
            json!([{"name": name, "schema": {"properties": {"key": column("string")}}, "rows": []}]),
            "has no column `priority`",
        ),
    ] {
        bench.rig.sandbox.set_tables(&tables.to_string()).unwrap();
        let code = if found.contains("column") { 4 } else { 1 };
        Found::by(&bench, code).await.only("table", "wrong", found);
    }
}

#[tokio::test]
async fn a_rate_limit_that_is_lower_than_needed_is_told() {
    let bench = tenant().await;
    let key = "client.credentials.token.rate.per.minute";
    let limit = json!({"key": key, "namespace": "platform.api", "value": 19});
    let grants = json!({ "entities": [limit] }).to_string();
    // Which of the two says it makes no difference. 19 is more than the doctor itself asks, so that it need not wait.
    for (by_header, limits) in [(19, r#"{"entities": []}"#), (300, &grants)] {
        // What a process leaves to the next about the present window, in which it may have asked more than 19 times.
        for entry in std::fs::read_dir(bench.rig.dir().join("state")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::remove_file(path).unwrap();
            }
        }
        let sandbox = &bench.rig.sandbox;
        sandbox.set_requests_per_minute(by_header).unwrap();
        bench.rig.refuse("limits", 1, 200, &[], Some(limits));
        Found::by(&bench, 0).await.only(
            "rate-limit",
            "warning",
            "19 requests a minute are allowed",
        );
    }
}

#[tokio::test]
async fn a_window_that_the_job_store_does_not_have_yet_is_told() {
    let bench = tenant().await;
    bench.rig.sandbox.set_jobs_behind(10 * 24 * 60 * 60);
    Found::by(&bench, 0)
        .await
        .only("available", "warning", "the job store has data up to 20");
    bench.rig.sandbox.set_jobs_behind(0);
    let mut doctor = command(&bench, "doctor --output json --days 2");
    let soon = SystemClock::new().now() + jiff::SignedDuration::from_hours(9);
    doctor.env("WAITWISE_UNTIL", soon.to_string());
    let found = Found::of(&bench, ended(doctor).await, 0);
    assert_eq!(found.0["available"]["status"], "warning");
    assert_eq!(found.0["pulled"]["status"], "skipped");
}

#[tokio::test]
async fn conversations_that_a_division_hides_are_missed() {
    let bench = tenant().await;
    let division = bench.rig.sandbox.organisation().divisions[1].id.clone();
    bench
        .rig
        .sandbox
        .hide_divisions([division.as_str()])
        .unwrap();
    // What was pulled before is whole. A pull that lacks something says so, and so does the doctor.
    Found::by(&bench, 0).await;
    std::fs::remove_dir_all(bench.rig.dir().join("state/history")).unwrap();
    ended(command(&bench, "history pull")).await.with(6);
    Found::by(&bench, 6)
        .await
        .only("divisions", "wrong", "are in none of the records it shows");
}

#[tokio::test]
async fn a_mapping_that_covers_too_little_is_told() {
    let bench = tenant().await;
    let mapping = bench.rig.sandbox.connection().wrapup_to_skill.clone();
    let most = mapping.iter().take(1);
    let most: Vec<_> = most
        .map(|(code, skill)| (code.as_str(), skill.as_str()))
        .collect();
    bench.map(&most);
    Found::by(&bench, 0).await.only(
        "mapping",
        "warning",
        "coded interactions come to a skill; codes not in the mapping",
    );
    bench.map(&[]);
    let found = Found::by(&bench, 2)
        .await
        .only("mapping", "wrong", "no wrap-up code is mapped");
    assert!(
        found.0["mapping"]["to_do"]
            .to_string()
            .contains("waitwise init")
    );
}

#[tokio::test]
async fn without_a_pulled_history_nothing_is_wrong_yet() {
    let bench = tenant().await;
    std::fs::remove_dir_all(bench.rig.dir().join("state/history")).unwrap();
    let found = Found::by(&bench, 0).await;
    let text = found.0["pulled"]["found"].to_string();
    assert!(text.contains("waitwise history pull"), "{text}");
    for check in ["pulled", "divisions", "mapping"] {
        assert_eq!(found.0[check]["status"], "skipped");
    }
}
