//! `history` and `analyze` by the command line: the same numbers in every form, and each form as its schema says.

use serde_json::Value;
use waitwise_sandbox::SandboxOptions;

use crate::bench::{Bench, ended};
use crate::doctor_platform::{command, start};
use crate::platform_job::{platform, set_up};

async fn fits(bench: &Bench, schema: &str, answer: &Value) {
    let schema = bench.waitwise(&format!("schema {schema}")).await.json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = schema
        .iter_errors(answer)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

async fn answer(bench: &Bench, line: &str, schema: &str) -> Value {
    let answer = platform(bench, &format!("{line} --output json")).await;
    let answer = answer.with(0).json();
    fits(bench, schema, &answer).await;
    answer
}

#[tokio::test]
async fn what_is_pulled_is_checked_and_listed() {
    let bench = start(SandboxOptions::default()).await;
    let pulled = answer(&bench, "history pull", "history-pull").await;
    let days = pulled["days"].as_array().unwrap();
    assert_eq!(days.len(), 6, "four days touch five, and the one before");
    assert!(days.iter().all(|day| day["origin"] != "disk"), "{days:#?}");
    assert_eq!(pulled["sharing"][0]["queue"], bench.queue());
    let again = answer(&bench, "history pull", "history-pull").await;
    let again = again["days"].as_array().unwrap().iter();
    let kept = again.filter(|day| day["origin"] == "disk").count();
    assert!(kept > 0, "a day that is whole is not read twice");
    assert_eq!(pulled["residual"].as_array().unwrap().len(), 0);
    assert_eq!(pulled["sharing"][0]["queue"], bench.queue());
    let text = platform(&bench, "history pull").await.with(0);
    text.says("numbers agree with the tenant's aggregates.\n");

    let checked = answer(&bench, "history check", "history-check").await;
    assert_eq!(checked["different"], 0);
    let n_compared = checked["compared"].as_array().unwrap().len();
    assert!(n_compared > 40, "{n_compared}");
    let text = platform(&bench, "history check").await.with(0);
    text.says(&format!("{n_compared} numbers compared, 0 different.\n"));

    let listed = answer(&bench, "history list", "history-list").await;
    let files = listed["files"].as_array().unwrap();
    assert_eq!(files.len(), days.len());
    let visits =
        |of: &[Value]| -> u64 { of.iter().map(|one| one["visits"].as_u64().unwrap()).sum() };
    assert_eq!(visits(files), visits(days));
    let text = platform(&bench, "history list").await.with(0);
    text.says(files[0]["day"].as_str().unwrap()).says("Whole");
    let empty = platform(&bench, "history list --history-dir elsewhere").await;
    empty.with(0).says("No history is kept.\n");
}

const UNSEEN: &str = "no other queue's agents were seen";

#[tokio::test]
async fn a_pull_that_read_nothing_says_what_it_did_not_see() {
    let bench = start(SandboxOptions::default()).await;
    let pulled = answer(&bench, "history pull", "history-pull").await;
    let days = pulled["days"].as_array().unwrap();
    let early = format!("history pull --days 1 --until {}T00:00:00Z", day(&days[2]));
    let kept = platform(&bench, &early).await.with(0);
    kept.says(UNSEEN);
    let read = platform(&bench, &format!("{early} --history-dir elsewhere")).await;
    let read = read.with(0).says("shares");
    assert!(!read.stdout.contains(UNSEEN), "{}", read.stdout);
}

fn day(proof: &Value) -> &str {
    proof["day"].as_str().unwrap()
}

#[tokio::test]
async fn the_analysis_says_what_the_facts_say() {
    let bench = set_up().await;
    let pulled = answer(&bench, "history pull", "history-pull").await;
    let analysis = answer(&bench, "analyze", "analysis").await;
    let visits = analysis["visits"].as_array().unwrap();
    let evidence = pulled["evidence"].as_array().unwrap();
    assert_eq!(visits.len(), evidence.len());
    for (visits, evidence) in visits.iter().zip(evidence) {
        assert_eq!(visits["media"], evidence["media"]);
        assert_eq!(visits["all"], evidence["all"]);
        for row in visits["by_skill"].as_array().unwrap() {
            let of_pull = evidence["by_skill"].as_array().unwrap();
            let same = of_pull.iter().find(|other| other["skill"] == row["skill"]);
            assert_eq!(row["outcomes"], same.unwrap()["outcomes"]);
        }
    }
    // By code there are the answered, all of them and nobody else.
    let answered: u64 = visits
        .iter()
        .map(|one| one["all"]["answered"]["count"].as_u64().unwrap())
        .sum();
    let groups = ["wrap_up_codes", "unmapped"].map(|member| analysis[member].as_array().unwrap());
    let by_code = groups
        .into_iter()
        .flatten()
        .map(|group| group["conversations"].as_f64().unwrap());
    assert_eq!(format!("{:.0}", by_code.sum::<f64>()), answered.to_string());

    let mut narrow = command(&bench, "analyze");
    narrow.env("COLUMNS", "80");
    let text = ended(narrow).await.with(0);
    let tables: Vec<_> = text
        .stdout
        .lines()
        .filter(|line| line.starts_with(' '))
        .collect();
    assert!(
        tables.iter().all(|line| line.chars().count() <= 80),
        "{}",
        text.stdout
    );
    text.says("Gave up")
        .says("they leave out everyone who gave up.\n");
}

#[tokio::test]
async fn another_folder_is_another_history() {
    let bench = set_up().await;
    platform(&bench, "analyze --history-dir elsewhere")
        .await
        .with(6);
    platform(&bench, "history pull --history-dir elsewhere")
        .await
        .with(0);
    let one = platform(&bench, "analyze --output json --history-dir elsewhere").await;
    let other = platform(&bench, "analyze --output json").await;
    assert_eq!(one.with(0).json(), other.with(0).json());
}
