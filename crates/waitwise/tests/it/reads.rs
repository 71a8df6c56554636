//! What only reads cannot write: counted by the tenant.

use crate::bench::{Bench, ended, group};
use crate::doctor_platform::command;
use crate::platform_job::{TABLE, set_up};

#[tokio::test]
async fn commands_that_read_write_nothing() {
    let bench = Bench::start().await;
    let all = [
        "POST token 200",
        "POST summary 200",
        "GET skills 200",
        "GET rules 200",
    ];
    for line in [
        "analyze",
        "analyze --output json",
        "plan",
        "plan -o plan.json",
        "plan --output json",
        "run --dry-run",
        "run --dry-run --output json",
    ] {
        check(&bench, line, &all).await;
    }
    check(&bench, "changes list", &[]).await;
}

#[tokio::test]
async fn commands_that_read_the_platform_write_nothing() {
    let bench = set_up().await;
    let rows = bench.rig.sandbox.rows(TABLE);
    bench.rig.sandbox.clear_requests();
    for line in [
        "history pull",
        "history check",
        "history list",
        "analyze",
        "analyze --output json",
        "plan",
        "plan --strategy volume-wait",
        "plan --strategy volume-wait -o plan.json",
        "plan --strategy volume-wait --output json",
        "run --strategy volume-wait --dry-run",
        "run --yes",
        "explain",
        "explain --plan plan.json",
        "doctor",
        "changes list",
    ] {
        let command = command(&bench, line);
        ended(command).await.with(0);
        assert_eq!(bench.rig.sandbox.writes(), 0, "{line}");
    }
    let init = format!("init --queue {} --out another.toml --days 4", bench.queue());
    ended(command(&bench, &init)).await.with(0);
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert_eq!(bench.rig.sandbox.rows(TABLE), rows);
}

#[tokio::test]
async fn the_journal_is_read_without_the_host() {
    let bench = Bench::start().await;
    bench.waitwise("run --yes").await.with(0);
    let list = bench.waitwise("changes list --output json").await.with(0);
    let change = list.json()["changes"][0]["change"]
        .as_str()
        .unwrap()
        .to_owned();
    for line in ["changes list", "changes list --output json"] {
        check(&bench, line, &[]).await;
    }
    check(&bench, &format!("changes show {change}"), &[]).await;
    check(&bench, &format!("changes show {change} --output json"), &[]).await;
}

#[tokio::test]
async fn a_stale_plan_is_refused_after_reading_only() {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    bench.rules(&[bench.rule("r1", Some(r#"[{"id":"s-bill","weight":7}]"#))]);
    bench.rig.sandbox.clear_requests();
    bench.waitwise("apply plan.json").await.with(3);
    assert_eq!(
        bench.rig.requests(),
        ["POST token 200", "GET skills 200", "GET rules 200"]
    );
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

#[tokio::test]
async fn every_page_is_read_and_none_twice() {
    let bench = Bench::start().await;
    let groups: Vec<_> = (0..250)
        .map(|n| group(&format!("c{n}"), "31", "5"))
        .collect();
    bench.history(&groups);
    let mut rules: Vec<_> = (0..130)
        .map(|n| format!(r#"{{"id":"other{n}","queueId":"q{n}"}}"#))
        .collect();
    rules.push(bench.rule("r1", None));
    bench.rules(&rules);
    check(
        &bench,
        "analyze",
        &[
            "POST token 200",
            "POST summary 200",
            "POST summary 200",
            "POST summary 200",
            "GET skills 200",
            "GET rules 200",
            "GET rules 200",
        ],
    )
    .await;
}

/// Runs a command that must end well, and compares what the tenant was asked.
async fn check(bench: &Bench, line: &str, requests: &[&str]) {
    bench.rig.sandbox.clear_requests();
    let rules = bench.rig.sandbox.rules();
    bench.waitwise(line).await.with(0);
    assert_eq!(bench.rig.requests(), requests, "{line}");
    assert_eq!(bench.rig.sandbox.writes(), 0, "{line}");
    assert_eq!(bench.rig.sandbox.rules(), rules, "{line}");
}
