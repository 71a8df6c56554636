//! `cargo xtask bench sim`: interactions a second, ours and other simulators', on the same models in the same run.
//!
//! Each program runs a model once, as a whole process on one core, in turns, so that what else the machine does meets all
//! alike. What each answers is compared with theory where there is one, and with ours: a fast wrong answer is worth nothing.

mod curve;
mod programs;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::programs::{PROGRAMS, Program, Programs};
use super::measure::median;
use crate::flags::Flags;
use crate::report::say;
use crate::{cargo, machine, page};

/// A model that all programs run.
struct Benched {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    /// Per class, the mean wait that theory gives; empty: it gives none.
    exact: &'static [f64],
    /// Interactions a second that are aimed at, in millions.
    aim: Option<f64>,
}

const MODELS: [Benched; 3] = [
    Benched {
        name: "M/M/20, three priority classes",
        file: "priority.json",
        text: include_str!("priority.json"),
        // Cobham (1954).
        exact: &[0.034_423_063, 0.068_846_125, 0.550_769_005],
        aim: Some(8.0),
    },
    Benched {
        name: "N: four agents of two skills, six of one",
        file: "n.json",
        text: include_str!("n.json"),
        // A chain of busy agents and lines, solved as in the simulator's tests against theory.
        exact: &[0.199_833_0, 0.074_591_6],
        aim: None,
    },
    Benched {
        name: "six skills, 60 agents, head starts, patience",
        file: "six.json",
        text: include_str!("six.json"),
        exact: &[],
        aim: Some(5.0),
    },
];

const RUNS_DEFAULT: usize = 5;

/// How many standard errors an answer may lie off: beyond once in two million.
const ERRORS_MOST: f64 = 5.0;

/// Measures all and writes the page; `--quick` takes a tenth of the interactions, once, and writes nothing.
///
/// # Errors
///
/// Fails if a program fails, or answers something else than the others.
pub(crate) fn run(mut flags: Flags) -> Result<()> {
    let is_quick = flags.has("--quick");
    let runs = flags.take("--runs")?;
    flags.end()?;
    let runs = runs.unwrap_or(if is_quick { 1 } else { RUNS_DEFAULT });
    ensure!(runs > 0, "--runs takes a number from 1 on");
    let root = cargo::workspace_root()?;
    let folder = root.join("target/bench/sim");
    fs::create_dir_all(&folder).context("cannot make a folder for the benchmark")?;
    let programs = Programs::prepare(&root)?;
    let divisor = if is_quick { 10 } else { 1 };
    let mut text = head(runs, &programs)?;
    for benched in &MODELS {
        say(benched.name);
        let path = folder.join(benched.file);
        fs::write(&path, benched.text).context("cannot write a model")?;
        let measured = measure(&programs, &path, runs, divisor)?;
        check(benched, &measured, &programs, &path)?;
        text.push_str(&table(benched, &measured));
    }
    say("the curve");
    text.push_str(&curve::table(&programs, &folder, runs, divisor)?);
    say(&text);
    if is_quick {
        say("quick figures are not written down");
        return Ok(());
    }
    page::write_part(&root.join(super::PAGE), "sim", &text)
}

/// What one program did with one model.
struct Measured {
    program: &'static Program,
    interactions: u64,
    /// Interactions a second of CPU time, warming up included, one a run.
    rates: Vec<f64>,
    /// Per run and class.
    answers: Vec<Vec<f64>>,
}

/// Runs each program that knows the model, in turns.
fn measure(programs: &Programs, model: &Path, runs: usize, divisor: u64) -> Result<Vec<Measured>> {
    let is_priority = model.ends_with("priority.json");
    let able = PROGRAMS
        .iter()
        .filter(|program| is_priority || !program.only_priority);
    let mut measured: Vec<Measured> = able
        .map(|program| Measured {
            program,
            interactions: program.interactions / divisor,
            rates: Vec::new(),
            answers: Vec::new(),
        })
        .collect();
    for run in 0..runs {
        for of in &mut measured {
            let seed = run as u64 + 1;
            let (cost, answer) = programs.run(of.program, model, of.interactions, seed)?;
            let simulated = of.interactions as f64 * 1.1;
            of.rates.push(simulated / cost.cpu.as_secs_f64());
            of.answers.push(answer);
        }
    }
    Ok(measured)
}

/// Each answer must lie near the truth, as near as so many interactions can tell: the spread is ours, of 30 runs as long.
fn check(
    benched: &Benched,
    measured: &[Measured],
    programs: &Programs,
    model: &Path,
) -> Result<()> {
    for of in measured {
        let (means, errors) = programs.spread(model, of.interactions)?;
        for answer in &of.answers {
            for (class, wait) in answer.iter().enumerate() {
                let truth = benched.exact.get(class).copied().unwrap_or(means[class]);
                let off = (wait - truth) / errors[class];
                ensure!(
                    off.abs() < ERRORS_MOST,
                    "{} answers {wait} for class {class} of {}, {off:.1} standard errors off {truth}",
                    of.program.name,
                    benched.name
                );
            }
        }
    }
    Ok(())
}

fn head(runs: usize, programs: &Programs) -> Result<String> {
    Ok(format!(
        "Medians of {runs} runs each, in turns, one core each; {}. {}. Interactions a second of CPU time, the process's own start and the tenth that warms up included.\n\n",
        machine::described()?,
        programs.versions()?
    ))
}

fn table(benched: &Benched, measured: &[Measured]) -> String {
    let rate = |of: &Measured| median(&of.rates).unwrap_or(0.0);
    let ours = measured.first().map_or(0.0, rate);
    let mut text = format!("### {}\n\n", benched.name);
    if let Some(aim) = benched.aim {
        let _ = writeln!(text, "Aim: {aim} million a second.\n");
    }
    text += "| | interactions a run | a second | ours is faster by | mean wait per class, first run |\n|---|---:|---:|---:|---|\n";
    for of in measured {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1} × | {} |",
            of.program.name,
            of.interactions,
            thousands(rate(of)),
            ours / rate(of),
            waits(&of.answers[0])
        );
    }
    if !benched.exact.is_empty() {
        let _ = writeln!(text, "| theory | | | | {} |", waits(benched.exact));
    }
    text.push('\n');
    text
}

fn waits(of: &[f64]) -> String {
    let figures: Vec<String> = of.iter().map(|wait| format!("{wait:.4}")).collect();
    figures.join(", ")
}

/// `14.2 million`, `94 thousand`.
fn thousands(rate: f64) -> String {
    if rate >= 1e6 {
        format!("{:.2} million", rate / 1e6)
    } else {
        format!("{:.1} thousand", rate / 1e3)
    }
}

/// Where a program's own files lie.
fn source(root: &Path, name: &str) -> PathBuf {
    root.join("xtask/src/bench").join(name)
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn rates_are_told_in_their_size() {
        assert_eq!(thousands(14_234_000.0), "14.23 million");
        assert_eq!(thousands(94_321.0), "94.3 thousand");
    }
}
