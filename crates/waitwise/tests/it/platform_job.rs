//! The job on the published platform: from pulled conversations to rows of a data table that a flow reads, and back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use waitwise_sandbox::{Fault, FaultRule, SandboxOptions, When};

use crate::bench::{Bench, Ended, ended};
use crate::doctor_platform::{command, start};
use crate::explain::until_somebody_waits;

pub(crate) const TABLE: &str = "Waitwise priorities";

const KEPT: &str = "The present weights stay until something better has been shown (strategy keep): there is nothing to write.\n";

/// A tenant whose history is pulled and whose settings `init` has written, with its table.
pub(crate) async fn set_up() -> Bench {
    let bench = start(SandboxOptions::default()).await;
    platform(&bench, "history pull").await.with(0);
    let init = format!(
        "init --queue {} --yes --create-table --days 4",
        bench.queue()
    );
    platform(&bench, &init).await.with(0);
    bench
}

pub(crate) async fn platform(bench: &Bench, line: &str) -> Ended {
    ended(command(bench, line)).await
}

/// The rows of the table, by key, without who wrote them and when.
fn rows(bench: &Bench) -> BTreeMap<String, Value> {
    let rows = bench.rig.sandbox.rows(TABLE).unwrap().into_iter();
    rows.map(|(key, row)| (key, serde_json::from_str(&row).unwrap()))
        .collect()
}

/// Puts rows into the table, one of them of a skill that no plan is about.
fn plant(bench: &Bench, first_skill: &str) {
    let text = json!({"type": "string"});
    let properties = json!({
        "key": text, "skillId": text, "priority": {"type": "integer"},
        "updatedBy": text, "updatedAt": text, "site": {"type": "string", "default": "all"},
    });
    let tables = json!([{
        "name": TABLE,
        "schema": {"type": "object", "required": ["key"], "properties": properties},
        "rows": [
            {"key": first_skill, "priority": 5, "site": "Galway"},
            {"key": "Not ours", "skillId": "x", "priority": 2, "site": "Cork"},
        ],
    }]);
    bench.rig.sandbox.set_tables(&tables.to_string()).unwrap();
}

#[tokio::test]
async fn a_change_is_planned_applied_felt_and_undone() {
    let bench = set_up().await;
    let analysis = platform(&bench, "analyze --output json")
        .await
        .with(0)
        .json();
    let first_skill = analysis["skills"][0]["name"].as_str().unwrap();
    plant(&bench, first_skill);
    let before = rows(&bench);
    bench.rig.sandbox.clear_requests();

    let shown = platform(&bench, "plan --strategy volume-wait -o plan.json").await;
    shown
        .with(0)
        .says("A point of weight is worth 0.1 minutes of head start.")
        .says("any two skills may be 10 apart at most.")
        .says("warning: nothing changes until a flow looks rows up in table `Waitwise priorities`")
        .says("warning: queue `Back Office`")
        .says("helping one can starve the other");
    assert_eq!(bench.rig.sandbox.writes(), 0);
    let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
    assert_eq!(plan["lever"], "priority-table");
    assert_eq!(plan["weights"], formula(&analysis));

    let applied = platform(&bench, "apply plan.json").await.with(0);
    let n_steps = plan["steps"].as_array().unwrap().len();
    assert_eq!(
        applied
            .stdout
            .matches("verified by reading it back")
            .count(),
        n_steps
    );
    check_rows(&bench, &analysis, &plan, &before);
    felt(&bench, &plan).await;

    let list = platform(&bench, "changes list --output json").await.json();
    let change = list["changes"][0]["change"].as_str().unwrap().to_owned();
    let journal = platform(&bench, &format!("changes show {change}")).await;
    assert_eq!(
        journal.with(0).stdout.matches("confirmed: ").count(),
        n_steps
    );
    platform(&bench, "rollback")
        .await
        .with(0)
        .says("Rolled back, as change ");
    assert_eq!(rows(&bench), before);
    assert_eq!(bench.rig.sandbox.writes(), 2 * n_steps);
}

/// The tutorial's formula, worked out from the analysis alone.
fn formula(analysis: &Value) -> Value {
    let skills = analysis["skills"].as_array().unwrap().iter();
    let score = |skill: &Value| {
        let number = |member: &str| skill[member].as_f64().unwrap();
        let id = skill["skill"].as_str().unwrap().to_owned();
        (
            id,
            number("conversations") * 0.6 + number("mean_wait_secs") * 0.4,
        )
    };
    let scores: BTreeMap<String, f64> = skills.map(score).collect();
    let lowest = scores.values().copied().fold(f64::INFINITY, f64::min);
    let highest = scores.values().copied().fold(0.0, f64::max);
    let weight = |score: f64| ((score - lowest) / (highest - lowest) * 99.0).floor() + 1.0;
    let weights: BTreeMap<_, _> = scores
        .iter()
        .map(|(skill, score)| {
            (
                skill,
                format!("{:.0}", weight(*score)).parse::<u8>().unwrap(),
            )
        })
        .collect();
    json!(weights)
}

/// Every planned skill's row says its whole minutes; nothing else is other than before.
fn check_rows(bench: &Bench, analysis: &Value, plan: &Value, before: &BTreeMap<String, Value>) {
    let mut rows = rows(bench);
    for skill in analysis["skills"].as_array().unwrap() {
        let (id, name) = (
            skill["skill"].as_str().unwrap(),
            skill["name"].as_str().unwrap(),
        );
        let row = rows.remove(name).unwrap();
        let written = &plan["priority_table"]["minutes"][id]["written"];
        assert_eq!(
            row["priority"].as_f64(),
            written.as_f64(),
            "{name}: {row} {written}"
        );
        assert_eq!(row["skillId"], id);
        let site = before
            .get(name)
            .map_or(json!("all"), |row| row["site"].clone());
        assert_eq!(row["site"], site, "{name}");
    }
    assert_eq!(
        Vec::from_iter(&rows),
        [(&"Not ours".to_owned(), &before["Not ours"])]
    );
}

/// Whoever enters the queue from now on has the planned head start.
async fn felt(bench: &Bench, plan: &Value) {
    bench.rig.sandbox.advance(Duration::from_secs(24 * 3600));
    let explained = until_somebody_waits(bench, 2).await;
    for place in explained["waiting"].as_array().unwrap() {
        let minutes = |skill: &Value| {
            let minutes = &plan["priority_table"]["minutes"][skill.as_str().unwrap()];
            minutes["written"].as_i64().unwrap_or(0)
        };
        let skills = place["skills"].as_array().unwrap().iter();
        assert_eq!(
            place["head_start_minutes"].as_i64(),
            skills.map(minutes).max(),
            "{place:#}"
        );
    }
    let starts = explained["waiting"].as_array().unwrap().iter();
    assert!(
        starts
            .map(|place| &place["head_start_minutes"])
            .any(|start| *start != 0),
        "{explained:#}"
    );
}

#[tokio::test]
async fn a_change_that_was_killed_between_rows_is_finished_or_taken_back() {
    for (resume, is_undone) in [("resume", false), ("resume --undo", true)] {
        let bench = set_up().await;
        let plan = "plan --strategy volume-wait -o plan.json";
        platform(&bench, plan).await.with(0);
        let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
        let n_rows = plan["steps"].as_array().unwrap().len();
        killed_at_the_third_row(&bench).await;
        assert_eq!(rows(&bench).len(), 2);
        let list = platform(&bench, "changes list").await.with(0);
        list.notes("is unfinished. hint: `waitwise resume ");
        platform(&bench, resume).await.with(0);
        assert_eq!(rows(&bench).len(), if is_undone { 0 } else { n_rows });
        let again = platform(&bench, resume).await.with(0);
        again.says("No change is unfinished.");
    }
}

async fn killed_at_the_third_row(bench: &Bench) {
    let third = FaultRule {
        after: 2,
        ..FaultRule::times("create_row", 1, Fault::Hold(When::Before))
    };
    bench.rig.sandbox.add_fault(third).unwrap();
    let mut apply = command(bench, "apply plan.json");
    let mut child = apply.kill_on_drop(true).spawn().unwrap();
    bench.rig.sandbox.until_held(1).await;
    child.kill().await.unwrap();
    bench.rig.sandbox.clear_faults();
    bench.rig.sandbox.until_held(0).await;
    // The lease of the dead holder runs out, without waiting for it.
    let journal = SqliteConnectOptions::new().filename(bench.rig.dir().join("state/journal.db"));
    let mut journal = SqliteConnection::connect_with(&journal).await.unwrap();
    let expired = sqlx::query("UPDATE lock SET expires_at = '2000-01-01T00:00:00Z'");
    expired.execute(&mut journal).await.unwrap();
    journal.close().await.unwrap();
}

#[tokio::test]
async fn a_row_that_is_refused_after_others_leaves_a_change_to_be_rolled_back() {
    let bench = set_up().await;
    let plan = "plan --strategy volume-wait -o plan.json";
    platform(&bench, plan).await.with(0);
    let refused = Fault::Status {
        status: 403,
        headers: BTreeMap::new(),
        body: None,
    };
    let third = FaultRule {
        after: 2,
        ..FaultRule::times("create_row", 1, refused)
    };
    bench.rig.sandbox.add_fault(third).unwrap();
    let applied = platform(&bench, "apply plan.json").await.with(5);
    applied
        .notes("was not written")
        .notes("hint: nothing was written to it; if the change wrote other objects before, roll it back or make a new plan, else apply this one again\n");
    assert_eq!(rows(&bench).len(), 2);
    platform(&bench, "rollback").await.with(0);
    assert!(rows(&bench).is_empty());
}

#[tokio::test]
async fn nothing_is_written_unless_a_strategy_is_asked_for() {
    let bench = set_up().await;
    bench.rig.sandbox.clear_requests();
    let plan = platform(&bench, "plan -o plan.json").await.with(0);
    plan.says(KEPT)
        .says("Waits by wrap-up code are those of the answered only: they leave out everyone who gave up.\n")
        .notes("hint: `--strategy search` looks for something better on a twin of the centre");
    assert!(!bench.rig.dir().join("plan.json").exists());
    let plan = platform(&bench, "plan --output json").await.with(0).json();
    assert_eq!(plan["format"], "waitwise-no-plan/1");
    assert_eq!(plan["weights"], json!({}));
    // What is kept needs no table.
    platform(&bench, "plan --data-table nowhere")
        .await
        .with(0)
        .says(KEPT);

    bench.rig.sandbox.clear_requests();
    platform(&bench, "run --yes").await.with(0).says(KEPT);
    let run = platform(&bench, "run --yes --output json").await.with(0);
    assert_eq!(run.json()["outcome"], "kept");
    assert_eq!(bench.rig.requests(), [""; 0]);
    assert!(rows(&bench).is_empty());

    // The tutorial's contract has the tutorial's formula, but keeps what it is told to keep.
    let tutorial = Bench::start().await;
    tutorial
        .waitwise("plan --strategy keep")
        .await
        .with(0)
        .says(KEPT);
    tutorial
        .waitwise("run --strategy keep --yes")
        .await
        .with(0)
        .says(KEPT);
    assert_eq!(tutorial.rig.sandbox.writes(), 0);
    tutorial.file("waitwise.toml", "strategy = \"keep\"\n");
    tutorial.waitwise("plan").await.with(0).says(KEPT);
    let plan = tutorial
        .waitwise("plan --strategy volume-wait --output json")
        .await;
    assert_eq!(plan.json()["strategy"]["name"], "volume-wait");
}

#[tokio::test]
async fn a_history_that_was_not_pulled_is_asked_for_and_run_pulls_it() {
    let bench = start(SandboxOptions {
        make_flow_table: true,
        ..SandboxOptions::default()
    })
    .await;
    let hint = format!("hint: `waitwise history pull --queue {}`", bench.queue());
    for line in ["analyze", "plan", "plan --strategy volume-wait"] {
        let ended = platform(&bench, line).await.with(6);
        ended.notes("was not pulled").notes(&hint);
    }
    let line = "run --strategy volume-wait --yes --map-file map.json";
    let run = platform(&bench, line).await.with(0);
    run.says("Pulled ")
        .says("Updating data table...\nData table updated successfully.\n");
    let written = rows(&bench);
    assert!(!written.is_empty());
    // The second time everything is there.
    let again = platform(&bench, line).await.with(0);
    assert!(!again.stdout.contains("Pulled "), "{}", again.stdout);
    again.says("The host says all of it already: nothing was written.\n");
    assert_eq!(rows(&bench), written);
    assert_eq!(bench.rig.sandbox.writes(), written.len());
}

#[tokio::test]
async fn a_page_is_written_whether_or_not_there_is_a_plan() {
    let bench = set_up().await;
    bench.rig.sandbox.clear_requests();
    for (strategy, said) in [
        ("volume-wait", "What would be written"),
        ("keep", KEPT.trim_end()),
    ] {
        let line = format!("plan --html page.html --strategy {strategy}");
        platform(&bench, &line)
            .await
            .with(0)
            .notes("wrote page.html");
        let page = bench.read("page.html");
        assert!(page.contains(said), "{strategy}: {page}");
    }
    assert_eq!(bench.rig.sandbox.writes(), 0);
    bench.rig.sandbox.clear_requests();
    let error = "error: cannot write nowhere/page.html";
    platform(&bench, "plan --html nowhere/page.html")
        .await
        .failed(2, error);
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn a_window_whose_end_is_missing_is_answered_and_said() {
    let bench = set_up().await;
    let to = bench.rig.sandbox.now();
    for (hours, code) in [(0, 0), (5, 0), (25, 6)] {
        let until = to + jiff::SignedDuration::from_hours(hours);
        let line = format!("plan --strategy volume-wait --output json --until {until}");
        let plan = platform(&bench, &line).await.with(code);
        if code != 0 {
            continue;
        }
        let plan = plan.json();
        let ends: jiff::Timestamp = plan["history"]["to"].as_str().unwrap().parse().unwrap();
        assert_eq!(ends, to);
        let warning = json!(format!(
            "the history ends at {to}: what came until {until} was not pulled"
        ));
        let warnings = plan["warnings"].as_array().unwrap();
        assert_eq!(warnings.contains(&warning), hours > 1, "{warnings:#?}");
    }
}

#[tokio::test]
async fn what_a_division_hides_keeps_weights_from_being_found() {
    let bench = set_up().await;
    let division = bench.rig.sandbox.organisation().divisions[1].id.clone();
    bench
        .rig
        .sandbox
        .hide_divisions([division.as_str()])
        .unwrap();
    // What was pulled before is whole.
    platform(&bench, "analyze").await.with(0);
    std::fs::remove_dir_all(bench.rig.dir().join("state/history")).unwrap();
    platform(&bench, "history pull").await.with(6);
    bench.rig.sandbox.clear_requests();
    for line in [
        "analyze",
        "plan",
        "plan --strategy volume-wait",
        "run --strategy volume-wait --yes",
    ] {
        let ended = platform(&bench, line).await.with(6);
        ended
            .notes("are in none of the records it shows")
            .notes("divisions hide them");
    }
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

#[tokio::test]
async fn each_contract_has_its_own_lever() {
    let bench = set_up().await;
    platform(&bench, "plan --strategy volume-wait -o rows.json")
        .await
        .with(0);
    let tutorial = Bench::start().await;
    tutorial.waitwise("plan -o rule.json").await.with(0);
    bench.file("rule.json", &tutorial.read("rule.json"));
    bench.rig.sandbox.clear_requests();
    tutorial.rig.sandbox.clear_requests();

    let error = "error: the lever routing-rule does not go with the published platform, which has no routing rules";
    for line in [
        "plan --lever routing-rule",
        "run --lever routing-rule --yes",
    ] {
        platform(&bench, line).await.failed(2, error);
    }
    let error = "error: the lever priority-table does not go with the tutorial's contract, which has no data tables";
    for line in [
        "plan --lever priority-table",
        "run --lever priority-table --yes",
    ] {
        tutorial.waitwise(line).await.failed(2, error);
    }
    let error = "error: this is about a data table, which only the contract `platform` has";
    for line in ["apply rows.json", "rollback --plan rows.json"] {
        let line = format!("{line} --contract tutorial");
        platform(&bench, &line).await.failed(2, error);
    }
    platform(&bench, "apply rule.json --contract platform")
        .await
        .failed(
            2,
            "error: this is about a routing rule, which only the contract `tutorial` has",
        );
    assert_eq!(bench.rig.requests(), [""; 0]);
    assert_eq!(tutorial.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn what_a_point_is_worth_and_how_far_apart_comes_from_flags_variables_and_the_file() {
    let bench = set_up().await;
    let settings = bench.read("waitwise.toml");
    bench.file(
        "waitwise.toml",
        &format!(
            "strategy = \"volume-wait\"\nminutes_per_point = 0.05\nminutes_max = 7\n{settings}"
        ),
    );
    let table = async |line: &str, variable: Option<&str>| {
        let mut command = command(&bench, &format!("plan --output json {line}"));
        command.envs(variable.map(|minutes| ("WAITWISE_MINUTES_PER_POINT", minutes)));
        let plan = ended(command).await.with(0).json();
        let table = &plan["priority_table"];
        (
            table["minutes_per_point"].as_f64().unwrap(),
            table["minutes_max"].as_u64().unwrap(),
        )
    };
    assert_eq!(table("", None).await, (0.05, 7));
    assert_eq!(table("", Some("0.06")).await, (0.06, 7));
    let flags = "--minutes-per-point 0.1 --minutes-max 12";
    assert_eq!(table(flags, Some("0.06")).await, (0.1, 12));
    for (line, error) in [
        ("--minutes-per-point 0.1", "more than 7 minutes apart"),
        ("--data-table nowhere", "there is no data table `nowhere`"),
    ] {
        let ended = platform(&bench, &format!("plan {line}")).await;
        let code = ended.code;
        ended
            .notes(error)
            .with(if line.contains("table") { 1 } else { code });
        assert!([1, 4].contains(&code), "{code}");
    }
    for wrong in ["0", "-1", "NaN", "0.0001"] {
        let line = format!("plan --minutes-per-point={wrong}");
        platform(&bench, &line)
            .await
            .failed(2, "error: cannot use --minutes-per-point");
    }
}

#[tokio::test]
async fn these_permissions_are_enough_and_none_is_asked_for_in_vain() {
    let bench = set_up().await;
    let documented = [
        (
            "history pull",
            &[
                "analytics:conversationDetail:view",
                "analytics:conversationAggregate:view",
            ][..],
        ),
        ("history check", &["analytics:conversationAggregate:view"]),
        (
            "init --out another.toml --data-table nowhere",
            &[
                "routing:queue:view",
                "routing:skill:view",
                "routing:predictor:view",
                "architect:datatable:view",
            ],
        ),
        (
            "explain",
            &[
                "analytics:queueObservation:view",
                "routing:queue:view",
                "routing:skill:view",
            ],
        ),
        (
            "analyze",
            &["analytics:conversationAggregate:view", "routing:skill:view"],
        ),
        (
            "plan --strategy volume-wait -o plan.json",
            &[
                "analytics:conversationAggregate:view",
                "routing:skill:view",
                "routing:queue:view",
                "routing:predictor:view",
                "architect:datatable:view",
            ],
        ),
        (
            "apply plan.json",
            &[
                "routing:skill:view",
                "architect:datatable:view",
                "architect:datatable:add",
            ],
        ),
        (
            "rollback",
            &["architect:datatable:view", "architect:datatable:delete"],
        ),
    ];
    for (line, permissions) in documented {
        for missing in permissions {
            let others = permissions.iter().copied();
            let others = others.filter(|permission| permission != missing);
            bench.rig.sandbox.set_permissions(others).unwrap();
            let ended = platform(&bench, line).await.with(5);
            assert!(ended.stderr.contains(missing), "{line}: {}", ended.stderr);
        }
        let all = permissions.iter().copied();
        bench.rig.sandbox.set_permissions(all).unwrap();
        platform(&bench, line).await.with(0);
    }
}
