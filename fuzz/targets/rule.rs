//! A routing rule and weights to write into it: nothing else of the rule changes, and the inverse takes it back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_model::{SkillId, Weight, Weights};
use waitwise_wire::json;
use waitwise_wire::routing_rule::{
    SERVER_MANAGED, conflicts, encode_put, observe, present_weights, queue_of, write,
};

fuzz_target!(|data: &[u8]| {
    let Some([document, skill]) = fuzz::parts(data) else {
        return;
    };
    let _ = queue_of(document);
    let Ok(observed) = observe(document) else {
        assert!(present_weights(document).is_err());
        return;
    };
    let weights = weights(document, skill);
    let skills: Vec<&str> = weights.keys().map(SkillId::as_str).collect();
    let Ok(Some(planned)) = write(&observed, &weights) else {
        return;
    };
    assert!(conflicts(&planned.forward, document).unwrap().is_empty());
    let put = encode_put(&planned.forward, document, false).unwrap();
    fuzz::assert_only_weights_differ(document, &put.body, &skills);
    let after = json::comparable(&put.body, &SERVER_MANAGED).unwrap();
    assert_eq!(after, planned.comparable_after);
    assert!(
        write(&observe(&put.body).unwrap(), &weights)
            .unwrap()
            .is_none()
    );

    let back = encode_put(&planned.inverse, &put.body, false).unwrap();
    assert_eq!(back.body, document);
});

/// Gives the skill a weight, and every second one of the rule another.
fn weights(document: &str, skill: &str) -> Weights {
    let weight = |value: i64| Weight::try_from(value).expect("in 1..=100");
    let present = present_weights(document).expect("it was observed");
    let second = present.into_iter().step_by(2).map(|(skill, _)| skill);
    let mut weights: Weights = second.map(|skill| (skill, weight(37))).collect();
    weights.insert(SkillId::new(skill), weight(100));
    weights
}
