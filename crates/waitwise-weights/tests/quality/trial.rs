//! One tenant: what each search proposes, judged on days that no search has seen.

use waitwise_model::{Scale, SkillEvidence};
use waitwise_weights::search::{
    Comparison, Estimate, Report, Settings, Tuning, Verdict, default_budget, search,
};
use waitwise_weights::{Guardrail, Guardrails, Measure, Measures, Objective, VolumeWait, Writable};

use crate::tenants::{TARGET_SECS, Tenant};

/// A single interval misses to one side once in two thousand times.
pub(crate) const CONFIDENCE: f64 = 0.999;

const SEARCH_SEED: u64 = 7;
const HISTORY_SEED: u64 = 4_242;
const HISTORY_DAYS: u64 = 30;
const JUDGE_SEED: u64 = 90_125;
const JUDGE_DAYS: u64 = 400;

/// Against another set of weights: smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Against {
    Better,
    /// The 99.9% interval of the difference holds 0.
    Level,
    Worse,
}

/// One set of weights against another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Versus {
    pub(crate) verdict: Against,
    /// The mean of the difference, known or not.
    pub(crate) difference: f64,
}

impl Versus {
    /// Where the first measure tells no difference, the second decides.
    pub(crate) fn then(self, second: Versus) -> Versus {
        match self.verdict {
            Against::Better | Against::Worse => self,
            Against::Level => second,
        }
    }
}

/// What came out for one tenant.
pub(crate) struct Trial {
    pub(crate) n_skills: usize,
    pub(crate) n_agents: usize,
    /// Of the search with all guardrails: the worst skill's wait against the present weights.
    pub(crate) guarded: (Verdict, Versus),
    /// Guardrails that are broken beyond the interval, for whom.
    pub(crate) broken: Vec<String>,
    /// The same of `volume-wait`, which knows of none.
    pub(crate) volume_wait_broken: Vec<String>,
    /// How much worse than a search ten times as long, as a share; `None` if there was none.
    pub(crate) gap: Option<f64>,
    /// By the worst skill's wait and by the mean wait of all: with all guardrails against `volume-wait`.
    pub(crate) guarded_volume_wait: [Versus; 2],
    /// The same with head starts the only guardrail, as for `volume-wait`, each by its own objective.
    pub(crate) free_volume_wait: [Versus; 2],
    /// Head starts the only guardrail, the search for the worst skill's wait judged by the mean wait of all, and the other way
    /// round, against `volume-wait`: what one objective costs by the other.
    pub(crate) crossed_volume_wait: [Versus; 2],
    /// Head starts the only guardrail, each by its own objective, against the present weights.
    pub(crate) free_present: [Versus; 2],
    /// Worst skill's wait and mean wait: present, `volume-wait`, guarded, free by each objective.
    pub(crate) waits: [[f64; 2]; 5],
}

/// How long the trials are.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    /// Of the default budget.
    pub(crate) budget_percent: u64,
    /// Whether a search ten times as long is run too.
    pub(crate) with_longer: bool,
    pub(crate) threads: usize,
}

pub(crate) fn tuning(tenant: &Tenant) -> Tuning<'_> {
    let writable = Writable::weights(Scale::DEFAULT);
    Tuning::new(&tenant.model, tenant.skills.clone(), writable, TARGET_SECS)
        .expect("skills of the centre")
}

pub(crate) fn run(tenant: &Tenant, length: Length) -> Trial {
    let tuning = tuning(tenant);
    let guarded = searched(&tuning, Measure::WorstWait, &Guardrails::default(), length);
    let free = free();
    let by_worst = searched(&tuning, Measure::WorstWait, &free, length);
    let by_mean = searched(&tuning, Measure::MeanWait, &free, length);
    let mut minutes = vec![
        tuning.present_minutes(),
        volume_wait(&tuning, length.threads),
        kept_or_proposed(&tuning, &guarded),
        kept_or_proposed(&tuning, &by_worst),
        kept_or_proposed(&tuning, &by_mean),
    ];
    if length.with_longer {
        let longer = Length {
            budget_percent: 10 * length.budget_percent,
            ..length
        };
        let longer = searched(&tuning, Measure::WorstWait, &Guardrails::default(), longer);
        minutes.push(kept_or_proposed(&tuning, &longer));
    }
    let judged = Comparison::new(&tuning, &minutes, JUDGE_DAYS, JUDGE_SEED, length.threads);
    let against = |measure: Measure, one: usize, other: usize| {
        versus(&judged.estimate(|of| measure.value(of[one]) - measure.value(of[other])))
    };
    let both = |one: [usize; 2], other: usize| {
        [
            against(Measure::WorstWait, one[0], other),
            against(Measure::MeanWait, one[1], other),
        ]
    };
    let waits = |place: usize| {
        [Measure::WorstWait, Measure::MeanWait].map(|measure| measure.value(judged.measures(place)))
    };
    Trial {
        n_skills: tenant.skills.len(),
        n_agents: tenant.model.n_agents(),
        guarded: (guarded.verdict, against(Measure::WorstWait, 2, 0)),
        broken: broken(&tuning, &judged, 2),
        volume_wait_broken: broken(&tuning, &judged, 1),
        gap: length.with_longer.then(|| waits(2)[0] / waits(5)[0] - 1.0),
        guarded_volume_wait: both([2, 2], 1),
        free_volume_wait: both([3, 4], 1),
        crossed_volume_wait: [
            against(Measure::MeanWait, 3, 1),
            against(Measure::WorstWait, 4, 1),
        ],
        free_present: both([3, 4], 0),
        waits: std::array::from_fn(waits),
    }
}

/// Head starts at most ten minutes apart, and nothing else.
fn free() -> Guardrails {
    let mut free = Guardrails::NONE;
    free.set(Guardrail::HeadStartGap(10.0)).expect("a limit");
    free
}

pub(crate) fn searched(
    tuning: &Tuning<'_>,
    measure: Measure,
    guardrails: &Guardrails,
    length: Length,
) -> Report {
    let settings = Settings {
        objective: Objective::of(measure),
        guardrails: guardrails.clone(),
        seed: SEARCH_SEED,
        threads: length.threads,
        budget: Some(default_budget(tuning.skills().len()) / 100 * length.budget_percent),
    };
    search(tuning, &settings, &mut |_| {})
}

/// Whoever follows the search keeps the present weights unless it says that others are better.
fn kept_or_proposed(tuning: &Tuning<'_>, report: &Report) -> Vec<f64> {
    match report.verdict {
        Verdict::Better => report
            .head_starts_minutes
            .iter()
            .map(|(_, proposed)| *proposed)
            .collect(),
        Verdict::NoEvidence | Verdict::BreaksGuardrail => tuning.present_minutes(),
    }
}

/// What the tutorial's formula makes of thirty days under the present weights.
fn volume_wait(tuning: &Tuning<'_>, threads: usize) -> Vec<f64> {
    let present = [tuning.present_minutes()];
    let history = Comparison::new(tuning, &present, HISTORY_DAYS, HISTORY_SEED, threads);
    let skills = tuning.skills().iter().zip(&history.measures(0).skills);
    let evidence = skills.map(|(skill, one)| SkillEvidence {
        skill: skill.id.clone(),
        name: skill.name.clone(),
        codes: Vec::new(),
        conversations: one.map_or(0.0, |one| one.offered),
        mean_wait_secs: one.map_or(0.0, |one| one.mean_wait_secs),
        waiting_hours: 0.0,
        waiting_share: 0.0,
    });
    let weights = VolumeWait::default().weights(&evidence.collect::<Vec<_>>());
    let weights = weights.expect("scores of an ordinary size");
    let minutes = |weight| Scale::DEFAULT.head_start(weight).wanted_minutes();
    tuning
        .skills()
        .iter()
        .map(|skill| minutes(weights[&skill.id]))
        .collect()
}

fn versus(difference: &Estimate) -> Versus {
    let (low, high) = difference.interval(CONFIDENCE);
    let verdict = match (high < 0.0, low > 0.0) {
        (true, _) => Against::Better,
        (_, true) => Against::Worse,
        (false, false) => Against::Level,
    };
    Versus {
        verdict,
        difference: difference.value,
    }
}

fn broken(tuning: &Tuning<'_>, judged: &Comparison, place: usize) -> Vec<String> {
    let mut broken = Vec::new();
    for guardrail in Guardrails::default().iter() {
        for (skill, name) in tuning.names().iter().enumerate() {
            let at = |measures: &Measures| measures.everybody().nth(skill).flatten().copied();
            let excess = |of: &[&Measures]| {
                let (before, after) = (at(of[0])?, at(of[place])?);
                guardrail.excess(&before, &after)
            };
            let excess = judged.estimate(|of| excess(of).unwrap_or(-1.0));
            if excess.interval(CONFIDENCE).0 > 0.0 {
                broken.push(format!("{} for {name}", guardrail.name()));
            }
        }
    }
    broken
}
