//! `analyze --output parquet`: another reader finds what `--output csv` says, of files and of facts.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

fn records() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/analyze.in")
}

fn waitwise(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    command
        .args(line.split(' '))
        .env_clear()
        .current_dir(records());
    command
}

fn run(line: &str) -> Output {
    let output = waitwise(line).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
    output
}

/// The lines of a Parquet file, as `--output csv` would write them.
fn lines(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema();
    let names = schema.get_fields().iter().map(|field| field.name());
    let head = names.collect::<Vec<_>>().join(",");
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let columns = row.unwrap().into_columns();
        let fields = columns.iter().map(|(_, field)| text(field));
        fields.collect::<Vec<_>>().join(",")
    });
    std::iter::once(head).chain(rows).collect()
}

fn text(field: &Field) -> String {
    if let Field::Str(text) = field {
        text.clone()
    } else if let Field::Double(number) = field {
        number.to_string()
    } else if *field == Field::Null {
        String::new()
    } else {
        // A count as it is; a day comes with a zone.
        field.to_string().split(' ').next().unwrap().to_owned()
    }
}

/// Asks the same for both, and returns what both say.
fn both(question: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("answer.parquet");
    let line = format!("analyze {question} --output parquet");
    let to = File::create(&path).unwrap();
    let status = waitwise(&line).stdout(to).stderr(Stdio::null()).status();
    assert!(status.unwrap().success(), "{line}");
    let csv = run(&format!("analyze {question} --output csv")).stdout;
    let csv = String::from_utf8(csv).unwrap();
    let read = lines(&path);
    assert_eq!(read, csv.lines().collect::<Vec<_>>(), "{question}");
    read
}

#[test]
fn another_reader_finds_what_csv_says() {
    let of_files = "--input calls.csv --mapping switch.toml";
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().display();
    run(&format!(
        "history import --calls calls.csv --mapping switch.toml --history-dir {folder}"
    ));
    for from in [of_files, &format!("--facts {folder}")] {
        let by_default = both(from);
        assert_eq!(by_default.len(), 4, "{by_default:?}");
        assert!(by_default[0].starts_with("queue,skill,wrap_up,count,"));
        let by_day = both(&format!("{from} --group-by day,media"));
        assert!(by_day[1].starts_with("2026-03-02,voice,"), "{by_day:?}");
        both(&format!("{from} --group-by hour-of-week,queue --exact"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_told() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let line = "analyze --input calls.csv --mapping switch.toml --output parquet";
    let output = waitwise(line).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: cannot write the answer\n"), "{said}");
}

#[test]
fn a_tenants_analysis_is_not_begun_for_it() {
    let output = waitwise("analyze --output parquet").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let expected = "error: csv and parquet are for files and facts\n";
    assert!(said.starts_with(expected), "{said}");
}
