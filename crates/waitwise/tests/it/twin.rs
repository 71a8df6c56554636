//! `waitwise backtest`, and `waitwise simulate` with two sets of weights: a folder of facts in, figures with intervals out.

use serde_json::{Value, json};

use crate::ahead::set_up;
use crate::bench::{self, Bench, Ended};
use crate::simulate::schema;

/// Whoever asks for help goes first, and by a lot.
const HELP_FIRST: &str = r#"
unnamed = 1
minutes_per_point = 0.2

[weights]
HELP = 100

[names]
HELP = "Help!"
"#;

/// A skill that callers of the queue ask for, by the beginning of its id.
async fn skill(bench: &Bench) -> String {
    let found = backtest(bench, "--futures 20 --output json").await.with(0);
    let skill = found.json()["lines"][0]["skill"].clone();
    skill.as_str().unwrap().to_owned()
}

async fn with_weights(bench: &Bench) -> String {
    let skill = skill(bench).await;
    bench.file("proposed.toml", &HELP_FIRST.replace("HELP", &skill));
    skill
}

async fn backtest(bench: &Bench, flags: &str) -> Ended {
    let line = format!("backtest --facts history --queue {} {flags}", bench.queue());
    ended(bench, &line).await
}

async fn what_if(bench: &Bench, flags: &str) -> Ended {
    let queue = bench.queue();
    let line = format!("simulate --facts history --queue {queue} --futures 20 {flags}");
    ended(bench, &line).await
}

/// No host is named: facts are enough. The terminal is a narrow one.
async fn ended(bench: &Bench, line: &str) -> Ended {
    let mut command = bench.bare_command(line);
    command.env("COLUMNS", "80");
    bench::ended(command).await
}

fn number(of: &Value) -> f64 {
    of.as_f64().unwrap()
}

#[tokio::test]
async fn a_backtest_holds_the_twin_against_days_it_was_not_fitted_to() {
    let bench = &set_up(30).await;
    backtest(bench, "--futures 20")
        .await
        .with(0)
        .says("Backtest on 2026-02-15 to 2026-02-28, fitted to the 15 days before: mean waits off by ")
        .says("Half-hour")
        .says("Service level: within 20 s. Seed 1.");
    let found = backtest(bench, "--futures 20 --held-out 7 --output json");
    let found = found.await.with(0).json();
    let errors = schema("backtest").await;
    let errors: Vec<_> = errors
        .iter_errors(&found)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [] as [String; 0]);
    assert_eq!(found["fitted_days"], 22);
    assert!(number(&found["mean_wait_error"]) < 0.35, "{found}");
    assert!(number(&found["coverage"]) > 0.7, "{found}");
    // All who came in the last week are in it; whoever asked for two skills is in two lines.
    let lines = found["lines"].as_array().unwrap();
    let (all, skills) = lines.split_last().unwrap();
    assert_eq!((&all["queue"], &all["skill"]), (&Value::Null, &Value::Null));
    let offered = |of: &[Value]| of.iter().map(|one| number(&one["offered"])).sum::<f64>();
    let n = number(&all["offered"]);
    assert!((n..1.1 * n).contains(&offered(skills)), "{found}");
    // But for callers at an hour at which nobody had called before.
    let by_half_hour = offered(found["half_hours"].as_array().unwrap());
    assert!((0.99 * n..=n).contains(&by_half_hour), "{found}");
}

#[tokio::test]
async fn two_sets_of_weights_are_compared_by_the_callers_to_come() {
    let bench = &set_up(30).await;
    let skill = with_weights(bench).await;
    let shown = what_if(bench, "--weights none,proposed.toml").await.with(0);
    assert!(
        shown.stdout.lines().all(|line| line.chars().count() <= 145),
        "{}",
        shown.stdout
    );
    let tables = shown.stdout.lines().filter(|line| line.contains("  "));
    let too_long: Vec<&str> = tables
        .filter(|line| !line.starts_with("  ") && line.chars().count() > 80)
        .collect();
    assert_eq!(too_long, [] as [&str; 0]);
    shown
        .says("In the 20 days from 2026-03-01, with the proposed weights in the place of the present ones, by the twin:\n  Help! callers wait ")
        .says("Backtest on 2026-02-15 to 2026-02-28: mean waits off by ");

    let answer = what_if(bench, "--weights none,proposed.toml --output json");
    let answer = answer.await.with(0).json();
    let errors = schema("prediction").await;
    let errors: Vec<_> = errors
        .iter_errors(&answer)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [] as [String; 0]);
    let lines = answer["lines"].as_array().unwrap();
    let helped = lines.iter().find(|line| line["skill"] == *skill).unwrap();
    assert_eq!(helped["name"], "Help!");
    let wait = &helped["mean_wait_secs"];
    assert_eq!(wait["verdict"], "better");
    assert!(number(&wait["interval"][1]) < 0.0);
    let difference = number(&wait["proposed"]) - number(&wait["present"]);
    assert!((difference - number(&wait["difference"])).abs() < 1e-6);
    // Who goes first takes it from others.
    let paid = |line: &&Value| line["mean_wait_secs"]["verdict"] == "worse";
    assert!(lines.iter().any(|line| paid(&line)), "{answer}");
}

#[tokio::test]
async fn the_same_weights_twice_are_no_evidence_of_anything() {
    let bench = &set_up(30).await;
    let answer = what_if(bench, "--weights none,none --output json");
    for line in answer.await.with(0).json()["lines"].as_array().unwrap() {
        let wait = &line["mean_wait_secs"];
        assert_eq!(wait["difference"], json!(0.0));
        assert_eq!(wait["verdict"], "no-evidence");
    }
    what_if(bench, "--weights none,none")
        .await
        .with(0)
        .says("No evidence of any change: keep the present weights.");
}

#[tokio::test]
async fn threads_do_not_show_and_seeds_do() {
    let bench = &set_up(30).await;
    with_weights(bench).await;
    let mut answers = Vec::new();
    for flags in ["--threads 1", "--threads 2", "--threads 8", "--seed 2"] {
        let flags = format!("--weights none,proposed.toml --output json {flags}");
        answers.push(what_if(bench, &flags).await.with(0).stdout);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_ne!(answers[0], answers[3]);
}

#[tokio::test]
async fn what_cannot_be_believed_or_read_is_refused() {
    let bench = &set_up(30).await;
    bench.file("much.toml", "[weights]\nhelp = 101\n");
    bench.file("odd.toml", "[weigths]\nhelp = 10\n");
    for (code, flags, said) in [
        (
            2,
            "--weights none",
            "--weights compares two sets of weights",
        ),
        (
            2,
            "--weights none,nowhere.toml",
            "cannot use the weights in nowhere.toml",
        ),
        (
            2,
            "--weights now,proposed.toml",
            "name a file of weights, or `none` for no head starts",
        ),
        (
            2,
            "--weights none,much.toml",
            "look at the weight of skill `help`",
        ),
        (2, "--weights none,odd.toml", "unknown field `weigths`"),
        (
            2,
            "--weights none,none --time-zone Mars/Base",
            "there is no time zone `Mars/Base`",
        ),
        (
            2,
            "--weights none,none --target-secs=-1",
            "--target-secs must be from 0 to 86400",
        ),
        (
            4,
            "--weights none,none --max-error 1",
            "error: the twin mispredicts the mean waits from 2026-02-15 to 2026-02-28 by ",
        ),
        (
            4,
            "--weights none,none --fit-days 9",
            "14 are the least that a week's pattern can be seen in",
        ),
    ] {
        what_if(bench, flags).await.with(code).notes(said);
    }
    let forced = what_if(bench, "--weights none,none --max-error 1 --force").await;
    forced
        .with(0)
        .notes("warning: forced to predict although the twin mispredicts");
    let elsewhere = "backtest --facts history --queue nowhere";
    ended(bench, elsewhere)
        .await
        .with(4)
        .notes("error: the history has no visit to queue `nowhere`");
    ended(bench, "backtest --facts nothing").await.with(2);
}
