//! Links between pages: each leads somewhere, and each page is led to.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::TextFile;

/// Finds relative links of Markdown files to nothing. Places within a page (`#…`) are not followed.
pub(crate) fn dead(root: &Path, files: &[TextFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_markdown()) {
        for link in relative_links(file) {
            let exists = link
                .path
                .as_ref()
                .is_some_and(|path| root.join(path).exists());
            if !exists {
                findings.push(format!(
                    "{}:{}: `{}` leads nowhere",
                    file.path, link.line, link.written
                ));
            }
        }
    }
    findings
}

/// Finds files below `docs/` that no other Markdown file of the project links to.
pub(crate) fn forgotten_docs(files: &[TextFile]) -> Vec<String> {
    let mut linked = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_markdown()) {
        let paths = relative_links(file)
            .into_iter()
            .filter_map(|link| link.path);
        linked.extend(paths.filter(|path| *path != file.path));
    }
    let is_linked = |path: &str| {
        let as_folder = path.strip_suffix("/README.md");
        linked.contains(path) || as_folder.is_some_and(|folder| linked.contains(folder))
    };
    files
        .iter()
        .filter(|file| file.path.starts_with("docs/") && !is_linked(&file.path))
        .map(|file| format!("{}: no other page links to it: add a link", file.path))
        .collect()
}

struct Link {
    line: usize,
    written: String,
    /// Relative to the checkout; `None` if it leads out of it.
    path: Option<String>,
}

fn relative_links(file: &TextFile) -> Vec<Link> {
    let (folder, _) = file.path.rsplit_once('/').unwrap_or_default();
    let mut links = Vec::new();
    let mut in_code_block = false;
    for (line, text) in file.numbered_lines() {
        if text.trim_start().starts_with("```") {
            in_code_block = !in_code_block;
        } else if !in_code_block {
            links.extend(targets(text).into_iter().map(|written| Link {
                line,
                path: resolve(folder, &written),
                written,
            }));
        }
    }
    links
}

/// Returns the file parts of a line's links: `[a](here)` and `[a]: here`, with neither URLs nor bare `#places`.
fn targets(line: &str) -> Vec<String> {
    let prose = without_inline_code(line);
    let mut targets: Vec<&str> = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    if prose.starts_with('[') {
        targets.extend(prose.split_once("]: ").map(|(_, target)| target));
    }
    targets
        .into_iter()
        .filter_map(|target| target.split_whitespace().next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
        .map(str::to_owned)
        .collect()
}

fn without_inline_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{dead, forgotten_docs, targets};
    use crate::tidy::files::fixtures::{file, folder_with};
    use crate::tidy::files::read_all;

    #[test]
    fn both_spellings_of_a_link_are_read_and_urls_are_not() {
        assert_eq!(
            targets("[a](b.md#c) and ![d](e.svg \"title\")"),
            ["b.md", "e.svg"]
        );
        assert_eq!(targets("[a]: ../b.md"), ["../b.md"]);
        assert_eq!(targets("[a](https://b.c/d), [e](#f), `[g](h)`"), [""; 0]);
    }

    #[test]
    fn a_link_is_followed_from_the_page_it_stands_on() {
        let folder = folder_with(&[
            (
                "docs/a.md",
                "[up](../LICENSE) [gone](LICENSE)\n[out](../../LICENSE)\n",
            ),
            ("LICENSE", "text"),
            ("b.md", "```\n[in code](nowhere)\n```\n[folder](docs/)\n"),
        ]);
        let findings = dead(folder.path(), &read_all(folder.path()).unwrap());
        assert_eq!(
            findings,
            [
                "docs/a.md:1: `LICENSE` leads nowhere",
                "docs/a.md:2: `../../LICENSE` leads nowhere"
            ]
        );
    }

    #[test]
    fn a_page_needs_a_link_from_another_page() {
        let forgotten = |readme: &str| {
            let own = "[myself](README.md) [beside](one.md)";
            forgotten_docs(&[
                file("README.md", readme),
                file("docs/notes/README.md", own),
                file("docs/notes/one.md", ""),
            ])
        };
        assert_eq!(forgotten("[notes](docs/notes/)"), [""; 0]);
        assert_eq!(forgotten("[notes](docs/notes/README.md)"), [""; 0]);
        assert!(forgotten("nothing")[0].starts_with("docs/notes/README.md: "));
    }
}
