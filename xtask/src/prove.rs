//! `cargo xtask prove`: the long forms of what `cargo xtask test` shows in short, with their counts in `docs/proofs.md`.

use std::fmt::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::flags::Flags;
use crate::fuzz::{self, Campaign};
use crate::report::{self, say};
use crate::{cargo, machine, page};

/// Where the counts go.
const PAGE: &str = "docs/proofs.md";

/// A test that prints its figures as a part of a page, and takes a variable that makes it long.
struct Study {
    /// Of the study and of its part of the page.
    name: &'static str,
    package: &'static str,
    test: &'static str,
    /// The module of it, where it has several studies.
    module: Option<&'static str>,
    variable: (&'static str, &'static str),
}

const STUDIES: [Study; 13] = [
    Study {
        name: "crash",
        package: "waitwise",
        test: "crash",
        module: None,
        variable: ("WAITWISE_CRASH_POINTS", "all"),
    },
    Study {
        name: "storm",
        package: "waitwise-app",
        test: "storm",
        module: None,
        variable: ("WAITWISE_STORM_RUNS", "2000"),
    },
    Study {
        name: "pull",
        package: "waitwise",
        test: "pull",
        module: Some("killed"),
        variable: ("WAITWISE_PULL_KILLS", "50"),
    },
    Study {
        name: "pull-storm",
        package: "waitwise-app",
        test: "history",
        module: Some("storm"),
        variable: ("WAITWISE_PULL_STORMS", "500"),
    },
    Study {
        name: "shared",
        package: "waitwise",
        test: "pull",
        module: Some("shared"),
        variable: ("WAITWISE_PULL_WINDOW_SECS", "60"),
    },
    Study {
        name: "large",
        package: "waitwise",
        test: "pull",
        module: Some("large"),
        variable: ("WAITWISE_PULL_CONVERSATIONS", "200000"),
    },
    Study {
        name: "theory",
        package: "waitwise-sim",
        test: "theory",
        module: Some("answers"),
        variable: ("WAITWISE_THEORY_SEEDS", "16"),
    },
    Study {
        name: "traces",
        package: "waitwise-app",
        test: "traces",
        module: None,
        variable: ("WAITWISE_TRACES", "2000"),
    },
    Study {
        name: "order",
        package: "waitwise-app",
        test: "order",
        module: None,
        variable: ("WAITWISE_ORDER_STATES", "1000"),
    },
    Study {
        name: "import",
        package: "waitwise",
        test: "import",
        module: None,
        variable: ("WAITWISE_IMPORT_KILLS", "50"),
    },
    Study {
        name: "search",
        package: "waitwise-weights",
        test: "quality",
        module: None,
        variable: ("WAITWISE_SEARCH_TENANTS", "50"),
    },
    Study {
        name: "percentiles",
        package: "waitwise-history",
        test: "percentiles",
        module: None,
        variable: ("WAITWISE_PERCENTILE_GROUPS", "1000"),
    },
    Study {
        name: "calibration",
        package: "waitwise-twin",
        test: "calibration",
        module: None,
        variable: ("WAITWISE_CALIBRATION_TENANTS", "200"),
    },
];

/// Two minutes a target: over twenty in all.
const FUZZ_SECONDS: u64 = 120;

/// Runs the study that the first word names, by default all of them.
///
/// # Errors
///
/// Fails if there is no such study, or at the first one that fails; its part of the page stays as it was.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let word = flags.word();
    let seconds = flags.take("--seconds")?.unwrap_or(FUZZ_SECONDS);
    flags.end()?;
    match word.as_deref() {
        Some("fuzz") => fuzzing(seconds),
        None | Some("all") => {
            STUDIES.iter().try_for_each(Study::run)?;
            fuzzing(seconds)
        }
        Some(name) => match STUDIES.iter().find(|study| study.name == name) {
            Some(study) => study.run(),
            None => {
                let names: Vec<&str> = STUDIES.iter().map(|study| study.name).collect();
                bail!(
                    "there is no study `{name}`: {}, fuzz, all",
                    names.join(", ")
                )
            }
        },
    }
}

impl Study {
    /// Runs the test to its end and takes its figures into the page.
    fn run(&self) -> Result<()> {
        let (variable, value) = self.variable;
        say(&format!("{}: {variable}={value}", self.name));
        let mut cargo = cargo::command();
        cargo
            .args(["test", "--release", "--package", self.package])
            .args(["--test", self.test])
            .args(self.module)
            .args(["--", "--nocapture"])
            .env(variable, value)
            .stderr(Stdio::inherit());
        let output = cargo.output().context("cannot start `cargo test`")?;
        let output_text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            say(&output_text);
            bail!("the study `{}` failed", self.name);
        }
        let part = page::part_of(&output_text, self.name)
            .with_context(|| format!("the test `{}` printed no part `{}`", self.test, self.name))?;
        let mut command = format!(
            "`{variable}={value} cargo test --release --package {} --test {}",
            self.package, self.test
        );
        if let Some(module) = self.module {
            let _ = write!(command, " {module}");
        }
        command.push('`');
        write(self.name, &format!("{command}\n\n{part}"))
    }
}

fn fuzzing(seconds: u64) -> Result<()> {
    let campaigns = fuzz::campaigns(None, seconds)?;
    ensure!(!campaigns.is_empty(), "there is no fuzz target");
    write("fuzz", &fuzz_table(&campaigns, seconds))
}

fn fuzz_table(campaigns: &[Campaign], seconds: u64) -> String {
    let minutes = campaigns.len() as f64 * seconds as f64 / 60.0;
    let inputs: u64 = campaigns.iter().map(|campaign| campaign.inputs).sum();
    let mut text = format!(
        "`cargo xtask fuzz --seconds {seconds}`: {}, {minutes:.0} minutes, {inputs} inputs, libFuzzer's seed {}; nothing found.\n\n\
        | target | inputs | edges | peak memory, MiB |\n|---|---|---|---|\n",
        report::count(campaigns.len(), "target"),
        fuzz::SEED
    );
    for Campaign {
        target,
        inputs,
        edges,
        peak_rss_mb,
    } in campaigns
    {
        let _ = writeln!(text, "| `{target}` | {inputs} | {edges} | {peak_rss_mb} |");
    }
    text
}

fn write(name: &str, text: &str) -> Result<()> {
    say(text);
    let text = format!("On {}.\n\n{text}", machine::described()?);
    page::write_part(&cargo::workspace_root()?.join(PAGE), name, &text)
}

#[cfg(test)]
mod tests {
    use super::{Campaign, fuzz_table};

    #[test]
    fn the_table_of_targets_says_how_long_and_how_much() {
        let campaign = |target: &str, inputs| Campaign {
            target: target.to_owned(),
            inputs,
            edges: 7,
            peak_rss_mb: 40,
        };
        let text = fuzz_table(&[campaign("rule", 10), campaign("json", 5)], 120);
        assert!(text.contains("2 targets, 4 minutes, 15 inputs"), "{text}");
        assert!(text.contains("| `rule` | 10 | 7 | 40 |"), "{text}");
    }
}
