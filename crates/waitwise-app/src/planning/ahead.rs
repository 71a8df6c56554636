//! Looking ahead from a plan: a twin for the strategies that need one, and what the planned weights would do.
//!
//! The twin is fitted to the visits that the history keeps, under the weights in force. A strategy that can do nothing
//! without it is refused where the twin cannot be believed; any other is planned without a prediction, and says why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use waitwise_model::{QueueId, SkillId, SkillState, Weights};
use waitwise_twin::staffing::OnQueue;
use waitwise_weights::search::{Progress as Searching, Tuning};
use waitwise_weights::{Known, Proposal, Strategy};

use crate::analysis::Analysis;
use crate::error::AppError;
use crate::gather::{Gathered, Question};
use crate::twin::{
    Answer, Horizon, Judging, Seen, Stage, Terms, Tunable, Twin, TwinError, VISITS_MIN, WeightSet,
};

/// What is needed to look ahead.
#[derive(Clone)]
pub struct Ahead<'a> {
    /// The visits of the history.
    pub seen: &'a Seen,
    /// In which their days begin.
    pub zone: TimeZone,
    /// How long agents were on queue; `None`: who was at work is inferred from work.
    pub on_queue: Option<OnQueue>,
    /// How the twin is judged first.
    pub judging: Judging,
    /// By how much it may mispredict mean waits, as a share of them.
    pub error_max: f64,
    /// Go on whatever speaks against the twin; it is told all the same.
    pub is_forced: bool,
    /// For how long, and how often.
    pub horizon: Horizon,
    /// The share of callers who are to be answered within the target, 0.0..=1.0.
    pub service_goal: f64,
    /// On how many cores; the answer does not depend on it.
    pub threads: usize,
    /// Is told how far it is.
    pub progress: &'a (dyn Fn(Step) + Sync),
}

/// How far looking ahead is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// At a stage of asking the twin: done, of how many.
    Twin(Stage, u64, u64),
    /// Searching.
    Search(Searching),
}

/// What a strategy has found with what it was given.
pub(super) struct Found {
    pub(super) proposal: Proposal,
    pub(super) warnings: Vec<String>,
}

/// A prediction, or why there is none.
#[derive(Default)]
pub(super) struct Predicted {
    pub(super) answer: Option<Answer>,
    pub(super) warnings: Vec<String>,
}

/// What one question sees of the days to come.
pub(super) struct Outlook<'a> {
    ahead: Option<&'a Ahead<'a>>,
    gathered: &'a Gathered,
    question: &'a Question,
    present: &'a WeightSet,
    twin: Option<Twin<'a>>,
    /// Why there is no twin, if there are visits.
    doubt: Option<String>,
}

impl Ahead<'_> {
    pub(super) fn terms(&self, queue: &QueueId, present: &WeightSet) -> Terms {
        Terms {
            queue: Some(queue.clone()),
            present: present.clone(),
            judging: self.judging,
            error_max: self.error_max,
            is_forced: self.is_forced,
            on_queue: self.on_queue.clone(),
        }
    }

    fn told(&self) -> impl Fn(Stage, u64, u64) + Sync {
        |stage, done, of| (self.progress)(Step::Twin(stage, done, of))
    }
}

impl<'a> Outlook<'a> {
    /// Fits a twin and judges it.
    ///
    /// # Errors
    /// The strategy needs one, and there is none, or none that can be believed.
    pub(super) fn of(
        ahead: Option<(&'a Ahead<'a>, &'a Terms)>,
        gathered: &'a Gathered,
        question: &'a Question,
        present: &'a WeightSet,
    ) -> Result<Outlook<'a>, AppError> {
        let strategy = &question.strategy;
        let twin = ahead.map(|(ahead, terms)| {
            let twin = Twin::of(ahead.seen, terms, ahead.threads)?;
            twin.judged(&ahead.told())
        });
        let (twin, doubt) = match twin {
            None if strategy.needs_twin() => {
                return Err(AppError::NoVisits {
                    strategy: strategy.name(),
                });
            }
            Some(Err(error)) if strategy.needs_twin() => return Err(error.into()),
            None => (None, None),
            Some(Ok(twin)) => (Some(twin), None),
            Some(Err(error)) => (None, Some(error.with_causes())),
        };
        Ok(Outlook {
            ahead: ahead.map(|(ahead, _)| ahead),
            gathered,
            question,
            present,
            twin,
            doubt,
        })
    }

    /// Lets the strategy propose weights.
    ///
    /// # Errors
    /// It cannot, or there is nothing that it could move.
    pub(super) fn propose(&self, analysis: &Analysis) -> Result<Found, AppError> {
        let strategy = &self.question.strategy;
        let evidence = analysis.evidence();
        let (Some(ahead), Some(twin)) = (self.ahead.filter(|_| strategy.needs_twin()), &self.twin)
        else {
            let known = Known {
                evidence: &evidence,
                twin: None,
            };
            return Ok(Found {
                proposal: strategy.propose(&known, &mut |_| ())?,
                warnings: Vec::new(),
            });
        };
        let skills = &self.gathered.skills.items;
        let active = skills
            .iter()
            .filter(|skill| skill.state == SkillState::Active);
        let known: BTreeSet<&SkillId> = active.map(|skill| &skill.id).collect();
        let tunable = Tunable::of(twin, &self.question.queue, &known, ahead.service_goal)?;
        let tuning = tunable.tuning().map_err(TwinError::from)?;
        check_costs(strategy, &tuning)?;
        let known = Known {
            evidence: &evidence,
            twin: Some(&tuning),
        };
        let told = &mut |progress| (ahead.progress)(Step::Search(progress));
        let mut proposal = strategy.propose(&known, told)?;
        let names = self.names();
        if let Some(report) = &mut proposal.report {
            tunable.rename(report, &names);
        }
        let kept = tunable.kept.iter().map(|(skill, visits)| {
            format!(
                "skill `{}` keeps its weight: {visits} visits are too few to predict from, {VISITS_MIN} are the least",
                names.get(skill).unwrap_or(skill)
            )
        });
        Ok(Found {
            proposal,
            warnings: kept.collect(),
        })
    }

    /// Predicts what weights would do in the place of those in force.
    ///
    /// # Errors
    /// The strategy needs the prediction, and there is none that can be believed.
    pub(super) fn predict(&self, weights: &Weights) -> Result<Predicted, AppError> {
        let unpredicted = |why: &str| Predicted {
            answer: None,
            warnings: vec![format!("nobody knows what this will do to waits: {why}")],
        };
        let (Some(ahead), Some(twin)) = (self.ahead, &self.twin) else {
            return Ok(self.doubt.as_deref().map(unpredicted).unwrap_or_default());
        };
        let mut proposed = self.present.clone();
        let moved = weights
            .iter()
            .map(|(skill, weight)| (skill.clone(), *weight));
        proposed.weights.extend(moved);
        if proposed == *self.present {
            return Ok(Predicted {
                answer: None,
                warnings: self.doubts(),
            });
        }
        match twin.what_if(&proposed, ahead.horizon, &ahead.told()) {
            Ok(answer) => Ok(Predicted {
                warnings: answer.doubts.iter().map(forced).collect(),
                answer: Some(answer),
            }),
            Err(error) if self.question.strategy.needs_twin() => Err(error.into()),
            Err(error) => Ok(unpredicted(&error.with_causes())),
        }
    }

    /// What speaks against the twin, where it was forced.
    pub(super) fn doubts(&self) -> Vec<String> {
        let doubts = self.twin.iter().flat_map(Twin::doubts);
        doubts.map(forced).collect()
    }

    /// What skills and queues are called, by id.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        let skills = self.gathered.skills.items.iter();
        let skills = skills.map(|skill| (skill.id.to_string(), skill.name.clone()));
        let queues = self.gathered.queue_names.iter();
        let queues = queues.map(|(queue, name)| (queue.to_string(), name.clone()));
        skills.chain(queues).collect()
    }
}

fn forced(doubt: &String) -> String {
    format!("forced to go on although {doubt}")
}

/// A cost that nothing is done with was meant for another skill.
fn check_costs(strategy: &Strategy, tuning: &Tuning<'_>) -> Result<(), TwinError> {
    let is_moved = |id: &str| tuning.skills().iter().any(|skill| skill.id.as_str() == id);
    let settings = strategy.settings();
    let mut costs = settings.keys().filter_map(|key| key.strip_prefix("cost."));
    match costs.find(|id| !is_moved(id)) {
        None => Ok(()),
        Some(skill) => Err(TwinError::NoSuchCost {
            skill: skill.to_owned(),
        }),
    }
}
