//! `cargo xtask bench history`: one question to files of conversations, answered by Waitwise and by other engines.
//!
//! The files come from the sandbox's exporter. Before anybody is measured, all must give the same answer. Then they take
//! turns, so that what else the machine does meets all alike; files lie in the system's cache.

mod answer;
mod contender;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use self::contender::{Contender, Desk, Engine, PACKAGES, VERSIONS};
use super::measure::{Cost, cost};
use crate::flags::Flags;
use crate::python::Python;
use crate::report::say;
use crate::{cargo, machine, page};

/// What is asked about, and by whom it is answered.
struct Section {
    title: &'static str,
    /// The file's name.
    file: &'static str,
    /// How large it is before compression, as the exporter takes it.
    size: &'static str,
    engines: &'static [Engine],
    runs: usize,
}

const SECTIONS: &[Section] = &[
    Section {
        title: "500 MB",
        file: "500mb.ndjson",
        size: "500MB",
        engines: &[
            Engine::Waitwise,
            Engine::DuckDb,
            Engine::ChDb,
            Engine::Polars,
            Engine::Orjson,
        ],
        runs: 5,
    },
    Section {
        title: "5 GB",
        file: "5gb.ndjson",
        size: "5GB",
        engines: &[Engine::Waitwise, Engine::DuckDb, Engine::Orjson],
        runs: 3,
    },
    Section {
        title: "500 MB, gzip",
        file: "500mb.ndjson.gz",
        size: "500MB",
        engines: &[Engine::Waitwise, Engine::DuckDb],
        runs: 5,
    },
    Section {
        title: "500 MB, zstd",
        file: "500mb.ndjson.zst",
        size: "500MB",
        engines: &[Engine::Waitwise, Engine::DuckDb],
        runs: 5,
    },
];

/// For trying the benchmark: too small for figures that mean anything.
const QUICK: &[Section] = &[Section {
    title: "20 MB",
    file: "20mb.ndjson",
    size: "20MB",
    engines: SECTIONS[0].engines,
    runs: 1,
}];

/// Twelve tenants make two dozen queues and some ten thousand calls a day.
const TENANTS: &str = "12";

/// Measures everything and writes the page; `--quick` measures one small file and writes nothing.
///
/// # Errors
///
/// Fails if a program fails, or answers differ.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let is_quick = flags.has("--quick");
    let runs = flags.take("--runs")?;
    flags.end()?;
    let root = cargo::workspace_root()?;
    let folder = root.join("target/bench/history");
    fs::create_dir_all(&folder).context("cannot make a folder for the benchmark")?;
    let python = Python::prepare(&folder.join("venv"), &PACKAGES, VERSIONS)?;
    let waitwise = super::release_build(&root)?;
    let bench = Bench {
        desk: Desk {
            waitwise: &waitwise,
            python: &python,
            answer: folder.join("answer.csv"),
        },
        folder,
    };
    let mut text = head(&python)?;
    for section in if is_quick { QUICK } else { SECTIONS } {
        text.push_str(&bench.measure(section, runs.unwrap_or(section.runs))?);
    }
    say(&text);
    match is_quick {
        true => Ok(()),
        false => page::write_part(&root.join(super::PAGE), "history", &text),
    }
}

fn head(python: &Python) -> Result<String> {
    Ok(format!(
        "Medians, in turns; the smallest and the largest value in brackets. {}. {}.\n",
        machine::described()?,
        python.says(VERSIONS)?
    ))
}

struct Bench<'a> {
    desk: Desk<'a>,
    folder: PathBuf,
}

/// All runs of one contender.
struct Runs {
    who: Contender,
    costs: Vec<Cost>,
}

impl Bench<'_> {
    fn measure(&self, section: &Section, n_runs: usize) -> Result<String> {
        say(&format!("{}, {n_runs} runs each", section.title));
        let made = self.make(section)?;
        let mut all: Vec<Runs> = contenders(section.engines)
            .map(|who| Runs {
                who,
                costs: Vec::new(),
            })
            .collect();
        let agreed = self.check_agreement(&all, &made.file)?;
        for round in 0..n_runs {
            let first = round % all.len();
            all.rotate_left(first);
            for runs in &mut all {
                runs.costs.push(cost(&self.desk.ask(runs.who, &made.file))?);
            }
            all.rotate_right(first);
        }
        let agreed = agreed.told(&made);
        Ok(table::section(section.title, made.bytes, &agreed, &all))
    }

    /// Returns the section's file, which is exported unless an earlier run did.
    fn make(&self, section: &Section) -> Result<Made> {
        #[derive(Deserialize)]
        struct Exported {
            bytes: u64,
            conversations: u64,
        }
        let file = self.folder.join(section.file);
        // Written after the file, so that a file without it is not whole.
        let about = self.folder.join(format!("{}.json", section.file));
        if !about.is_file() {
            say(&format!("exporting {}", section.file));
            let mut export = Command::new(self.desk.waitwise);
            export.args(["sandbox", "export", "--output", "json"]);
            export.args(["--tenants", TENANTS, "--size", section.size]);
            let output = export.arg(&file).output();
            let output = output.context("cannot start the exporter")?;
            ensure!(
                output.status.success(),
                "the exporter failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
            fs::write(&about, output.stdout).context("cannot write about the export")?;
        }
        let about = fs::read_to_string(&about).context("cannot read about the export")?;
        let about: Exported = serde_json::from_str(&about).context("cannot read the export")?;
        Ok(Made {
            file,
            bytes: about.bytes,
            conversations: about.conversations,
        })
    }

    /// Asks everybody once, which also brings the file into the system's cache, and compares their answers with that of
    /// the first other engine.
    fn check_agreement(&self, all: &[Runs], file: &Path) -> Result<Agreed> {
        let others = || {
            all.iter()
                .filter(|runs| runs.who.engine != Engine::Waitwise)
        };
        let judge = others().next().context("there is nobody to agree with")?;
        let expected = self.desk.answer(judge.who, file)?;
        let mut agreed = Agreed {
            n_groups: expected.n_groups(),
            worst: 0.0,
        };
        for Runs { who, .. } in all {
            let found = self.desk.answer(*who, file)?;
            let apart = expected.agree(&found, who.engine.tolerance());
            let apart = apart.with_context(|| {
                format!(
                    "{} and {} differ",
                    judge.who.engine.name(),
                    who.engine.name()
                )
            })?;
            agreed.worst = f64::max(agreed.worst, apart);
        }
        Ok(agreed)
    }
}

/// A file that is asked about.
struct Made {
    file: PathBuf,
    /// Before compression.
    bytes: u64,
    conversations: u64,
}

/// What all have said alike.
struct Agreed {
    n_groups: usize,
    /// The largest difference between two percentiles, as a share of the value.
    worst: f64,
}

impl Agreed {
    fn told(&self, made: &Made) -> String {
        format!(
            "{} conversations, {} bytes before compression, {} groups. All answers agree: counts and means in every group, \
            percentiles to {:.4}% at worst.",
            made.conversations,
            made.bytes,
            self.n_groups,
            self.worst * 100.0
        )
    }
}

/// Each engine on one thread, and on two where it can use them.
fn contenders(engines: &[Engine]) -> impl Iterator<Item = Contender> {
    let threads = |engine: &Engine| match engine {
        Engine::Orjson => 1..=1,
        Engine::Waitwise | Engine::DuckDb | Engine::ChDb | Engine::Polars => 1..=2,
    };
    engines.iter().flat_map(move |engine| {
        threads(engine).map(|threads| Contender {
            engine: *engine,
            threads,
        })
    })
}
