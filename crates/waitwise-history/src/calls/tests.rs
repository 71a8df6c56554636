use std::fs::File;
use std::path::PathBuf;

use proptest::prelude::*;
use waitwise_model::{Coded, Ending};

use super::*;

const VANAD: &str = "date_received,queue_name,agent_number,answered,consult,transfer,hangup
2014-01-02 08:03:21,30175,6935,2014-01-02 08:03:22,,2014-01-02 08:05:00,2014-01-02 08:05:54
2014-01-02 08:04:37,30560,6940,,,,2014-01-02 08:06:07
2014-07-02 08:06:26,30172,6968,2014-07-02 08:06:27,,,
";

const BANK: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r
AA0101\t1\t9\t2\tPS\t990101\t10:00:31\t10:00:36\t5\t10:00:36\t10:03:09\t153\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0101\t2\t0\t0\tPS\t990101\t10:34:12\t10:34:23\t11\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0101\t3\t0\t0\tNW\t990101\t11:00:00\t11:00:10\t10\t0:00:00\t0:00:00\t0\tAGENT\t11:00:09\t11:03:37\t208\tBASCH\r
AA0101\t4\t0\t0\tNE\t990101\t11:30:00\t11:30:10\t10\t11:30:10\t11:30:20\t10\tPHANTOM\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0213\t5\t3\t1\tPS\t990109\t23:59:23\t23:59:23\t0\t23:59:28\t0:00:03\t35\tAGENT\t0:00:03\t0:00:55\t52\tNO_SERVER\r
";

const SIMULATED: &str =
    "call_id,date,daily_caller,call_started,call_answered,call_ended,wait_length,service_length,meets_standard\r
1,2021-01-01,1,8:00:00 AM,8:00:00 AM,8:14:22 AM,0,863,TRUE\r
2,2021-01-01,2,12:02:42 PM,12:03:12 PM,1:07:31 PM,30,289,TRUE\r
";

/// A mapping with every kind of column.
const FULL: &str = r#"
delimiter = ";"
blank = ["", "-"]
id = "id"
queue = "line"
skills = "wants"
skill_separator = "+"
media = "kind"
agent = "who"
code = "code"
priority = "prio"
transferred = "passed"
time_format = "%Y-%m-%d %H:%M:%S"
time_zone = "Europe/Amsterdam"
offered = "in"
answered = "taken"
abandoned = "out"
talk_secs = "talk"
hold_secs = "hold"
after_call_secs = "after"
[outcome]
column = "how"
answered = ["A"]
abandoned = ["G"]
flowed_out = ["F"]
dropped = ["T"]
"#;
const FULL_HEADER: &str =
    "id;line;wants;kind;who;code;prio;passed;in;taken;out;talk;hold;after;how";

#[test]
fn a_row_becomes_one_visit() {
    let row = "7; sales ;b+a+ b;callback;eva;c1;-3;y;2014-10-26 02:50:00;2014-10-26 02:05:00;-;60;0:30;1.5;A";
    check_full(row, |call| {
        let visit = call.visit("k");
        // The second 02:05 of that night is the 15th minute after the first 02:50.
        assert_eq!(visit.entered_at_ms, 1_414_284_600_000);
        assert_eq!(visit.wait_ms, Some(15 * 60_000));
        assert_eq!(
            (visit.queue, visit.skills, visit.media),
            ("sales", &["a", "b"][..], "callback")
        );
        assert_eq!(
            (visit.agent, visit.coding),
            (Some("eva"), Coded::Code("c1"))
        );
        assert_eq!((visit.priority, visit.is_transferred), (Some(-3), true));
        assert_eq!((visit.talk_ms, visit.hold_ms), (Some(60_000), Some(30_000)));
        assert_eq!(
            (visit.after_call_ms, visit.handle_ms),
            (Some(1_500), Some(91_500))
        );
        assert_eq!(
            visit.ended_at_ms,
            Some(1_414_284_600_000 + 900_000 + 91_500)
        );
        assert_eq!((visit.ending, visit.is_offered), (Ending::Answered, true));
        assert_eq!((visit.conversation, visit.number), ("k", 1));
        assert_eq!((call.id, call.is_repeated_hour), (Some("7"), true));
    });
}

#[test]
fn an_unanswered_call_has_no_agent_no_code_and_no_handle_time() {
    for (how, ending) in [("G", Ending::Abandoned), ("F", Ending::FlowedOut)] {
        let row =
            format!("-;sales;;;eva;c1;;y;2014-01-02 08:00:00;-;2014-01-02 08:01:30;60;30;5;{how}");
        check_full(&row, |call| {
            assert_eq!((call.ending, call.wait_ms), (ending, 90_000));
            assert_eq!((call.agent, call.code, call.handle_ms), (None, None, None));
            assert_eq!(
                (call.id, call.media, call.is_transferred),
                (None, "voice", false)
            );
            assert_eq!(call.ended_at_ms, Some(call.entered_at_ms + 90_000));
            assert!(call.skills.is_empty());
        });
    }
}

#[test]
fn the_dutch_centre() {
    let (seen, tally) = read(VANAD);
    let expected = [
        "30175 07:03:21 Answered after 1000, 152000 by 6935, passed on",
        "30560 07:04:37 Abandoned after 90000",
        "30172 06:06:26 Answered after 1000, ? by 6968",
    ];
    assert_eq!(seen, expected);
    assert_eq!((tally.calls, tally.left_out, tally.bad), (3, 0, 0));
}

#[test]
fn the_bank_s_calls_are_answered_at_once_left_out_or_over_midnight() {
    let (seen, tally) = read(BANK);
    let expected = [
        "PS 08:00:36 Abandoned after 153000",
        "NW 09:00:10 Answered after 0, 208000 by BASCH",
        "PS 21:59:28 Answered after 35000, 52000",
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        (tally.calls, tally.left_out, tally.bad),
        (3, 2, 0),
        "one never queued, one phantom"
    );
}

#[test]
fn twelve_hour_times_and_a_single_queue() {
    let (seen, _) = read(SIMULATED);
    let expected = [
        "calls 08:00:00 Answered after 0, 862000",
        "calls 12:02:42 Answered after 30000, 3859000",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_row_that_cannot_be_read_is_located_and_nothing_of_it_is_told() {
    let good = "7;q;;;;;;;2014-01-02 08:00:00;2014-01-02 08:00:09;;60;0;0;A";
    for (row, reason) in [
        (
            good.replacen("2014-01-02", "secret", 1),
            "`in` is no instant of the mapping's format",
        ),
        (
            good.replacen("2014", "9999", 1),
            "`in` lies before 1990 or after 2099",
        ),
        (
            good.replacen("01-02 08", "03-30 02", 1),
            "`in` lies in an hour that the clock skipped: is the time zone right?",
        ),
        (
            good.replace("08:00:09", "07:59:59"),
            "`taken` lies before the caller's entry",
        ),
        (
            good.replace("2014-01-02 08:00:09", "2014-02-03 08:00:09"),
            "`taken` lies more than 31 days after what came before it",
        ),
        (
            good.replace("08:00:09", ""),
            "`taken` is no instant of the mapping's format",
        ),
        (
            good.replace(";60;", ";-60;"),
            "`talk` is no duration of 0 to 31 days",
        ),
        (
            good.replace(";60;", ";secret;"),
            "`talk` is no duration of 0 to 31 days",
        ),
        (good.replace(";q;", ";-;"), "`line` is blank"),
        (
            good.replace(";q;", ";sec\0ret;"),
            "`line` holds a control character",
        ),
        (
            good.replace(";;;;;;;2014", ";;;;;secret;;2014"),
            "`prio` is no whole number",
        ),
        (
            good.replace(";A", ";secret"),
            "`how` is no outcome that the mapping knows",
        ),
        (
            "7;q;secret".to_owned(),
            "`how` is missing: the row has too few columns",
        ),
        (
            format!("{}\n7\"", "x".repeat(records::RECORD_BYTES_MAX)),
            TOO_LONG,
        ),
    ] {
        let text = format!("{FULL_HEADER}\n{good}\n{row}\n{good}\n");
        let (seen, tally) = read_by(text.as_bytes(), FULL);
        let bad = BadRow {
            place: Place {
                line: 3,
                offset: (FULL_HEADER.len() + good.len() + 2) as u64,
            },
            reason: reason.to_owned(),
        };
        assert_eq!(tally.located.first(), Some(&bad), "{}", &row[..30]);
        assert_eq!(seen.len(), 2, "{}", &row[..10]);
        assert!(!bad.reason.contains("secret"));
    }
}

#[test]
fn bytes_that_are_no_text_matter_only_where_they_are_read() {
    let latin = b"queue_name,note,date_received,answered,hangup,agent_number,transfer\nSt\xf6rung,,2014-01-02 08:00:00,,2014-01-02 08:00:09,,\na,caf\xe9,2014-01-02 08:00:00,,2014-01-02 08:00:09,,\n";
    let (seen, tally) = read_by(latin, Mapping::shipped("vanad-2014").unwrap());
    assert_eq!(seen, ["a 07:00:00 Abandoned after 9000"]);
    assert_eq!(tally.located[0].reason, "`queue_name` is not UTF-8");
}

#[test]
fn only_the_first_few_are_located_and_all_are_counted() {
    let header = VANAD.lines().next().unwrap();
    let bad = "x,1,,,,,\n".repeat(25);
    let (_, tally) = read(&format!("{header}\n{bad}"));
    assert_eq!((tally.bad, tally.located.len()), (25, LOCATED_MAX));
    assert_eq!(tally.located[9].place.line, 11);
}

#[test]
fn the_share_of_bad_rows_is_of_all_rows() {
    let tally = |bad| Tally {
        calls: 15,
        left_out: 4,
        bad,
        ..Tally::default()
    };
    assert!(!tally(1).has_more_bad_than(0.05));
    assert!(tally(2).has_more_bad_than(0.05));
    assert!(tally(1).has_more_bad_than(0.0));
    assert!(!tally(0).has_more_bad_than(0.0));
}

#[test]
fn a_file_without_a_mapping_says_what_is_missing() {
    let open = |text: &[u8], mapping: Option<&str>| {
        let mapping = mapping.map(|text| Mapping::parse(text).unwrap());
        Calls::open(text, mapping)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(open(b"", None), "there is no header line");
    assert_eq!(open(b"\r\n", None), "there is no header line");
    assert_eq!(open(b"", Some(FULL)), "there is no header line");
    assert_eq!(
        open(b"a,b\n1,2\n", None),
        "no column mapping fits the header, which has 2 columns when split at commas"
    );
    assert_eq!(open(b"\xff\xfea\0", None), "the text is UTF-16, not UTF-8");
    let some = "offered = 'b'\ntime_format = '%s'";
    assert_eq!(
        open(b"a,c\n", Some(some)),
        "there is no column `b`, which the mapping names"
    );
    assert_eq!(
        open(b"b,b\n", Some(some)),
        "there is more than one column `b`, which the mapping names"
    );
}

#[test]
fn a_mark_before_the_header_is_gone_over() {
    let text = format!("\u{feff}{VANAD}");
    assert_eq!(read(&text), read(VANAD));
}

#[test]
fn what_breaks_off_is_an_error_and_says_where() {
    let mut packed = Vec::new();
    let mut gz = flate2::read::GzEncoder::new(VANAD.as_bytes(), flate2::Compression::fast());
    gz.read_to_end(&mut packed).unwrap();
    let bytes = unpacked(&packed[..packed.len() - 9]).unwrap();
    let mut calls = Calls::open(bytes, None).unwrap();
    let error = loop {
        match calls.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a cut-off file ended as if it were whole"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.starts_with("cannot read on after line "), "{error}");
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "[0-9a-z ;:\"\n\r-]{0,200}") {
        let text = format!("{FULL_HEADER}\n{text}");
        let (seen, tally) = read_by(text.as_bytes(), FULL);
        prop_assert_eq!(seen.len() as u64, tally.calls);
    }

    #[test]
    fn what_is_read_of_a_call_is_consistent(entry in 700_000_000..2_000_000_000_u32, wait in 0..100_000_u32, handle in 0..100_000_u32) {
        let at = |secs: u32| jiff::Timestamp::from_second(secs.into()).unwrap().strftime("%F %T").to_string();
        let times = [at(entry), at(entry + wait), at(entry + wait + handle)];
        let text = format!("in,taken,out\n{}\n", times.join(","));
        let mapping = "time_format = '%F %T'\noffered = 'in'\nanswered = 'taken'\nended = 'out'";
        let mut calls = Calls::open(text.as_bytes(), Some(Mapping::parse(mapping).unwrap())).unwrap();
        let Row::Call(_, call) = calls.next_row().unwrap().unwrap() else { panic!("a call") };
        prop_assert_eq!(call.entered_at_ms, i64::from(entry) * 1000);
        prop_assert_eq!(call.wait_ms, u64::from(wait) * 1000);
        prop_assert_eq!(call.handle_ms, Some(u64::from(handle) * 1000));
        prop_assert_eq!(call.ended_at_ms, Some(i64::from(entry + wait + handle) * 1000));
    }
}

/// The published sets themselves, where they lie beside the workspace.
#[test]
fn the_published_sets_read_whole() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    // Calls, abandoned, left out and seconds waited, as a script of a dozen lines computes them from the files.
    for (name, mapping, expected) in [
        (
            "vanad_2014_h1_calls.csv.xz",
            "vanad-2014",
            (791_464, 54_495, 0, 46_618_104),
        ),
        (
            "anonymous_bank_1999_01.tsv.xz",
            "anonymous-bank-1999",
            (30_161, 3_101, 1_438, 1_136_162),
        ),
        (
            "anonymous_bank_1999_02.tsv.xz",
            "anonymous-bank-1999",
            (31_125, 3_963, 2_219, 1_367_207),
        ),
        (
            "simulated_call_centre_2021.csv.xz",
            "simulated-2021",
            (51_708, 0, 0, 880_843),
        ),
    ] {
        let file = folder.join(name);
        let Ok(file) = File::open(&file) else {
            println!("skipped: {} is not here", file.display());
            continue;
        };
        let mut calls = Calls::open(unpacked(file).unwrap(), None).unwrap();
        assert_eq!(calls.mapping_name(), Some(mapping));
        let (mut abandoned, mut waited_ms) = (0, 0);
        let mut ids = std::collections::HashSet::new();
        let mut identities = Identities::default();
        while let Some(row) = calls.next_row().unwrap() {
            if let Row::Call(_, call) = row {
                abandoned += u64::from(call.ending == Ending::Abandoned);
                waited_ms += call.wait_ms;
                ids.insert(identities.of(&call).to_owned());
            }
        }
        let tally = calls.tally();
        assert_eq!(
            (tally.calls, abandoned, tally.left_out, waited_ms / 1000),
            expected,
            "{name}"
        );
        assert_eq!(tally.bad, 0, "{name}: {:?}", tally.located);
        assert_eq!(
            ids.len() as u64,
            tally.calls,
            "{name}: each row is a record of its own"
        );
    }
}

fn check_full(row: &str, look: impl FnOnce(&Call<'_>)) {
    let text = format!("{FULL_HEADER}\n{row}\n");
    let mut calls = Calls::open(text.as_bytes(), Some(Mapping::parse(FULL).unwrap())).unwrap();
    match calls.next_row().unwrap() {
        Some(Row::Call(place, call)) => {
            assert_eq!(place.line, 2);
            look(&call);
        }
        Some(Row::LeftOut | Row::Bad) | None => panic!("{:?}", calls.tally()),
    }
}

fn read(text: &str) -> (Vec<String>, Tally) {
    seen(Calls::open(text.as_bytes(), None).unwrap())
}

fn read_by(text: &[u8], mapping: &str) -> (Vec<String>, Tally) {
    seen(Calls::open(text, Some(Mapping::parse(mapping).unwrap())).unwrap())
}

/// Each call in a line: queue, UTC time of entry, how it ended.
fn seen(mut calls: Calls<&[u8]>) -> (Vec<String>, Tally) {
    let mut lines = Vec::new();
    while let Some(row) = calls.next_row().unwrap() {
        let Row::Call(_, call) = row else { continue };
        let at = jiff::Timestamp::from_millisecond(call.entered_at_ms).unwrap();
        let time = at.strftime("%H:%M:%S");
        let mut line = format!(
            "{} {time} {:?} after {}",
            call.queue, call.ending, call.wait_ms
        );
        if call.ending == Ending::Answered {
            let handled = call.handle_ms.map_or("?".to_owned(), |ms| ms.to_string());
            line += &format!(", {handled}");
        }
        if let Some(agent) = call.agent {
            line += &format!(" by {agent}");
        }
        if call.is_transferred {
            line += ", passed on";
        }
        lines.push(line);
    }
    (lines, calls.tally().clone())
}
