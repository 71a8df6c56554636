//! The simulator against queueing theory: known exact results of every family that it claims to cover.
//!
//! Each case is a model file and figures that theory gives for it, worked out under `reference` by formulas and chains that
//! share nothing with the simulator, most of them in two ways. A run of a case gives an interval for each figure. Nothing is
//! compared with what a seed happened to give.
//!
//! `WAITWISE_THEORY_SEEDS=16` makes it long: so many independent runs of each case, of the length that gives half-widths of
//! 2%; figures go into a table between markers.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "lengths of runs and of tails, far below any bound"
)]

mod case;
mod families;
mod reference;

use std::fmt::Write as _;

use case::{Case, Effort, Figure, Verdict};

/// A case with its runs: per run and figure a verdict.
struct Judged {
    case: Case,
    runs: Vec<Vec<Verdict>>,
}

#[test]
fn answers_are_those_of_theory() {
    let seeds: Option<u64> = std::env::var("WAITWISE_THEORY_SEEDS")
        .ok()
        .map(|n| n.parse().expect("WAITWISE_THEORY_SEEDS is a number"));
    let effort = match seeds {
        // Half-widths differ from run to run, by a tenth at times.
        Some(_) => Effort {
            share: 1.25,
            replications: 100,
        },
        None => Effort {
            share: 0.02,
            replications: 40,
        },
    };
    let only = std::env::var("WAITWISE_THEORY_ONLY").unwrap_or_default();
    let cases = families::all().into_iter();
    let judged: Vec<Judged> = (0..)
        .zip(cases)
        .filter(|(_, case)| format!("{}: {}", case.family, case.name).contains(&only))
        .map(|(number, case)| judge(number, case, seeds.unwrap_or(1), effort))
        .collect();
    println!("<!-- theory -->\n{}<!-- /theory -->", table(&judged));
    let is_long = seeds.is_some();
    let findings = findings(&judged, is_long, only.is_empty());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn judge(number: u64, case: Case, seeds: u64, effort: Effort) -> Judged {
    let described = case.described();
    // No two runs of any two cases share a seed.
    let runs = (0..seeds)
        .map(|seed| case.verdicts(&described, effort, 1 + number * 100_000 + seed))
        .collect();
    Judged { case, runs }
}

impl Judged {
    /// One figure of each run, each in turn: runs are independent, the figures of one run are not.
    fn independent(&self) -> impl Iterator<Item = Verdict> {
        let runs = self.runs.iter().enumerate();
        runs.map(|(place, run)| run[place % run.len()])
    }

    fn all(&self) -> impl Iterator<Item = (Figure, Option<usize>, Verdict)> {
        let truths = &self.case.truths;
        self.runs.iter().flat_map(move |run| {
            let figures = truths.iter().zip(run);
            figures.map(|(truth, verdict)| (truth.figure, truth.class, *verdict))
        })
    }
}

const Z_MOST: f64 = 5.0;
const HALF_WIDTH_MOST: f64 = 0.02;
const CASES_LEAST: usize = 60;
const INTERVALS_LEAST: usize = 1_000;

fn findings(judged: &[Judged], is_long: bool, is_whole: bool) -> Vec<String> {
    let mut findings = Vec::new();
    for of in judged {
        for (figure, class, verdict) in of.all() {
            let name = format!(
                "{}: {}, {figure:?} of {class:?}",
                of.case.family, of.case.name
            );
            if verdict.z.abs() > Z_MOST || verdict.z.is_nan() {
                findings.push(format!("{name}: z is {}", verdict.z));
            }
            if is_long && verdict.half_width > HALF_WIDTH_MOST {
                let percent = 100.0 * verdict.half_width;
                findings.push(format!("{name}: the half-width is {percent:.2}%"));
            }
        }
    }
    let n = judged.iter().flat_map(Judged::independent).count();
    let covered = judged
        .iter()
        .flat_map(Judged::independent)
        .filter(|v| v.is_covered)
        .count();
    if covered < least_covered(n) {
        findings.push(format!(
            "{covered} of {n} independent intervals hold the truth"
        ));
    }
    if is_whole && judged.len() < CASES_LEAST {
        findings.push(format!(
            "{} cases are fewer than {CASES_LEAST}",
            judged.len()
        ));
    }
    if is_long && is_whole && n < INTERVALS_LEAST {
        findings.push(format!("{n} intervals are fewer than {INTERVALS_LEAST}"));
    }
    findings
}

/// The least number of `n` that says nothing against 95%, one-sided at 0.001: fewer would come up less often than that.
fn least_covered(n: usize) -> usize {
    // log of P(k misses) of n at 5%.
    let log = |misses: usize| {
        let (n, k) = (n as f64, misses as f64);
        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
            + k * libm::log(0.05)
            + (n - k) * libm::log(0.95)
    };
    let mut more_misses = 0.0;
    let mut misses = n;
    while misses > 0 && more_misses + libm::exp(log(misses)) < 0.001 {
        more_misses += libm::exp(log(misses));
        misses -= 1;
    }
    n - misses
}

fn table(judged: &[Judged]) -> String {
    let mut text = String::new();
    let all = || judged.iter().flat_map(Judged::all);
    let (n, covered, most) = sums(judged.iter().flat_map(Judged::independent));
    let (n_all, covered_all, most_all) = sums(all().map(|(_, _, verdict)| verdict));
    let widest = all().map(|(_, _, v)| v.half_width).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "{} cases; {n} independent intervals, of which {covered} ({:.1}%) hold the truth, the largest |z| is {most:.2}; with all \
         figures of each run {n_all}, {covered_all} ({:.1}%), {most_all:.2}. At one-sided 0.001 fewer than {} of {n} would \
         speak against 95%. The widest half-width is {:.2}% of the truth.\n",
        judged.len(),
        100.0 * covered as f64 / n as f64,
        100.0 * covered_all as f64 / n_all as f64,
        least_covered(n),
        100.0 * widest
    );
    text += "| family | case | figures | intervals | hold the truth | largest \\|z\\| | widest half-width |\n|---|---|---:|---:|---:|---:|---:|\n";
    for of in judged {
        let (n, covered, most) = sums(of.all().map(|(_, _, verdict)| verdict));
        let widest = of.all().map(|(_, _, v)| v.half_width).fold(0.0, f64::max);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {n} | {:.1}% | {most:.2} | {:.2}% |",
            of.case.family,
            of.case.name,
            of.case.truths.len(),
            100.0 * covered as f64 / n as f64,
            100.0 * widest
        );
    }
    text
}

fn sums(verdicts: impl Iterator<Item = Verdict>) -> (usize, usize, f64) {
    let none = (0, 0, 0.0);
    verdicts.fold(none, |(n, covered, most), verdict| {
        (
            n + 1,
            covered + usize::from(verdict.is_covered),
            f64::max(most, verdict.z.abs()),
        )
    })
}

#[test]
fn the_least_covered_is_the_binomial_quantile() {
    // 1000 × 0.95 − 3.09 × √47.5 = 928.7.
    let least = least_covered(1_000);
    assert!((926..=930).contains(&least), "{least}");
    assert_eq!(least_covered(1), 0);
}
