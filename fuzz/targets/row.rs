//! A data table's row and a skill's minutes to write into it: nothing but our columns changes, and the inverse takes it
//! back. Then a stored operation, perhaps damaged or of another row.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_model::{Observed, Scale, Skill, SkillId, SkillState, Weight};
use waitwise_wire::json::{self, Difference};
use waitwise_wire::priority_table::{
    ABSENT, Table, conflicts, encode, key_of, object, observe, preview, write,
};

/// The columns that are ours.
const OURS: [&str; 4] = ["/priority", "/skillId", "/updatedBy", "/updatedAt"];

fuzz_target!(|data: &[u8]| {
    let Some([document, skill, operation]) = fuzz::parts(data) else {
        return;
    };
    let key = key_of(document).unwrap_or_else(|| "k".to_owned());
    let Ok(object) = object("t", &key) else {
        return;
    };
    let Ok(before) = observe(&object, document) else {
        return;
    };
    planned(&before, skill);
    let in_the_way = conflicts(operation, &before);
    for force in [false, true] {
        let sending = encode(operation, &before, force);
        assert!(force || sending.is_err() || in_the_way.as_ref().is_ok_and(Vec::is_empty));
    }
});

fn planned(before: &Observed, skill: &str) {
    let table = Table {
        id: "t".to_owned(),
        name: "Priorities".to_owned(),
        key_column: "key".to_owned(),
        defaults: Vec::new(),
    };
    let skill = Skill {
        id: SkillId::new(skill),
        name: skill.to_owned(),
        state: SkillState::Active,
    };
    let weight = Weight::try_from(64).expect("in 1..=100");
    let head_start = Scale::DEFAULT.head_start(weight);
    let at = "2026-03-30T12:00:00Z";
    let Ok(Some(planned)) = write(&table, before, &skill, (weight, head_start), at) else {
        return;
    };
    assert!(conflicts(&planned.forward, before).unwrap().is_empty());
    let after = preview(&planned.forward, before, false).unwrap();
    assert_eq!(after.comparable, planned.comparable_after);
    if before.document != ABSENT {
        for Difference { pointer, .. } in json::differences(&before.document, &after.document, &[]) {
            assert!(OURS.contains(&pointer.as_str()), "{pointer} differs");
        }
    }
    let back = preview(&planned.inverse, &after, false).unwrap();
    assert_eq!(back.document, before.document);
}
