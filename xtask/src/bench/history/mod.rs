//! `cargo xtask bench history`: one question to files of conversations, answered by Waitwise and by other engines.
//!
//! The files come from the sandbox's exporter. Before anybody is measured, all must give the same answer. Then they take
//! turns, so that what else the machine does meets all alike; files lie in the system's cache.

mod answer;
mod contender;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

pub(crate) use self::answer::Answer;
pub(crate) use self::contender::{ASK_DUCKDB, ASK_DUCKDB_FACTS};
use self::contender::{Contender, Desk, Engine, PACKAGES, Source, VERSIONS};
use super::measure::{Cost, cost};
use crate::flags::Flags;
use crate::python::Python;
use crate::report::say;
use crate::{cargo, machine, page};

/// Sections of one part of the page.
struct Group {
    /// The word that chooses it.
    name: &'static str,
    /// The part of the page.
    part: &'static str,
    sections: &'static [Section],
}

/// What is asked about, and by whom it is answered.
#[derive(Clone, Copy)]
struct Section {
    /// How large the records are before compression, as the exporter takes it.
    size: &'static str,
    form: Form,
    engines: &'static [Engine],
    runs: usize,
}

/// How conversations lie on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Records, one a line, compressed as this ending says.
    Records(&'static str),
    /// Parquet, as `history import` keeps them.
    Facts,
}

const GROUPS: [Group; 3] = [
    Group {
        name: "plain",
        part: "history",
        sections: &[
            Section {
                size: "500MB",
                form: Form::Records(""),
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
                size: "5GB",
                form: Form::Records(""),
                engines: &[Engine::Waitwise, Engine::DuckDb, Engine::Orjson],
                runs: 3,
            },
        ],
    },
    Group {
        name: "packed",
        part: "history-packed",
        sections: &[
            in_form(Form::Records(".gz")),
            in_form(Form::Records(".zst")),
        ],
    },
    Group {
        name: "facts",
        part: "history-facts",
        sections: &[in_form(Form::Facts)],
    },
];

/// 500 MB in another form, of Waitwise and DuckDB.
const fn in_form(form: Form) -> Section {
    Section {
        size: "500MB",
        form,
        engines: &[Engine::Waitwise, Engine::DuckDb],
        runs: 5,
    }
}

/// For trying the benchmark: too small for figures that mean anything.
const QUICK_SIZE: &str = "20MB";

/// Twelve tenants make two dozen queues and some ten thousand calls a day.
const TENANTS: &str = "12";

/// Measures the groups that are named, or all, and writes their parts of the page; `--quick` asks small files once and
/// writes nothing.
///
/// # Errors
///
/// Fails if a program fails, or answers differ. Parts that were measured before are written by then.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let is_quick = flags.has("--quick");
    let runs = flags.take("--runs")?;
    let groups = chosen(&mut flags)?;
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
    for group in groups {
        let mut text = head(&python)?;
        for section in sections(group, is_quick) {
            text.push_str(&bench.measure(&section, runs.unwrap_or(section.runs))?);
        }
        say(&text);
        if !is_quick {
            page::write_part(&root.join(super::PAGE), group.part, &text)?;
        }
    }
    Ok(())
}

fn chosen(flags: &mut Flags) -> Result<Vec<&'static Group>> {
    let mut groups = Vec::new();
    while let Some(word) = flags.word() {
        let found = GROUPS.iter().find(|group| group.name == word);
        groups.push(
            found.with_context(|| format!("there is no part `{word}`: plain, packed, facts"))?,
        );
    }
    if groups.is_empty() {
        groups.extend(&GROUPS);
    }
    Ok(groups)
}

fn sections(group: &Group, is_quick: bool) -> Vec<Section> {
    let quick = |section: &Section| Section {
        size: QUICK_SIZE,
        runs: 1,
        ..*section
    };
    let mut sections: Vec<Section> = group.sections.to_vec();
    if is_quick {
        sections = sections.iter().map(quick).collect();
        sections.dedup_by_key(|section| section.form);
    }
    sections
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
        let title = section.title();
        say(&format!("{title}, {n_runs} runs each"));
        let made = self.make(section)?;
        let mut all: Vec<Runs> = contenders(section.engines)
            .map(|who| Runs {
                who,
                costs: Vec::new(),
            })
            .collect();
        let agreed = self.check_agreement(&all, &made.source)?;
        for round in 0..n_runs {
            let first = round % all.len();
            all.rotate_left(first);
            for runs in &mut all {
                runs.costs
                    .push(cost(&self.desk.ask(runs.who, &made.source))?);
            }
            all.rotate_right(first);
        }
        let agreed = agreed.told(&made);
        Ok(table::section(&title, made.bytes, &agreed, &all))
    }

    /// Returns what the section asks about, which is made unless an earlier run did.
    fn make(&self, section: &Section) -> Result<Made> {
        match section.form {
            Form::Records(ending) => self.export(section.size, ending),
            Form::Facts => self.import(section.size),
        }
    }

    fn import(&self, size: &str) -> Result<Made> {
        let records = self.export(size, "")?;
        let folder = self.folder.join(format!("{}-facts", size.to_lowercase()));
        let whole = folder.join("whole");
        if !whole.is_file() {
            say(&format!("importing {size}"));
            if folder.exists() {
                fs::remove_dir_all(&folder).context("cannot remove half an import")?;
            }
            let mut import = Command::new(self.desk.waitwise);
            import.args(["history", "import", "--output", "json", "--history-dir"]);
            import.arg(&folder).arg(records.source.path());
            succeed(&mut import)?;
            fs::write(&whole, "").context("cannot mark an import as whole")?;
        }
        Ok(Made {
            source: Source::Facts(folder),
            ..records
        })
    }

    fn export(&self, size: &str, ending: &str) -> Result<Made> {
        #[derive(Deserialize)]
        struct Exported {
            bytes: u64,
            conversations: u64,
        }
        let name = format!("{}.ndjson{ending}", size.to_lowercase());
        let file = self.folder.join(&name);
        // Written after the file, so that a file without it is not whole.
        let about = self.folder.join(format!("{name}.json"));
        if !about.is_file() {
            say(&format!("exporting {name}"));
            let mut export = Command::new(self.desk.waitwise);
            export.args(["sandbox", "export", "--output", "json"]);
            export.args(["--tenants", TENANTS, "--size", size]);
            let told = succeed(export.arg(&file))?;
            fs::write(&about, told).context("cannot write about the export")?;
        }
        let about = fs::read_to_string(&about).context("cannot read about the export")?;
        let about: Exported = serde_json::from_str(&about).context("cannot read the export")?;
        Ok(Made {
            source: Source::Records(file),
            bytes: about.bytes,
            conversations: about.conversations,
        })
    }

    /// Asks everybody once, which also brings the file into the system's cache, and compares their answers with that of
    /// the first other engine.
    fn check_agreement(&self, all: &[Runs], source: &Source) -> Result<Agreed> {
        let others = || {
            all.iter()
                .filter(|runs| runs.who.engine != Engine::Waitwise)
        };
        let judge = others().next().context("there is nobody to agree with")?;
        let expected = self.desk.answer(judge.who, source)?;
        let mut agreed = Agreed {
            n_groups: expected.n_groups(),
            worst: 0.0,
        };
        for Runs { who, .. } in all {
            let found = self.desk.answer(*who, source)?;
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

/// What is asked about.
struct Made {
    source: Source,
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

impl Section {
    fn title(&self) -> String {
        let Section { size, form, .. } = self;
        let (number, unit) = size.split_at(size.len().saturating_sub(2));
        let how = match form {
            Form::Records("") => "",
            Form::Records(".gz") => ", gzip",
            Form::Records(".zst") => ", zstd",
            Form::Records(ending) => ending,
            Form::Facts => ", as facts in Parquet",
        };
        format!("{number} {unit}{how}")
    }
}

/// Runs a program to its end and returns what it says.
fn succeed(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output();
    let output = output.with_context(|| format!("cannot start {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
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
