//! The demo: the same for the same seed, and a report that needs nothing else.

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::bench::{Ended, ended};

#[tokio::test]
async fn a_seed_gives_the_same_figures_and_the_same_report() {
    let (first, second) = (
        demo("--seed 3 --days 7").await,
        demo("--seed 3 --days 7").await,
    );
    assert_eq!(first.0.stdout, second.0.stdout);
    assert!(first.1 == second.1, "the reports differ");
    let other = demo("--seed 4 --days 7").await;
    assert_ne!(first.1, other.1);
}

#[tokio::test]
async fn the_demo_tells_its_story_and_undoes_what_it_did() {
    let (ended, _) = demo("--days 7").await;
    ended
        .says("Reading single conversations, and fitting a twin to them…\n")
        .says("Weights are calculated, searched for and planned. Writing them…\n")
        .says("Written, and verified by reading back. Letting the days pass…\n")
        .says("Rolled back.\n")
        .says("Mean waits of the same callers, once more with weights that were searched for:\n")
        .says("Changes of mean waits, as the twin had predicted and as they were:\n")
        .says(" 4 of them writes: one to apply each change, one to roll it back.\nThe rules are again what they were.\n")
        .says("Report: report.html (opens offline in any browser)\n");
}

#[tokio::test]
async fn the_report_needs_nothing_from_elsewhere() {
    let (_, report) = demo("--days 7").await;
    let report = report.to_lowercase();
    assert!(report.starts_with("<!doctype html>"));
    for outside in [
        "http:", "https:", "//", "src=", "<link", "@import", "<script", "<iframe",
    ] {
        assert!(!report.contains(outside), "{outside} in the report");
    }
    let urls = report.matches("url(").count();
    assert_eq!(urls, report.matches("url(#").count());
    assert!(report.contains("<svg"), "no charts");
}

#[tokio::test]
async fn the_demo_answers_programs_in_one_json_value() {
    let (ended, _) = demo("--seed 2 --days 7 --output json").await;
    let ended = ended.notes("Rolled back.\n");
    let answer = ended.json();
    let keys: Vec<_> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "after",
            "all_callers",
            "before",
            "change",
            "effects",
            "format",
            "is_restored",
            "plan",
            "requests",
            "searched",
            "seed",
            "verdict",
            "writes"
        ]
    );
    assert_eq!(answer["format"], "waitwise-demo/1");
    assert_eq!(answer["is_restored"], true);
    check_searched(&answer);
    assert_eq!(answer["before"]["format"], "waitwise-analysis/1");
    // Whoever calls is one caller of one skill, and the plan's weights are those that the effects are shown for.
    let sum = |of: &Value| of["offered"].as_u64().unwrap();
    let effects = answer["effects"].as_array().unwrap();
    assert_eq!(
        effects.iter().map(sum).sum::<u64>(),
        sum(&answer["all_callers"])
    );
    for effect in effects {
        let planned = &answer["plan"]["weights"][effect["skill"].as_str().unwrap()];
        assert_eq!(*planned, effect["weight_after"]);
    }
}

/// Whatever the search came to, each change that was tried was written, predicted and undone.
fn check_searched(answer: &Value) {
    let searched = &answer["searched"];
    let has_plan = searched["outcome"] == "tried";
    assert_eq!(answer["writes"], if has_plan { 4 } else { 2 });
    assert_eq!(searched["plan"].is_object(), has_plan, "{searched}");
    let said = searched["search"]["said"].as_array().unwrap();
    assert!(said[0].as_str().unwrap().contains("worst-wait"), "{said:?}");
    let predicted = &answer["plan"]["prediction"];
    assert!(predicted["backtest"]["mean_wait_error"].as_f64().unwrap() < 0.35);
    // By skill of the queue: the change that was predicted holds, or nearly so, what happened.
    for effect in answer["effects"].as_array().unwrap() {
        let lines = predicted["lines"].as_array().unwrap();
        let own = lines.iter().find(|line| {
            line["skill"] == effect["skill"] && line["queue"] == answer["plan"]["queue"]
        });
        let wait = &own.unwrap()["mean_wait_secs"];
        let number = |of: &Value, member: &str| of[member].as_f64().unwrap();
        let off = number(effect, "difference_secs") - number(wait, "difference");
        let seven_days = number(wait, "half_width") + number(effect, "half_width_secs");
        assert!(off.abs() < 2.0 * seven_days, "{effect} {wait}");
    }
}

/// Runs the demo in a folder of its own, and returns its report too.
async fn demo(args: &str) -> (Ended, String) {
    let directory = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    command
        .args(["demo", "--report", "report.html"])
        .args(args.split_whitespace())
        .env_clear()
        .env("COLUMNS", "100")
        .current_dir(directory.path());
    let ended = ended(command).await.with(0);
    let report = std::fs::read_to_string(directory.path().join("report.html")).unwrap();
    let mut files = std::fs::read_dir(directory.path()).unwrap();
    assert!(
        files.next().is_some() && files.next().is_none(),
        "only the report is left behind"
    );
    (ended, report)
}
