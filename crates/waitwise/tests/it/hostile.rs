//! Files that are not as they should be: what is wrong is said with its place, and never with what stands there.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::ended;
use crate::sandbox::waitwise;

/// How long the longest line is.
fn long_line_bytes() -> usize {
    match std::env::var("WAITWISE_LONG_LINE_BYTES") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 32 << 20,
    }
}

/// Three sound records.
async fn sound(folder: &Path) -> [String; 3] {
    let file = folder.join("sound.ndjson");
    let line = format!("sandbox export {} --size 20KB --seed 3", file.display());
    ended(waitwise(&line)).await.with(0);
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    std::array::from_fn(|_| lines.next().unwrap())
}

/// The second of three records is spoilt, and asked about by both commands that read records.
async fn second(folder: &TempDir, sound: &[String; 3], name: &str, spoilt: &[u8]) -> [String; 2] {
    let file = folder.path().join(format!("{name}.ndjson"));
    let lines = [sound[0].as_bytes(), spoilt, sound[2].as_bytes()];
    std::fs::write(&file, [lines.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
    let file = file.display();
    let analyze = format!("analyze --input {file} --group-by queue --max-bad 100 --output csv");
    let history = folder.path().join(name);
    let import = format!(
        "history import {file} --history-dir {} --max-bad 100",
        history.display()
    );
    let mut told = [String::new(), String::new()];
    for (told, line) in told.iter_mut().zip([analyze, import]) {
        *told = ended(waitwise(&line)).await.with(0).stderr;
        assert!(!told.contains("conversationId"), "{name}: {told}");
    }
    told
}

#[tokio::test]
async fn what_cannot_be_used_is_located_and_the_rest_is_read() {
    let folder = TempDir::new().unwrap();
    let sound = sound(folder.path()).await;
    let good = &sound[1];
    let [nul, not_utf8] =
        [0, 0xff].map(|byte| replaced(good.as_bytes(), b"\"inbound\"", &[b'"', byte, b'"']));
    let started = good.find("\"conversationStart\":").unwrap();
    let twice = format!(
        "{}\"conversationStart\":\"2025-01-06T07:30:00.000Z\",{}",
        &good[..started],
        &good[started..]
    );
    let of_9999 = good.replace("\"2025-01-06T", "\"9999-01-06T");
    for (name, spoilt, reason) in [
        ("nul", nul, "it is not JSON"),
        ("utf8", not_utf8, "it is not UTF-8"),
        (
            "far",
            of_9999.into_bytes(),
            "it began before 1990 or after 2099",
        ),
        (
            "negative",
            with_waits(good, -5).into_bytes(),
            "an answer has no time or no wait that can be read",
        ),
        ("back", back(good).into_bytes(), "it ended before it began"),
        (
            "twice",
            twice.into_bytes(),
            "something in it is of the wrong kind, or comes twice",
        ),
        ("cut", good.as_bytes()[..300].to_vec(), "it is cut off"),
        (
            "deep",
            replaced(
                good.as_bytes(),
                b"\"participants\":[",
                format!("\"participants\":[{}", "[".repeat(100_000)).as_bytes(),
            ),
            "",
        ),
    ] {
        let place = format!("{name}.ndjson, line 2, byte ");
        for told in second(&folder, &sound, name, &spoilt).await {
            let line = told.lines().find(|line| line.contains(&place));
            let line = line.unwrap_or_else(|| panic!("{name}: {told}"));
            assert!(line.ends_with(reason), "{name}: {told}");
        }
    }
}

#[tokio::test]
async fn a_line_longer_than_memory_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let sound = sound(folder.path()).await;
    let file = folder.path().join("long.ndjson");
    let mut long = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
    writeln!(long, "{}", sound[0]).unwrap();
    let piece = [b'x'; 1 << 16];
    write!(long, "{{\"conversationId\":\"").unwrap();
    for _ in 0..long_line_bytes() >> 16 {
        long.write_all(&piece).unwrap();
    }
    writeln!(long, "\"}}\n{}", sound[2]).unwrap();
    drop(long);
    let line = format!(
        "analyze --input {} --group-by queue --max-bad 100 --output csv --threads 2",
        file.display()
    );
    let told = ended(waitwise(&line)).await.with(0);
    let place = format!("long.ndjson, line 2, byte {}: ", sound[0].len() + 1);
    let told = told.notes(&format!("{place}it is longer than 8 MiB"));
    let mut rows = told.stdout.lines().skip(1);
    let count = |row: &str| row.split(',').nth(1).unwrap().parse::<u64>().unwrap();
    assert_eq!(rows.by_ref().map(count).sum::<u64>(), 2, "{}", told.stdout);
}

#[tokio::test]
async fn too_much_that_cannot_be_used_ends_it_and_says_where() {
    let folder = TempDir::new().unwrap();
    let sound = sound(folder.path()).await;
    let file = folder.path().join("few.ndjson");
    std::fs::write(&file, format!("{}\n{{}}\n{}\n", sound[0], sound[2])).unwrap();
    let line = format!("analyze --input {} --group-by queue", file.display());
    let told = ended(waitwise(&line)).await.with(6);
    told.notes("few.ndjson, line 2, byte ")
        .notes("1 of 3 records cannot be used, which is more than 1%");
}

#[tokio::test]
async fn a_packed_file_that_is_cut_off_is_named_with_its_place() {
    let folder = TempDir::new().unwrap();
    let sound = sound(folder.path()).await;
    let text = (0..200).fold(String::new(), |mut text, _| {
        let _ = writeln!(text, "{}", sound[0]);
        text
    });
    for (name, packed) in packings(text.as_bytes()) {
        let file: PathBuf = folder.path().join(name);
        std::fs::write(&file, &packed[..packed.len() * 2 / 3]).unwrap();
        let line = format!("analyze --input {} --group-by queue", file.display());
        let told = ended(waitwise(&line)).await.with(6);
        told.notes(&format!("cannot read {}", file.display()))
            .notes("reading stopped at byte ");
    }
}

fn packings(text: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(text).unwrap();
    [
        ("cut.ndjson.gz", gz.finish().unwrap()),
        ("cut.ndjson.xz", xz.finish().unwrap()),
        ("cut.ndjson.zst", zstd::encode_all(text, 1).unwrap()),
    ]
}

fn replaced(text: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    let at = text
        .windows(what.len())
        .position(|part| part == what)
        .unwrap();
    [&text[..at], by, &text[at + what.len()..]].concat()
}

/// Every wait is this.
fn with_waits(record: &str, wait_ms: i64) -> String {
    changed(record, &|value| {
        let waits = ["tAnswered", "tAcd", "tAbandon", "tWait"].map(Value::from);
        if waits.contains(&value["name"]) {
            value["value"] = json!(wait_ms);
        }
    })
}

/// Every segment ends when it began, and the other way round.
fn back(record: &str) -> String {
    changed(record, &|value| {
        if value.get("segmentEnd").is_some() {
            let [begin, end] = ["segmentStart", "segmentEnd"].map(|name| value[name].clone());
            value["segmentStart"] = end;
            value["segmentEnd"] = begin;
        }
        if value.get("conversationEnd").is_some() {
            value["conversationEnd"] = json!("2020-01-01T00:00:00.000Z");
        }
    })
}

fn changed(record: &str, change: &dyn Fn(&mut Value)) -> String {
    fn walk(value: &mut Value, change: &dyn Fn(&mut Value)) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(|member| walk(member, change));
                change(value);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut value: Value = serde_json::from_str(record).unwrap();
    walk(&mut value, change);
    value.to_string()
}
