//! House rules that no compiler knows: nothing unfinished, no machine's paths, no dead links, no forgotten pages.
//!
//! Length is only warned of: a long table of one shape reads well, and a person has to judge that.

mod files;
mod length;
mod links;
mod words;

use std::path::Path;

use anyhow::Result;

use crate::cargo;
use crate::report::{conclude, count};
use files::TextFile;

pub(crate) fn run() -> Result<()> {
    let root = cargo::workspace_root()?;
    let files = files::read_all(&root)?;
    for warning in files.iter().flat_map(length::warnings) {
        eprintln!("warning: {warning}");
    }
    let summary = format!("{} tidy", count(files.len(), "text file"));
    conclude(&findings(&root, &files), &summary)
}

fn findings(root: &Path, files: &[TextFile]) -> Vec<String> {
    let mut findings: Vec<String> = files.iter().flat_map(words::findings).collect();
    findings.extend(files.iter().filter_map(folder_finding));
    findings.extend(links::dead(root, files));
    findings.extend(links::forgotten_docs(files));
    findings
}

/// Finds a crate whose folder has another name than the crate.
fn folder_finding(manifest: &TextFile) -> Option<String> {
    let folder = manifest.path.strip_suffix("/Cargo.toml")?;
    let (_, package) = manifest.text.split_once("[package]\n")?;
    let name = package
        .lines()
        .find_map(|line| line.strip_prefix("name = "))?;
    let name = name.trim_matches('"');
    let is_same = folder.rsplit('/').next() == Some(name);
    (!is_same).then(|| {
        format!(
            "{}: the crate is named `{name}`: give folder and crate one name",
            manifest.path
        )
    })
}

#[cfg(test)]
mod tests {
    use super::files::fixtures::{file, folder_with};
    use super::{files, findings, folder_finding};

    #[test]
    fn folder_and_crate_have_one_name() {
        let manifest = |path| file(path, "[package]\nname = \"plan\"\n[dependencies]\n");
        assert_eq!(folder_finding(&manifest("crates/plan/Cargo.toml")), None);
        assert!(folder_finding(&manifest("crates/planner/Cargo.toml")).is_some());
        let workspace = file("Cargo.toml", "[workspace]\nmembers = []\n");
        assert_eq!(folder_finding(&workspace), None);
    }

    #[test]
    fn each_rule_is_applied_to_a_real_folder() {
        let folder = folder_with(&[
            (
                "README.md",
                "See [the plan](docs/plan.md) and [more](docs/gone.md).\n",
            ),
            ("docs/plan.md", "Good.\n"),
            ("docs/lonely.md", "Nobody comes here.\n"),
            ("crates/a/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("crates/a/src/lib.rs", concat!("// TO", "DO later\n")),
            ("target/debug/notes.md", concat!("TO", "DO\n")),
        ]);
        let files = files::read_all(folder.path()).unwrap();
        let found = findings(folder.path(), &files).join("\n");
        for start in [
            "README.md:1: ",
            "docs/lonely.md: ",
            "crates/a/Cargo.toml: ",
            "crates/a/src/lib.rs:1: ",
        ] {
            assert!(found.contains(start), "{start} is missing in\n{found}");
        }
        assert_eq!(found.lines().count(), 4, "{found}");
    }
}
