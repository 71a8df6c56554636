//! Somebody else writes at the three moments at which it matters, and two of us at once.

use std::process::Stdio;
use std::time::Duration;

use waitwise_sandbox::{Edit, EditedPart, Fault, FaultRule, When};

use crate::bench::{Bench, WEIGHTS, weights};
use crate::what::{TABLE, What, table_id};

/// A planned change, and somebody who sets Billing's weight to 77 beside one request of `apply`.
async fn with_second_writer(route: &str, when: When) -> Bench {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    let set = EditedPart::Weight {
        skill: "s-bill".to_owned(),
        weight: 77,
    };
    let edit = Fault::Edit(Edit { when, set });
    let rule = FaultRule::times(route, 1, edit);
    bench.rig.sandbox.add_fault(rule).unwrap();
    bench
}

#[tokio::test]
async fn between_plan_and_apply_nothing_is_written() {
    let bench = with_second_writer("rules", When::Before).await;
    bench
        .waitwise("apply plan.json")
        .await
        .failed(
            3,
            "error: routing-rule/r1 is not what the plan was made from: somebody changed it",
        )
        .notes("  /skills/0/weight: when planned 50, now 77\n");
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert_eq!(bench.stored_weights()["s-bill"], 77);
}

/// No reading can show it on an API without versions: theirs is lost, and the report says for how long that could be.
#[tokio::test]
async fn between_the_reading_and_the_write_it_cannot_be_seen() {
    let bench = with_second_writer("put_rule", When::Before).await;
    let ended = bench.waitwise("apply plan.json").await.with(0);
    let window = ended
        .stdout
        .lines()
        .find_map(|line| {
            let ms = line.strip_prefix("For ")?;
            ms.strip_suffix(" ms around the write somebody else's change could not have been seen.")
        })
        .unwrap();
    window.parse::<u64>().unwrap();
    assert_eq!(bench.stored_weights(), weights(&WEIGHTS));
}

#[tokio::test]
async fn between_the_write_and_its_verification_both_sides_are_reported() {
    let bench = with_second_writer("put_rule", When::After).await;
    let ended = bench.waitwise("apply plan.json").await.with(3);
    ended
        .notes("error: after our write routing-rule/r1 does not read as planned (change `")
        .notes("): somebody else may have written beside us\n")
        .notes("  /skills/0/weight: we wrote 1, now 77\n");
    assert_eq!(bench.stored_weights()["s-bill"], 77);
    let listed = bench.waitwise("changes list").await.with(0);
    listed.says("failed");
}

/// A planned change of three rows, and somebody who sets Billing's minutes to 8 beside one request of `apply`.
async fn rows_with_second_writer(route: &str, when: When) -> (Bench, String) {
    let bench = Bench::start().await;
    What::Table.set_up(&bench);
    What::Table.plan(&bench).await;
    let set = EditedPart::Cell {
        table: TABLE.to_owned(),
        key: "Billing".to_owned(),
        column: "priority".to_owned(),
        value: "8".to_owned(),
    };
    let edit = Fault::Edit(Edit { when, set });
    let rule = FaultRule::times(route, 1, edit);
    bench.rig.sandbox.add_fault(rule).unwrap();
    bench.rig.sandbox.clear_requests();
    let object = format!("priority-table/{}/Billing", table_id(&bench).await);
    (bench, object)
}

fn minutes(bench: &Bench, key: &str) -> serde_json::Value {
    let rows = bench.rig.sandbox.rows(TABLE).unwrap();
    let row: serde_json::Value = serde_json::from_str(&rows[key]).unwrap();
    row["priority"].clone()
}

#[tokio::test]
async fn between_plan_and_apply_no_row_is_written() {
    let (bench, object) = rows_with_second_writer("row", When::Before).await;
    let error = format!("error: {object} is not what the plan was made from: somebody changed it");
    let ended = bench.waitwise("apply plan.json").await.failed(3, &error);
    ended.notes("  /priority: when planned 5.0, now 8\n");
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert_eq!(minutes(&bench, "Billing"), 8);
}

#[tokio::test]
async fn between_the_reading_and_the_write_of_a_row_it_cannot_be_seen() {
    let (bench, _) = rows_with_second_writer("put_row", When::Before).await;
    let ended = bench.waitwise("apply plan.json").await.with(0);
    ended.says(" ms around the write somebody else's change could not have been seen.");
    assert_eq!(minutes(&bench, "Billing"), 0);
    assert_eq!(minutes(&bench, "Technical Support"), 10);
}

/// The rows after it are not written; a rollback leaves theirs alone and says so.
#[tokio::test]
async fn between_the_write_of_a_row_and_its_verification_both_sides_are_reported() {
    let (bench, object) = rows_with_second_writer("put_row", When::After).await;
    let ended = bench.waitwise("apply plan.json").await.with(3);
    ended
        .notes(&format!(
            "error: after our write {object} does not read as planned"
        ))
        .notes("  /priority: we wrote 0, now 8\n");
    assert_eq!(minutes(&bench, "Billing"), 8);
    assert_eq!(minutes(&bench, "Sales"), 1);
    bench.waitwise("rollback").await.with(3);
    assert_eq!(minutes(&bench, "Billing"), 8);
}

/// The first is held before its write; the second one is told who holds the lock, and is let in once that is over.
#[tokio::test]
async fn of_two_at_once_the_second_is_sent_away() {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    bench.rig.fault("put_rule", 1, Fault::Hold(When::Before));
    let mut first = bench.command("apply plan.json");
    let mut first = first.stdout(Stdio::null()).spawn().unwrap();
    let held = bench.rig.sandbox.until_held(1);
    tokio::time::timeout(Duration::from_secs(60), held)
        .await
        .unwrap();
    let listed = bench.waitwise("changes list").await.with(0);
    let process = first.id().unwrap();
    listed.notes(&format!(
        "is open; process {process} is writing to its queue.\n"
    ));
    for line in ["apply plan.json", "resume", "resume --undo", "rollback"] {
        let error = format!(
            "error: queue `{}` is being changed by process {process}, which holds its lock until 2",
            bench.queue()
        );
        let ended = bench.waitwise(line).await.with(1);
        assert!(ended.stderr.starts_with(&error), "{line}: {}", ended.stderr);
    }
    bench.rig.sandbox.release();
    assert!(first.wait().await.unwrap().success());
    bench
        .waitwise("resume")
        .await
        .with(0)
        .says("No change is unfinished.\n");
    bench.waitwise("rollback").await.with(0);
    assert_eq!(bench.rig.sandbox.writes(), 2);
}
