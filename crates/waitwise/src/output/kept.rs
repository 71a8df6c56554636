//! What is kept, and what is missing, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::history::{Gap, GapKind, Kept, gaps};

use super::number::count;
use super::table::{Align, Column, table};

/// What one folder holds.
pub(crate) struct Listed {
    pub(crate) folder: PathBuf,
    /// By queue and day.
    pub(crate) kept: Vec<Kept>,
    /// How many files there are of a format that is not read any more.
    pub(crate) outdated: usize,
}

impl Listed {
    fn gaps(&self) -> Vec<Gap> {
        gaps(self.kept.iter().map(|kept| &kept.head))
    }
}

/// Writes what is kept, folder by folder: a line for each queue, or for each of its days.
pub(crate) fn text(folders: &[Listed], each_day: bool) -> String {
    let is_empty = |one: &Listed| one.kept.is_empty() && one.outdated == 0;
    if folders.iter().all(is_empty) {
        return "No history is kept.\n".to_owned();
    }
    folders.iter().map(|one| folder(one, each_day)).collect()
}

fn folder(listed: &Listed, each_day: bool) -> String {
    let mut text = format!("{}\n\n", listed.folder.display());
    text += &match each_day {
        true => days(&listed.kept),
        false => queues(&listed.kept),
    };
    text.push('\n');
    for gap in listed.gaps() {
        let _ = writeln!(text, "{}", said(&gap));
    }
    if listed.outdated > 0 {
        let _ = writeln!(
            text,
            "warning: {} files of version 1 (.ndjson) are not read: pull those days again, then remove them",
            listed.outdated
        );
    }
    text
}

fn queues(kept: &[Kept]) -> String {
    const COLUMNS: [Column; 7] = [
        Column("Queue", Align::Left),
        Column("First day", Align::Left),
        Column("Last day", Align::Left),
        Column("Days", Align::Right),
        Column("Whole", Align::Right),
        Column("Visits", Align::Right),
        Column("Going on", Align::Right),
    ];
    let mut queues: BTreeMap<&str, Vec<&Kept>> = BTreeMap::new();
    for one in kept {
        queues.entry(one.head.queue.as_str()).or_default().push(one);
    }
    let line = |(queue, days): (&str, Vec<&Kept>)| {
        let heads = || days.iter().map(|one| &one.head);
        let day =
            |head: Option<&&Kept>| head.map_or_else(String::new, |one| one.head.day.to_string());
        vec![
            queue.to_owned(),
            day(days.first()),
            day(days.last()),
            days.len().to_string(),
            heads()
                .filter(|head| head.coverage.is_whole(head.day))
                .count()
                .to_string(),
            n(heads().map(|head| head.legs).sum()),
            n(heads().map(|head| head.in_progress).sum()),
        ]
    };
    table(&COLUMNS, queues.into_iter().map(line).collect())
}

fn days(kept: &[Kept]) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Queue", Align::Left),
        Column("Day (UTC)", Align::Left),
        Column("Read", Align::Left),
        Column("Visits", Align::Right),
        Column("Going on", Align::Right),
        Column("Digest", Align::Left),
    ];
    let line = |Kept { head, manifest, .. }: &Kept| {
        vec![
            head.queue.to_string(),
            head.day.to_string(),
            match head.coverage.is_whole(head.day) {
                true => "whole".to_owned(),
                false if head.coverage.is_unknown() => "unknown".to_owned(),
                false => format!("until {}", head.coverage.to),
            },
            head.legs.to_string(),
            head.in_progress.to_string(),
            manifest.sha256.chars().take(12).collect(),
        ]
    };
    table(&COLUMNS, kept.iter().map(line).collect())
}

fn said(gap: &Gap) -> String {
    let Gap {
        queue,
        first,
        last,
        kind,
    } = gap;
    let days = match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    match kind {
        GapKind::Missing => format!("Gap: queue {queue} has nothing of {days}."),
        GapKind::Partly => format!("Gap: queue {queue} has only a part of {days}."),
        GapKind::Unknown => {
            format!("Gap: of queue {queue} nobody said that {days} is whole.")
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn n(value: usize) -> String {
    count(value as f64)
}

/// `waitwise-history-list/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-history-list/1")]
pub(crate) struct ListedShape {
    #[schemars(extend("const" = "waitwise-history-list/1"))]
    format: &'static str,
    files: Vec<FileShape>,
    gaps: Vec<GapShape>,
}

#[derive(Serialize, JsonSchema)]
struct FileShape {
    folder: String,
    queue: String,
    day: String,
    from: String,
    to: String,
    is_whole: bool,
    is_final: bool,
    visits: usize,
    in_progress: usize,
    /// Where the facts came from: `pull`, `import`, `calls`.
    sources: Vec<&'static str>,
    /// `sha256:` and the digest of the file.
    digest: String,
}

#[derive(Serialize, JsonSchema)]
struct GapShape {
    folder: String,
    queue: String,
    first_day: String,
    last_day: String,
    /// `missing`: there are no facts; `partly`: only a part of the day was read; `unknown`: nobody says whether they are all.
    kind: &'static str,
}

impl ListedShape {
    pub(crate) fn of(folders: &[Listed]) -> ListedShape {
        let files = folders.iter().flat_map(|listed| {
            let folder = listed.folder.display();
            listed
                .kept
                .iter()
                .map(move |kept| file(folder.to_string(), kept))
        });
        let gaps = folders.iter().flat_map(|listed| {
            let folder = listed.folder.display();
            let gaps = listed.gaps().into_iter();
            gaps.map(move |gap| GapShape {
                folder: folder.to_string(),
                queue: gap.queue.to_string(),
                first_day: gap.first.to_string(),
                last_day: gap.last.to_string(),
                kind: gap.kind.as_str(),
            })
        });
        ListedShape {
            format: "waitwise-history-list/1",
            files: files.collect(),
            gaps: gaps.collect(),
        }
    }
}

fn file(folder: String, Kept { head, manifest, .. }: &Kept) -> FileShape {
    FileShape {
        folder,
        queue: head.queue.to_string(),
        day: head.day.to_string(),
        from: head.coverage.from.to_string(),
        to: head.coverage.to.to_string(),
        is_whole: head.coverage.is_whole(head.day),
        is_final: head.is_final(),
        visits: head.legs,
        in_progress: head.in_progress,
        sources: head.sources.iter().map(|source| source.as_str()).collect(),
        digest: format!("sha256:{}", manifest.sha256),
    }
}
