//! The project's own chores: `cargo xtask test` is the one command that says whether a change is good.
//!
//! It needs nothing but Rust. It does not know the product: it reads cargo's answers and the files of the checkout.
//! Look first at [`mod@test`], which lists the steps; each check of our own is a module of the same name.

mod cargo;
mod deps;
mod licences;
mod report;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

const HELP: &str = "\
The project's own chores.

Usage: cargo xtask <COMMAND>

Commands:
  test      Everything below, after formatting, clippy, tests and rustdoc; stops at the first failure
  deps      Crates use only the crates they may, and no heavy package is in the tree
  licences  Every package has a licence that we can accept
  tidy      No unfinished work, no machine's paths, no dead links; warns of long functions and files

Options:
  -h, --help  Print this
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(command) = Command::parse(&args) else {
        eprintln!("error: cannot understand `{}`\n\n{HELP}", args.join(" "));
        return ExitCode::from(2);
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Command {
    Help,
    Test,
    Deps,
    Licences,
    Tidy,
}

impl Command {
    /// Returns `None` for anything that is not exactly one known word.
    fn parse(args: &[&str]) -> Option<Self> {
        match args {
            ["-h" | "--help" | "help"] => Some(Self::Help),
            ["test"] => Some(Self::Test),
            ["deps"] => Some(Self::Deps),
            ["licences"] => Some(Self::Licences),
            ["tidy"] => Some(Self::Tidy),
            _ => None,
        }
    }

    fn run(&self) -> Result<()> {
        match self {
            Self::Help => {
                report::say(HELP);
                Ok(())
            }
            Self::Test => test::run(),
            Self::Deps => deps::run(),
            Self::Licences => licences::run(),
            Self::Tidy => tidy::run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn one_known_word_is_a_command_and_nothing_else_is() {
        assert_eq!(Command::parse(&["tidy"]), Some(Command::Tidy));
        assert_eq!(Command::parse(&["--help"]), Some(Command::Help));
        assert_eq!(Command::parse(&[]), None);
        assert_eq!(Command::parse(&["tidy", "deps"]), None);
        assert_eq!(Command::parse(&["tody"]), None);
    }
}
