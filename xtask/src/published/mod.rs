//! `cargo xtask published`: the facts of the published API that the sandbox checks requests and answers by.
//!
//! They are read by `facts.py` from the vendor's Python package, which Genesys generates from its own description of the
//! API: for each operation that Waitwise uses its query names and the definitions of body and answer, and the members
//! of every definition that those lead to. Known values of lists' items are not in that package; they come from a Swagger
//! file given as `--openapi FILE`, which is also compared with the table, as a second source.

mod openapi;
mod table;
mod wanted;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo;
use crate::flags::Flags;
use crate::python::Python;
use crate::report::{count, say};
use table::Table;

/// The vendor's Python package.
pub(crate) const PACKAGE: &str = "PureCloudPlatformClientV2";
/// Where the table lies, from the workspace's folder.
const TABLE: &str = "crates/waitwise-sandbox/published.json";
const FACTS: &str = include_str!("facts.py");

/// Writes the table anew, from `--sdk-version V` or the newest; `--openapi FILE` adds what the package does not know, and
/// prints in what the two differ.
///
/// # Errors
///
/// Fails if the package cannot be installed or read, lacks an operation, or a file cannot be read or written.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let version = flags.take::<String>("--sdk-version")?;
    let openapi = flags.take::<PathBuf>("--openapi")?;
    flags.end()?;
    let root = cargo::workspace_root()?;
    let wanted = wanted::operations(&root)?;
    let python = install(version.as_deref())?;
    let mut table = facts(&python, &wanted)?;
    let path = root.join(TABLE);
    match openapi {
        Some(file) => {
            let second = openapi::read(&file)?;
            openapi::add_item_values(&mut table, &second);
            for difference in openapi::differences(&table, &second, &wanted) {
                say(&format!("differs: {difference}"));
            }
        }
        None if path.exists() => table.keep_item_values(&Table::read(&path)?),
        None => {}
    }
    table.write(&path)?;
    say(&format!(
        "{TABLE}: {} and {} of {PACKAGE} {}",
        count(table.operations.len(), "operation"),
        count(table.definitions.len(), "definition"),
        table.source.version
    ));
    Ok(())
}

/// Makes an environment with the package: of `version`, or whichever is there, or else the newest.
///
/// # Errors
///
/// Fails if there is no Python 3 with `venv`, or the package cannot be fetched.
pub(crate) fn install(version: Option<&str>) -> Result<Python> {
    let (name, package, check) = match version {
        Some(version) => (
            format!("python-{version}"),
            format!("{PACKAGE}=={version}"),
            format!("import importlib.metadata as m\nassert m.version('{PACKAGE}') == '{version}'"),
        ),
        None => (
            "python".to_owned(),
            PACKAGE.to_owned(),
            format!("import importlib.metadata as m\nm.version('{PACKAGE}')"),
        ),
    };
    let folder = cargo::target_folder()?.join("neighbours").join(name);
    Python::prepare(&folder, &[&package], &check)
        .with_context(|| format!("cannot install {package} in `{}`", folder.display()))
}

fn facts(python: &Python, wanted: &[wanted::Operation]) -> Result<Table> {
    let folder = python.says(&format!(
        "import importlib.util as u\nprint(u.find_spec('{PACKAGE}').submodule_search_locations[0])"
    ))?;
    let version = python.says(&format!(
        "import importlib.metadata as m\nprint(m.version('{PACKAGE}'))"
    ))?;
    let mut command = Command::new(&python.program);
    command.args(["-c", FACTS, &folder]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start Python")?;
    let lines: Vec<String> = wanted.iter().map(wanted::Operation::key).collect();
    let mut stdin = child.stdin.take().context("cannot write to Python")?;
    stdin.write_all(lines.join("\n").as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output().context("cannot wait for Python")?;
    ensure!(
        output.status.success(),
        "Python ended with {}",
        output.status
    );
    Table::from_facts(&output.stdout, version)
}
