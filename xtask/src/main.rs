//! The project's own chores: `cargo xtask test` is the one command that says whether a change is good.
//!
//! That needs nothing but Rust, and knows nothing of the product: it reads cargo's answers and the files of the checkout.
//! The long studies, [`mod@prove`], [`mod@fuzz`] and [`mod@bench`], write their figures into `docs/`.
//! Look first at [`mod@test`], which lists the steps; each check of our own is a module of the same name.

mod bench;
mod call_records;
mod cargo;
mod clock;
mod deps;
mod facts;
mod flags;
mod fuzz;
mod licences;
mod machine;
mod neighbours;
mod page;
mod prove;
mod published;
mod python;
mod report;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

use crate::bench::measure;
use crate::flags::Flags;

const HELP: &str = "\
The project's own chores.

Usage: cargo xtask <COMMAND>

Commands:
  test      Everything up to tidy, after formatting, clippy, tests and rustdoc; stops at the first failure
            --all: the vendor's own packages against the sandbox too; installs them under target/, needs Python 3 and npm
            and the public sets of call records, and facts in Parquet, against DuckDB
  neighbours  The first of these alone
  call-records  The second alone; writes its figures into docs/call-records.md
  facts     The third alone
  deps      Crates use only the crates they may, and no heavy package is in the tree
  licences  Every package has a licence that we can accept
  tidy      No unfinished work, no machine's paths, no dead links; warns of long functions and files

Facts of the published API, which the sandbox checks requests and answers by:
  published [--sdk-version V] [--openapi FILE]  Written anew from the vendor's Python package; needs Python 3

Long studies, which write their figures into docs/proofs.md and docs/benchmarks.md:
  prove [STUDY] [--seconds N]                   All studies, or one:
            crash  A change, killed at every point
            storm  A change, in seeded storms of faults
            pull   A pull, killed at random points
            import  An import, killed at random points
            pull-storm  A pull, in seeded storms of faults
            shared  Two pulls within one rate limit, on real time
            theory  The simulator against queueing theory
            traces  The simulator against the sandbox's own centre, on the same days
            search  The search for weights, on random tenants
            fuzz   Every reader of outside input, fuzzed for N seconds a target
  fuzz [TARGET] [--seconds N]                   One fuzz target, or all of them; needs a C++ compiler
  bench tutorial [--tutorial FILE] [--runs N]   The job against the tutorial's own program; needs Python 3
  bench history [plain|packed|facts] [--quick] [--runs N]  One question to conversations, by other engines too; needs Python 3
  bench sim [--quick] [--runs N]                Simulated interactions a second, other simulators beside ours; needs Python 3
  bench search [--runs N]                       Whole searches for weights
  bench build                                   A cold release build by crate

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

#[derive(Debug)]
enum Command {
    Help,
    Test {
        all: bool,
    },
    Neighbours,
    CallRecords,
    Facts,
    Deps,
    Licences,
    Tidy,
    Published(Flags),
    Prove(Flags),
    Fuzz(Flags),
    Bench(Flags),
    /// One program, started by `bench`.
    Measure(Vec<String>),
}

impl Command {
    /// Returns `None` for anything that does not begin with a known word, and for a check that is given more words.
    fn parse(args: &[&str]) -> Option<Self> {
        match args {
            ["-h" | "--help" | "help"] => Some(Self::Help),
            ["test"] => Some(Self::Test { all: false }),
            ["test", "--all"] => Some(Self::Test { all: true }),
            ["neighbours"] => Some(Self::Neighbours),
            ["call-records"] => Some(Self::CallRecords),
            ["facts"] => Some(Self::Facts),
            ["deps"] => Some(Self::Deps),
            ["licences"] => Some(Self::Licences),
            ["tidy"] => Some(Self::Tidy),
            ["published", rest @ ..] => Some(Self::Published(Flags::new(rest))),
            ["prove", rest @ ..] => Some(Self::Prove(Flags::new(rest))),
            ["fuzz", rest @ ..] => Some(Self::Fuzz(Flags::new(rest))),
            ["bench", rest @ ..] => Some(Self::Bench(Flags::new(rest))),
            [measure::STARTER, words @ ..] => {
                let words = words.iter().map(|word| (*word).to_owned());
                Some(Self::Measure(words.collect()))
            }
            _ => None,
        }
    }

    fn run(self) -> Result<()> {
        match self {
            Self::Help => {
                report::say(HELP);
                Ok(())
            }
            Self::Test { all } => test::run(all),
            Self::Neighbours => neighbours::run(),
            Self::CallRecords => call_records::run(),
            Self::Facts => facts::run(),
            Self::Deps => deps::run(),
            Self::Licences => licences::run(),
            Self::Tidy => tidy::run(),
            Self::Published(flags) => published::run(flags),
            Self::Prove(flags) => prove::run(flags),
            Self::Fuzz(flags) => fuzz::run(flags),
            Self::Bench(flags) => bench::run(flags),
            Self::Measure(words) => measure::start(&words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn a_known_word_is_a_command_and_nothing_else_is() {
        assert!(matches!(Command::parse(&["tidy"]), Some(Command::Tidy)));
        assert!(matches!(Command::parse(&["--help"]), Some(Command::Help)));
        let study = Command::parse(&["fuzz", "rule", "--seconds", "5"]);
        assert!(matches!(study, Some(Command::Fuzz(_))));
        for unknown in [&[][..], &["tidy", "deps"], &["tody"]] {
            assert!(Command::parse(unknown).is_none(), "{unknown:?}");
        }
    }
}
