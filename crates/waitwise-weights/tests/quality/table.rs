//! What the trials came to, for people.

use waitwise_weights::search::Verdict;

use crate::trial::{Against, Trial, Versus};

/// Share of all trials that were better beyond the interval.
pub(crate) fn better_share(trials: &[Trial], of: impl Fn(&Trial) -> Versus) -> f64 {
    let [better, ..] = counts(trials.iter().map(&of));
    better as f64 / trials.len() as f64
}

pub(crate) fn median_gap(trials: &[Trial]) -> Option<f64> {
    let mut gaps: Vec<f64> = trials.iter().filter_map(|trial| trial.gap).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied()
}

/// Better, level, worse.
fn counts(all: impl Iterator<Item = Versus> + Clone) -> [usize; 3] {
    [Against::Better, Against::Level, Against::Worse]
        .map(|wanted| all.clone().filter(|one| one.verdict == wanted).count())
}

/// One trial in a line.
pub(crate) fn line(trial: &Trial) -> String {
    let waits = trial
        .waits
        .map(|[worst, mean]| format!("{worst:.1}/{mean:.1}"));
    format!(
        "{} skills, {} agents: present {}, volume-wait {}, guarded {} ({:?}, {:?}), free {}, {}; gap {:?}; broken {:?}",
        trial.n_skills,
        trial.n_agents,
        waits[0],
        waits[1],
        waits[2],
        trial.guarded.0,
        trial.guarded.1.verdict,
        waits[3],
        waits[4],
        trial.gap,
        trial.broken
    )
}

/// What `cargo xtask prove search` writes down.
pub(crate) fn told(trials: &[Trial], first_seed: u64) -> String {
    let said = |verdict: Verdict| {
        let all = trials.iter();
        all.filter(|trial| trial.guarded.0 == verdict).count()
    };
    let broken: usize = trials.iter().map(|trial| trial.broken.len()).sum();
    let keeping = keeping(trials);
    format!(
        "<!-- search -->\n{} tenants, seeds from {first_seed} on. With all guardrails the search proposed weights for {}, told {} to keep theirs \
        for want of evidence and {} because of a guardrail; {broken} guardrails were broken beyond their 99.9% interval. `volume-wait` broke \
        some for {} of the tenants.\n\n{}{}<!-- /search -->\n",
        trials.len(),
        said(Verdict::Better),
        said(Verdict::NoEvidence),
        said(Verdict::BreaksGuardrail),
        trials.len() - keeping.len(),
        comparisons(trials, &keeping),
        longer(trials),
    )
}

/// The tenants for which `volume-wait` breaks no guardrail: only there is a search that keeps them compared with its like.
fn keeping(trials: &[Trial]) -> Vec<&Trial> {
    let all = trials.iter();
    all.filter(|trial| trial.volume_wait_broken.is_empty())
        .collect()
}

const GUARDED: &str = "all guardrails, `worst-wait`";
const FREE_WORST: &str = "head starts only, `worst-wait`";
const FREE_MEAN: &str = "head starts only, `mean-wait`";
const WORST: &str = "worst skill's mean wait";
const MEAN: &str = "mean wait of all";
const WORST_THEN_MEAN: &str = "worst skill's mean wait, then mean wait of all";

/// As the objective has it: where weights make no difference to the worst skill, the mean wait of all decides.
pub(crate) fn worst_then_mean(trial: &Trial) -> Versus {
    trial.free_volume_wait[0].then(trial.crossed_volume_wait[0])
}

fn comparisons(trials: &[Trial], keeping: &[&Trial]) -> String {
    let all: Vec<&Trial> = trials.iter().collect();
    let kept = "`volume-wait`, where it keeps the guardrails";
    let formula = "`volume-wait`";
    let rows = [
        row(GUARDED, "present", WORST, &all, |one| one.guarded.1),
        row(GUARDED, formula, WORST, &all, |one| {
            one.guarded_volume_wait[0]
        }),
        row(GUARDED, formula, MEAN, &all, |one| {
            one.guarded_volume_wait[1]
        }),
        row(GUARDED, kept, WORST, keeping, |one| {
            one.guarded_volume_wait[0]
        }),
        row(GUARDED, kept, MEAN, keeping, |one| {
            one.guarded_volume_wait[1]
        }),
        row(FREE_WORST, "present", WORST, &all, |one| {
            one.free_present[0]
        }),
        row(FREE_WORST, formula, WORST, &all, |one| {
            one.free_volume_wait[0]
        }),
        row(FREE_WORST, formula, WORST_THEN_MEAN, &all, worst_then_mean),
        row(FREE_WORST, formula, MEAN, &all, |one| {
            one.crossed_volume_wait[0]
        }),
        row(FREE_MEAN, "present", MEAN, &all, |one| one.free_present[1]),
        row(FREE_MEAN, formula, MEAN, &all, |one| {
            one.free_volume_wait[1]
        }),
        row(FREE_MEAN, formula, WORST, &all, |one| {
            one.crossed_volume_wait[1]
        }),
    ];
    format!(
        "| search | against | by | better | level | worse | smaller | larger |\n|---|---|---|---:|---:|---:|---:|---:|\n{}",
        rows.concat()
    )
}

/// Counts of what is known, and of what came out whether or not it is known.
fn row(
    search: &str,
    against: &str,
    by: &str,
    trials: &[&Trial],
    of: impl Fn(&Trial) -> Versus,
) -> String {
    let all = trials.iter().map(|trial| of(trial));
    let [better, level, worse] = counts(all.clone());
    let smaller = all
        .clone()
        .filter(|one| one.difference < -SAME_SECS)
        .count();
    let larger = all.filter(|one| one.difference > SAME_SECS).count();
    format!(
        "| {search} | {against} | {by} | {better} | {level} | {worse} | {smaller} | {larger} |\n"
    )
}

/// Sums in another order differ by less.
const SAME_SECS: f64 = 1e-9;

fn longer(trials: &[Trial]) -> String {
    let gaps = trials.iter().filter_map(|trial| trial.gap);
    let Some(median) = median_gap(trials) else {
        return String::new();
    };
    format!(
        "\nAgainst a search ten times as long, with all guardrails, on the first {} of the tenants, the worst skill's wait was {:.2}% more in \
        the median, {:.1}% at most.\n",
        gaps.clone().count(),
        100.0 * median,
        100.0 * gaps.fold(f64::NEG_INFINITY, f64::max)
    )
}
