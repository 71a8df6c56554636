//! Pages of which a machine writes a part, between two comment lines that say which.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Replaces the part `name` of the page at `path`, and leaves every other byte as it was.
///
/// The part lies between the lines `<!-- name -->` and `<!-- /name -->`.
///
/// # Errors
///
/// Fails if the page cannot be read or written, or does not have the two lines.
pub(crate) fn write_part(path: &Path, name: &str, text: &str) -> Result<()> {
    let shown = path.display();
    let page = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    let page = with_part(&page, name, text)
        .with_context(|| format!("`{shown}` has no lines `<!-- {name} -->`, `<!-- /{name} -->`"))?;
    fs::write(path, page).with_context(|| format!("cannot write `{shown}`"))
}

/// Returns what a program's output holds of the part `name`, without the two lines around it. The closing line may
/// also be a second opening one.
pub(crate) fn part_of<'a>(output: &'a str, name: &str) -> Option<&'a str> {
    let open = format!("<!-- {name} -->\n");
    let (_, rest) = output.split_once(&open)?;
    let end = [open, closing(name)];
    let end = end.iter().filter_map(|line| rest.find(line)).min()?;
    Some(rest[..end].trim())
}

fn with_part(page: &str, name: &str, text: &str) -> Option<String> {
    let open = format!("<!-- {name} -->\n");
    let (before, rest) = page.split_once(&open)?;
    let (_, after) = rest.split_once(&closing(name))?;
    Some(format!(
        "{before}{open}\n{}\n\n{}{after}",
        text.trim(),
        closing(name)
    ))
}

fn closing(name: &str) -> String {
    format!("<!-- /{name} -->\n")
}

#[cfg(test)]
mod tests {
    use super::{part_of, with_part};

    #[test]
    fn a_part_is_replaced_and_nothing_else() {
        let page = "# A\n<!-- a -->\nold\n<!-- /a -->\nb\n<!-- b -->\n<!-- /b -->\n";
        let written = with_part(page, "a", "new\n").unwrap();
        let expected = "# A\n<!-- a -->\n\nnew\n\n<!-- /a -->\nb\n<!-- b -->\n<!-- /b -->\n";
        assert_eq!(written, expected);
        assert_eq!(with_part(&written, "a", "new").unwrap(), written);
        assert_eq!(with_part(page, "c", "new"), None);
    }

    #[test]
    fn a_part_is_found_in_an_output() {
        let output = "running 1 test\n<!-- a -->\n| x |\n<!-- a -->\nok\n";
        assert_eq!(part_of(output, "a"), Some("| x |"));
        let closed = "<!-- a -->\n| x |\n<!-- /a -->\n<!-- a -->\n";
        assert_eq!(part_of(closed, "a"), Some("| x |"));
        assert_eq!(part_of("<!-- a -->\nnever closed\n", "a"), None);
    }
}
