//! The neighbours: programs that nobody here wrote, doing against the sandbox what Waitwise does.
//!
//! The vendor's Python and npm packages sign in, call every operation of the published table, read every answer and write it
//! again. What they lose, do not find or count otherwise than the other is a finding: sandbox and Waitwise's own
//! client share their shapes, and only somebody else can show that those are right. `plan.json` is what both do. After
//! each, Waitwise itself counts the same things on the same sandbox.

mod ours;
mod sandbox;
mod told;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo;
use crate::published;
use crate::report::{conclude, count, say};
use sandbox::Sandbox;
use told::Told;

const PLAN: &str = include_str!("plan.json");
const PYTHON: &str = include_str!("neighbour.py");
const NPM: &str = include_str!("neighbour.js");
/// The vendor's npm package.
const NPM_PACKAGE: &str = "purecloud-platform-client-v2";

/// A program that can be started on a sandbox: its name, and how.
type Neighbour = (&'static str, fn(&Path) -> Result<Command>);

const NEIGHBOURS: [Neighbour; 2] = [("Python", python), ("npm", npm)];

/// Installs what can be installed, lets each do its job, and says what could not be.
///
/// # Errors
///
/// Fails if a neighbour that could be installed fails, loses something, is refused, or counts what the other does not.
pub(crate) fn run() -> Result<()> {
    let folder = cargo::target_folder()?.join("neighbours");
    fs::create_dir_all(&folder).context("cannot make a folder for the neighbours")?;
    fs::write(folder.join("plan.json"), PLAN).context("cannot write the neighbours' plan")?;
    let waitwise = cargo::debug_build()?;
    let (mut all, mut ours) = (Vec::new(), Vec::new());
    for (name, prepare) in NEIGHBOURS {
        match prepare(&folder) {
            Ok(command) => {
                let (told, own) = visit(command, &waitwise, &folder, name)
                    .with_context(|| format!("the {name} neighbour failed"))?;
                all.push(told);
                ours.push(own);
            }
            Err(error) => say(&format!(
                "could not be done: the {name} neighbour: {error:#}"
            )),
        }
    }
    let mut findings: Vec<String> = all.iter().flat_map(Told::findings).collect();
    findings.extend(ours.iter().filter_map(Told::other_days));
    let operations: usize = all.iter().map(|told| told.operations.len()).sum();
    let n_neighbours = all.len();
    all.extend(ours);
    findings.extend(told::unequal_counts(&all));
    let summary = format!(
        "{} called {} without loss, and count as Waitwise does",
        count(n_neighbours, "neighbour"),
        count(operations, "operation")
    );
    conclude(&findings, &summary)
}

fn python(folder: &Path) -> Result<Command> {
    let python = published::install(None)?;
    let script = folder.join("neighbour.py");
    fs::write(&script, PYTHON)?;
    let mut command = Command::new(&python.program);
    command.arg(script).arg(folder.join("plan.json"));
    Ok(command)
}

fn npm(folder: &Path) -> Result<Command> {
    let package = folder.join("npm/node_modules").join(NPM_PACKAGE);
    if !package.join("package.json").is_file() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(folder.join("npm")).arg(NPM_PACKAGE);
        let status = npm.status().context("cannot start npm")?;
        ensure!(
            status.success(),
            "`npm install {NPM_PACKAGE}` ended with {status}"
        );
    }
    let script = folder.join("neighbour.js");
    fs::write(&script, NPM)?;
    let mut command = Command::new("node");
    command
        .arg(script)
        .arg(folder.join("plan.json"))
        .arg(package);
    Ok(command)
}

/// Lets a neighbour do its job on a sandbox of its own: both find the same tenant, untouched by the other. Then Waitwise
/// counts what is there.
fn visit(mut command: Command, waitwise: &Path, folder: &Path, name: &str) -> Result<(Told, Told)> {
    let sandbox = Sandbox::start(waitwise)?;
    // The packages read settings from the home folder: a person's own must not lead them elsewhere.
    command.env("HOME", folder);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    let mut stdin = child
        .stdin
        .take()
        .context("the neighbour does not listen")?;
    std::io::Write::write_all(&mut stdin, sandbox.connection.as_bytes())?;
    drop(stdin);
    let output = child
        .wait_with_output()
        .context("cannot wait for the neighbour")?;
    ensure!(output.status.success(), "it ended with {}", output.status);
    let mut told = Told::read(&output.stdout)?;
    let counts = ours::counts(waitwise, &sandbox, folder, name).context("Waitwise cannot count")?;
    let own = Told::ours(&told, counts);
    told.violations = sandbox.violations()?;
    say(&told.summary());
    say(&own.summary());
    Ok((told, own))
}
