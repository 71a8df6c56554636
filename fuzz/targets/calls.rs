//! A file of call records, plain or compressed, and the TOML mapping of its columns.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use waitwise_sandbox::calls::read_calls;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// 2026-03-02, in milliseconds.
const NOW: i64 = 1_772_409_600_000;

// The first byte says how the records are packed; the mapping ends at the first zero byte, and an empty one means
// one of those carried along.
fuzz_target!(|data: &[u8]| {
    let Some((packing, rest)) = data.split_first() else {
        return;
    };
    let name = ["calls.csv", "calls.csv.gz", "calls.csv.xz"][usize::from(packing % 3)];
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or_default();
    let (mapping, records) = rest.split_at(end);
    let records = write(name, records.strip_prefix(&[0]).unwrap_or(records));
    let mapping = (!mapping.is_empty()).then(|| write("mapping.toml", mapping));
    match read_calls(&records, mapping.as_deref(), NOW.into()) {
        Ok(history) => {
            let starts = history.conversations.iter().map(|call| call.start);
            assert!(starts.is_sorted());
            assert!(history.names.is_sorted());
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
});

fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.path().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}
