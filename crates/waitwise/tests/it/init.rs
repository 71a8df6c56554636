//! `init`: what it proposes, what it writes, and what it refuses.

use std::collections::BTreeMap;

use serde_json::Value;
use waitwise_sandbox::{SandboxOptions, Size};

use crate::bench::{Bench, Ended, ended};
use crate::doctor_platform::{command, start};

/// Runs `init` without a queue in the environment.
async fn init(bench: &Bench, line: &str) -> Ended {
    let mut command = command(bench, &format!("init {line}"));
    command.env_remove("WAITWISE_QUEUE");
    ended(command).await
}

/// A tenant of which skills have several codes.
async fn tenant() -> Bench {
    start(SandboxOptions {
        seed: 5,
        ..SandboxOptions::default()
    })
    .await
}

/// The skills proposed, by code, in the form in which names are compared.
fn proposed(answer: &Value) -> BTreeMap<String, String> {
    let codes = answer["wrap_up_codes"].as_array().unwrap().iter();
    let pair = |code: &Value| {
        let skill = code["skill"].as_str()?.to_lowercase().replace(' ', "");
        Some((code["wrap_up_code"].as_str()?.to_owned(), skill))
    };
    codes.filter_map(pair).collect()
}

#[tokio::test]
async fn what_is_proposed_is_what_the_codes_stand_for_and_the_settings_serve() {
    let bench = tenant().await;
    let mut command = command(&bench, "init --pull --yes --create-table --output json");
    command
        .env_remove("WAITWISE_QUEUE")
        .args(["--queue", "CUSTOMER service"]);
    let answer = ended(command).await.with(0).json();
    let schema = bench.waitwise("schema init").await.with(0).json();
    assert!(
        jsonschema::validator_for(&schema)
            .unwrap()
            .is_valid(&answer)
    );
    let truth = &bench.rig.sandbox.connection().wrapup_to_skill;
    assert_eq!(&proposed(&answer), truth, "{answer:#}");
    assert!(answer["coverage"].as_f64().unwrap() > 0.9, "{answer:#}");
    assert_eq!(answer["sharing"][0]["name"], "Back Office");
    assert_eq!(answer["data_table_state"], "made");
    assert_eq!(bench.rig.sandbox.writes(), 1);

    let text = bench.read("waitwise.toml");
    assert!(text.starts_with("#:schema "), "{text}");
    assert!(
        !text.contains(&bench.rig.sandbox.connection().client_secret),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(bench.rig.dir().join("waitwise.toml")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    // The file is all that is needed beside the secret.
    let mut doctor = bench.bare_command("doctor --output json");
    doctor
        .env(
            "WAITWISE_CLIENT_SECRET",
            &bench.rig.sandbox.connection().client_secret,
        )
        .env("WAITWISE_UNTIL", bench.rig.sandbox.now().to_string());
    let checks = ended(doctor).await.with(0).json();
    for check in checks["checks"].as_array().unwrap() {
        let is_write = check["check"] == "write";
        assert_eq!(
            check["status"],
            if is_write { "unknown" } else { "ok" },
            "{check:#}"
        );
    }
}

#[tokio::test]
async fn nothing_is_written_without_a_yes_and_nothing_over_a_file() {
    let bench = tenant().await;
    let queue = bench.queue();
    ended(command(&bench, "history pull")).await.with(0);
    let shown = init(&bench, &format!("--queue {queue} --create-table"))
        .await
        .with(0);
    shown
        .says("There is no data table `Waitwise priorities` yet")
        .says("Nothing changes for anybody until a flow reads the table.")
        .says("set this variable to 0")
        .says("Back Office")
        .says("No settings were written");
    init(&bench, &format!("--queue {queue} --yes"))
        .await
        .with(0);
    assert_eq!(bench.rig.sandbox.writes(), 0);
    let before = bench.read("waitwise.toml");
    bench.rig.sandbox.clear_requests();
    init(&bench, &format!("--queue {queue} --yes"))
        .await
        .failed(2, "error: waitwise.toml is there already");
    assert_eq!(bench.rig.requests(), [""; 0]);
    init(&bench, &format!("--queue {queue} --yes --force --days 3"))
        .await
        .with(0);
    assert_ne!(bench.read("waitwise.toml"), before);
    // The table is looked for before it is made.
    for writes in [1, 1] {
        init(
            &bench,
            &format!("--queue {queue} --yes --force --create-table"),
        )
        .await
        .with(0);
        assert_eq!(bench.rig.sandbox.writes(), writes);
    }
}

#[tokio::test]
async fn a_queue_must_be_meant_and_must_be_fit() {
    let bench = tenant().await;
    let queue = bench.queue();
    init(&bench, "--yes")
        .await
        .failed(2, "error: which queue? The client sees several")
        .notes("Back Office, Customer Service");
    init(&bench, "--queue Nobody")
        .await
        .with(2)
        .notes("the queues are Back Office");
    init(&bench, &format!("--queue {queue} --yes"))
        .await
        .with(6)
        .notes("was not pulled")
        .notes("`waitwise history pull --queue");
    let sandbox = &bench.rig.sandbox;
    sandbox.set_predictive([queue.as_str()]).unwrap();
    init(&bench, &format!("--queue {queue}"))
        .await
        .with(4)
        .notes("on predictive routing");
    sandbox.set_predictive([]).unwrap();
    sandbox
        .set_queue(&queue, r#"{"scoringMethod": "PriorityOnly"}"#)
        .unwrap();
    init(&bench, &format!("--queue {queue}"))
        .await
        .with(4)
        .notes("PriorityOnly");
    let ended = bench.waitwise("init --yes").await;
    ended.failed(
        2,
        "error: only a host of the published platform can be looked at",
    );
    assert!(!bench.rig.dir().join("waitwise.toml").exists());
}

#[tokio::test]
async fn a_table_that_may_have_been_made_is_looked_for() {
    let bench = tenant().await;
    let queue = bench.queue();
    ended(command(&bench, "history pull")).await.with(0);
    bench
        .rig
        .fault("create_table", 1, waitwise_sandbox::Fault::StatusAfter(503));
    init(&bench, &format!("--queue {queue} --yes --create-table"))
        .await
        .with(0)
        .says("The data table `Waitwise priorities` was made");
    assert_eq!(bench.rig.sandbox.writes(), 1);
}

#[tokio::test]
async fn many_codes_of_many_skills_are_told_apart() {
    for seed in [1, 2] {
        let bench = start(SandboxOptions {
            seed,
            size: Some(Size {
                skills: 25,
                codes: 60,
            }),
            ..SandboxOptions::default()
        })
        .await;
        let queue = bench.queue();
        let line = format!("--queue {queue} --pull --yes --output json");
        let answer = init(&bench, &line).await.with(0).json();
        let (proposed, truth) = (
            proposed(&answer),
            &bench.rig.sandbox.connection().wrapup_to_skill,
        );
        let (mut right, mut all) = (0, 0);
        for code in answer["wrap_up_codes"].as_array().unwrap() {
            let id = code["wrap_up_code"].as_str().unwrap();
            let n = code["conversations"].as_u64().unwrap();
            all += n;
            right += if proposed.get(id) == truth.get(id) {
                n
            } else {
                0
            };
        }
        let wrong: Vec<_> = proposed
            .iter()
            .filter(|(code, skill)| truth.get(*code) != Some(skill))
            .collect();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
        assert!(all > 1_000, "seed {seed}: {all}");
        assert!(right * 100 >= all * 95, "seed {seed}: {right} of {all}");
    }
}
