//! The job from plan to rollback, and what others do to the rule in between.

use serde_json::{Value, json};

use crate::bench::{Bench, TWO_AT_50, WEIGHTS, weights};

#[tokio::test]
async fn a_change_is_planned_applied_looked_at_and_undone() {
    let bench = Bench::start().await;
    let before = bench.stored();
    let plan = bench.waitwise("plan -o plan.json").await.with(0);
    plan.says("Would write 3 weights into routing-rule/r1.\n")
        .notes("Plan written to plan.json. To carry it out: waitwise apply plan.json\n");
    assert_eq!(bench.stored(), before);

    let applied = bench.waitwise("apply plan.json").await.with(0);
    let applied = applied.says("routing-rule/r1 written and verified by reading it back.\n");
    assert_eq!(bench.stored_weights(), weights(&WEIGHTS));
    assert_eq!(
        bench.stored()["skills"][1]["note"],
        before["skills"][1]["note"]
    );

    let change = last_change(&bench).await;
    applied.says(&format!(
        "Change {change}. To undo it: waitwise rollback {change}\n"
    ));
    let list = bench.waitwise("changes list").await.with(0);
    list.says(&change).says("apply").says("done");
    let shown = bench
        .waitwise(&format!("changes show {change}"))
        .await
        .with(0);
    shown
        .says(&format!("Change {change}: apply, done\n"))
        .says("step 0  intent: ")
        .says("step 0  sent: ")
        .says("step 0  confirmed: ");

    let undone = bench.waitwise(&format!("rollback {change}")).await.with(0);
    undone
        .says("routing-rule/r1 restored and verified by reading it back.\n")
        .says("Rolled back, as change ");
    assert_eq!(bench.stored(), before);
    let states = states(&bench).await;
    assert_eq!(
        states,
        [("rollback", "done"), ("apply", "rolled-back")].map(owned)
    );

    let again = bench.waitwise(&format!("rollback {change}")).await;
    again.failed(
        2,
        &format!("error: change `{change}` cannot be rolled back: that has been done already"),
    );
    assert_eq!(bench.rig.sandbox.writes(), 2);
}

#[tokio::test]
async fn a_plan_is_applied_once() {
    let bench = planned().await;
    bench.waitwise("apply plan.json").await.with(0);
    let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
    let error = format!(
        "error: plan `{}` was applied already, as change `{}`",
        plan["id"].as_str().unwrap(),
        last_change(&bench).await
    );
    bench.waitwise("apply plan.json").await.failed(3, &error);
    bench.waitwise("rollback").await.with(0);
    assert_eq!(bench.rig.sandbox.writes(), 2);
}

#[tokio::test]
async fn a_rule_that_moved_is_shown_from_both_sides_and_left_alone() {
    let bench = planned().await;
    let moved =
        r#"[{"id":"s-bill","weight":50},{"weight":77,"id":"s-tech","note":"gepr\u00fcft"}]"#;
    bench.rules(&[bench.rule("r1", Some(moved)).replace("1.10", "2")]);
    let rules = bench.rig.sandbox.rules();
    let ended = bench.waitwise("apply plan.json").await;
    let error = "error: routing-rule/r1 is not what the plan was made from: somebody changed it";
    let sides = "  /ratio: when planned 1.10, now 2\n  /skills/1/weight: when planned 50, now 77\n";
    ended.failed(3, error).notes(sides);
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert_eq!(bench.rig.sandbox.rules(), rules);
}

#[tokio::test]
async fn what_the_host_counts_up_is_no_move() {
    let bench = planned().await;
    let rule = bench.rule("r1", Some(TWO_AT_50));
    bench.rules(&[rule.replace(r#""version":3"#, r#""version":9,"modifiedBy":"u1""#)]);
    bench.waitwise("apply plan.json").await.with(0);
}

#[tokio::test]
async fn what_others_change_elsewhere_survives_a_rollback() {
    let bench = planned().await;
    bench.waitwise("apply plan.json").await.with(0);
    let theirs = bench.rig.sandbox.rules()[0].replace(r#""name":"Desk""#, r#""name":"Front desk""#);
    bench.rules(&[theirs]);
    let undone = bench.waitwise("rollback").await.with(0);
    undone.says("Somebody has changed other parts of it since; these were left as they are.\n");
    let rule = bench.stored();
    assert_eq!(rule["name"], "Front desk");
    let skills: Value = serde_json::from_str(TWO_AT_50).unwrap();
    assert_eq!(rule["skills"], skills);
}

#[tokio::test]
async fn a_weight_that_others_set_since_is_only_undone_by_force() {
    let bench = planned().await;
    let before = bench.stored();
    bench.waitwise("apply plan.json").await.with(0);
    let theirs = bench.rig.sandbox.rules()[0].replace(r#""weight":100"#, r#""weight":60"#);
    bench.rules(&[theirs]);
    let ended = bench.waitwise("rollback").await;
    let ended = ended.with(3);
    ended
        .notes("error: routing-rule/r1 was changed by somebody else since: ")
        .notes("s-tech")
        .notes("60")
        .notes("--force");
    assert_eq!(bench.rig.sandbox.writes(), 1);
    bench.waitwise("rollback --force").await.with(0);
    assert_eq!(bench.stored(), before);
}

#[tokio::test]
async fn a_plan_is_undone_without_its_journal() {
    let bench = planned().await;
    let before = bench.stored();
    bench.waitwise("apply plan.json").await.with(0);
    let lost = "rollback --state-dir elsewhere";
    let error = format!(
        "error: there is no applied change to roll back for {}",
        bench.rig.sandbox.connection().base_url
    );
    bench.waitwise(lost).await.failed(1, &error);
    assert_eq!(bench.stored_weights(), weights(&WEIGHTS));
    bench
        .waitwise(&format!("{lost} --plan plan.json"))
        .await
        .with(0);
    assert_eq!(bench.stored(), before);
    let again = bench
        .waitwise(&format!("{lost} --plan plan.json"))
        .await
        .with(0);
    again.says("routing-rule/r1 says already what was to be written: nothing was sent.\n");
    assert_eq!(bench.rig.sandbox.writes(), 2);
}

#[tokio::test]
async fn where_nothing_was_applied_there_is_nothing_to_undo() {
    let bench = Bench::start().await;
    let error = format!(
        "error: there is no applied change to roll back for {}",
        bench.rig.sandbox.connection().base_url
    );
    bench.waitwise("rollback").await.failed(1, &error);
    let error = "error: the journal has no change `no-such`";
    bench.waitwise("rollback no-such").await.failed(2, error);
    bench
        .waitwise("changes show no-such")
        .await
        .failed(2, error);
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn run_does_the_tutorials_job_with_its_milestones() {
    let bench = Bench::start().await;
    let run = bench.waitwise("run --yes").await.with(0);
    let weights_text = "{s-bill: 1, s-sale: 47, s-tech: 100}";
    in_order(
        &run.stdout,
        &[
            "Fetching historical wrap-up analytics...",
            "Retrieved 3 wrap-up code groups.",
            "Fetching routing skills...",
            "Calculating optimal skill weights...",
            &format!("Calculated weights: {weights_text}"),
            "Updating routing rule...",
            "Routing rule updated successfully.",
            &format!("Rule ID: r1, Updated Skills: {weights_text}"),
        ],
    );
    assert_eq!(run.stderr, "");
    assert_eq!(bench.stored_weights(), weights(&WEIGHTS));

    let again = bench.waitwise("run --yes").await.with(0);
    let again = again
        .says("The routing rule says all of this already: there is nothing to write.\n")
        .says("The host says all of it already: nothing was written.\n");
    assert!(
        !again.stdout.contains("Updating routing rule"),
        "{}",
        again.stdout
    );
    assert_eq!(bench.rig.sandbox.writes(), 1);
    assert_eq!(states(&bench).await.len(), 1);
}

#[tokio::test]
async fn run_answers_programs_in_one_json_value() {
    let bench = Bench::start().await;
    let run = bench
        .waitwise("run --yes --output json")
        .await
        .with(0)
        .json();
    assert_eq!(run["format"], "waitwise-run/1");
    assert_eq!(run["outcome"], "applied");
    assert_eq!(
        run["plan"]["weights"],
        json!({"s-bill": 1, "s-sale": 47, "s-tech": 100})
    );
    assert_eq!(run["applied"]["objects"][0]["sent"], 1);
    assert_eq!(run["applied"]["change"], last_change(&bench).await);
    let again = bench
        .waitwise("run --yes --output json")
        .await
        .with(0)
        .json();
    assert_eq!(again["outcome"], "unchanged");
}

#[tokio::test]
async fn without_a_yes_and_a_terminal_nothing_is_written() {
    let bench = Bench::start().await;
    let ended = bench.waitwise("run").await;
    ended
        .failed(
            2,
            "error: writing needs a yes, and there is no terminal to ask on",
        )
        .notes("hint: --yes writes without asking, --dry-run stops before writing\n");
    let dry = bench.waitwise("run --dry-run").await.with(0);
    dry.says("Dry run: nothing was written.\n");
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

#[tokio::test]
async fn without_weights_run_says_so_and_writes_nothing() {
    let bench = Bench::start().await;
    bench.map(&[]);
    let run = bench.waitwise("run --yes").await.with(0);
    let run = run.says("\nNo valid weight calculations found. Verify wrap-up code mapping.\n");
    assert!(!run.stdout.contains("Updating"), "{}", run.stdout);
    let plan = bench.waitwise("plan -o plan.json").await.with(0);
    plan.says("\nNo valid weight calculations found. Verify wrap-up code mapping.\n");
    let plan = bench.waitwise("plan --output json").await.with(0).json();
    assert_eq!(plan["weights"], json!({}));
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert!(!bench.rig.dir().join("plan.json").exists());
}

#[tokio::test]
async fn a_step_is_bounded_when_planned_and_refused_when_applied() {
    let bench = Bench::start().await;
    let plan = bench
        .waitwise("plan --max-step 10 -o plan.json")
        .await
        .with(0);
    plan.says("held back from 1\n").says("held back from 100\n");
    let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
    assert_eq!(
        plan["weights"],
        json!({"s-bill": 40, "s-sale": 47, "s-tech": 60})
    );
    assert_eq!(plan["held_back"], json!({"s-bill": 1, "s-tech": 100}));

    let error = "error: the plan is not carried out\n  because: the weight of skill `s-bill` would move from 50 to 40, more than 9 points";
    bench
        .waitwise("apply plan.json --max-step 9")
        .await
        .failed(4, error);
    assert_eq!(bench.rig.sandbox.writes(), 0);
    bench
        .waitwise("apply plan.json --max-step 10")
        .await
        .with(0);
    bench.waitwise("run --yes --max-step 10").await.with(0);
    let stepped = [("s-bill", 30), ("s-sale", 47), ("s-tech", 70)];
    assert_eq!(bench.stored_weights(), weights(&stepped));
}

/// A tenant and a plan for it in `plan.json`.
async fn planned() -> Bench {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    bench
}

async fn changes(bench: &Bench) -> Vec<Value> {
    let list = bench.waitwise("changes list --output json").await.with(0);
    list.json()["changes"].as_array().unwrap().clone()
}

async fn last_change(bench: &Bench) -> String {
    changes(bench).await[0]["change"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Kind and state of each change, the newest first.
async fn states(bench: &Bench) -> Vec<(String, String)> {
    let text = |change: &Value, member: &str| change[member].as_str().unwrap().to_owned();
    let changes = changes(bench).await;
    changes
        .iter()
        .map(|change| (text(change, "kind"), text(change, "state")))
        .collect()
}

fn owned((kind, state): (&str, &str)) -> (String, String) {
    (kind.to_owned(), state.to_owned())
}

/// Checks that `lines` are lines of `text`, in this order.
#[track_caller]
fn in_order(text: &str, lines: &[&str]) {
    let mut rest = text.lines();
    for line in lines {
        assert!(
            rest.any(|found| found == *line),
            "no {line:?} in its place in:\n{text}"
        );
    }
}
