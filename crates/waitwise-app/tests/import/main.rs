//! Importing files: the same facts in whatever order and however often they are read, and nothing lost on the way.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]

mod after;
mod calls;
mod record;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use record::Contact;
use waitwise_app::files::Input;
use waitwise_app::history::facts::Columns;
use waitwise_app::history::{History, Import, ImportFrom, Imported, ReadFiles, import};
use waitwise_app::{AppError, ErrorKind};
use waitwise_history::Table;
use waitwise_sandbox::Troubles;
use waitwise_sandbox::export::{ExportSpec, Extent, to_file};
use waitwise_wire::platform::conversation;

/// Few enough bytes that every record is set aside at once, so that it is seen that nothing depends on it.
const NO_MEMORY: usize = 1;
const MEMORY: usize = 64 << 20;

/// A folder with files to import, and histories to import them into.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn history(&self, name: &str) -> History {
        History::at(self.dir.path().join(name))
    }

    fn file(&self, name: &str, lines: &[String]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    }

    /// Two days of a simulated tenant.
    fn exported(&self) -> Vec<String> {
        let path = self.dir.path().join("exported.ndjson");
        let spec = ExportSpec {
            seed: 1,
            tenants: 2,
            size: None,
            calls_a_day: None,
            troubles: Troubles::NONE,
            from: "2025-01-06".parse().unwrap(),
            extent: Extent::Days(2),
        };
        to_file(&spec, &path, &mut |_| {}).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn wanted(paths: &[PathBuf], threads: usize, memory_bytes: usize) -> Import {
    Import {
        from: ImportFrom::Conversations {
            inputs: paths.iter().cloned().map(Input::File).collect(),
            max_bad_share: 0.01,
        },
        covers: None,
        threads: NonZeroUsize::new(threads).unwrap(),
        memory_bytes,
    }
}

fn run(history: &History, wanted: &Import) -> Result<Imported, AppError> {
    import(history, wanted, &(Arc::new(|_| {}) as _), &|_| {})
}

/// All files of facts by their names, wherever the folder is.
fn facts(history: &History) -> BTreeMap<PathBuf, Vec<u8>> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path, found),
                false => found.push(path),
            }
        }
    }
    let root = history.dir().join("facts");
    let mut found = Vec::new();
    files(&root, &mut found);
    let named = found.into_iter().map(|path| {
        let bytes = std::fs::read(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_owned(), bytes)
    });
    named.collect()
}

/// All rows, by queue, day and entry.
fn rows(history: &History) -> Vec<String> {
    let mut rows = Vec::new();
    for queue in history.queues().unwrap() {
        for day in history.days(&queue).unwrap() {
            let read = history.read_day(&queue, day, Columns::ALL, |row| {
                rows.push(format!("{row:?}"));
            });
            read.unwrap();
        }
    }
    rows
}

fn shuffle<T>(things: &mut [T], draws: &mut Xoshiro256PlusPlus) {
    for idx in (1..things.len()).rev() {
        let other = draws.next_u64() % (idx as u64 + 1);
        things.swap(idx, usize::try_from(other).unwrap());
    }
}

#[test]
fn whatever_the_order_the_threads_and_the_memory_the_same_bytes_result() {
    let bench = Bench::new();
    let mut lines = bench.exported();
    assert!(lines.len() > 1000, "{}", lines.len());
    // What comes again, and what was read before it ended.
    let again: Vec<_> = lines.iter().step_by(7).cloned().collect();
    let cut_short = lines.iter().step_by(5).map(|line| record::unfinished(line));
    let cut_short: Vec<_> = cut_short.collect();
    lines.extend(again);
    lines.extend(cut_short);
    let mut draws = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut expected = None;
    for (nth, (threads, memory)) in [
        (1, MEMORY),
        (2, MEMORY),
        (8, MEMORY),
        (1, NO_MEMORY),
        (8, 1 << 20),
    ]
    .into_iter()
    .enumerate()
    {
        shuffle(&mut lines, &mut draws);
        let pieces = lines.chunks(lines.len().div_ceil(5)).enumerate();
        let paths: Vec<_> = pieces
            .map(|(piece, lines)| bench.file(&format!("{nth}-{piece}.ndjson"), lines))
            .collect();
        let history = bench.history(&format!("h{nth}"));
        let done = run(&history, &wanted(&paths, threads, memory)).unwrap();
        let kept: u64 = done.queues.iter().map(|queue| queue.visits).sum();
        assert_eq!(
            (done.visits - done.repeated, rows(&history).len() as u64),
            (kept, kept)
        );
        let ReadFiles::Conversations(tally) = &done.read else {
            panic!("{done:?}")
        };
        assert_eq!(
            (tally.records, tally.refused_records),
            (lines.len() as u64, 0)
        );
        let found = facts(&history);
        let expected = expected.get_or_insert_with(|| found.clone());
        assert!(*expected == found, "{threads} threads, {memory} bytes");
        // Piece by piece into one history comes to the same.
        let history = bench.history(&format!("p{nth}"));
        for path in &paths {
            run(
                &history,
                &wanted(std::slice::from_ref(path), threads, memory),
            )
            .unwrap();
        }
        assert!(
            facts(&history) == found,
            "{threads} threads, {memory} bytes"
        );
    }
}

#[test]
fn an_import_keeps_what_a_pull_keeps_of_the_same_records() {
    let bench = Bench::new();
    let lines = bench.exported();
    let mut table = Table::default();
    for line in &lines {
        let read = conversation::read(line).unwrap();
        table.add_conversation(&read.conversation).unwrap();
    }
    table.keep_newest();
    let mut expected = Vec::new();
    for part in table.parts() {
        part.for_each(|row| expected.push(format!("{row:?}")));
    }
    let history = bench.history("h");
    let path = bench.file("all.ndjson", &lines);
    run(&history, &wanted(&[path], 2, MEMORY)).unwrap();
    assert!(rows(&history) == expected);
    for (path, bytes) in facts(&history) {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("canary"), "{}", path.display());
    }
    assert!(
        !expected
            .iter()
            .any(|row| row.to_lowercase().contains("canary"))
    );
}

#[test]
fn the_newest_record_wins_whichever_file_it_is_in() {
    let bench = Bench::new();
    let old = Contact::new("k", "q1").coded("c1").ended_after(60);
    let new = Contact::new("k", "q1").coded("c2").ended_after(90);
    let (old, new) = (
        bench.file("old", &[old.record()]),
        bench.file("new", &[new.record()]),
    );
    let code = |history: &History| {
        let rows = rows(history);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0].contains("\"c2\"")
    };
    for (nth, files) in [[&old, &new], [&new, &old]].into_iter().enumerate() {
        let history = bench.history(&format!("one-{nth}"));
        let files = files.map(Clone::clone);
        let done = run(&history, &wanted(&files, 1, MEMORY)).unwrap();
        assert_eq!((done.visits, done.repeated), (2, 1));
        assert!(code(&history));
        let history = bench.history(&format!("two-{nth}"));
        for file in files {
            run(&history, &wanted(&[file], 1, MEMORY)).unwrap();
        }
        assert!(code(&history));
    }
}

#[test]
fn records_of_one_date_that_differ_come_to_the_same_in_any_order() {
    let bench = Bench::new();
    let records = ["c1", "c2", "c3"].map(|code| Contact::new("k", "q1").coded(code).record());
    let mut seen = BTreeMap::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
        let name = format!("{order:?}");
        let history = bench.history(&name);
        for nth in order {
            let path = bench.file(&format!("{name}-{nth}"), &[records[nth].clone()]);
            run(&history, &wanted(&[path], 1, MEMORY)).unwrap();
        }
        *seen.entry(facts(&history)).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn a_newer_record_elsewhere_takes_its_older_self_away() {
    let bench = Bench::new();
    let old = Contact::new("k", "q1").ended_after(60).record();
    let new = Contact::new("k", "q2").ended_after(90).record();
    let path = bench.file("both", &[new, old]);
    let history = bench.history("h");
    run(&history, &wanted(&[path], 1, MEMORY)).unwrap();
    let queues: Vec<_> = history.queues().unwrap();
    assert_eq!(queues.len(), 1);
    assert_eq!(queues[0].as_str(), "q2");
}

#[test]
fn too_much_that_cannot_be_used_leaves_the_facts_alone() {
    let bench = Bench::new();
    let record = |id: usize| Contact::new(&format!("k{id}"), "q1").record();
    let sound = bench.file("sound", &(0..50).map(record).collect::<Vec<_>>());
    let history = bench.history("h");
    run(&history, &wanted(&[sound], 1, MEMORY)).unwrap();
    let before = facts(&history);
    let mut lines: Vec<_> = (50..150).map(record).collect();
    lines[20] = "{\"conversationId\":\"CANARY\",".to_owned();
    lines[21] = "not a record".to_owned();
    let broken = bench.file("broken", &lines);
    let error = run(&history, &wanted(std::slice::from_ref(&broken), 2, MEMORY)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let text = error.to_string();
    assert!(
        text.starts_with("2 of 100 records cannot be used"),
        "{text}"
    );
    assert!(facts(&history) == before);
    assert!(!history.dir().join("importing").exists() || rows(&history).len() == 50);
    // As many as are allowed are left out and located, and quoted nowhere.
    let mut lenient = wanted(&[broken], 2, MEMORY);
    if let ImportFrom::Conversations { max_bad_share, .. } = &mut lenient.from {
        *max_bad_share = 0.02;
    }
    let done = run(&history, &lenient).unwrap();
    let ReadFiles::Conversations(tally) = done.read else {
        panic!("conversations were read")
    };
    let lines: Vec<_> = tally.troubles.iter().map(|one| one.place.line).collect();
    assert_eq!(lines, [21, 22]);
    assert!(!format!("{tally:?}").contains("CANARY"));
    assert_eq!(rows(&history).len(), 148);
}

#[test]
fn what_cannot_be_kept_is_located_too() {
    let bench = Bench::new();
    let mut lines: Vec<_> = (0..3)
        .map(|id| Contact::new(&format!("k{id}"), "q1").record())
        .collect();
    lines[1] = Contact::new("k1", &"q".repeat(81)).record();
    let path = bench.file("long", &lines);
    let mut lenient = wanted(&[path], 1, MEMORY);
    if let ImportFrom::Conversations { max_bad_share, .. } = &mut lenient.from {
        *max_bad_share = 0.5;
    }
    let done = run(&bench.history("h"), &lenient).unwrap();
    let ReadFiles::Conversations(tally) = done.read else {
        panic!("conversations were read")
    };
    let found: Vec<_> = tally
        .troubles
        .iter()
        .map(|one| (one.place.line, &*one.reason))
        .collect();
    assert_eq!(found, [(2, "a queue's id is longer than 80 bytes")]);
}

#[test]
fn two_imports_do_not_run_at_once_and_what_one_left_is_forgotten() {
    let bench = Bench::new();
    let path = bench.file("one", &[Contact::new("k", "q1").record()]);
    let history = bench.history("h");
    std::fs::create_dir_all(history.dir().join("importing")).unwrap();
    std::fs::write(
        history.dir().join("importing/run-0"),
        "left by a killed one",
    )
    .unwrap();
    let lock = std::fs::File::create(history.dir().join("import.lock")).unwrap();
    lock.lock().unwrap();
    let error = run(&history, &wanted(std::slice::from_ref(&path), 1, MEMORY)).unwrap_err();
    assert!(error.to_string().contains("is under way"), "{error}");
    drop(lock);
    run(&history, &wanted(&[path], 1, MEMORY)).unwrap();
    assert_eq!(rows(&history).len(), 1);
    assert!(!history.dir().join("importing").exists());
}
