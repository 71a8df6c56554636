//! A file of conversation records, plain or packed: two threads say what one says, and nothing is counted that was not read.

#![no_main]

use std::fs;
use std::io::{Cursor, Read as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use waitwise_app::files::{
    Asked, Dimension, FilesAnalysis, Grouping, Input, Precision, Progress, Records, Wanted, analyze,
};
use waitwise_history::calls::unpacked;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// A packed file can hold thousands of times its length: it takes no more memory, but the time that others would have.
const TEXT_LEN_MAX: u64 = 4 << 20;

fuzz_target!(|data: &[u8]| {
    if !is_short(data) {
        return;
    }
    let path = FOLDER.path().join("records");
    fs::write(&path, data).expect("a file");
    let of_one = answer(&path, 1);
    let of_two = answer(&path, 2);
    match (of_one, of_two) {
        (Ok(one), Ok(two)) => {
            assert_eq!(one, two);
            adds_up(&one);
        }
        (Err(one), Err(two)) => assert_eq!(one, two),
        (one, two) => panic!("one thread says {one:?}, two say {two:?}"),
    }
});

fn is_short(data: &[u8]) -> bool {
    let text = unpacked(Box::new(Cursor::new(data.to_vec())));
    text.is_ok_and(|text| {
        let read = std::io::copy(&mut text.take(TEXT_LEN_MAX), &mut std::io::sink());
        read.map_or(true, |n_bytes| n_bytes < TEXT_LEN_MAX)
    })
}

fn answer(path: &PathBuf, threads: usize) -> Result<FilesAnalysis, String> {
    let asked = Asked {
        inputs: vec![Input::File(path.clone())],
        records: Records::Conversations,
        grouping: Grouping {
            by: vec![Dimension::Queue, Dimension::WrapUp, Dimension::HourOfWeek],
            zone: TimeZone::get("Europe/Dublin").expect("a zone"),
            target_ms: 20_000,
            precision: Precision::Bounded,
        },
        wanted: Wanted {
            rows: true,
            overview: true,
        },
        threads: NonZeroUsize::new(threads).expect("some"),
        max_refused_share: 1.0,
    };
    let progress: Progress = Arc::new(|_| ());
    analyze(&asked, &progress).map_err(|error| error.to_string())
}

fn adds_up(analysis: &FilesAnalysis) {
    let tally = &analysis.tally;
    assert!(tally.refused_records <= tally.records);
    let waits: u64 = analysis.rows.iter().map(|row| row.figures.waits).sum();
    assert!(waits <= tally.visits);
    let overview = analysis.overview.as_ref().expect("it was asked for");
    assert_eq!(overview.all.visits(), tally.visits);
    assert_eq!(overview.all.figures.waits, waits);
    for trouble in &tally.troubles {
        assert!(trouble.place.line > 0);
    }
}
