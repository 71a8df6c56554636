//! What the command says, word for word: the transcripts beside this test, and those of the README.

use std::path::Path;

use trycmd::TestCases;

/// `TRYCMD=overwrite` writes down anew what is said.
#[test]
fn transcripts_are_true() {
    TestCases::new()
        .env("COLUMNS", "100")
        .case("tests/transcripts/*.trycmd");
}

/// The README is for people: it builds the command with cargo.
#[test]
fn the_readmes_transcripts_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let readme = readme.replace("$ cargo run --release -- ", "$ waitwise ");
    assert!(
        readme.contains("\n```console\n$ waitwise "),
        "the README shows no transcript"
    );
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("README.md");
    std::fs::write(&copy, readme).unwrap();
    // Beside a folder of this name the commands run in one of their own.
    std::fs::create_dir(directory.path().join("README.out")).unwrap();
    TestCases::new().env("COLUMNS", "100").case(copy);
}
