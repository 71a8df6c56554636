//! `cargo xtask bench tutorial`: the tutorial's job, done by Waitwise and by the tutorial's own program.
//!
//! Both read the same history from the same sandbox over TLS and write the same rule. They take turns, so that what
//! else the machine does meets both alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{Cost, cost, median, spread};
use super::tenant::Tenant;
use crate::flags::Flags;
use crate::python::Python;
use crate::report::say;
use crate::{cargo, machine, page};

/// How many wrap-up groups there are to read: a large tenant's, and a page.
const JOBS: [usize; 2] = [10_000, 100];

const PAGE_SIZE: usize = 100;

const RUNS_DEFAULT: usize = 9;

/// Where the tutorial's program lies unless it is said: it is not ours to ship.
const PROGRAM: &str = "../shared/peers/tutorial.py";

/// What the program imports beyond the standard library.
const PACKAGES: [&str; 2] = ["requests", "python-dateutil"];

/// Says the versions of interpreter and packages.
const VERSIONS: &str = "import platform, requests, dateutil\n\
    print(f'Python {platform.python_version()}, requests {requests.__version__}, '\n\
    \x20     f'python-dateutil {dateutil.__version__}')";

const LAUNCH: &str = include_str!("launch.py");

/// Measures both and writes the page.
///
/// # Errors
///
/// Fails if a program fails, or the two do not do the same job. Without the tutorial's program there is nothing to
/// compare with: this is said, and the page stays as it is.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let program = flags.take::<PathBuf>("--tutorial")?;
    let runs = flags.take("--runs")?.unwrap_or(RUNS_DEFAULT);
    flags.end()?;
    let root = cargo::workspace_root()?;
    let program = program.unwrap_or_else(|| root.join(PROGRAM));
    if !program.is_file() {
        say(&format!(
            "skipped: the tutorial's program is not at `{}`; name it with --tutorial FILE",
            program.display()
        ));
        return Ok(());
    }
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder).context("cannot make a folder for the benchmark")?;
    let python = Python::prepare(&folder.join("venv"), &PACKAGES, VERSIONS)?;
    let waitwise = super::release_build(&root)?;
    let tenant = Tenant::start(&waitwise, &python, &folder)?;
    let bench = Bench {
        tenant: &tenant,
        waitwise: &waitwise,
        python: &python,
        program: &program,
        folder: &folder,
    };
    bench.check_same_job()?;
    let mut text = head(runs, &python)?;
    for n_groups in JOBS {
        say(&format!("{n_groups} groups, {runs} runs each"));
        text.push_str(&table(n_groups, &bench.measure(n_groups, runs)?));
    }
    say(&text);
    page::write_part(&root.join(super::PAGE), "tutorial", &text)
}

/// Everything that the two programs need.
struct Bench<'a> {
    tenant: &'a Tenant<'a>,
    waitwise: &'a Path,
    python: &'a Python,
    program: &'a Path,
    folder: &'a Path,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Waitwise,
    Tutorial,
}

/// All runs of one program.
#[derive(Default)]
struct Runs {
    costs: Vec<Cost>,
    /// The same in every run.
    requests: BTreeMap<String, usize>,
}

impl Bench<'_> {
    /// With one wrap-up code per skill the two must write the same weights; else they would not do the same job.
    fn check_same_job(&self) -> Result<()> {
        let map_file = self.tenant.fill(25)?;
        let mut written = Vec::new();
        for who in [Who::Waitwise, Who::Tutorial] {
            self.tenant.put_rule()?;
            cost(&self.command(who, &map_file)?)?;
            written.push(self.tenant.weights()?);
        }
        ensure!(
            written[0] == written[1],
            "the two programs write different weights"
        );
        self.tenant.take_requests().map(drop)
    }

    fn measure(&self, n_groups: usize, runs: usize) -> Result<[Runs; 2]> {
        let map_file = self.tenant.fill(n_groups)?;
        let mut measured = [Runs::default(), Runs::default()];
        // The first round fills the system's caches and does not count.
        for round in 0..=runs {
            let mut order = [Who::Waitwise, Who::Tutorial];
            order.rotate_left(round % 2);
            for who in order {
                self.tenant.put_rule()?;
                let cost = cost(&self.command(who, &map_file)?)?;
                let requests = self.tenant.take_requests()?;
                let runs = &mut measured[usize::from(who == Who::Tutorial)];
                ensure!(
                    round == 0 || runs.requests == requests,
                    "the number of requests changes from run to run"
                );
                runs.requests = requests;
                runs.costs.extend((round > 0).then_some(cost));
            }
        }
        Ok(measured)
    }

    fn command(&self, who: Who, map_file: &Path) -> Result<Command> {
        match who {
            Who::Waitwise => self.waitwise_run(map_file),
            Who::Tutorial => Ok(self.tutorial_run(map_file)),
        }
    }

    /// With an empty journal, as on the first day.
    fn waitwise_run(&self, map_file: &Path) -> Result<Command> {
        let state = self.folder.join("state");
        if state.exists() {
            fs::remove_dir_all(&state).context("cannot remove the journal of the last run")?;
        }
        let connection = &self.tenant.connection;
        let mut command = Command::new(self.waitwise);
        command
            .args(["run", "--yes", "--map-file"])
            .arg(map_file)
            .current_dir(self.folder)
            .env("WAITWISE_HOST", &connection.host)
            .env("WAITWISE_CLIENT_ID", &connection.client_id)
            .env("WAITWISE_CLIENT_SECRET", &connection.client_secret)
            .env("WAITWISE_QUEUE", &connection.queue_id)
            .env("WAITWISE_CA_FILE", &connection.ca_file)
            .env("WAITWISE_STATE_DIR", &state);
        Ok(command)
    }

    fn tutorial_run(&self, map_file: &Path) -> Command {
        let connection = &self.tenant.connection;
        let mut command = Command::new(&self.python.program);
        command
            .args(["-c", LAUNCH])
            .arg(self.program)
            .arg(map_file)
            .env("ORG_HOST", &connection.host)
            .env("CLIENT_ID", &connection.client_id)
            .env("CLIENT_SECRET", &connection.client_secret)
            .env("QUEUE_ID", &connection.queue_id)
            .env("REQUESTS_CA_BUNDLE", &connection.ca_file);
        command
    }
}

fn head(runs: usize, python: &Python) -> Result<String> {
    Ok(format!(
        "Medians of {runs} runs each, in turns; the smallest and the largest value in brackets. {}. The tutorial's program on {}.\n",
        machine::described()?,
        python.says(VERSIONS)?
    ))
}

fn table(n_groups: usize, [waitwise, tutorial]: &[Runs; 2]) -> String {
    let mut text = format!(
        "\n### {n_groups} wrap-up groups, {PAGE_SIZE} a page\n\n\
        | | Waitwise | the tutorial's program | ratio |\n|---|---|---|---|\n"
    );
    let mut add = |name: &str, value: fn(&Cost) -> f64| {
        let values = |runs: &Runs| runs.costs.iter().map(value).collect::<Vec<f64>>();
        text.push_str(&row(name, &values(waitwise), &values(tutorial)));
    };
    add("CPU time, ms", |cost| cost.cpu.as_secs_f64() * 1000.0);
    add("peak memory, MiB", |cost| cost.peak_kib as f64 / 1024.0);
    add("wall clock, ms", |cost| cost.wall.as_secs_f64() * 1000.0);
    let total = |runs: &Runs| runs.requests.values().sum::<usize>();
    let (ours, theirs) = (total(waitwise), total(tutorial));
    let ratio = ours as f64 / theirs as f64;
    let _ = writeln!(text, "| requests | {ours} | {theirs} | {ratio:.2} |");
    for (who, runs) in [("Waitwise", waitwise), ("The tutorial's program", tutorial)] {
        let _ = writeln!(text, "\n{who} asks: {}.", asked(&runs.requests));
    }
    text
}

fn row(name: &str, ours: &[f64], theirs: &[f64]) -> String {
    let ratio = median(ours).zip(median(theirs)).map(|(a, b)| a / b);
    format!(
        "| {name} | {} | {} | {:.3} |\n",
        spread(ours, 1),
        spread(theirs, 1),
        ratio.unwrap_or(f64::NAN)
    )
}

/// `100 × POST query, 1 × GET skills`.
fn asked(requests: &BTreeMap<String, usize>) -> String {
    let parts = requests.iter().map(|(what, n)| format!("{n} × {what}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Cost, Runs, table};

    fn runs(cpu_ms: &[u64]) -> Runs {
        let cost = |cpu_ms: &u64| Cost {
            wall: Duration::from_millis(100),
            cpu: Duration::from_millis(*cpu_ms),
            peak_kib: 2048,
        };
        Runs {
            costs: cpu_ms.iter().map(cost).collect(),
            requests: BTreeMap::from([("GET skills".to_owned(), 2)]),
        }
    }

    #[test]
    fn the_table_shows_medians_spread_and_ratios() {
        let text = table(100, &[runs(&[30, 10, 20]), runs(&[200, 400, 300])]);
        for line in [
            "### 100 wrap-up groups, 100 a page",
            "| CPU time, ms | 20.0 (10.0–30.0) | 300.0 (200.0–400.0) | 0.067 |",
            "| peak memory, MiB | 2.0 (2.0–2.0) | 2.0 (2.0–2.0) | 1.000 |",
            "| requests | 2 | 2 | 1.00 |",
            "Waitwise asks: 2 × GET skills.",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
