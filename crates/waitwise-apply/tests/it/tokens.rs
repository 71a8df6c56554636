//! Random rules: after a plan was applied, and after it was rolled back, nothing but the planned pointers differs.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waitwise_apply::Target;
use waitwise_store::ChangeId;
use waitwise_wire::json::{Members, elements, quoted};

use crate::bench::{Bench, kept};

#[test]
fn nothing_but_the_planned_weights_changes() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let bench = runtime.block_on(Bench::new());
    bench.set_skills(&["s0", "s1", "s2", "s3", "s4", "s5"].map(|skill| (skill, "active")));
    let case = std::sync::atomic::AtomicU32::new(0);
    let wanted = prop::collection::btree_map("s[0-5]", 1..=100i64, 1..6);
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&(rule(), wanted), |(rule, wanted)| {
        let n = case.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        runtime.block_on(there_and_back(&bench, n, &rule, &wanted))
    });
    outcome.unwrap();
    let plans = bench.rig.sandbox.writes();
    assert!(
        plans > 48,
        "most rules are written twice, got {plans} writes"
    );
}

async fn there_and_back(
    bench: &Bench,
    n: u32,
    rule: &str,
    wanted: &BTreeMap<String, i64>,
) -> Result<(), TestCaseError> {
    bench.set_rules(&[rule]);
    let before = bench.rule();
    let weights: Vec<_> = wanted
        .iter()
        .map(|(skill, weight)| (skill.as_str(), *weight))
        .collect();
    let plan = bench.plan(&weights);
    if plan.steps().is_empty() {
        return Ok(());
    }
    let change = format!("c{n}");
    bench.apply(&plan, &change).await.unwrap();
    let pointers: Vec<&str> = plan.steps()[0]
        .write
        .changes
        .iter()
        .map(|change| change.pointer.as_str())
        .collect();
    let (old, new) = (leaves(&before), leaves(&bench.rule()));
    for (pointer, token) in &old {
        if !pointers.contains(&pointer.as_str()) {
            prop_assert_eq!(new.get(pointer), Some(token), "{}", pointer);
        }
    }
    for pointer in new.keys().filter(|pointer| !old.contains_key(*pointer)) {
        // A skill that was not in the rule brings its id along, and perhaps the whole array.
        let entry = pointer.replace("/id", "/weight");
        prop_assert!(pointers.contains(&entry.as_str()), "{} is new", pointer);
    }
    for change in &plan.steps()[0].write.changes {
        prop_assert_eq!(new.get(&change.pointer), Some(&change.after.to_string()));
    }
    let target = Target::Change(ChangeId::new(&change));
    bench
        .roll_back_as(&format!("back{n}"), target, false)
        .await
        .unwrap();
    prop_assert_eq!(kept(&bench.rule()), kept(&before));
    Ok(())
}

/// Every member of the rule and of its entries with its token, by pointer, without those that the sandbox writes itself.
fn leaves(rule: &str) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    for (key, value) in Members::of(rule).unwrap().0 {
        let entries = elements(value.get()).ok().filter(|_| key == "skills");
        match (key.as_str(), entries) {
            ("version" | "dateModified", _) => {}
            ("skills", None) => {}
            (_, None) => {
                leaves.insert(format!("/{key}"), value.get().to_owned());
            }
            (_, Some(entries)) => {
                for (idx, entry) in entries.iter().enumerate() {
                    for (key, value) in Members::of(entry.get()).unwrap().0 {
                        leaves.insert(format!("/skills/{idx}/{key}"), value.get().to_owned());
                    }
                }
            }
        }
    }
    leaves
}

/// JSON values with the oddities that readers like to lose.
fn odd_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(r#""\u00e9\/\ud83d\ude00""#.to_owned()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        "[a-z \u{2028}é]{0,6}".prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            prop::collection::btree_map("[a-z~/]{1,4}", inner, 0..4)
                .prop_map(|members| object(members.into_iter().collect())),
        ]
    })
}

fn object(members: Vec<(String, String)>) -> String {
    let member = |(key, value): (String, String)| format!("{}\t: {value}", quoted(&key));
    format!(
        "{{{}\n}}",
        members
            .into_iter()
            .map(member)
            .collect::<Vec<_>>()
            .join(" , ")
    )
}

/// An array of some of the skills s0..s5, each with or without a weight that the host accepts, or no array.
fn skills_member() -> impl Strategy<Value = Option<String>> {
    let weight = prop_oneof![
        Just(None),
        (1..=100u8).prop_map(|weight| Some(weight.to_string())),
        (1..=100u8).prop_map(|weight| Some(format!("{weight}.0"))),
        (1..=10u8).prop_map(|weight| Some(format!("{weight}E1"))),
    ];
    let entry = (weight, odd_value(), any::<bool>());
    let entries = prop::collection::btree_map(0..6u8, entry, 0..6).prop_map(|entries| {
        let entry = |(skill, (weight, odd, first)): (u8, (Option<String>, String, bool))| {
            let mut members = vec![
                ("id".to_owned(), format!("\"s{skill}\"")),
                ("odd".to_owned(), odd),
            ];
            if let Some(weight) = weight {
                members.insert(if first { 0 } else { 2 }, ("weight".to_owned(), weight));
            }
            object(members)
        };
        format!(
            "[{} ]",
            entries
                .into_iter()
                .map(entry)
                .collect::<Vec<_>>()
                .join(",\n")
        )
    });
    prop_oneof![1 => Just(None), 1 => Just(Some("null".to_owned())), 8 => entries.prop_map(Some)]
}

fn rule() -> impl Strategy<Value = String> {
    let others = prop::collection::btree_map("[a-hj-rt-z]{1,5}", odd_value(), 0..5);
    let places = prop::array::uniform3(any::<prop::sample::Index>());
    (others, skills_member(), places).prop_map(|(others, skills, [at, id_at, queue_at])| {
        let mut members: Vec<_> = others.into_iter().collect();
        if let Some(skills) = skills {
            members.insert(at.index(members.len() + 1), ("skills".to_owned(), skills));
        }
        let id = ("id".to_owned(), r#""r\u0031""#.to_owned());
        members.insert(id_at.index(members.len() + 1), id);
        let queue = ("queueId".to_owned(), "\"QUEUE\"".to_owned());
        members.insert(queue_at.index(members.len() + 1), queue);
        object(members)
    })
}
