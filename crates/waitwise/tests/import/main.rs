//! The real command, ended by SIGKILL at random points of an import: the next run completes it, and the facts are those of
//! an import that nobody disturbed, byte by byte.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]

mod kill;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kill::{Seen, files, kill_at, run};
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_sandbox::Troubles;
use waitwise_sandbox::export::{ExportSpec, Extent, to_file};

/// How often one import is killed before it is let through, at most.
const KILLS_MAX: u64 = 3;

/// Files of different packings, whose records overlap.
const FILES: [&str; 4] = ["a.ndjson", "b.ndjson", "c.ndjson", "d.ndjson"];

fn kills() -> usize {
    match std::env::var("WAITWISE_IMPORT_KILLS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 6,
    }
}

#[test]
fn wherever_it_is_killed_the_same_bytes_result() {
    let dir = tempfile::tempdir().unwrap();
    let records = export(dir.path());
    let whole = dir.path().join("whole");
    let seen = run(&mut import(&whole, &FILES, 1));
    let expected = facts(&whole);
    let mut draws = Draws(Xoshiro256PlusPlus::seed_from_u64(1));
    let mut tally = Tally::default();
    let all = kills();
    for nth in 0.. {
        if tally.kills() == all {
            break;
        }
        let folder = dir.path().join(format!("import-{nth}"));
        let mut cut_off = 0;
        for _ in 0..draws.within(1, KILLS_MAX) {
            if tally.kills() == all {
                break;
            }
            let (files, threads) = draws.command();
            let point = usize::try_from(draws.within(0, seen as u64 - 1)).unwrap();
            match kill_at(&mut import(&folder, &files, threads), point) {
                Some(killed) => {
                    tally.add(&killed);
                    cut_off += 1;
                }
                // It came to its end before: that many states are not seen by everybody who looks.
                None => break,
            }
        }
        let (files, threads) = draws.command();
        run(&mut import(&folder, &files, threads));
        let told = format!(
            "{}, killed {cut_off} times, {threads} threads, {files:?}",
            folder.display()
        );
        assert!(facts(&folder) == expected, "{told}: other facts");
        assert!(!folder.join("importing").exists(), "{told}: leftovers");
        tally.imports += 1;
    }
    println!("{}", tally.table(records, expected.len()));
}

#[test]
fn threads_and_the_order_of_files_do_not_show() {
    let dir = tempfile::tempdir().unwrap();
    export(dir.path());
    let [a, b, c, d] = FILES;
    let mut expected = None;
    for (nth, (files, threads)) in [([a, b, c, d], 1), ([d, c, b, a], 2), ([c, a, d, b], 8)]
        .into_iter()
        .enumerate()
    {
        let folder = dir.path().join(format!("h{nth}"));
        run(&mut import(&folder, &files, threads));
        let found = facts(&folder);
        assert!(*expected.get_or_insert_with(|| found.clone()) == found);
    }
}

/// Writes files of a simulated tenant's records, each with some of the next one's too. Returns how many records.
fn export(dir: &Path) -> usize {
    let path = dir.join("all.ndjson");
    let spec = ExportSpec {
        seed: 1,
        tenants: 3,
        size: None,
        calls_a_day: None,
        troubles: Troubles::NONE,
        from: "2025-01-06".parse().unwrap(),
        extent: Extent::Days(3),
    };
    to_file(&spec, &path, &mut |_| {}).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let share = lines.len().div_ceil(FILES.len());
    for (nth, name) in FILES.iter().enumerate() {
        let from = nth * share;
        let to = std::cmp::min(from + share + 100, lines.len());
        std::fs::write(dir.join(name), lines[from..to].join("\n")).unwrap();
    }
    lines.len()
}

fn import(folder: &Path, files: &[&str], threads: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    let dir = folder.parent().unwrap();
    command
        .current_dir(dir)
        .args(["history", "import"])
        .args(files);
    command.arg("--history-dir").arg(folder);
    // So little memory that much is set aside.
    command.args(["--memory=1", &format!("--threads={threads}")]);
    command.args(["--covers=2025-01-06..2025-01-08"]);
    command.env("WAITWISE_HISTORY_DIR", folder);
    command
}

/// All files of facts, their manifests and whatever else lies there.
fn facts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = folder.join("facts");
    let mut found = Vec::new();
    files(&root, &mut found);
    assert!(!found.is_empty(), "{} has no facts", folder.display());
    let named = found.into_iter().map(|path| {
        let bytes = std::fs::read(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_owned(), bytes)
    });
    named.collect()
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.0.next_u64() % (to - from + 1)
    }

    /// The files in any order, and any number of threads.
    fn command(&mut self) -> ([&'static str; 4], usize) {
        let mut files = FILES;
        for idx in (1..files.len()).rev() {
            files.swap(idx, usize::try_from(self.within(0, idx as u64)).unwrap());
        }
        let threads = [1, 2, 8][usize::try_from(self.within(0, 2)).unwrap()];
        (files, threads)
    }
}

/// Where imports were killed.
#[derive(Default)]
struct Tally {
    /// Before anything was set aside, while files were read, while facts were written.
    kills: [usize; 3],
    /// With a file of facts or a manifest half written.
    half_written: usize,
    imports: usize,
}

impl Tally {
    fn kills(&self) -> usize {
        self.kills.iter().sum()
    }

    fn add(&mut self, seen: &Seen) {
        let nth = match (seen.has_facts, seen.has_runs) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        };
        self.kills[nth] += 1;
        self.half_written += usize::from(seen.is_half_written);
    }

    /// What `cargo xtask prove import` writes down.
    fn table(&self, records: usize, files: usize) -> String {
        let [before, reading, writing] = self.kills;
        let mut text = String::from("<!-- import -->\n| killed | kills |\n|---|---:|\n");
        let _ = writeln!(text, "| before anything was set aside | {before} |");
        let _ = writeln!(
            text,
            "| while records were read and set aside | {reading} |"
        );
        let _ = writeln!(text, "| while facts were written | {writing} |");
        let _ = writeln!(
            text,
            "\n{} kills of {} imports of {records} records, {} of them with a file half written; each run with the files in an \
            order of its own, on 1, 2 or 8 threads. Each import ended in the facts of the one that nobody disturbed, byte by \
            byte: {files} files.",
            self.kills(),
            self.imports,
            self.half_written,
        );
        text + "<!-- /import -->"
    }
}
