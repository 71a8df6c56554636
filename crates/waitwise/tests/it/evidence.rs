//! Odd histories: each has a defined answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bench::{Bench, group};

const NO_WEIGHTS: &str = "No valid weight calculations found. Verify wrap-up code mapping.\n";

#[tokio::test]
async fn an_empty_history_gives_no_weights() {
    let bench = Bench::start().await;
    bench.history(&[]);
    let analysis = bench.waitwise("analyze").await.with(0);
    analysis
        .says("read whole: 0 groups on 1 page\n")
        .says("The history of this window is empty.\n")
        .says("warning: 3 mapped wrap-up codes are not in this history: c-bill, c-sale, c-tech\n");
    bench.waitwise("plan").await.with(0).says(NO_WEIGHTS);
    bench.waitwise("run --yes").await.with(0).says(NO_WEIGHTS);
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

#[tokio::test]
async fn one_skill_and_equal_scores_get_the_lowest_weight() {
    let bench = Bench::start().await;
    bench.history(&[group("c-tech", "400", "90")]);
    check(&bench, json!({"s-tech": 1})).await;
    bench.history(&[
        group("c-tech", "40", "90"),
        group("c-sale", "40", "90"),
        group("c-bill", "40", "90"),
    ]);
    check(&bench, json!({"s-bill": 1, "s-sale": 1, "s-tech": 1})).await;
}

#[tokio::test]
async fn nobody_having_called_is_evidence_too() {
    let bench = Bench::start().await;
    bench.history(&[group("c-tech", "0", "0"), group("c-sale", "0", "0.0")]);
    check(&bench, json!({"s-sale": 1, "s-tech": 1})).await;
    let analysis = bench.waitwise("analyze --output json").await.with(0).json();
    assert_eq!(analysis["skills"][0]["waiting_share"], json!(0.0));
}

#[tokio::test]
async fn a_number_that_is_missing_or_null_counts_as_zero_and_is_told() {
    let bench = Bench::start().await;
    bench.history(&[
        group("c-tech", "100", "50"),
        r#"{"wrapupCodeId":"c-sale","avgWaitTime":40}"#.to_owned(),
        group("c-bill", "null", "150"),
    ]);
    // Scores: 80, 16 and 60.
    let plan = check(&bench, json!({"s-tech": 100, "s-sale": 1, "s-bill": 69})).await;
    warns(
        &plan,
        "2 groups came without one of its numbers, counted as 0",
    );
}

#[tokio::test]
async fn a_number_that_cannot_be_used_takes_its_group_out() {
    for (conversations, mean_wait, reason) in [
        ("-1", "40", "`conversationCount` is negative"),
        ("100", "-0.5", "`avgWaitTime` is negative"),
        ("1e999", "40", "`conversationCount` is not finite"),
        ("100", "1e999", "`avgWaitTime` is not finite"),
        (r#""100""#, "40", "`conversationCount` is not a number"),
        ("100", "[]", "`avgWaitTime` is not a number"),
        ("true", "40", "`conversationCount` is not a number"),
    ] {
        let bench = Bench::start().await;
        bench.history(&[
            group("c-tech", "400", "90"),
            group("c-bill", "100", "20"),
            group("c-sale", conversations, mean_wait),
        ]);
        let plan = check(&bench, json!({"s-tech": 100, "s-bill": 1})).await;
        warns(
            &plan,
            &format!("wrap-up code `c-sale` is left out: {reason}"),
        );
        let analysis = bench.waitwise("analyze --output json").await.with(0).json();
        assert_eq!(
            analysis["rejected"],
            json!([{"wrap_up_code": "c-sale", "reason": reason}])
        );
    }
}

#[tokio::test]
async fn scores_beyond_comparing_are_refused() {
    let bench = Bench::start().await;
    bench.history(&[
        group("c-tech", "1e308", "0"),
        group("c-sale", "1e308", "1e308"),
        group("c-bill", "1", "1"),
    ]);
    let ended = bench.waitwise("plan --volume-factor 1000").await;
    ended.failed(6, "error: cannot calculate weights");
}

#[tokio::test]
async fn a_code_that_comes_twice_is_no_whole_history() {
    let bench = Bench::start().await;
    bench.history(&[
        group("c-tech", "400", "90"),
        group("c-sale", "1", "2"),
        group("c-tech", "1", "2"),
    ]);
    for line in ["analyze", "plan", "run --yes"] {
        let ended = bench.waitwise(line).await.with(6);
        ended.notes("error: cannot ").notes("c-tech");
    }
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

#[tokio::test]
async fn few_interactions_are_flagged() {
    let bench = Bench::start().await;
    bench.history(&[group("c-tech", "30", "90"), group("c-sale", "29", "40")]);
    let warning =
        "skill `Sales` has fewer interactions (29) than 30: its mean wait is not to be trusted";
    let analysis = bench.waitwise("analyze").await.with(0);
    let analysis = analysis
        .says(&format!("warning: {warning}\n"))
        .says("Sales (few)")
        .says("c-sale (few)");
    assert!(
        !analysis.stdout.contains("c-tech (few)"),
        "{}",
        analysis.stdout
    );
    let plan = bench.waitwise("plan --output json").await.with(0).json();
    warns(&plan, warning);
    let lenient = bench.waitwise("plan --min-volume 29").await.with(0);
    assert!(!lenient.stdout.contains("fewer"), "{}", lenient.stdout);
}

#[tokio::test]
async fn what_has_no_skill_is_named() {
    let bench = Bench::start().await;
    bench.history(&[
        group("c-tech", "400", "90"),
        group("c-wrong-number", "12", "3"),
        r#"{"conversationCount":77,"avgWaitTime":60.5}"#.to_owned(),
    ]);
    let analysis = bench.waitwise("analyze").await.with(0);
    analysis
        .says("c-wrong-number")
        .says("not in the mapping")
        .says("(no code)")
        .says("no wrap-up code: given up, or never coded")
        .says("warning: 1 wrap-up code is left out for want of a skill: c-wrong-number\n");
    let analysis = bench.waitwise("analyze --output json").await.with(0).json();
    let unmapped: Vec<_> = analysis["unmapped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["wrap_up_code"])
        .collect();
    assert_eq!(unmapped, [&Value::Null, &json!("c-wrong-number")]);
}

#[tokio::test]
async fn codes_of_one_skill_are_pooled() {
    let groups = [
        ("c1", "Technical Support", 120.0, 33.25),
        ("c2", "Technical Support", 75.0, 210.5),
        ("c3", "Technical Support", 9.0, 1.125),
        ("c4", "Sales", 250.0, 40.0),
        ("c5", "Sales", 0.0, 999.0),
        ("c6", "Billing", 100.0, 20.0),
    ];
    let bench = Bench::start().await;
    bench.history(&groups.map(|(code, _, n, wait)| group(code, &n.to_string(), &wait.to_string())));
    bench.map(&groups.map(|(code, skill, ..)| (code, skill)));
    let plan = check(&bench, json!(expected_weights(&groups))).await;
    let tech = plan["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|skill| skill["skill"] == "s-tech");
    let tech = tech.unwrap();
    assert_eq!(tech["conversations"], json!(204.0));
    assert_eq!(tech["wrap_up_codes"], json!(["c1", "c2", "c3"]));
    let mean = tech["mean_wait_secs"].as_f64().unwrap();
    let seconds = 120.0 * 33.25 + 75.0 * 210.5 + 9.0 * 1.125;
    assert!((mean - seconds / 204.0).abs() < 1e-9, "{mean}");
}

#[tokio::test]
async fn waits_may_come_in_milliseconds() {
    let bench = Bench::start().await;
    let analysis = bench
        .waitwise("analyze --wait-unit milliseconds --output json")
        .await
        .with(0)
        .json();
    assert_eq!(analysis["skills"][0]["name"], "Technical Support");
    assert_eq!(analysis["skills"][0]["mean_wait_secs"], json!(0.09));
}

#[tokio::test]
async fn a_million_codes_are_answered_and_not_all_shown() {
    const N: u32 = 1_000_000;
    let bench = Bench::start().await;
    let groups: Vec<_> = (0..N).map(|n| group(&format!("c{n}"), "40", "1")).collect();
    bench.history(&groups);
    let codes: Vec<_> = (0..1000).map(|n| format!("c{n}")).collect();
    bench.map(
        &codes
            .iter()
            .map(|code| (code.as_str(), "Sales"))
            .collect::<Vec<_>>(),
    );
    let analysis = bench.waitwise("analyze --top 5").await.with(0);
    let analysis = analysis
        .says("read whole: 1000000 groups on 10000 pages\n")
        .says("40,000")
        .says("  … and 995 more (--top N shows more, --output json shows all)\n")
        .says("  … and 998995 more (--top N shows more, --output json shows all)\n")
        .says(" and 998992 more\n");
    assert!(analysis.stdout.lines().count() < 40, "{}", analysis.stdout);
}

/// Plans, and compares the weights.
async fn check(bench: &Bench, weights: Value) -> Value {
    let plan = bench.waitwise("plan --output json").await.with(0).json();
    assert_eq!(plan["weights"], weights);
    plan
}

#[track_caller]
fn warns(plan: &Value, warning: &str) {
    let warnings = plan["warnings"].as_array().unwrap();
    assert!(
        warnings.contains(&json!(warning)),
        "no {warning:?} in {warnings:?}"
    );
}

/// The tutorial's formula over pooled codes, worked out from the groups alone.
fn expected_weights(groups: &[(&str, &str, f64, f64)]) -> BTreeMap<&'static str, i64> {
    let score = |name: &str| {
        let of = || groups.iter().filter(move |group| group.1 == name);
        let volume: f64 = of().map(|group| group.2).sum();
        let seconds: f64 = of().map(|group| group.2 * group.3).sum();
        0.6 * volume + 0.4 * (seconds / volume)
    };
    let skills = [
        ("s-bill", "Billing"),
        ("s-sale", "Sales"),
        ("s-tech", "Technical Support"),
    ];
    let scores = skills.map(|(_, name)| score(name));
    let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weight = |score: f64| {
        format!(
            "{:.0}",
            ((score - lowest) / (highest - lowest) * 99.0).floor() + 1.0
        )
    };
    skills
        .iter()
        .zip(scores)
        .map(|((id, _), score)| (*id, weight(score).parse().unwrap()))
        .collect()
}
