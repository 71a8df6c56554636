//! A stored operation, perhaps damaged or of another rule: what it does to a rule is done to its skills alone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use waitwise_wire::routing_rule::{conflicts, encode_put};

/// As much of an operation as says whom it is about.
#[derive(Deserialize)]
struct Named {
    edits: Vec<Skill>,
}

#[derive(Deserialize)]
struct Skill {
    skill: String,
}

fuzz_target!(|data: &[u8]| {
    let Some([operation, rule]) = fuzz::parts(data) else {
        return;
    };
    let in_the_way = conflicts(operation, rule);
    for force in [false, true] {
        let Ok(put) = encode_put(operation, rule, force) else {
            continue;
        };
        assert!(force || in_the_way.as_ref().is_ok_and(Vec::is_empty));
        let named: Named = serde_json::from_str(operation).expect("it was carried out");
        let skills: Vec<&str> = named.edits.iter().map(|edit| edit.skill.as_str()).collect();
        assert_still_there(rule, &put.body, &skills);
    }
});

/// An operation may also take its own skills' entries away, so entries are found by skill and not by place.
fn assert_still_there(before: &str, after: &str, skills: &[&str]) {
    use waitwise_wire::routing_rule::present_weights;
    let others = |text| {
        let mut weights = present_weights(text).expect("the rule was carried over");
        weights.retain(|(skill, _)| !skills.contains(&skill.as_str()));
        weights
    };
    assert_eq!(others(before), others(after));
    let outside = |text| waitwise_wire::json::comparable(text, &["skills"]).expect("read before");
    assert_eq!(outside(before), outside(after));
}
