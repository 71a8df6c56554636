//! The scanner against the typed parser: the same visits, the same refusals.

use proptest::prelude::*;
use waitwise_model::{Coded, Ending};

use super::super::tests::{Dialect, any_visits};
use super::*;

/// Whatever a reading of a record gave, as texts that can be compared.
type Reading = Result<(Vec<String>, Vec<&'static str>), Refused>;

fn joined(record: &str, parts: &Parts) -> Reading {
    let sheet = Sheet { parts, record };
    let frame = frame(sheet).map_err(|reason| Refused { offset: 0, reason })?;
    let mut joiner = Joiner::default();
    let mut visits = vec![format!("{}", frame.recorded_at_ms(sheet))];
    let reasons = joiner.join(sheet, &frame, |joined| {
        visits.push(format!("{:?} {:?}", joined.visit, joined.decided_at_ms));
    });
    Ok((visits, reasons.to_vec()))
}

fn typed(record: &[u8]) -> Reading {
    let mut parts = Parts::default();
    let text = std::str::from_utf8(record).map_err(|error| Refused {
        offset: error.valid_up_to(),
        reason: "it is not UTF-8",
    })?;
    parse(text, &mut parts)?;
    joined(text, &parts)
}

/// What the scanner alone makes of a record; `None`: it leaves it to the typed parser.
fn scanned(record: &[u8]) -> Option<Reading> {
    let mut marks = Marks::default();
    marks.mark(record);
    let text = std::str::from_utf8(record).ok()?;
    let mut parts = Parts::default();
    scan(record, &marks, &mut parts)?;
    Some(joined(text, &parts))
}

/// What the scanner takes, the typed parser takes too, and reads the same.
fn check(record: &[u8]) {
    if let Some(scanned) = scanned(record) {
        let shown = String::from_utf8_lossy(record);
        assert_eq!(scanned, typed(record), "{shown}");
    }
}

/// So does it, and the scanner does not leave it to the typed parser.
fn check_usual(record: &[u8]) {
    assert!(
        scanned(record).is_some(),
        "{}",
        String::from_utf8_lossy(record)
    );
    check(record);
}

/// A record with `member` at each level, among the others.
fn with(member: &str) -> Vec<u8> {
    format!(
        r#"{{{member},"conversationId":"k","participants":[{{"purpose":"customer","sessions":[{{{member}}}]}},{{{member},"purpose":"acd","sessions":[{{{member},"metrics":[{{{member},"name":"nOffered","value":1,"emitDate":"2026-03-02T09:00:12.400Z"}}],"segments":[{{{member},"queueId":"q"}}]}}]}}],"conversationStart":"2026-03-02T09:00:00.400Z"}}"#
    )
    .into_bytes()
}

#[test]
fn usual_oddities_are_scanned() {
    for member in [
        r#""x":null"#,
        r#""x":true,"y":false"#,
        r#""x":-0.5e-7,"y":[],"z":{}"#,
        r#""x":[[1,[2]],{"a":[{}]},"\"]}"]"#,
        r#""x":"\\\" \/ \b\f\n\r\t \ud800 é""#,
        r#""a\\":1"#.replace("\\\\", "b").as_str(),
        "\"x\" :\t[ 1 ,\r\n2 ] ",
    ] {
        check_usual(&with(member));
    }
    for value in [
        "7",
        "7.0",
        "1.2E7",
        "-3",
        "null",
        "0",
        "123456789012345678901234567890",
        "1e300",
    ] {
        let record = String::from_utf8(with(r#""x":1"#)).unwrap();
        let record = record.replace(r#""value":1"#, &format!(r#""value":{value}"#));
        check_usual(record.as_bytes());
    }
}

#[test]
fn escapes_in_wanted_texts_are_spelled_out() {
    let record = String::from_utf8(with(r#""x":1"#)).unwrap();
    let record = record.replace(r#""queueId":"q""#, r#""queueId":"\u0071\ud83d\ude00\"""#);
    check_usual(record.as_bytes());
    let (visits, _) = scanned(record.as_bytes()).unwrap().unwrap();
    assert!(visits[1].contains(r#"queue: "q😀\"""#), "{}", visits[1]);
}

#[test]
fn what_is_wrong_is_left_to_the_typed_parser() {
    for member in [
        r#""x":01"#,
        r#""x":1."#,
        r#""x":.5"#,
        r#""x":1e"#,
        r#""x":-"#,
        r#""x":nul"#,
        r#""x":truee"#,
        r#""x":+1"#,
        r#""x":[1,]"#,
        r#""x":[1 2]"#,
        r#""x":{"a":1,}"#,
        r#""x":{"a"}"#,
        r#""x":{1:2}"#,
        r#""x":{"a":[}]"#,
        r#""x":"\q""#,
        r#""x":"\u12g4""#,
        r#""x":,"#,
        "\"x\":\"a\nb\"",
        "\"x\":\"a\0b\"",
        r#""x":"a"b"#,
        r#""x" 1"#,
        r#"\"x":1"#,
    ] {
        let record = with(member);
        assert!(scanned(&record).is_none(), "{member}");
        assert!(typed(&record).is_err(), "{member}");
    }
}

#[test]
fn members_that_come_twice_are_refused_by_both() {
    let record = String::from_utf8(with(r#""x":1,"x":2"#)).unwrap();
    check_usual(record.as_bytes());
    for member in [
        r#""purpose":"acd""#,
        r#""name":"nOffered""#,
        r#""queueId":"q""#,
        r#""conversationId":"k""#,
    ] {
        let twice = record.replace(member, &format!("{member},{member}"));
        assert!(scanned(twice.as_bytes()).is_none(), "{member}");
        assert!(typed(twice.as_bytes()).is_err(), "{member}");
    }
}

#[test]
fn any_depth_is_read() {
    for depth in [1, 63, 64, 65, 5_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let record = with(&format!(r#""x":{open}{close}"#));
        check(&record);
        let mut scanner = Scanner::new();
        assert!(scanner.read(&record, |_, _| {}).is_ok(), "{depth}");
    }
}

#[test]
fn more_skills_than_fit_without_allocating() {
    let skills: Vec<_> = (0..40)
        .map(|skill| format!(r#""s{}""#, skill % 30))
        .collect();
    let member = format!(r#""requestedRoutingSkillIds":[{}]"#, skills.join(","));
    let record = with(&member);
    check_usual(&record);
    let mut n_skills = 0;
    Scanner::new()
        .read(&record, |visit, _| n_skills = visit.skills.len())
        .unwrap();
    assert_eq!(n_skills, 30);
}

#[test]
fn skills_that_several_segments_repeat_count_once() {
    let segments = [
        r#""b","a""#,
        r#""b","a""#,
        "",
        r#""b""#,
        r#""c""#,
        r#""b","a""#,
    ];
    let segments = segments
        .map(|skills| format!(r#"{{"queueId":"q","requestedRoutingSkillIds":[{skills}]}}"#))
        .join(",");
    let record = String::from_utf8(with(r#""x":1"#)).unwrap();
    let record = record.replace(r#""segments":["#, &format!(r#""segments":[{segments},"#));
    let mut found = String::new();
    Scanner::new()
        .read(record.as_bytes(), |visit, _| found = visit.skills.join(" "))
        .unwrap();
    assert_eq!(found, "a b c");
}

#[test]
fn a_record_is_dated_as_the_typed_parser_dates_it() {
    let record = String::from_utf8(with(r#""x":1"#)).unwrap();
    let dated = Scanner::new()
        .read_dated(record.as_bytes(), |_, _| {})
        .unwrap()
        .0;
    let read = super::super::read(&record).unwrap();
    assert_eq!(dated, read.conversation.recorded_at.as_millisecond());
    // The queue's session has the latest moment.
    assert_eq!(
        dated,
        read.conversation.started_at.as_millisecond() + 12_000
    );
}

#[test]
fn a_scanner_remembers_nothing_of_the_last_record() {
    let mut scanner = Scanner::new();
    let mut endings = Vec::new();
    let full = with(r#""wrapUpCode":"\u0063","x":"\"""#);
    for record in [
        full.as_slice(),
        b"{\"conversationId\":\"",
        b"\xff",
        full.as_slice(),
    ] {
        let read = scanner.read(record, |visit, _| {
            endings.push((visit.ending, visit.coding == Coded::Nothing))
        });
        assert_eq!(read.is_ok(), record == full);
    }
    assert_eq!(endings, [(Ending::Waiting, true); 2]);
}

proptest! {
    #[test]
    fn records_are_scanned_as_they_are_parsed(
        visits in any_visits(),
        floats in any::<bool>(),
        strangers in any::<bool>(),
        customer in any::<bool>(),
    ) {
        let dialect = Dialect { floats, strangers, customer };
        check_usual(dialect.record(&visits).as_bytes());
    }

    #[test]
    fn damaged_records_are_scanned_as_they_are_parsed(
        visits in any_visits(),
        dialect in (any::<bool>(), any::<bool>(), any::<bool>()),
        damages in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3_usize, prop::sample::select(vec![
                "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "0", ".", "null", "é", "\0", "\"x\":1,", "\\u0041",
            ])),
            1..4,
        ),
    ) {
        let (floats, strangers, customer) = dialect;
        let mut record = Dialect { floats, strangers, customer }.record(&visits).into_bytes();
        for (at, cut, with) in damages {
            let at = at.index(record.len());
            let end = std::cmp::min(at + cut, record.len());
            record.splice(at..end, with.bytes());
        }
        check(&record);
    }

    #[test]
    fn structures_are_skipped_as_they_are_parsed(member in r#"[\[\]\{\},:" a0]{0,12}"#) {
        check(&with(&format!(r#""x":{member}"#)));
    }
}
