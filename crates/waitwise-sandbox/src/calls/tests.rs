use std::io::Write;
use std::path::PathBuf;

use super::*;
use crate::centre::Outcome;
use crate::centre::calendar::DAY;

const NOW: TimeMs = 1_772_420_000_000;
const SECOND: u32 = 1_000;

const VANAD: &str = "date_received,queue_name,agent_number,answered,consult,transfer,hangup
2014-01-02 08:03:21,30175,6935,2014-01-02 08:03:22,,,2014-01-02 08:05:54
2014-01-02 08:04:37,30560,,,,,2014-01-02 08:06:07
2014-01-02 08:06:26,30172,6968,2014-01-02 08:06:27,,,
";

const BANK: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r
AA0101\t1\t9\t2\tPS\t990101\t10:00:31\t10:00:36\t5\t10:00:36\t10:03:09\t153\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0101\t2\t0\t0\tPS\t990101\t10:34:12\t10:34:23\t11\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0101\t3\t0\t0\tNW\t990101\t11:00:00\t11:00:10\t10\t0:00:00\t0:00:00\t0\tAGENT\t11:00:09\t11:03:37\t208\tBASCH\r
AA0101\t4\t0\t0\tNE\t990101\t11:30:00\t11:30:10\t10\t11:30:10\t11:30:20\t10\tPHANTOM\t0:00:00\t0:00:00\t0\tNO_SERVER\r
AA0213\t5\t3\t1\tPS\t990109\t23:59:23\t23:59:23\t0\t23:59:28\t0:00:03\t35\tAGENT\t0:00:03\t0:00:55\t52\tANAT\r
AA0102\t6\t3\t1\tPS\t990110\t23:59:54\t23:59:54\t0\t0:00:00\t0:00:27\t27\tAGENT\t0:00:26\t0:01:33\t67\tAVNI\r
";

const SIMULATED: &str =
    "call_id,date,daily_caller,call_started,call_answered,call_ended,wait_length,service_length,meets_standard\r
1,2021-01-01,1,8:00:00 AM,8:00:00 AM,8:14:22 AM,0,863,TRUE\r
2,2021-01-01,2,12:02:42 PM,12:03:12 PM,1:07:31 PM,30,289,TRUE\r
";

#[test]
fn a_call_is_answered_abandoned_or_without_an_end() {
    let history = read(VANAD).unwrap();
    assert_eq!(history.names, ["30172", "30175", "30560"]);
    assert_eq!(
        seen(&history),
        [
            (1, Some(1), Outcome::Answered, SECOND, 152 * SECOND),
            (2, None, Outcome::Abandoned, 90 * SECOND, 0),
            (0, Some(0), Outcome::Answered, SECOND, 0),
        ]
    );
    assert_eq!(history.first.to_string(), "2014-01-02T08:03:21");
    assert_eq!(history.last.to_string(), "2014-01-02T08:06:26");
    // 1,388,649,801 s: 2014-01-02 08:03:21 as if UTC.
    assert_eq!(
        history.conversations[0].start,
        1_388_649_801_000 + history.shift_ms
    );
}

#[test]
fn bank_calls_are_answered_at_once_dropped_or_over_midnight() {
    let history = read(BANK).unwrap();
    assert_eq!(history.names, ["NW", "PS"]);
    assert_eq!(
        (history.dropped, history.skipped),
        (2, 0),
        "one never queued, one phantom"
    );
    assert_eq!(
        seen(&history),
        [
            (1, None, Outcome::Abandoned, 153 * SECOND, 0),
            (0, Some(0), Outcome::Answered, 0, 208 * SECOND),
            (1, Some(1), Outcome::Answered, 35 * SECOND, 52 * SECOND),
            (1, Some(1), Outcome::Answered, 27 * SECOND, 67 * SECOND),
        ]
    );
}

#[test]
fn twelve_hour_times_and_a_single_queue() {
    let history = read(SIMULATED).unwrap();
    assert_eq!(history.names, ["calls"]);
    let handled = [
        (0, Some(0), Outcome::Answered, 0, 862 * SECOND),
        (0, Some(0), Outcome::Answered, 30_000, 3_859_000),
    ];
    assert_eq!(seen(&history), handled);
}

#[test]
fn a_given_mapping_with_wait_in_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        &folder,
        "calls.csv",
        b"came;skill;waited\n2026-01-05T10:00:00;a;1.5\n2026-01-05T10:01:00;b;2\n",
    );
    let mapping = write(
        &folder,
        "mapping.toml",
        b"delimiter = ';'\nqueue = 'skill'\ntime_format = '%Y-%m-%dT%H:%M:%S'\noffered = 'came'\nwait_secs = 'waited'\n",
    );
    let history = read_calls(&file, Some(&mapping), NOW).unwrap();
    assert_eq!(
        history
            .conversations
            .iter()
            .map(|call| call.wait_ms)
            .collect::<Vec<_>>(),
        [1_500, 2_000]
    );
    let without = read_calls(&file, None, NOW).unwrap_err();
    assert!(
        matches!(
            &without,
            CallsError::Read {
                source: calls::CallsError::UnknownHeader { .. },
                ..
            }
        ),
        "{without}"
    );
}

#[test]
fn times_of_day_may_go_over_midnight() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        &folder,
        "calls.csv",
        b"day,in,out,end\n2026-01-05,23:59:50,0:00:05,0:01:00\n2026-01-05,23:58:00,,0:01:00\n",
    );
    let mapping = write(
        &folder,
        "mapping.toml",
        b"queue_name = 'desk'\ndate = 'day'\ndate_format = '%Y-%m-%d'\ntime_format = '%H:%M:%S'\noffered = 'in'
answered = 'out'\nabandoned = 'end'\nended = 'end'\n",
    );
    let history = read_calls(&file, Some(&mapping), NOW).unwrap();
    assert_eq!(
        seen(&history),
        [
            (0, None, Outcome::Abandoned, 180 * SECOND, 0),
            (0, Some(0), Outcome::Answered, 15 * SECOND, 55 * SECOND),
        ]
    );
}

#[test]
fn packed_files_read_like_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(VANAD.as_bytes()).unwrap();
    let packed = gz.finish().unwrap();
    let plain = read(VANAD).unwrap().conversations;
    let whole = write(&folder, "calls.csv.gz", &packed);
    assert_eq!(read_calls(&whole, None, NOW).unwrap().conversations, plain);
    let cut = write(&folder, "cut.csv.gz", &packed[..packed.len() / 2]);
    assert!(
        read_calls(&cut, None, NOW).is_err(),
        "a cut-off file is no history"
    );
}

#[test]
fn calls_keep_clear_of_the_edges_of_whole_days() {
    let hour = 3_600_000;
    for text in [VANAD, BANK, SIMULATED] {
        let history = read(text).unwrap();
        for call in &history.conversations {
            let from_edge = (NOW - call.start).rem_euclid(24 * hour);
            assert!((hour..=23 * hour).contains(&from_edge), "{call:?}");
            assert!(call.start < NOW);
        }
    }
}

#[test]
fn unreadable_rows_are_located_while_they_are_few() {
    let good = "2014-01-02 08:03:21,30175,6935,2014-01-02 08:03:22,,,2014-01-02 08:05:54\n";
    let bad = "2014-01-02 08:03:21,30175,6935,2014-01-02 08:03:02,,,2014-01-02 08:05:54\nyesterday,1,,,,,\n30175\n";
    let header = VANAD.lines().next().unwrap();
    let mostly_good = read(&format!("{header}\n{bad}{}", good.repeat(57))).unwrap();
    assert_eq!(
        (mostly_good.conversations.len(), mostly_good.skipped),
        (57, 3)
    );
    let lines: Vec<u64> = mostly_good
        .skipped_rows
        .iter()
        .map(|row| row.place.line)
        .collect();
    assert_eq!(lines, [2, 3, 4]);
    let error = read(&format!("{header}\n{bad}{}", good.repeat(56))).unwrap_err();
    assert!(
        matches!(
            error,
            CallsError::TooManySkipped {
                skipped: 3,
                rows: 59,
                line: 2,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn files_that_hold_no_calls_are_refused_with_the_reason() {
    let header = VANAD.lines().next().unwrap();
    assert!(matches!(
        read(&format!("{header}\n")),
        Err(CallsError::Empty { .. })
    ));
    assert!(matches!(
        read(""),
        Err(CallsError::Read {
            source: calls::CallsError::NoHeader,
            ..
        })
    ));
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.csv");
    assert!(matches!(
        read_calls(&absent, None, NOW),
        Err(CallsError::Open { .. })
    ));
    let file = write(&folder, "calls.csv", VANAD.as_bytes());
    assert!(matches!(
        read_calls(&file, Some(&absent), NOW),
        Err(CallsError::OpenMapping { .. })
    ));
    let mapping = write(&folder, "m.toml", b"time_format = ''\noffered = 'when'\n");
    let error = read_calls(&file, Some(&mapping), NOW).unwrap_err();
    assert!(
        matches!(error, CallsError::Read { source: calls::CallsError::NoColumn { column }, .. } if column == "when")
    );
    let misspelt = write(&folder, "x.toml", b"offred = ''\n");
    assert!(matches!(
        read_calls(&file, Some(&misspelt), NOW),
        Err(CallsError::Mapping { .. })
    ));
}

/// The published sets themselves, where they lie beside the workspace.
#[test]
fn the_published_sets_read_whole() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    // Calls, abandoned, queues and seconds waited, as a script of a dozen lines computes them from the files.
    for (name, expected) in [
        (
            "vanad_2014_h1_calls.csv.xz",
            (791_464, 54_495, 23, 46_618_104),
        ),
        (
            "anonymous_bank_1999_01.tsv.xz",
            (30_161, 3_101, 6, 1_136_162),
        ),
        (
            "anonymous_bank_1999_02.tsv.xz",
            (31_125, 3_963, 6, 1_367_207),
        ),
        ("simulated_call_centre_2021.csv.xz", (51_708, 0, 1, 880_843)),
    ] {
        let file = folder.join(name);
        if !file.exists() {
            println!("skipped: {} is not here", file.display());
            continue;
        }
        let history = read_calls(&file, None, NOW).unwrap();
        let calls = &history.conversations;
        let n_abandoned = calls
            .iter()
            .filter(|call| call.outcome == Outcome::Abandoned)
            .count();
        let waited_secs = calls
            .iter()
            .map(|call| u64::from(call.wait_ms))
            .sum::<u64>()
            / 1_000;
        assert_eq!(
            (calls.len(), n_abandoned, history.names.len(), waited_secs),
            expected,
            "{name}"
        );
        assert_eq!(history.skipped, 0, "{name}: {:?}", history.skipped_rows);
        let from_edge =
            |call: &Conversation| (NOW - call.start + DAY / 2).rem_euclid(DAY) - DAY / 2;
        let nearest_ms = calls
            .iter()
            .map(|call| from_edge(call).abs())
            .min()
            .unwrap();
        println!(
            "{name}: nobody enters within {} minutes of an edge",
            nearest_ms / 60_000
        );
    }
}

fn read(text: &str) -> Result<CallHistory, CallsError> {
    let folder = tempfile::tempdir().unwrap();
    read_calls(&write(&folder, "calls.csv", text.as_bytes()), None, NOW)
}

fn write(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Skill, code, outcome, wait and handle time of each conversation.
fn seen(history: &CallHistory) -> Vec<(u16, Option<u16>, Outcome, u32, u32)> {
    let calls = history.conversations.iter();
    calls
        .map(|call| {
            (
                call.skill,
                call.code,
                call.outcome,
                call.wait_ms,
                call.handle_ms,
            )
        })
        .collect()
}
