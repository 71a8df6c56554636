//! Strategies by name, for whoever lets a person choose.

use std::collections::BTreeMap;

use waitwise_model::{SkillEvidence, Weights};

use crate::balanced::Balanced;
use crate::bounds::moments;
use crate::cmu::{Cmu, SkillWork};
use crate::search::{Progress, Report, Settings, Tuning, Verdict, search};
use crate::volume_wait::{NotFinite, VolumeWait};

/// A named way to weights. What each is good for stands in `docs/strategies.md`.
#[derive(Clone, PartialEq, Debug)]
pub enum Strategy {
    /// The present weights stay: nothing better has been shown.
    Keep,
    /// The tutorial's formula.
    VolumeWait(VolumeWait),
    /// Volume and wait without units.
    Balanced(Balanced),
    /// Short work first; needs a twin.
    Cmu(Cmu),
    /// Simulates, and proposes what is shown to be better; needs a twin.
    Search(Box<Settings>),
}

/// What a strategy may go by.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What history says of each skill.
    pub evidence: &'a [SkillEvidence],
    /// The simulated centre, with the skills to tune and what can be written for them.
    pub twin: Option<&'a Tuning<'a>>,
}

/// What a strategy proposes.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// One weight per skill, none for no evidence; `None` if the present ones are to stay.
    pub weights: Option<Weights>,
    /// What a search has found on the way.
    pub report: Option<Box<Report>>,
}

/// Why there is no proposal.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum NoProposal {
    /// A score is too large.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// The strategy needs a simulated centre.
    #[error("the strategy {strategy} needs a twin of the centre, and there is none")]
    NoTwin {
        /// Its name.
        strategy: &'static str,
    },
}

impl Strategy {
    /// Returns how plans and messages call it.
    pub fn name(&self) -> &'static str {
        match self {
            Strategy::Keep => "keep",
            Strategy::VolumeWait(_) => VolumeWait::NAME,
            Strategy::Balanced(_) => Balanced::NAME,
            Strategy::Cmu(_) => Cmu::NAME,
            Strategy::Search(_) => Settings::NAME,
        }
    }

    /// Returns its settings by name, for the record.
    pub fn settings(&self) -> BTreeMap<String, f64> {
        match self {
            Strategy::Keep => BTreeMap::new(),
            Strategy::VolumeWait(formula) => formula.settings(),
            Strategy::Balanced(formula) => formula.settings(),
            Strategy::Cmu(rule) => rule.settings(),
            Strategy::Search(settings) => settings.settings(),
        }
    }

    /// Whether it can do nothing without a simulated centre.
    pub fn needs_twin(&self) -> bool {
        match self {
            Strategy::Keep | Strategy::VolumeWait(_) | Strategy::Balanced(_) => false,
            Strategy::Cmu(_) | Strategy::Search(_) => true,
        }
    }

    /// Proposes weights; a search says how far it is.
    ///
    /// # Errors
    /// See [`NoProposal`].
    pub fn propose(
        &self,
        known: &Known<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Proposal, NoProposal> {
        let twin = || {
            known.twin.ok_or(NoProposal::NoTwin {
                strategy: self.name(),
            })
        };
        let only = |weights| Proposal {
            weights,
            report: None,
        };
        Ok(match self {
            Strategy::Keep => only(None),
            Strategy::VolumeWait(formula) => only(Some(formula.weights(known.evidence)?)),
            Strategy::Balanced(formula) => only(Some(formula.weights(known.evidence))),
            Strategy::Cmu(rule) => only(Some(by_work(rule, twin()?))),
            Strategy::Search(settings) => {
                let report = search(twin()?, settings, progress);
                let is_better = report.verdict == Verdict::Better;
                Proposal {
                    weights: is_better.then(|| report.weights.clone()),
                    report: Some(Box::new(report)),
                }
            }
        })
    }
}

fn by_work(rule: &Cmu, twin: &Tuning<'_>) -> Weights {
    let work: Vec<SkillWork> = twin.work();
    let workloads = moments::mean(twin.model()).workloads();
    let is_short = workloads
        .iter()
        .any(crate::bounds::fluid::Workload::is_short);
    rule.weights(&work, Cmu::index(&work, is_short))
}

impl From<VolumeWait> for Strategy {
    fn from(formula: VolumeWait) -> Strategy {
        Strategy::VolumeWait(formula)
    }
}

#[cfg(test)]
mod tests {
    use waitwise_model::SkillId;

    use super::*;
    use crate::search::fixtures::{model, tuning};

    const UNLIKE: &str = r#"
[[classes]]
name = "short"
arrivals = { per_hour = 60 }
service = { law = "exponential", mean_secs = 90 }
after_call = { law = "deterministic", secs = 10 }
patience = { law = "exponential", mean_secs = 60 }

[[classes]]
name = "long"
arrivals = { per_hour = 60 }
service = { law = "exponential", mean_secs = 300 }
patience = { law = "exponential", mean_secs = 600 }

[[groups]]
name = "all"
skills = ["short", "long"]
agents = 8
"#;

    fn points(strategy: &Strategy, twin: Option<&Tuning<'_>>) -> Option<Vec<u8>> {
        let known = Known {
            evidence: &[],
            twin,
        };
        let proposal = strategy.propose(&known, &mut |_| {}).unwrap();
        Some(
            proposal
                .weights?
                .into_values()
                .map(|weight| weight.get())
                .collect(),
        )
    }

    #[test]
    fn cmu_takes_work_from_the_twin_and_patience_where_staff_is_short() {
        let cmu = Strategy::Cmu(Cmu::default());
        let roomy = model(UNLIKE);
        // In the order of ids: long, short.
        let skills = [("short", 50), ("long", 50)];
        assert_eq!(
            points(&cmu, Some(&tuning(&roomy, &skills))),
            Some(vec![1, 100])
        );
        let short = model(&UNLIKE.replace("agents = 8", "agents = 6"));
        // Index 1/100 · 60 against 1/300 · 600.
        assert_eq!(
            points(&cmu, Some(&tuning(&short, &skills))),
            Some(vec![100, 1])
        );
    }

    #[test]
    fn who_needs_a_twin_says_so() {
        let known = Known {
            evidence: &[],
            twin: None,
        };
        let cmu = Strategy::Cmu(Cmu::default());
        assert!(cmu.needs_twin());
        let error = cmu.propose(&known, &mut |_| {}).unwrap_err().to_string();
        assert!(
            error.starts_with("the strategy cmu needs a twin"),
            "{error}"
        );
        assert_eq!(points(&Strategy::Keep, None), None);
        assert_eq!(
            points(&Strategy::Balanced(Balanced::default()), None),
            Some(Vec::new())
        );
        assert_eq!(
            points(&VolumeWait::default().into(), None),
            Some(Vec::new())
        );
        let dear = Cmu::new([(SkillId::new("long"), 9.0)].into()).unwrap();
        assert_eq!(
            Strategy::Cmu(dear).settings(),
            [("cost.long".to_owned(), 9.0)].into()
        );
    }
}
