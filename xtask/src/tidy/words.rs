//! What must not stand in any file: unfinished work, switched-off tests, places on one person's machine.

use super::files::TextFile;

// Each is written in two parts, so that this file does not find itself.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];
const SWITCHED_OFF: &str = concat!("#[ig", "nore");
const DEBUG_PRINT: &str = concat!("db", "g!(");
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/ho", "me"),
    concat!("/ro", "ot"),
    concat!("/wo", "rk"),
];

pub(crate) fn findings(file: &TextFile) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in file.numbered_lines() {
        let mut find = |what: String| findings.push(format!("{}:{number}: {what}", file.path));
        for note in NOTES.iter().filter(|note| has_word(line, note)) {
            find(format!(
                "`{note}`: finish it, or write it down where work is planned"
            ));
        }
        for folder in MACHINE_FOLDERS
            .iter()
            .filter(|folder| has_path(line, folder))
        {
            find(format!(
                "a path below `{folder}` exists on one machine: make it relative"
            ));
        }
        if file.is_rust() && line.contains(SWITCHED_OFF) {
            find("a switched-off test proves nothing: mend it or delete it".to_owned());
        }
        if file.is_rust() && line.contains(DEBUG_PRINT) {
            find(format!("`{DEBUG_PRINT}…)` is for debugging: remove it"));
        }
    }
    findings
}

/// Whether `word` stands in `line` with no letter, digit or underscore on either side.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = around(line, start, word.len());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether an absolute path that starts with `folder` stands in `line`; a part of a longer path or of a URL is none.
fn has_path(line: &str, folder: &str) -> bool {
    let goes_on_before = |c: char| c.is_alphanumeric() || "_-./<}*".contains(c);
    let goes_on_after = |c: char| c.is_alphanumeric() || "_-".contains(c);
    line.match_indices(folder).any(|(start, _)| {
        let (before, after) = around(line, start, folder.len());
        !before.is_some_and(goes_on_before) && !after.is_some_and(goes_on_after)
    })
}

fn around(line: &str, start: usize, len: usize) -> (Option<char>, Option<char>) {
    let before = line[..start].chars().next_back();
    let after = line[start + len..].chars().next();
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::tidy::files::fixtures::file;

    fn check(path: &str, line: &str, n_expected: usize) {
        let found = findings(&file(path, line));
        assert_eq!(found.len(), n_expected, "{line:?}: {found:?}");
    }

    #[test]
    fn unfinished_work_is_found_as_a_word() {
        check("a.md", concat!("- TO", "DO: more"), 1);
        check("a.rs", concat!("// FIX", "ME(ann)"), 1);
        check(
            "a.rs",
            concat!("MASTO", "DON, TO", "DOS, METHO", "DOLOGY_TO", "DO_LIST"),
            0,
        );
    }

    #[test]
    fn a_machines_path_is_found_where_a_path_begins() {
        check("a.toml", concat!("dir = \"/ho", "me/ann\""), 1);
        check("a.sh", concat!("cd /wo", "rk"), 1);
        check(
            "a.md",
            concat!(
                "https://example.org/ho",
                "me/x and /wo",
                "rkspace and </ro",
                "ot>"
            ),
            0,
        );
        check("a.md", concat!("docs/wo", "rk/x"), 0);
    }

    #[test]
    fn rules_about_code_hold_for_code_only() {
        let ignored = concat!("#[ig", "nore = \"slow\"]");
        check("a.rs", ignored, 1);
        check("a.rs", concat!("let x = db", "g!(y);"), 1);
        check("a.md", ignored, 0);
    }
}
