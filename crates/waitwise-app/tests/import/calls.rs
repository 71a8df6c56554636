//! Call records of other systems come to the same facts.

use waitwise_app::call_records::{CallFiles, Chosen};
use waitwise_app::files::Input;
use waitwise_app::history::{History, Import, ImportFrom, Imported, ReadFiles};

use crate::{Bench, MEMORY, NO_MEMORY, facts, rows, run, wanted};

const MAPPING: &str = r#"
offered = "came"
answered = "taken"
abandoned = "left"
ended = "left"
queue = "line"
agent = "who"
time_zone = "Europe/Berlin"
time_format = "%Y-%m-%d %H:%M:%S"
"#;

fn calls(bench: &Bench, history: &History, files: &[&str], memory_bytes: usize) -> Imported {
    let mapping = bench.dir.path().join("mapping.toml");
    std::fs::write(&mapping, MAPPING).unwrap();
    let paths = files.iter().enumerate().map(|(nth, text)| {
        let path = bench.dir.path().join(format!("{nth}.csv"));
        std::fs::write(&path, format!("came,taken,left,line,who\n{text}")).unwrap();
        path
    });
    let calls = Import {
        from: ImportFrom::Calls(CallFiles {
            inputs: paths.map(Input::File).collect(),
            mapping: Chosen::Given(mapping),
            max_bad_share: 0.0,
        }),
        ..wanted(&[], 2, memory_bytes)
    };
    run(history, &calls).unwrap()
}

#[test]
fn calls_are_kept_once_however_often_they_are_read() {
    let bench = Bench::new();
    let (first, second) = (
        "2026-03-02 09:00:00,2026-03-02 09:00:30,2026-03-02 09:05:00,sales,7\n\
         2026-03-02 09:01:00,,2026-03-02 09:02:00,sales,\n",
        "2026-03-02 09:01:00,,2026-03-02 09:02:00,sales,\n\
         2026-03-02 23:59:59,2026-03-03 00:00:30,2026-03-03 00:05:00,help,8\n",
    );
    let history = bench.history("h");
    let done = calls(&bench, &history, &[first, second], MEMORY);
    assert_eq!((done.visits, done.repeated), (4, 1));
    let ReadFiles::Calls(files) = &done.read else {
        panic!("{done:?}")
    };
    assert_eq!(files.len(), 2);
    let found = rows(&history);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[1].contains("wait_ms: Some(30000)"), "{}", found[1]);
    assert!(found[2].contains("ending: Abandoned"), "{}", found[2]);
    let expected = facts(&history);
    let other = bench.history("other");
    calls(&bench, &other, &[second], NO_MEMORY);
    calls(&bench, &other, &[first, first], NO_MEMORY);
    assert!(facts(&other) == expected);
}
