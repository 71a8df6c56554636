use std::collections::BTreeSet;
use std::fs;
use std::io::Read;

use jiff::civil::date;
use serde_json::Value;
use tempfile::TempDir;

use super::{ExportError, ExportSpec, Exported, Extent, to_file};
use crate::centre::Troubles;
use crate::tenant::Size;

/// A Monday and the Tuesday after.
const TWO_DAYS: ExportSpec = ExportSpec {
    seed: 3,
    tenants: 1,
    size: None,
    calls_a_day: None,
    troubles: Troubles::NONE,
    from: date(2025, 1, 6),
    extent: Extent::Days(2),
};

/// What stands in the file, and what was said to be in it.
fn export(spec: &ExportSpec) -> (String, Exported) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("details.ndjson");
    let written = to_file(spec, &path, &mut |_| ()).unwrap();
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
    (fs::read_to_string(path).unwrap(), written)
}

#[test]
fn the_same_specification_gives_the_same_bytes() {
    let (text, written) = export(&TWO_DAYS);
    assert_eq!(export(&TWO_DAYS), (text.clone(), written));
    assert_eq!(written.bytes, text.len() as u64);
    assert_eq!(written.records, text.lines().count() as u64);
    assert_eq!(written.days, 2);
    let other_seed = ExportSpec {
        seed: 4,
        ..TWO_DAYS
    };
    assert_ne!(export(&other_seed).0, text);
}

#[test]
fn a_size_ends_with_the_record_that_reaches_it() {
    let (whole, _) = export(&TWO_DAYS);
    let first = whole.find('\n').unwrap() as u64 + 1;
    for (bytes, n_lines) in [(1, 1), (first, 1), (first + 1, 2)] {
        let (text, written) = export(&ExportSpec {
            extent: Extent::Bytes(bytes),
            ..TWO_DAYS
        });
        assert_eq!(
            (written.records, text.lines().count() as u64),
            (n_lines, n_lines)
        );
        assert!(whole.starts_with(&text) && text.ends_with('\n'));
    }
    // A size that a day does not reach goes on into the next ones.
    let beyond = ExportSpec {
        extent: Extent::Bytes(whole.len() as u64 + 1),
        ..TWO_DAYS
    };
    let (longer, written) = export(&beyond);
    assert!(longer.starts_with(&whole) && longer.len() > whole.len());
    assert_eq!(written.days, 3);
}

#[test]
fn several_tenants_stand_mixed_by_time_and_share_no_id() {
    let three = ExportSpec {
        tenants: 3,
        extent: Extent::Days(1),
        ..TWO_DAYS
    };
    let (mixed, _) = export(&three);
    let alone: Vec<String> = (3..6)
        .map(|seed| ExportSpec {
            seed,
            tenants: 1,
            ..three
        })
        .map(|spec| export(&spec).0)
        .collect();
    let mut lines: Vec<&str> = mixed.lines().collect();
    let records: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let starts = records.iter().map(|one| &one["conversationStart"]);
    assert!(starts.is_sorted_by_key(Value::as_str));
    let ids: BTreeSet<&str> = records
        .iter()
        .filter_map(|one| one["conversationId"].as_str())
        .collect();
    assert_eq!(ids.len(), records.len());
    let mut expected: Vec<&str> = alone.iter().flat_map(|text| text.lines()).collect();
    assert!(alone.iter().all(|text| text.lines().count() > 300));
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[test]
fn endings_say_how_it_is_compressed() {
    let spec = ExportSpec {
        extent: Extent::Bytes(200_000),
        ..TWO_DAYS
    };
    let (plain, written) = export(&spec);
    let folder = TempDir::new().unwrap();
    for ending in ["gz", "zst", "xz"] {
        let path = folder.path().join(format!("details.ndjson.{ending}"));
        assert_eq!(to_file(&spec, &path, &mut |_| ()).unwrap(), written);
        let file = fs::File::open(&path).unwrap();
        assert!(file.metadata().unwrap().len() < written.bytes / 3);
        let mut read = String::new();
        let n_read = match ending {
            "gz" => flate2::read::GzDecoder::new(file).read_to_string(&mut read),
            "zst" => zstd::Decoder::new(file).unwrap().read_to_string(&mut read),
            _ => lzma_rust2::XzReader::new(file, false).read_to_string(&mut read),
        };
        assert_eq!(n_read.unwrap() as u64, written.bytes);
        assert_eq!(read, plain, "{ending}");
    }
}

#[test]
fn progress_is_told_day_by_day() {
    let folder = TempDir::new().unwrap();
    let mut heard = Vec::new();
    let path = folder.path().join("details.ndjson");
    let written = to_file(&TWO_DAYS, &path, &mut |so_far| heard.push(so_far)).unwrap();
    let days: Vec<u32> = heard.iter().map(|so_far| so_far.days).collect();
    assert_eq!(days, [1, 2]);
    assert_eq!(heard.last(), Some(&written));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_left_behind() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("details.ndjson");
    let refused = |spec: ExportSpec| match to_file(&spec, &path, &mut |_| ()) {
        Err(ExportError::Option { option, .. }) => option,
        other => panic!("{other:?}"),
    };
    let (none, day_0, byte_0) = (0, Extent::Days(0), Extent::Bytes(0));
    let tiny = Size {
        skills: 1,
        codes: 3,
    };
    let checks = [
        (
            "tenants",
            ExportSpec {
                tenants: none,
                ..TWO_DAYS
            },
        ),
        (
            "tenants",
            ExportSpec {
                tenants: 101,
                ..TWO_DAYS
            },
        ),
        (
            "days",
            ExportSpec {
                extent: day_0,
                ..TWO_DAYS
            },
        ),
        (
            "size",
            ExportSpec {
                extent: byte_0,
                ..TWO_DAYS
            },
        ),
        (
            "skills and codes",
            ExportSpec {
                size: Some(tiny),
                ..TWO_DAYS
            },
        ),
        (
            "calls_a_day",
            ExportSpec {
                calls_a_day: Some(299),
                ..TWO_DAYS
            },
        ),
        (
            "from",
            ExportSpec {
                from: date(1970, 12, 31),
                ..TWO_DAYS
            },
        ),
    ];
    for (option, spec) in checks {
        assert_eq!(refused(spec), option);
    }
    let nowhere = folder.path().join("missing").join("details.ndjson");
    let error = to_file(&TWO_DAYS, &nowhere, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("details.ndjson"), "{error}");
    let last_days = ExportSpec {
        from: date(8999, 12, 31),
        ..TWO_DAYS
    };
    let error = to_file(&last_days, &path, &mut |_| ()).unwrap_err();
    assert!(matches!(error, ExportError::Calendar));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
