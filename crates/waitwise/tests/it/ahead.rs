//! Plans that look ahead: strategies that need a twin, what the planned weights would do, and when that is refused.

use jiff::civil::Date;
use serde_json::{Value, json};
use waitwise_sandbox::export::{ExportSpec, Extent, to_file};
use waitwise_sandbox::{SandboxOptions, Troubles};

use crate::bench::{Bench, Ended};
use crate::doctor_platform::start_with;
use crate::platform_job::platform;

/// What a plan needs on the platform, but for `analytics:userAggregate:view`.
const ALL_BUT_AGENTS_TIME: [&str; 7] = [
    "analytics:conversationAggregate:view",
    "analytics:conversationDetail:view",
    "architect:datatable:view",
    "architect:datatableRow:view",
    "routing:predictor:view",
    "routing:queue:view",
    "routing:skill:view",
];

/// The tenant of a seed with its last weeks as facts in `history`.
///
/// It is two in the morning of a Monday; on the Sunday before nobody called.
pub(crate) async fn set_up(days: u16) -> Bench {
    let options = SandboxOptions {
        now: Some("2026-03-02T02:00:00Z".parse().unwrap()),
        ..SandboxOptions::default()
    };
    let bench = Bench::with(options).await;
    let last: Date = "2026-03-02".parse().unwrap();
    let spec = ExportSpec {
        seed: 1,
        tenants: 1,
        size: None,
        calls_a_day: None,
        troubles: Troubles::NONE,
        from: last - jiff::Span::new().days(days),
        extent: Extent::Days(days),
    };
    let path = bench.rig.dir().join("records.ndjson");
    to_file(&spec, &path, &mut |_| ()).unwrap();
    bench
        .waitwise("history import records.ndjson --history-dir history")
        .await
        .with(0);
    bench
}

async fn plan(bench: &Bench, flags: &str) -> Ended {
    bench
        .waitwise(&format!("plan --facts history {flags} --output json"))
        .await
}

#[tokio::test]
async fn a_searched_plan_says_what_it_would_do_and_is_applied() {
    let bench = set_up(30).await;
    let shown = bench
        .waitwise("plan --facts history --strategy search --budget 3000000 -o plan.json")
        .await
        .with(0);
    shown
        .says("Searched for a small worst-wait:\n  better: worst-wait goes from ")
        .says("In the 20 days from 2026-03-01, with the proposed weights in the place of the present ones, by the twin:\n")
        .says(" all callers")
        .says("Backtest on 2026-02-15 to 2026-02-28: mean waits off by ");
    let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
    assert_eq!(plan["strategy"]["name"], "search");
    assert_eq!(plan["search"]["objective"], "worst-wait");
    let change = &plan["search"];
    let number = |of: &Value, member: &str| of[member].as_f64().unwrap();
    assert!(number(change, "change") + number(change, "half_width") < 0.0);
    let lines = plan["prediction"]["lines"].as_array().unwrap();
    let skills = plan["weights"].as_object().unwrap();
    for skill in skills.keys() {
        let own = |line: &&Value| line["skill"] == **skill && line["queue"] == plan["queue"];
        assert_eq!(lines.iter().filter(own).count(), 1, "{skill}");
    }
    assert_eq!(lines.last().unwrap()["queue"], Value::Null);
    assert_eq!(
        plan["prediction"]["sensitivity"].as_array().unwrap().len(),
        3
    );
    let n_steps = plan["steps"].as_array().unwrap().len();
    // Without a limit a guardrail is none, and the plan can be read all the same.
    let loose = "--strategy search --budget 3000000 --guardrail p90-rise=none";
    let line = format!("plan --facts history {loose} -o loose.json");
    bench.waitwise(&line).await.with(0);
    bench.waitwise("apply loose.json").await.with(0);
    bench.waitwise("rollback").await.with(0);
    bench.rig.sandbox.clear_requests();
    bench.waitwise("apply plan.json").await.with(0);
    bench.waitwise("rollback").await.with(0);
    assert_eq!(bench.rig.sandbox.writes(), 2 * n_steps);
}

/// A skill that is asked for in the queue.
async fn answer_of_skill(bench: &Bench) -> String {
    let answer = plan(bench, "--strategy balanced --futures 20").await;
    let answer = answer.with(0).json();
    let weights = answer["weights"].as_object().unwrap();
    weights.keys().next().unwrap().clone()
}

#[tokio::test]
async fn threads_do_not_show_in_what_is_found() {
    let bench = &set_up(30).await;
    let mut answers = Vec::new();
    for threads in ["1", "3"] {
        let flags = format!("--strategy search --budget 1000000 --threads {threads} --seed 7");
        let answer = plan(bench, &flags).await.with(0).json();
        answers.push([answer["search"].clone(), answer["prediction"].clone()]);
    }
    assert_eq!(answers[0], answers[1]);
    let other = plan(bench, "--strategy search --budget 1000000 --seed 8").await;
    assert_ne!(other.with(0).json()["search"], answers[0][0]);
}

#[tokio::test]
async fn every_strategy_comes_with_a_prediction() {
    let bench = &set_up(30).await;
    for strategy in ["volume-wait", "balanced", "cmu"] {
        let answer = plan(bench, &format!("--strategy {strategy} --futures 20")).await;
        let answer = answer.with(0).json();
        assert_eq!(answer["strategy"]["name"], strategy);
        assert_eq!(answer["prediction"]["futures"], 40, "{strategy}");
        assert_eq!(answer["prediction"]["target_secs"], json!(20.0));
    }
    let skill = answer_of_skill(bench).await;
    let dear = format!("--strategy cmu --futures 20 --cost {skill}=3");
    let answer = plan(bench, &dear).await.with(0).json();
    let cost = format!("cost.{skill}");
    assert_eq!(answer["strategy"]["settings"][cost], json!(3.0));
    assert_eq!(answer["weights"][skill], json!(100));
}

#[tokio::test]
async fn where_no_move_is_allowed_the_present_weights_stay() {
    let bench = &set_up(30).await;
    let strict = "--strategy search --budget 1000000 --guardrail head-start-gap=0";
    let kept = plan(bench, strict).await.with(0);
    let answer = kept.json();
    assert_eq!(answer["format"], "waitwise-no-plan/1");
    assert_eq!(
        answer["message"],
        "Nothing is shown to be better than the present weights: there is nothing to write."
    );
    let said = answer["search"]["said"][0].as_str().unwrap();
    assert!(
        said.starts_with("no evidence of anything better for worst-wait"),
        "{said}"
    );
    let text = bench
        .waitwise(&format!("plan --facts history {strict}"))
        .await;
    text.with(0)
        .says("Searched for a small worst-wait:\n  no evidence of anything better")
        .says("Nothing is shown to be better than the present weights");
    // What spoke against the twin is told all the same.
    let forced = plan(bench, &format!("{strict} --max-error 1 --force")).await;
    let warnings = forced.with(0).json()["analysis"]["warnings"].clone();
    let is_told = |warning: &Value| {
        let warning = warning.as_str().unwrap();
        warning.starts_with("forced to go on although the twin mispredicts")
    };
    assert!(
        warnings.as_array().unwrap().iter().any(is_told),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_twin_that_cannot_be_believed_is_not_asked() {
    let bench = &set_up(30).await;
    let refused = plan(bench, "--strategy search --max-error 1").await.with(4);
    refused
        .notes("error: the twin mispredicts the mean waits from 2026-02-15 to 2026-02-28 by ")
        .notes("--force predicts all the same");
    // A formula needs no twin: it is planned, and nobody knows what it will do.
    let answer = plan(bench, "--strategy volume-wait --max-error 1")
        .await
        .with(0)
        .json();
    assert_eq!(answer.get("prediction"), None);
    let warned = |answer: &Value, start: &str| {
        let warnings = answer["warnings"].as_array().unwrap();
        warnings
            .iter()
            .any(|one| one.as_str().unwrap().starts_with(start))
    };
    assert!(warned(
        &answer,
        "nobody knows what this will do to waits: the twin mispredicts"
    ));
    let forced = "--strategy volume-wait --max-error 1 --force --futures 20";
    let answer = plan(bench, forced).await.with(0).json();
    assert!(answer["prediction"].is_object());
    assert!(warned(
        &answer,
        "forced to go on although the twin mispredicts"
    ));
    let short = plan(bench, "--strategy search --days 9").await.with(4);
    short.notes("14 are the least that a week's pattern can be seen in");
}

#[tokio::test]
async fn who_tells_of_no_visits_and_who_asks_badly_is_told() {
    let bench = &set_up(30).await;
    bench
        .waitwise("plan --strategy search")
        .await
        .with(2)
        .notes("the strategy search needs single visits, and this host tells of none")
        .notes("hint: name a folder of facts of the same queue with --facts");
    for (flags, said) in [
        ("--guardrail p90-rise", "expected such as p90-rise=10%"),
        ("--objective speed", "speed"),
        ("--cost x", "expected a skill's id and a number"),
        (
            "--strategy cmu --cost nobody=3",
            "skill `nobody` has a cost, and is none whose weight can be moved",
        ),
        (
            "--strategy balanced --guardrail p90-rise=0",
            "--guardrail is for the strategy search, which was not asked for",
        ),
        (
            "--strategy search --max-error NaN",
            "--max-error must be 0 or more",
        ),
        (
            "--strategy cmu --cost x=-1",
            "a number above 0 was expected",
        ),
        (
            "--strategy search --time-zone Mars/Base",
            "there is no time zone `Mars/Base`",
        ),
        (
            "--strategy search --service-goal 120",
            "--service-goal must be from 0 to 100",
        ),
    ] {
        plan(bench, flags).await.with(2).notes(said);
    }
}

#[tokio::test]
async fn who_was_at_work_is_told_by_the_platform_once_all_that_they_did_is_known() {
    let bench = start_with(20, SandboxOptions::default()).await;
    let flags = "--days 18 --state-dir state";
    let pull = |queues: String| format!("history pull {flags} {queues}");
    platform(&bench, &pull(String::new())).await.with(0);
    let init = format!(
        "init --queue {} --yes --create-table --days 4",
        bench.queue()
    );
    platform(&bench, &init).await.with(0);
    let plan = format!(
        "plan {flags} --strategy volume-wait --held-out 3 --futures 20 --max-error 100 --output json"
    );
    let warned = |answer: &Value, part: &str| {
        let warnings = answer["warnings"].as_array().unwrap();
        warnings
            .iter()
            .any(|one| one.as_str().unwrap().contains(part))
    };
    let alone = platform(&bench, &plan).await.with(0).json();
    assert_eq!(alone["prediction"]["basis"]["staffing_is_told"], false);
    assert!(warned(
        &alone,
        "the history on disk has nobody of queue `Back Office`"
    ));
    assert!(warned(
        &alone,
        "agents were on queue for callers who are not in the history"
    ));

    let organisation = bench.rig.sandbox.organisation();
    let other = organisation
        .queues
        .iter()
        .find(|queue| queue.name == "Back Office");
    platform(
        &bench,
        &pull(format!(
            "--queue {} --queue {}",
            bench.queue(),
            other.unwrap().id
        )),
    )
    .await
    .with(0);
    let both = platform(&bench, &plan).await.with(0).json();
    assert_eq!(both["prediction"]["basis"]["staffing_is_told"], true);
    assert!(!warned(&both, "the history on disk has nobody of queue"));

    // Without the permission to read agents' time it is inferred, and said.
    bench
        .rig
        .sandbox
        .set_permissions(ALL_BUT_AGENTS_TIME)
        .unwrap();
    let forbidden = platform(&bench, &plan).await.with(0).json();
    assert_eq!(forbidden["prediction"]["basis"]["staffing_is_told"], false);
    assert!(warned(
        &forbidden,
        "the client may not read how long agents were on queue"
    ));
}
