//! What the command says about itself: schemas, completions, manual pages.

use jsonschema::Validator;
use serde_json::Value;
use tokio::process::Command;

use crate::bench::{Bench, Ended, ended};

#[tokio::test]
async fn answers_fit_their_schemas() {
    let bench = Bench::start().await;
    let run = bench.waitwise("run --yes --output json").await.with(0);
    fits("run", &run).await;
    let list = bench.waitwise("changes list --output json").await;
    fits("changes", &list).await;
    let change = list.json()["changes"][0]["change"]
        .as_str()
        .unwrap()
        .to_owned();
    let show = format!("changes show {change} --output json");
    fits("journal", &bench.waitwise(&show).await).await;
    fits("change", &bench.waitwise("rollback --output json").await).await;
    fits("journal", &bench.waitwise(&show).await).await;
    fits("analysis", &bench.waitwise("analyze --output json").await).await;
    fits("plan", &bench.waitwise("plan --output json").await).await;
    fits("doctor", &bench.waitwise("doctor --output json").await).await;
    bench.map(&[("c-gone", "Billing")]);
    fits("no-plan", &bench.waitwise("plan --output json").await).await;
    fits("run", &bench.waitwise("run --yes --output json").await).await;
    fits("doctor", &bench.waitwise("doctor --output json").await).await;
    fits("demo", &bench.waitwise("demo --days 2 --output json").await).await;
}

#[tokio::test]
async fn the_settings_schema_knows_every_key_and_no_other() {
    let schema = schema("config").await;
    let settings = |text: &str| -> Value { toml::from_str(text).unwrap() };
    for text in [
        "",
        "host = \"h\"\ndays = 7\nwait_unit = \"milliseconds\"\n[map]\nc = \"Billing\"\n",
        "#:schema ./waitwise.schema.json\nmax_step = 5\nmin_volume = 0.5\n",
    ] {
        assert!(schema.is_valid(&settings(text)), "{text}");
    }
    for text in [
        "hots = \"h\"\n",
        "client_secret = \"x\"\n",
        "days = \"7\"\n",
        "days = -7\n",
        "wait_unit = \"hours\"\n",
        "[map]\nc = 1\n",
    ] {
        assert!(!schema.is_valid(&settings(text)), "{text}");
    }
}

#[tokio::test]
async fn a_plan_with_an_impossible_weight_does_not_fit() {
    let bench = Bench::start().await;
    let plan = bench.waitwise("plan --output json").await.json();
    let schema = schema("plan").await;
    for (pointer, value) in [
        ("/weights/s-tech", Value::from(101)),
        ("/steps/0/changes/0/after", Value::from(0)),
        ("/format", Value::from("waitwise-plan/2")),
    ] {
        let mut plan = plan.clone();
        *plan.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&plan), "{pointer}");
    }
}

#[tokio::test]
async fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = waitwise(&format!("completions {shell}"))
            .await
            .with(0)
            .stdout;
        for word in ["rollback", "client-secret-file", "doctor"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    waitwise("completions tcsh").await.with(2);
}

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    waitwise(&format!("man --out {}", pages.display()))
        .await
        .with(0);
    for name in [
        "waitwise",
        "waitwise-plan",
        "waitwise-changes-show",
        "waitwise-doctor",
    ] {
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    let main = waitwise("man").await.with(0).stdout;
    assert_eq!(
        main,
        std::fs::read_to_string(pages.join("waitwise.1")).unwrap()
    );
    std::fs::write(folder.path().join("file"), "").unwrap();
    waitwise(&format!("man --out {}/file", folder.path().display()))
        .await
        .failed(
            2,
            &format!(
                "error: cannot write manual pages to {}/file",
                folder.path().display()
            ),
        );
}

async fn waitwise(line: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    command.args(line.split_whitespace()).env_clear();
    ended(command).await
}

async fn schema(of: &str) -> Validator {
    let schema = waitwise(&format!("schema {of}")).await.with(0).json();
    jsonschema::validator_for(&schema).unwrap()
}

/// Checks an answer, and that the schema is for it: it says every member.
async fn fits(of: &str, answer: &Ended) {
    let answer = answer.json();
    let schema = schema(of).await;
    let errors: Vec<_> = schema
        .iter_errors(&answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{of}: {errors:#?}\n{answer:#}");
    assert!(!schema.is_valid(&serde_json::json!({})), "{of}");
}
