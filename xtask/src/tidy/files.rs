//! The text files of the checkout.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that hold nothing of ours.
const SKIPPED_FOLDERS: &[&str] = &[".git", "target"];

/// One file whose bytes are UTF-8.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Relative to the checkout, with `/` between names.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl TextFile {
    pub(crate) fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    pub(crate) fn is_markdown(&self) -> bool {
        has_extension(&self.path, "md")
    }

    /// Returns the lines, numbered from one.
    pub(crate) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Reads every text file below `root`, sorted by path; other files and symbolic links are left out.
///
/// Walks the folders rather than asking git, so that an unpacked archive can be checked as well.
pub(crate) fn read_all(root: &Path) -> Result<Vec<TextFile>> {
    let mut files = Vec::new();
    read_folder(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<()> {
    let cannot_read = || format!("cannot read `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        let kind = entry.file_type().with_context(cannot_read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if kind.is_dir() && !SKIPPED_FOLDERS.contains(&name.as_str()) {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read `{path}`"))?;
            files.extend(
                String::from_utf8(bytes)
                    .ok()
                    .map(|text| TextFile { path, text }),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod fixtures {
    use std::fs;

    use super::TextFile;

    pub(crate) fn file(path: &str, text: &str) -> TextFile {
        TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Writes `(path, text)` pairs into a new temporary folder.
    pub(crate) fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::folder_with;
    use super::read_all;

    #[test]
    fn text_is_read_in_order_and_what_is_built_is_not() {
        let folder = folder_with(&[("b/c.md", "c"), ("a.rs", "a"), ("target/x.rs", "x")]);
        std::fs::write(folder.path().join("picture.png"), [0x89, 0xff]).unwrap();
        let files = read_all(folder.path()).unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a.rs", "b/c.md"]);
        assert!(files[0].is_rust() && files[1].is_markdown());
    }
}
