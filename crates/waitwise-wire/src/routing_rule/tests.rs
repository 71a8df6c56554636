//! The lever on hand-made rules, and on random ones.

use proptest::prelude::*;
use waitwise_model::{Observed, SkillId, Weight, Weights};

use super::{RuleError, conflicts, encode_put, observe, present_weights, write};
use crate::json;

fn weights(of: &[(&str, i64)]) -> Weights {
    of.iter()
        .map(|(skill, value)| (SkillId::new(*skill), Weight::try_from(*value).unwrap()))
        .collect()
}

/// Plans and carries out `wanted`, undoes it, and returns the text in between.
fn there_and_back(rule: &str, wanted: &[(&str, i64)]) -> String {
    let observed = observe(rule).unwrap();
    let planned = write(&observed, &weights(wanted)).unwrap().unwrap();
    let written = encode_put(&planned.forward, rule, false).unwrap().body;
    assert_eq!(
        observe(&written).unwrap().comparable,
        planned.comparable_after
    );
    let back = encode_put(&planned.inverse, &written, false).unwrap().body;
    assert_eq!(back, rule, "undone byte for byte");
    written
}

#[test]
fn only_the_weight_token_changes() {
    let rule = "{ \"skills\" :\r\n [ {\"x\":1E400, \"weight\" : 50.0 ,\"id\":\"a\"}, {\"id\":\"b\",\"weight\":7} ],\t\"id\":\"r\" , \"n\":-0 }";
    let written = there_and_back(rule, &[("a", 100)]);
    assert_eq!(written, rule.replace("50.0", "100"));
}

#[test]
fn skills_are_added_where_they_are_missing() {
    for (rule, expected) in [
        (
            r#"{"id":"r"}"#,
            r#"{"id":"r","skills":[{"id":"a","weight":3}]}"#,
        ),
        (
            r#"{"id":"r","skills":null,"z":1}"#,
            r#"{"id":"r","skills":[{"id":"a","weight":3}],"z":1}"#,
        ),
        (
            r#"{"id":"r","skills":[ ]}"#,
            r#"{"id":"r","skills":[ {"id":"a","weight":3}]}"#,
        ),
        (
            r#"{"id":"r","skills":[{"id":"b"} ]}"#,
            r#"{"id":"r","skills":[{"id":"b"},{"id":"a","weight":3} ]}"#,
        ),
        (
            r#"{"id":"r","skills":[{"id":"a" }]}"#,
            r#"{"id":"r","skills":[{"id":"a","weight":3 }]}"#,
        ),
        (
            r#"{"id":"r","skills":[{"weight":null,"id":"a"}]}"#,
            r#"{"id":"r","skills":[{"weight":3,"id":"a"}]}"#,
        ),
    ] {
        assert_eq!(there_and_back(rule, &[("a", 3)]), expected);
    }
}

#[test]
fn a_rule_that_says_it_already_needs_no_write() {
    let observed = observe(r#"{"id":"r","skills":[{"id":"a","weight":5E1}]}"#).unwrap();
    assert_eq!(write(&observed, &weights(&[("a", 50)])).unwrap(), None);
    assert_eq!(write(&observed, &Weights::new()).unwrap(), None);
}

#[test]
fn an_operation_with_two_edits_of_a_skill_is_refused() {
    let operation = r#"{"rule":"r","skills_from":"array","skills_to":"array","edits":[
        {"skill":"b","from":{"weight":7},"to":"no-entry"},
        {"skill":"b","from":"no-weight","to":{"weight":1}}]}"#;
    let rule = r#"{"id":"r","skills":[{"id":"a","weight":7},{"id":"b"}]}"#;
    for force in [false, true] {
        let refused = encode_put(operation, rule, force).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the planned operation edits skill `b` twice"
        );
    }
}

#[test]
fn ambiguous_rules_are_refused() {
    let refused = |rule: &str| observe(rule).unwrap_err().to_string();
    assert_eq!(
        refused(r#"{"skills":[]}"#),
        "the routing rule has no text `id`"
    );
    assert_eq!(
        refused(r#"{"id":"r","skills":[{"id":"a"},{"id":"b"},{"id":"a"}]}"#),
        "skill `a` stands twice in routing rule `r`"
    );
    assert!(matches!(
        observe(r#"{"id":"r","n":{"k":1,"k":2}}"#),
        Err(RuleError::Json(_))
    ));
    assert!(matches!(
        observe(r#"{"id":"r","skills":{}}"#),
        Err(RuleError::Json(_))
    ));
}

#[test]
fn somebody_elses_weight_is_a_conflict_and_somebody_elses_note_is_not() {
    let rule = r#"{"id":"r","skills":[{"id":"a","weight":50},{"id":"b","weight":7}]}"#;
    let planned = write(&observe(rule).unwrap(), &weights(&[("a", 90)]))
        .unwrap()
        .unwrap();
    let noted =
        r#"{"id":"r","note":"x","skills":[{"id":"b","weight":9},{"id":"a","weight":50.0}]}"#;
    assert_eq!(conflicts(&planned.forward, noted).unwrap(), []);
    let moved = rule.replace("50", "60");
    let error = encode_put(&planned.forward, &moved, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "skill `a` in the routing rule is weight 60, where weight 50 was expected"
    );
    let forced = encode_put(&planned.forward, &moved, true).unwrap().body;
    assert_eq!(forced, rule.replace("50", "90"));
    let gone = r#"{"id":"r","skills":[]}"#;
    assert_eq!(
        conflicts(&planned.forward, gone).unwrap()[0].found,
        "not in the rule"
    );
    let forced = encode_put(&planned.forward, gone, true).unwrap().body;
    assert_eq!(forced, r#"{"id":"r","skills":[{"id":"a","weight":90}]}"#);
}

#[test]
fn an_operation_is_bound_to_its_rule() {
    let rule = r#"{"id":"r","skills":[]}"#;
    let planned = write(&observe(rule).unwrap(), &weights(&[("a", 9)]))
        .unwrap()
        .unwrap();
    let other = encode_put(&planned.forward, r#"{"id":"q","skills":[]}"#, true).unwrap_err();
    assert_eq!(
        other.to_string(),
        "the operation is for routing rule `r`, not for `q`"
    );
}

/// JSON values with the oddities that readers like to lose.
fn odd_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(r#""\u00e9\/\ud83d\ude00""#.to_owned()),
        Just(r#""\ud800""#.to_owned()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        "[a-z \u{2028}é]{0,6}".prop_map(|text| json::quoted(&text)),
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
    let member = |(key, value): (String, String)| format!("{}\t: {value}", json::quoted(&key));
    format!(
        "{{{}\n}}",
        members
            .into_iter()
            .map(member)
            .collect::<Vec<_>>()
            .join(" , ")
    )
}

/// A `skills` array of some of the skills s0..s5, each with or without a weight, or no array.
fn skills_member() -> impl Strategy<Value = Option<String>> {
    let weight = prop_oneof![
        Just(None),
        (1..=100u8).prop_map(|weight| Some(weight.to_string())),
        (1..=100u8).prop_map(|weight| Some(format!("{weight}.0"))),
        Just(Some("null".to_owned())),
        Just(Some(r#""12""#.to_owned())),
    ];
    let entry = (weight, odd_value(), any::<bool>());
    let entries = prop::collection::btree_map(0..6u8, entry, 0..6).prop_map(|entries| {
        let entry = |(skill, (weight, odd, first)): (u8, (Option<String>, String, bool))| {
            let mut members = vec![
                ("id".to_owned(), json::quoted(&format!("s{skill}"))),
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
    (
        others,
        skills_member(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(others, skills, at, id_at)| {
            let mut members: Vec<_> = others.into_iter().collect();
            if let Some(skills) = skills {
                members.insert(at.index(members.len() + 1), ("skills".to_owned(), skills));
            }
            members.insert(
                id_at.index(members.len() + 1),
                ("id".to_owned(), r#""r\u0031""#.to_owned()),
            );
            object(members)
        })
}

/// A rule with every skill's weight cut out of the observed text, by a reader that knows nothing of the lever's.
fn tokens_outside_weights(observed: &Observed, wanted: &Weights) -> Vec<String> {
    let mut tokens = Vec::new();
    for (key, value) in json::Members::of(&observed.document).unwrap().0 {
        let array = (key == "skills")
            .then(|| json::elements(value.get()).ok())
            .flatten();
        match array {
            None if key == "skills" => {}
            None => tokens.push(format!("{key}={}", value.get())),
            Some(entries) => {
                for entry in entries {
                    let members = json::Members::of(entry.get()).unwrap();
                    let id = members.text("id").unwrap();
                    let ours = wanted.contains_key(&SkillId::new(&id));
                    let kept = members
                        .0
                        .iter()
                        .filter(|(key, _)| !(ours && key == "weight") && key != "id");
                    tokens.extend(kept.map(|(key, value)| format!("{id}.{key}={}", value.get())));
                }
            }
        }
    }
    tokens
}

proptest! {
    #[test]
    fn nothing_but_the_planned_weights_changes(
        rule in rule(),
        wanted in prop::collection::btree_map(0..6u8, 1..=100i64, 1..6),
    ) {
        let wanted: Weights = wanted
            .into_iter()
            .map(|(skill, value)| (SkillId::new(format!("s{skill}")), Weight::try_from(value).unwrap()))
            .collect();
        let observed = observe(&rule).unwrap();
        let Some(planned) = write(&observed, &wanted).unwrap() else { return Ok(()) };
        let written = observe(&encode_put(&planned.forward, &rule, false).unwrap().body).unwrap();
        prop_assert_eq!(&written.comparable, &planned.comparable_after);
        let present = present_weights(&written.document).unwrap();
        for (skill, weight) in &wanted {
            let token = present.iter().find(|(id, _)| id == skill).map(|(_, token)| token.as_str());
            prop_assert!(token.is_some_and(|token| json::same(token, &weight.to_string())));
        }
        prop_assert_eq!(tokens_outside_weights(&observed, &wanted), tokens_outside_weights(&written, &wanted));
        let back = encode_put(&planned.inverse, &written.document, false).unwrap().body;
        prop_assert_eq!(back, rule);
    }
}
