//! What becomes of facts afterwards: evidence, answers, exports, retention, damage.

use std::num::NonZeroUsize;

use waitwise_app::files::{Asked, Dimension, Grouping, Input, Precision, Records, Wanted, analyze};
use waitwise_app::history::facts::{Columns, Reader};
use waitwise_app::history::{
    Covers, Export, ExportFormat, GapKind, Import, Prune, evidence_of, gaps,
};
use waitwise_app::model::{QueueId, Window};

use crate::record::Contact;
use crate::{Bench, MEMORY, facts, rows, run, wanted};

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

#[test]
fn evidence_needs_that_somebody_says_which_days_are_whole() {
    let bench = Bench::new();
    let on = |id: &str, day: &str| Contact::new(id, "q1").on(day).record();
    let path = bench.file("some", &[on("a", "2026-03-02"), on("b", "2026-03-04")]);
    let history = bench.history("h");
    let some = wanted(&[path], 1, MEMORY);
    run(&history, &some).unwrap();
    let queue = QueueId::new("q1");
    let window = Window {
        from: "2026-03-02T00:00:00Z".parse().unwrap(),
        to: "2026-03-05T00:00:00Z".parse().unwrap(),
    };
    let heads = |history: &waitwise_app::history::History| {
        let kept = history.kept().unwrap().into_iter();
        kept.map(|kept| kept.head).collect::<Vec<_>>()
    };
    let kinds: Vec<_> = gaps(&heads(&history)).iter().map(|gap| gap.kind).collect();
    assert_eq!(
        kinds,
        [GapKind::Unknown, GapKind::Missing, GapKind::Unknown]
    );
    let error = evidence_of(&history, &queue, window).unwrap_err();
    assert!(error.hints().iter().any(|hint| hint.contains("--covers")));
    let covered = Import {
        covers: Some(Covers {
            first: day("2026-03-01"),
            last: day("2026-03-04"),
        }),
        ..some
    };
    run(&history, &covered).unwrap();
    assert_eq!(gaps(&heads(&history)), []);
    let evidence = evidence_of(&history, &queue, window).unwrap();
    assert_eq!(evidence[0].all.offered, 2);
    // What was said once is not taken back by an import that says nothing.
    let said = facts(&history);
    run(
        &history,
        &Import {
            covers: None,
            ..covered
        },
    )
    .unwrap();
    assert!(facts(&history) == said);
}

#[test]
fn facts_answer_as_the_files_do() {
    let bench = Bench::new();
    let path = bench.file("all", &bench.exported());
    let history = bench.history("h");
    run(&history, &wanted(std::slice::from_ref(&path), 2, MEMORY)).unwrap();
    for by in [
        vec![Dimension::Queue, Dimension::Skill, Dimension::WrapUp],
        vec![Dimension::Media, Dimension::HourOfWeek],
        vec![Dimension::Day],
    ] {
        for threads in [1, 3] {
            let asked = Asked {
                inputs: vec![Input::File(path.clone())],
                records: Records::Conversations,
                wanted: Wanted {
                    rows: true,
                    overview: true,
                },
                grouping: Grouping {
                    by: by.clone(),
                    zone: jiff::tz::TimeZone::get("Europe/Dublin").unwrap(),
                    target_ms: 20_000,
                    precision: Precision::Bounded,
                },
                threads: NonZeroUsize::new(threads).unwrap(),
                max_refused_share: 0.0,
            };
            let files = analyze(&asked, &(std::sync::Arc::new(|_| {}) as _)).unwrap();
            let facts = history
                .answer(&asked.grouping, asked.wanted, asked.threads)
                .unwrap();
            assert_eq!(facts.rows, files.rows);
            assert_eq!(facts.overview, files.overview);
            assert_eq!(facts.tally.visits, files.tally.visits);
            assert!(facts.rows.len() > 1);
        }
    }
}

#[test]
fn an_export_has_every_row_once() {
    let bench = Bench::new();
    let path = bench.file("all", &bench.exported());
    let history = bench.history("h");
    run(&history, &wanted(&[path], 2, MEMORY)).unwrap();
    let n_rows = rows(&history).len();
    let mut export = Export {
        queues: Vec::new(),
        first: None,
        last: None,
        format: ExportFormat::Csv,
    };
    let mut text = Vec::new();
    let done = history.export(&export, &mut text).unwrap();
    assert_eq!(done.visits, n_rows as u64);
    let lines = String::from_utf8(text).unwrap().lines().count();
    assert_eq!(lines, n_rows + 1);
    export.format = ExportFormat::Ndjson;
    export.queues = history.queues().unwrap()[..1].to_vec();
    export.last = Some(day("2025-01-06"));
    let mut text = Vec::new();
    let done = history.export(&export, &mut text).unwrap();
    let head = history.head(&export.queues[0], day("2025-01-06")).unwrap();
    let expected = (1, head.unwrap().legs as u64);
    assert_eq!((done.files, done.visits), expected);
    for line in String::from_utf8(text).unwrap().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["queue_id"], export.queues[0].as_str());
    }
    export.format = ExportFormat::Parquet;
    let out = bench.dir.path().join("out.parquet");
    history.export_to(&export, &out).unwrap();
    let written = std::fs::read(&out).unwrap();
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));
    // It does not say which day it is of, so it is nobody's file of facts.
    let error = Reader::open(std::fs::File::open(&out).unwrap()).unwrap_err();
    assert!(error.to_string().contains("not of the format"), "{error}");
    // One damaged file, and nothing is put into its place.
    let other = bench.dir.path().join("other.parquet");
    damage(&history.kept().unwrap()[0].path);
    assert!(history.export_to(&export, &other).is_err());
    assert!(!other.exists());
}

#[test]
fn what_is_to_be_kept_no_longer_goes_and_nothing_else() {
    let bench = Bench::new();
    let days = ["2026-03-01", "2026-03-02", "2026-03-03"];
    let lines: Vec<_> = days
        .iter()
        .flat_map(|day| {
            ["q1", "q2"].map(|queue| {
                Contact::new(&format!("{day}{queue}"), queue)
                    .on(day)
                    .record()
            })
        })
        .collect();
    let path = bench.file("some", &lines);
    let history = bench.history("h");
    run(&history, &wanted(&[path], 1, MEMORY)).unwrap();
    let left = |history: &waitwise_app::history::History| {
        let queues = history.queues().unwrap().into_iter();
        let days = queues.map(|queue| (queue.to_string(), history.days(&queue).unwrap().len()));
        days.collect::<Vec<_>>()
    };
    let mut prune = Prune {
        queues: vec![QueueId::new("q2")],
        before: day("2026-03-02"),
    };
    let found = history.to_prune(&prune).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(left(&history), [("q1".to_owned(), 3), ("q2".to_owned(), 3)]);
    history.prune(&found).unwrap();
    history.prune(&found).unwrap();
    assert_eq!(left(&history), [("q1".to_owned(), 3), ("q2".to_owned(), 2)]);
    // What is damaged, or half removed, goes too.
    damage(&history.kept().unwrap()[0].path);
    prune.queues.clear();
    prune.before = day("2026-03-04");
    history.prune(&history.to_prune(&prune).unwrap()).unwrap();
    assert_eq!(left(&history), []);
    assert_eq!(history.to_prune(&prune).unwrap(), []);
}

fn damage(path: &std::path::Path) {
    let mut bytes = std::fs::read(path).unwrap();
    // Within the first column.
    bytes[20] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_a_truncated_and_a_foreign_file_are_named() {
    let bench = Bench::new();
    let path = bench.file("one", &[Contact::new("k", "q1").record()]);
    let history = bench.history("h");
    let one = wanted(&[path], 1, MEMORY);
    run(&history, &one).unwrap();
    let file = history.kept().unwrap()[0].path.clone();
    let sound = std::fs::read(&file).unwrap();
    let queue = QueueId::new("q1");
    let read = || history.read_day(&queue, day("2026-03-02"), Columns::ALL, |_| ());
    for (bytes, said) in [
        (
            [&sound[..20], &[sound[20] ^ 1], &sound[21..]].concat(),
            "damaged or cut off: a column",
        ),
        (sound[..sound.len() - 9].to_vec(), "damaged or cut off"),
        (b"hello".to_vec(), "not of the format"),
        (b"".to_vec(), "not of the format"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let error = read().unwrap_err();
        let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
        assert!(text.contains(&file.display().to_string()), "{text}");
        assert!(text.contains(said), "{text}");
        // It is not written over: what could be saved of it is the owner's to decide.
        assert!(run(&history, &one).is_err());
    }
    std::fs::write(&file, &sound).unwrap();
    let elsewhere = file.parent().unwrap().with_file_name("date=2026-03-03");
    std::fs::rename(file.parent().unwrap(), &elsewhere).unwrap();
    let misplaced = history.read_day(&queue, day("2026-03-03"), Columns::ALL, |_| ());
    let text = misplaced.unwrap_err().to_string();
    assert!(text.contains("holds queue `q1` on 2026-03-02"), "{text}");
    // Without its manifest a file is what it is.
    std::fs::rename(&elsewhere, file.parent().unwrap()).unwrap();
    let said = history.kept().unwrap();
    std::fs::remove_file(file.with_file_name("_manifest.json")).unwrap();
    assert_eq!(history.kept().unwrap(), said);
}
