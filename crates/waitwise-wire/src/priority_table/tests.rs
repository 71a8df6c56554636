//! The lever on hand-made tables and rows, and on random ones.

use proptest::prelude::*;
use waitwise_model::{Observed, Scale, Skill, SkillId, SkillState, Weight, Write};

use super::{
    ABSENT, NOT_COMPARED, RowError, Table, conflicts, encode, object, observe, present_priority,
    preview, write,
};
use crate::json::{self, Members, quoted};

const NOW: &str = "2026-03-30T12:00:00Z";

/// A table with the columns that must be there, and these besides.
fn table_with(others: &str) -> Result<Table, super::TableError> {
    Table::read(&format!(
        r#"{{"id":"t","name":"Priorities","schema":{{"type":"object","required":["key"],"properties":{{
            "key":{{"type":"string"}},"skillId":{{"type":"string"}},"priority":{{"type":"integer","default":0}},
            "updatedBy":{{"type":"string"}},"updatedAt":{{"type":"string"}}{others}}}}}}}"#
    ))
}

fn table() -> Table {
    table_with(r#","note":{"type":"string","default":"–"},"on":{"type":"boolean"}"#).unwrap()
}

fn skill(id: &str, name: &str) -> Skill {
    Skill {
        id: SkillId::new(id),
        name: name.to_owned(),
        state: SkillState::Active,
    }
}

fn row(document: &str) -> Observed {
    observe(&object("t", "Billing").unwrap(), document).unwrap()
}

/// Plans to give Billing, whose id is "b", `weight` at a tenth of a minute per point.
fn plan(observed: &Observed, weight: i64) -> Result<Option<Write>, RowError> {
    let weight = Weight::try_from(weight).unwrap();
    let worth = Scale::DEFAULT.head_start(weight);
    // Whether a column without a value gets its default is another matter.
    let mut table = table();
    if observed.document != ABSENT {
        table.defaults.clear();
    }
    write(
        &table,
        observed,
        &skill("b", "Billing"),
        (weight, worth),
        NOW,
    )
}

/// Plans and carries out `weight`, undoes it, and returns the row in between.
fn there_and_back(document: &str, weight: i64) -> String {
    let before = row(document);
    let planned = plan(&before, weight).unwrap().unwrap();
    let written = preview(&planned.forward, &before, false).unwrap();
    assert_eq!(written.comparable, planned.comparable_after);
    assert_eq!(conflicts(&planned.inverse, &written).unwrap(), []);
    let back = preview(&planned.inverse, &written, false).unwrap();
    assert_eq!(back, before, "undone byte for byte");
    written.document
}

#[test]
fn only_our_columns_are_replaced() {
    let before = "{ \"note\":\"\\u00e9\", \"priority\" : 3.0 ,\"key\":\"Billing\",\t\"n\":1E400,\"updatedAt\":null }";
    let written = there_and_back(before, 64);
    let expected = before
        .replace("3.0", "6")
        .replace(
            "\"updatedAt\":null",
            "\"updatedAt\":\"2026-03-30T12:00:00Z\"",
        )
        .replace(" }", ",\"skillId\":\"b\",\"updatedBy\":\"waitwise\" }");
    assert_eq!(written, expected);
}

#[test]
fn an_absent_row_is_made_with_the_tables_defaults_and_removed_again() {
    assert_eq!(
        there_and_back(ABSENT, 65),
        r#"{"key":"Billing","priority":7,"skillId":"b","updatedBy":"waitwise","updatedAt":"2026-03-30T12:00:00Z","note":"–"}"#
    );
}

#[test]
fn each_write_is_the_request_that_fits_it() {
    let request = |operation: &str, on: &Observed| {
        let sending = encode(operation, on, false).unwrap();
        let ids = sending.ids.join(" ");
        let has_body = sending.body.is_some();
        (sending.operation.method.as_str(), ids, has_body)
    };
    let absent = row(ABSENT);
    let made = plan(&absent, 50).unwrap().unwrap();
    let there = preview(&made.forward, &absent, false).unwrap();
    let edited = plan(&there, 90).unwrap().unwrap();
    assert_eq!(
        request(&made.forward, &absent),
        ("POST", "t".to_owned(), true)
    );
    assert_eq!(
        request(&edited.forward, &there),
        ("PUT", "t Billing".to_owned(), true)
    );
    assert_eq!(
        request(&made.inverse, &there),
        ("DELETE", "t Billing".to_owned(), false)
    );
}

#[test]
fn minutes_that_stand_there_already_need_no_write() {
    let says_six = row(r#"{"key":"Billing","priority":6.0}"#);
    assert_eq!(plan(&says_six, 64).unwrap(), None);
    assert!(plan(&says_six, 65).unwrap().is_some());
    let zero = row(r#"{"key":"Billing","priority":0}"#);
    assert_eq!(plan(&zero, 4).unwrap(), None);
    assert!(
        plan(&row(ABSENT), 4).unwrap().is_some(),
        "no row is not zero"
    );
}

#[test]
fn stamps_and_columns_that_say_nothing_make_no_other_row() {
    let before = row(r#"{"key":"Billing","priority":6,"skillId":"b"}"#);
    for same in [
        r#"{"key":"Billing","priority":6.0,"skillId":"b","updatedBy":"me","updatedAt":"now"}"#,
        r#"{"skillId":"b","key":"Billing","priority":6,"note":"","on":false,"n":0.0,"x":null}"#,
    ] {
        assert_eq!(row(same).comparable, before.comparable, "{same}");
    }
    for other in [
        r#"{"key":"Billing","priority":7,"skillId":"b"}"#,
        r#"{"key":"Billing","priority":0,"skillId":"b"}"#,
        r#"{"key":"Billing","priority":6,"skillId":""}"#,
        r#"{"key":"Billing","priority":6,"skillId":"b","on":true}"#,
        r#"{"key":"Billing","priority":6,"skillId":"b","note":"x"}"#,
        ABSENT,
    ] {
        assert_ne!(row(other).comparable, before.comparable, "{other}");
    }
    let (zero, none) = (r#"{"key":"Billing","priority":0}"#, r#"{"key":"Billing"}"#);
    assert_ne!(row(zero).comparable, row(none).comparable);
}

fn found(operation: &str, document: &str) -> Option<(String, String)> {
    let conflict = conflicts(operation, &row(document)).unwrap().pop()?;
    Some((conflict.expected, conflict.found))
}

fn says(expected: &str, found: &str) -> Option<(String, String)> {
    Some((expected.to_owned(), found.to_owned()))
}

#[test]
fn somebody_elses_minutes_are_a_conflict_and_their_note_is_not() {
    let before = row(r#"{"key":"Billing","priority":3}"#);
    let planned = plan(&before, 64).unwrap().unwrap();
    let ours = r#"{"key":"Billing","priority":6,"skillId":"b","note":"theirs","updatedBy":"them"}"#;
    assert_eq!(found(&planned.inverse, ours), None);
    let moved = ours.replace('6', "8");
    assert_eq!(
        found(&planned.inverse, &moved),
        says("priority 6", "priority 8")
    );
    // Taken back by hand, with the id that we filled in left there.
    let by_hand = ours.replace('6', "3");
    assert_eq!(found(&planned.forward, &by_hand), None);
    let other = ours.replace("\"b\"", "\"c\"");
    assert_eq!(
        found(&planned.inverse, &other),
        says("skill \"b\"", "skill \"c\"")
    );
    assert_eq!(
        found(&planned.inverse, ABSENT),
        says("priority 6", "absent")
    );
    let forced = preview(&planned.inverse, &row(&moved), true).unwrap();
    assert_eq!(present_priority(&forced.document).as_deref(), Some("3"));
    let gone = preview(&planned.inverse, &row(ABSENT), true).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "row `Billing` is gone from the data table"
    );
}

#[test]
fn a_row_that_we_made_is_removed_only_as_it_was_made() {
    let planned = plan(&row(ABSENT), 64).unwrap().unwrap();
    let made = preview(&planned.forward, &row(ABSENT), false)
        .unwrap()
        .document;
    for same in [
        made.replace(NOW, "another time"),
        made.replace('}', r#","on":false}"#),
    ] {
        assert_eq!(found(&planned.inverse, &same), None, "{same}");
    }
    for other in [
        made.replace('}', r#","on":true}"#),
        made.replace("–", "mine"),
        made.replace(":6", ":7"),
    ] {
        let (expected, _) = found(&planned.inverse, &other).unwrap();
        assert_eq!(expected, "priority 6 and nothing else");
        assert!(preview(&planned.inverse, &row(&other), false).is_err());
        let forced = preview(&planned.inverse, &row(&other), true).unwrap();
        assert_eq!(forced.document, ABSENT);
    }
    assert_eq!(found(&planned.forward, &made), says("absent", "priority 6"));
    // Also by force no row is made over another one.
    assert!(preview(&planned.forward, &row(&made), true).is_err());
}

#[test]
fn rows_and_names_that_cannot_be_used_are_refused() {
    let refused = |document: &str| {
        let object = object("t", "Billing").unwrap();
        observe(&object, document).unwrap_err().to_string()
    };
    assert_eq!(
        refused(r#"{"key":"billing"}"#),
        "the row that was asked for as `Billing` says `billing`"
    );
    assert_eq!(
        refused(r#"{"priority":1}"#),
        "the row that was asked for as `Billing` says no key"
    );
    assert_eq!(
        refused(r#"{"key":"Billing","n":1,"n":2}"#),
        "cannot read the data table's row"
    );
    let others = row(r#"{"key":"Billing","priority":3,"skillId":"c"}"#);
    assert_eq!(
        plan(&others, 64).unwrap_err().to_string(),
        "row `Billing` belongs to skill `c`, not to `b`"
    );
    for name in ["", ".", "..", &"é".repeat(257)] {
        assert!(
            matches!(object("t", name), Err(RowError::NoKey { .. })),
            "{name}"
        );
    }
    let odd = object("t", "a/b % é").unwrap();
    assert_eq!(super::place_of(&odd), Some(("t", "a/b % é")));
}

#[test]
fn a_row_without_a_column_that_has_a_default_is_left_alone() {
    let weight = Weight::try_from(64).unwrap();
    let valued = (weight, Scale::DEFAULT.head_start(weight));
    let billing = skill("b", "Billing");
    let plan = |document| write(&table(), &row(document), &billing, valued, NOW);
    assert_eq!(
        plan(r#"{"key":"Billing","priority":3}"#)
            .unwrap_err()
            .to_string(),
        "row `Billing` says nothing in column `note`, where a host may put the column's default when the row is written"
    );
    let filled = plan(r#"{"key":"Billing","priority":3,"note":""}"#);
    assert!(filled.unwrap().is_some());
    let says_it = plan(r#"{"key":"Billing","priority":6}"#);
    assert_eq!(
        says_it.unwrap(),
        None,
        "what is not written cannot be filled"
    );
}

#[test]
fn an_operation_is_for_its_own_row() {
    let planned = plan(&row(ABSENT), 64).unwrap().unwrap();
    let other = observe(&object("t2", "Billing").unwrap(), ABSENT).unwrap();
    assert_eq!(
        encode(&planned.forward, &other, true)
            .unwrap_err()
            .to_string(),
        "the operation is for priority-table/t/Billing, not for priority-table/t2/Billing"
    );
    assert!(matches!(
        encode("{}", &row(ABSENT), false),
        Err(RowError::Operation(_))
    ));
}

#[test]
fn a_table_must_have_our_columns_and_let_us_make_rows() {
    assert_eq!(table_with("").unwrap().defaults, []);
    let text = |from: &str, to: &str| {
        let columns = [
            ("key", "string"),
            ("priority", "integer"),
            ("skillId", "string"),
            ("updatedBy", "string"),
            ("updatedAt", "string"),
        ];
        let column = |(name, kind): &(&str, &str)| format!(r#""{name}":{{"type":"{kind}"}}"#);
        let columns = columns.iter().map(column).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"id":"t","name":"P","schema":{{"required":["key"],"properties":{{{columns}}}}}}}"#
        )
        .replace(from, to)
    };
    let refused = |from: &str, to: &str| Table::read(&text(from, to)).unwrap_err().to_string();
    assert_eq!(
        Table::read(&text("\"key\"", "\"KEY\"")).unwrap().key_column,
        "KEY"
    );
    assert_eq!(
        refused("integer", "string"),
        "column `priority` of data table `P` is of type string; integer was expected"
    );
    assert_eq!(
        refused("\"skillId\"", "\"skill\""),
        "data table `P` has no column `skillId`; one of type string was expected"
    );
    assert_eq!(
        refused("\"key\":{", "\"id\":{"),
        "data table `P` has no column `key`; one of type string was expected"
    );
    assert_eq!(
        refused("\"schema\"", "\"other\""),
        "data table `P` came without its schema"
    );
    assert_eq!(
        refused(r#"["key"]"#, r#"["key","site"]"#),
        "every row of data table `P` must have a value in column `site`"
    );
}

/// Row values as the types of columns allow them, with the spellings that readers like to lose.
fn odd_value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(r#""\u00e9\/\ud83d\ude00""#.to_owned()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        "[a-z \u{2028}é]{0,6}".prop_map(|text| quoted(&text)),
    ]
}

/// A row of Billing with some of our columns and some others, in any order; or none.
fn random_row() -> impl Strategy<Value = String> {
    let minutes = prop_oneof![
        Just("null".to_owned()),
        (-5..30i64).prop_map(|minutes| minutes.to_string()),
        (0..30i64).prop_map(|minutes| format!("{minutes}.0")),
        (1..9i64).prop_map(|minutes| format!("{minutes}E0")),
    ];
    let id = prop_oneof![
        Just("null".to_owned()),
        Just(r#""""#.to_owned()),
        Just(r#""\u0062""#.to_owned())
    ];
    let ours = (
        prop::option::of(minutes),
        prop::option::of(id),
        prop::option::of(odd_value()),
        prop::option::of(odd_value()),
    );
    let others = prop::collection::btree_map("[c-j]{1,5}", odd_value(), 0..5);
    let row = (ours, others, any::<u64>()).prop_map(|((minutes, id, by, at), others, order)| {
        let ours = [
            ("priority", minutes),
            ("skillId", id),
            ("updatedBy", by),
            ("updatedAt", at),
        ];
        let ours = ours
            .into_iter()
            .filter_map(|(key, token)| Some((key.to_owned(), token?)));
        let mut members: Vec<(String, String)> = ours.chain(others).collect();
        members.push(("key".to_owned(), r#""B\u0069lling""#.to_owned()));
        let n = members.len();
        members.rotate_left(usize::try_from(order % 97).unwrap() % n);
        if order & 1 == 0 {
            members.reverse();
        }
        let member = |(key, token): (String, String)| format!("{}\t: {token}", quoted(&key));
        let members: Vec<String> = members.into_iter().map(member).collect();
        format!("{{ {}\n}}", members.join(" , "))
    });
    prop_oneof![1 => Just(ABSENT.to_owned()), 9 => row]
}

/// Every column but ours with its token, in the row's order.
fn others(document: &str) -> Vec<String> {
    if document == ABSENT {
        return vec!["key".to_owned()];
    }
    let members = Members::of(document).unwrap().0.into_iter();
    members
        .filter(|(key, _)| key != "priority" && key != "skillId")
        .filter(|(key, _)| !NOT_COMPARED.contains(&key.as_str()))
        .map(|(key, token)| match key == "key" {
            true => key,
            false => format!("{key}:{}", token.get()),
        })
        .collect()
}

proptest! {
    #[test]
    fn nothing_but_our_columns_changes(document in random_row(), weight in 1..=100i64) {
        let before = row(&document);
        let Some(planned) = plan(&before, weight).unwrap() else { return Ok(()) };
        let written = preview(&planned.forward, &before, false).unwrap();
        prop_assert_eq!(&written.comparable, &planned.comparable_after);
        let minutes = Scale::DEFAULT.head_start(Weight::try_from(weight).unwrap()).written_minutes();
        let token = present_priority(&written.document).unwrap();
        prop_assert!(json::same(&token, &minutes.to_string()));
        if document == ABSENT {
            prop_assert_eq!(others(&written.document), ["key", "note:\"–\""]);
        } else {
            prop_assert_eq!(others(&written.document), others(&document));
        }
        let back = preview(&planned.inverse, &written, false).unwrap();
        prop_assert_eq!(others(&back.document), others(&document));
        prop_assert_eq!(back, before);
    }
}
