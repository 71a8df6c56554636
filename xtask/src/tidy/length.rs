//! Functions and files that have grown past a screen or a story.

use super::files::TextFile;

/// A function of this length no longer fits on one screen.
const FUNCTION_LINES_MAX: usize = 70;
/// Twice the length that we expect of a file with its tests.
const FILE_LINES_MAX: usize = 600;

pub(crate) fn warnings(file: &TextFile) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let mut warnings = Vec::new();
    if lines.len() > FILE_LINES_MAX {
        warnings.push(format!(
            "{}: {} lines (more than {FILE_LINES_MAX}): does it tell one story?",
            file.path,
            lines.len()
        ));
    }
    for start_idx in 0..lines.len() {
        let length = function_length(&lines[start_idx..]);
        if let Some(length) = length.filter(|length| *length > FUNCTION_LINES_MAX) {
            warnings.push(format!(
                "{}:{}: a function of {length} lines (more than {FUNCTION_LINES_MAX}): move pure work out",
                file.path,
                start_idx + 1
            ));
        }
    }
    warnings
}

/// Returns the number of lines of the function whose `fn` is on the first line, if there is one with a body.
///
/// Relies on rustfmt: the body ends with a brace in the column in which the function begins.
fn function_length(lines: &[&str]) -> Option<usize> {
    let (first, rest) = lines.split_first()?;
    let code = first.trim_start();
    let indent = &first[..first.len() - code.len()];
    let (qualifiers, _) = code.split_once("fn ")?;
    let is_function = qualifiers.split_whitespace().all(is_qualifier);
    if !is_function || code.ends_with('}') || code.ends_with(';') {
        return None;
    }
    for (line, length) in rest.iter().zip(2..) {
        match line.strip_prefix(indent) {
            Some("}") => return Some(length),
            // A declaration over several lines, as in a trait.
            Some(code) if !code.starts_with(' ') && code.ends_with(';') => return None,
            _ => {}
        }
    }
    None
}

fn is_qualifier(word: &str) -> bool {
    let plain = ["const", "async", "unsafe", "extern", "\"C\""];
    plain.contains(&word) || word.starts_with("pub")
}

#[cfg(test)]
mod tests {
    use super::{FILE_LINES_MAX, function_length, warnings};
    use crate::tidy::files::fixtures::file;

    fn check(text: &str, expected: Option<usize>) {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(function_length(&lines), expected, "{text}");
    }

    #[test]
    fn a_function_ends_with_the_brace_in_its_own_column() {
        check("fn a() {\n    b();\n}\nfn c() {\n}", Some(3));
        check(
            "    pub(crate) async fn a() {\n        if b {\n        }\n    }\n}",
            Some(4),
        );
        check("fn a() {}", None);
        check("// a word about fn a", None);
        check("fn a(\n    b: u8,\n) -> u8;\n}", None);
    }

    #[test]
    fn only_what_is_too_long_is_warned_of() {
        let function =
            |n_lines: usize| format!("fn a() {{\n{}}}\n", "    b();\n".repeat(n_lines - 2));
        assert_eq!(warnings(&file("a.rs", &function(70))), Vec::<String>::new());
        assert!(warnings(&file("a.rs", &function(71)))[0].starts_with("a.rs:1: "));
        let long = "// x\n".repeat(FILE_LINES_MAX + 1);
        assert_eq!(warnings(&file("a.rs", &long)).len(), 1);
        assert_eq!(warnings(&file("a.md", &long)).len(), 0);
    }
}
