//! `waitwise.toml` and the mapping file, by the command's own code.

#![no_main]

#[path = "../../crates/waitwise/src/args.rs"]
#[allow(dead_code, reason = "only what settings are made from is used here")]
mod args;
#[path = "../../crates/waitwise/src/failure.rs"]
#[allow(dead_code, reason = "a failure is rendered here, not ended with")]
mod failure;
#[path = "../../crates/waitwise/src/settings.rs"]
#[allow(dead_code, reason = "not every command's settings are asked for")]
mod settings;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::Parser;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

use crate::args::{Cli, Command, RunArgs};
use crate::failure::Failure;
use crate::settings::File;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    // Else a settings file could name a command that gets it, and the fuzzer would run what it made up.
    assert!(
        std::env::var_os("WAITWISE_CLIENT_SECRET").is_some(),
        "set WAITWISE_CLIENT_SECRET: without it the target would run made-up commands"
    );
    tempfile::tempdir().expect("a folder")
});

fuzz_target!(|data: &[u8]| {
    let Some([settings, mapping]) = fuzz::parts(data) else {
        return;
    };
    let settings = write("waitwise.toml", settings);
    let mapping = write("map.json", mapping);
    let line = ["waitwise", "run", "--map-file"].map(Into::into);
    let line = line.into_iter().chain([mapping.into_os_string()]);
    let Command::Run(args) = Cli::try_parse_from(line).expect("a command line").command else {
        unreachable!("`run` was asked for");
    };
    let read = File::read(Some(&settings));
    for failure in read.map_or_else(|failure| vec![failure], |file| all_of(&file, &args)) {
        let _ = failure.render();
    }
});

/// Makes everything that `run` makes of its settings, and returns what went wrong.
fn all_of(file: &File, args: &RunArgs) -> Vec<Failure> {
    let _ = file.wait_unit(&args.question);
    let failures = [
        file.state_dir(&args.state).err(),
        file.connection(&args.host, None).err(),
        file.question(&args.question, args.max_step).err(),
    ];
    failures.into_iter().flatten().collect()
}

fn write(name: &str, text: &str) -> PathBuf {
    let path = FOLDER.path().join(name);
    fs::write(&path, text).expect("a file");
    path
}
