//! Odd rules, skills and plans: which are refused, how, and that nothing is written then.

use serde_json::{Value, json};

use crate::bench::{Bench, TWO_AT_50, WEIGHTS, group, weights};

#[tokio::test]
async fn a_queue_without_a_rule_has_nothing_to_write_to() {
    let bench = Bench::start().await;
    bench.rules(&[]);
    let error = format!("error: no routing rule found for queue `{}`", bench.queue());
    refused(&bench, "plan", 1, &error).await;
    refused(&bench, "run --yes", 1, &error).await;
    let analysis = bench.waitwise("analyze").await.with(0);
    analysis.says("warning: the queue has no routing rule: there is nothing to write weights to\n");
}

#[tokio::test]
async fn of_two_rules_none_is_written() {
    let bench = Bench::start().await;
    bench.rules(&[bench.rule("r1", Some(TWO_AT_50)), bench.rule("r2", None)]);
    let error = format!(
        "error: queue `{}` has 2 routing rules: routing-rule/r1, routing-rule/r2",
        bench.queue()
    );
    refused(&bench, "plan", 4, &error).await;
    refused(&bench, "run --yes", 4, &error).await;
    let analysis = bench.waitwise("analyze").await.with(0);
    analysis.says("warning: the queue has 2 routing rules: nobody can say which one counts\n");
}

#[tokio::test]
async fn a_second_rule_after_the_plan_stops_it() {
    let bench = planned().await;
    bench.rules(&[bench.rule("r1", Some(TWO_AT_50)), bench.rule("r2", None)]);
    let error = "error: routing-rule/r1 is not what the plan was made from: the queue has several";
    refused(&bench, "apply plan.json", 3, error).await;
}

#[tokio::test]
async fn a_rule_without_skills_takes_them_and_loses_them_again() {
    for (before, name) in [
        (None, "absent"),
        (Some("null"), "null"),
        (Some("[]"), "empty"),
    ] {
        let bench = Bench::start().await;
        bench.rules(&[bench.rule("r1", before)]);
        let rule = bench.stored();
        bench.waitwise("run --yes").await.with(0);
        assert_eq!(bench.stored_weights(), weights(&WEIGHTS), "{name}");
        bench.waitwise("rollback").await.with(0);
        assert_eq!(bench.stored(), rule, "{name}");
    }
}

#[tokio::test]
async fn an_inactive_skill_is_not_planned() {
    let bench = Bench::start().await;
    bench.history(&[group("c-tech", "400", "90"), group("c-fax", "40", "5")]);
    bench.map(&[("c-tech", "Technical Support"), ("c-fax", "Fax Orders")]);
    let error =
        "error: the plan is refused\n  because: skill `Fax Orders` (s-fax) is inactive, not active";
    refused(&bench, "plan", 4, error).await;
    refused(&bench, "run --yes", 4, error).await;
}

#[tokio::test]
async fn a_name_that_no_skill_has_is_told_and_left_out() {
    let bench = Bench::start().await;
    bench.map(&[
        ("c-bill", "Billing"),
        ("c-tech", "Technical Support"),
        ("c-sale", "Upselling"),
    ]);
    let plan = bench.waitwise("plan --output json").await.with(0).json();
    assert_eq!(plan["weights"], json!({"s-bill": 1, "s-tech": 100}));
    assert_eq!(plan["unmapped"][0]["wrap_up_code"], "c-sale");
    assert_eq!(
        plan["unmapped"][0]["reason"],
        "the tenant has no skill named `upselling`"
    );
    assert_eq!(
        plan["warnings"][0],
        "1 wrap-up code is left out for want of a skill: c-sale"
    );
    bench.waitwise("run --yes").await.with(0);
    assert_eq!(
        bench.stored_weights(),
        weights(&[("s-bill", 1), ("s-tech", 100)])
    );
}

#[tokio::test]
async fn a_skill_that_went_after_the_plan_stops_it() {
    let bench = planned().await;
    bench.skills(&[
        ("s-bill", "Billing", "active"),
        ("s-tech", "Technical Support", "active"),
    ]);
    let error = "error: the plan is not carried out\n  because: skill `s-sale` does not exist in the tenant";
    refused(&bench, "apply plan.json", 4, error).await;
    bench.skills(&[
        ("s-bill", "Billing", "active"),
        ("s-tech", "Technical Support", "deleted"),
        ("s-sale", "Sales", "active"),
    ]);
    let error = "error: the plan is not carried out\n  because: skill `Technical Support` (s-tech) is deleted, not active";
    refused(&bench, "apply plan.json", 4, error).await;
}

#[tokio::test]
async fn a_weight_out_of_range_is_never_carried_out() {
    for weight in [0, 101, -1, 1000] {
        let bench = planned().await;
        edit(&bench, |plan| plan["weights"]["s-tech"] = json!(weight));
        let error = format!(
            "error: cannot use the plan plan.json\n  because: the plan gives skill `s-tech` a weight that cannot be written\n  because: weight {weight} is outside 1..=100"
        );
        refused(&bench, "apply plan.json", 4, &error).await;
        refused(&bench, "rollback --plan plan.json", 4, &error).await;
    }
    let bench = planned().await;
    edit(&bench, |plan| {
        plan["steps"][0]["changes"][0]["after"] = json!(101)
    });
    let error = "error: cannot use the plan plan.json\n  because: the plan gives skill `s-bill` a weight that cannot be written";
    refused(&bench, "apply plan.json", 4, error).await;
}

#[tokio::test]
async fn an_edited_plan_is_refused_whatever_was_edited() {
    let edits: [fn(&mut Value); 5] = [
        |plan| plan["weights"]["s-tech"] = json!(99),
        |plan| plan["queue"] = json!("another"),
        |plan| plan["steps"][0]["object"] = json!("routing-rule/r2"),
        |plan| plan["warnings"] = json!([]),
        |plan| plan["steps"][0]["forward"]["rule"] = json!("r2"),
    ];
    for edited in edits {
        let bench = planned().await;
        edit(&bench, edited);
        let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
        let ended = bench.waitwise("apply plan.json").await;
        let ended = ended.failed(4, "error: cannot use the plan plan.json");
        ended
            .notes("  because: the plan was edited after it was made: its content has the digest ")
            .notes(&format!(", its id says {}\n", plan["id"].as_str().unwrap()));
        assert_eq!(bench.rig.sandbox.writes(), 0);
    }
}

#[tokio::test]
async fn what_is_no_plan_is_said_to_be_none() {
    let bench = planned().await;
    bench.file("other.json", r#"{"format": "waitwise-plan/2"}"#);
    let error = "error: cannot use the plan other.json\n  because: the file says format `waitwise-plan/2`; this version reads `waitwise-plan/1`";
    refused(&bench, "apply other.json", 2, error).await;
    bench.file("other.json", "weights: 1");
    let error = "error: cannot use the plan other.json\n  because: the file is not a plan";
    refused(&bench, "apply other.json", 2, error).await;
    refused(
        &bench,
        "apply nowhere.json",
        2,
        "error: cannot use the plan nowhere.json",
    )
    .await;
    edit(&bench, |plan| plan["weights"]["s-tech"] = json!(1.5));
    let error = "error: cannot use the plan plan.json\n  because: the file is not a plan";
    refused(&bench, "apply plan.json", 2, error).await;
}

#[tokio::test]
async fn a_rule_with_a_member_twice_is_refused() {
    let bench = planned().await;
    let queue = bench.queue();
    let twice = format!(r#"{{"id":"r1","queueId":"{queue}","skills":[],"name":"a","name":"b"}}"#);
    bench.rules(&[twice]);
    let error = format!("error: cannot read a routing rule of queue `{queue}`\n  because: ");
    for line in ["plan", "run --yes", "analyze"] {
        let ended = refused(&bench, line, 4, error.lines().next().unwrap()).await;
        ended.notes("  because: the member `name` stands twice in ");
    }
    let error = "error: cannot read the queue's rules before the write";
    refused(&bench, "apply plan.json", 4, error).await;
}

#[tokio::test]
async fn a_rule_with_a_skill_twice_is_refused() {
    let bench = Bench::start().await;
    let skills = r#"[{"id":"s-tech","weight":1},{"id":"s-tech","weight":2}]"#;
    bench.rules(&[bench.rule("r1", Some(skills))]);
    let error = format!(
        "error: cannot read a routing rule of queue `{}`",
        bench.queue()
    );
    refused(&bench, "plan", 4, &error).await.notes("`s-tech`");
}

/// A tenant and a plan for it in `plan.json`.
async fn planned() -> Bench {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    bench
}

fn edit(bench: &Bench, edit: impl FnOnce(&mut Value)) {
    let mut plan = serde_json::from_str(&bench.read("plan.json")).unwrap();
    edit(&mut plan);
    bench.file("plan.json", &plan.to_string());
}

/// Runs a command that must fail so, having written nothing.
async fn refused(bench: &Bench, line: &str, code: i32, error: &str) -> crate::bench::Ended {
    let rules = bench.rig.sandbox.rules();
    let ended = bench.waitwise(line).await.failed(code, error);
    assert_eq!(bench.rig.sandbox.writes(), 0, "{line}");
    assert_eq!(bench.rig.sandbox.rules(), rules, "{line}");
    ended
}
