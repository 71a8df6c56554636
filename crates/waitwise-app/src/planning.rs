//! From an analysis to a plan, for either lever.

pub mod ahead;
mod on_queue;
pub mod priority_table;
mod pulled;
mod record;

use jiff::Timestamp;
use waitwise_model::{
    Clock, Observed, QueueId, Scale, Skill, SkillEvidence, SkillId, Weight, Weights,
};
use waitwise_plan::{Intent, Plan, PriorityTable, Search, Step, Strategy};
use waitwise_weights::{Bounded, bound};
use waitwise_wire::routing_rule;

use crate::analysis::{Analysis, analyze, weights_in_force};
use crate::error::AppError;
use crate::gather::{Gathered, Question};
use crate::twin::{Called, WeightSet};
use ahead::{Ahead, Found, Outlook};
use priority_table::PriorityRows;

pub use pulled::{TableWish, plan_pulled};

/// A head start between two skills from which on a plan warns, in minutes.
const HEAD_START_WARNING_MINUTES: f64 = 5.0;

/// The weight of a skill that a routing rule does not name: the middle of the scale. No host says what it is.
const UNNAMED: Weight = Weight::MIDDLE;

/// What planning came to.
#[derive(Debug)]
pub struct Planned {
    /// What the history says.
    pub analysis: Analysis,
    /// What a search has found on the way, whether or not it is planned.
    pub search: Option<Search>,
    /// The plan, or why there is none.
    pub plan: Result<Plan, NoPlan>,
}

impl Planned {
    fn nothing(analysis: Analysis, why: NoPlan) -> Planned {
        Planned {
            analysis,
            search: None,
            plan: Err(why),
        }
    }
}

/// Why nothing is planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoPlan {
    /// The history gives no weights.
    NoWeights,
    /// The strategy is to keep what there is.
    Kept,
    /// A search has found nothing that is shown to be better.
    NothingBetter,
}

/// Finds weights and plans to write them into the queue's routing rule. What they would do is predicted if there are
/// visits to look `ahead` from.
///
/// # Errors
/// The queue has no rule or several, a skill with evidence cannot be routed on, the numbers give no weights, or the
/// strategy needs a twin and there is none that can be believed.
pub fn plan(
    gathered: &Gathered,
    question: &Question,
    ahead: Option<&Ahead<'_>>,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    let rules = gathered.rules.as_deref().unwrap_or_default();
    let in_force = weights_in_force(gathered)?;
    let present = WeightSet {
        weights: in_force.clone(),
        unnamed: Some(UNNAMED),
        ..WeightSet::none()
    };
    let job = Job {
        gathered,
        question,
        ahead,
        clock,
    };
    job.plan(&present, |wanted, _| {
        let rule = only_rule(&gathered.evidence.queue, rules)?;
        let bounded = match question.max_step {
            Some(max_step) => bound(&wanted, &in_force, max_step),
            None => Bounded {
                weights: wanted,
                held_back: Weights::new(),
            },
        };
        let write = routing_rule::write(rule, &bounded.weights)?;
        let worth = |weight| Scale::DEFAULT.head_start(weight).wanted_minutes();
        let lead = |lower, higher| worth(higher) - worth(lower);
        let mut warnings: Vec<String> = Vec::new();
        if ahead.is_some() {
            let skills = &gathered.skills.items;
            warnings.extend(unnamed_warning(&bounded.weights, &in_force, skills));
        }
        warnings.extend(head_start_warning(
            &gathered.skills.items,
            &bounded.weights,
            lead,
        ));
        Ok(Written {
            lever: "routing-rule",
            priority_table: None,
            steps: write
                .map(|write| Step::new(rule, write))
                .into_iter()
                .collect(),
            warnings,
            bounded,
        })
    })
}

/// Finds weights and plans to write them, as whole minutes, into a data table's rows. What they would do is predicted
/// if there are visits to look `ahead` from.
///
/// # Errors
/// A skill with evidence cannot be routed on, the numbers give no weights, a row cannot be used, a guardrail refuses
/// what would be written, or the strategy needs a twin and there is none that can be believed.
pub fn plan_table(
    gathered: &Gathered,
    question: &Question,
    rows: &PriorityRows,
    ahead: Option<&Ahead<'_>>,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    let job = Job {
        gathered,
        question,
        ahead,
        clock,
    };
    let present = rows.weights_in_force(&gathered.skills.items);
    let planned = job.plan(&present, |wanted, at| {
        let skills = &gathered.skills.items;
        let writes = rows.writes(&wanted, question.max_step, skills, at)?;
        let written = |weight| f64::from(writes.table.scale.head_start(weight).written_minutes());
        let lead = |lower, higher| written(higher) - written(lower);
        let mut warnings = writes.warnings.clone();
        if ahead.is_some() {
            warnings.extend(rows.unlike_warnings(skills));
        }
        warnings.extend(head_start_warning(skills, &writes.bounded.weights, lead));
        Ok(Written {
            lever: priority_table::LEVER,
            priority_table: Some(writes.table),
            steps: writes.steps,
            warnings,
            bounded: writes.bounded,
        })
    })?;
    if let (Ok(plan), Some(max_step)) = (&planned.plan, question.max_step) {
        plan.check_steps(max_step)?;
    }
    Ok(planned)
}

/// What a lever makes of weights.
struct Written {
    lever: &'static str,
    priority_table: Option<PriorityTable>,
    bounded: Bounded,
    steps: Vec<Step>,
    warnings: Vec<String>,
}

/// What planning begins with, whatever the lever.
struct Job<'a> {
    gathered: &'a Gathered,
    question: &'a Question,
    ahead: Option<&'a Ahead<'a>>,
    clock: &'a dyn Clock,
}

impl Job<'_> {
    /// The evidence per skill; skills get weights too that no wrap-up code tells about, and have none.
    fn evidence(&self, analysis: &Analysis, weights: &Weights) -> Vec<SkillEvidence> {
        let mut evidence = analysis.evidence();
        let is_told = |skill: &SkillId| {
            let mut rows = analysis.skills.iter();
            rows.any(|row| row.evidence.skill == *skill)
        };
        let skills = self.gathered.skills.items.iter();
        let untold = skills.filter(|skill| weights.contains_key(&skill.id) && !is_told(&skill.id));
        evidence.extend(untold.map(|skill| SkillEvidence {
            skill: skill.id.clone(),
            name: skill.name.clone(),
            codes: Vec::new(),
            conversations: 0.0,
            mean_wait_secs: 0.0,
            waiting_hours: 0.0,
            waiting_share: 0.0,
        }));
        evidence
    }

    /// Finds weights, lets the lever plan its writes for them, at a time, predicts what they do, and seals all of it into a
    /// plan.
    fn plan(
        &self,
        present: &WeightSet,
        write: impl FnOnce(Weights, Timestamp) -> Result<Written, AppError>,
    ) -> Result<Planned, AppError> {
        let (gathered, question) = (self.gathered, self.question);
        let analysis = analyze(gathered, question)?;
        if question.strategy == waitwise_weights::Strategy::Keep {
            return Ok(Planned::nothing(analysis, NoPlan::Kept));
        }
        let terms = self
            .ahead
            .map(|ahead| ahead.terms(&question.queue, present));
        let ahead = self.ahead.zip(terms.as_ref());
        let outlook = Outlook::of(ahead, gathered, question, present)?;
        let Found {
            proposal,
            warnings: found,
        } = outlook.propose(&analysis)?;
        let search = proposal.report.as_deref().map(record::search);
        let wanted = match proposal.weights {
            Some(weights) if !weights.is_empty() => weights,
            none => {
                let why = match (none, &search) {
                    (Some(_), _) => NoPlan::NoWeights,
                    (None, Some(_)) => NoPlan::NothingBetter,
                    (None, None) => NoPlan::Kept,
                };
                let mut analysis = analysis;
                analysis.warnings.extend(found);
                analysis.warnings.extend(outlook.doubts());
                return Ok(Planned {
                    search,
                    ..Planned::nothing(analysis, why)
                });
            }
        };
        for skill in wanted.keys() {
            waitwise_plan::check::check_skill(skill, &gathered.skills.items)?;
        }
        let created_at = self.clock.now();
        let written = write(wanted, created_at)?;
        let predicted = outlook.predict(&written.bounded.weights)?;
        let mut warnings = analysis.warnings.clone();
        warnings.extend(found);
        warnings.extend(written.warnings);
        if search.is_some() && !written.bounded.held_back.is_empty() {
            warnings.push(
                "what the search found is not what is written, which --max-step holds back: what is predicted is of what is written"
                    .to_owned(),
            );
        }
        warnings.extend(predicted.warnings);
        let evidence = self.evidence(&analysis, &written.bounded.weights);
        let called = Called {
            names: &outlook.names(),
            queue: Some(question.queue.as_str()),
        };
        let intent = Intent {
            created_at,
            tenant: gathered.tenant.clone(),
            queue: question.queue.clone(),
            lever: written.lever.to_owned(),
            priority_table: written.priority_table,
            strategy: Strategy {
                name: question.strategy.name().to_owned(),
                settings: question.strategy.settings(),
            },
            window: analysis.window,
            pull: analysis.pull,
            weights: written.bounded.weights,
            held_back: written.bounded.held_back,
            max_step: question.max_step,
            evidence,
            unmapped: analysis.unmapped.clone(),
            prediction: predicted
                .answer
                .as_ref()
                .zip(self.ahead)
                .map(|(answer, ahead)| answer.record(ahead.horizon.days, &ahead.judging, called)),
            search: search.clone(),
            warnings,
        };
        Ok(Planned {
            analysis,
            search,
            plan: Ok(Plan::seal(intent, written.steps)),
        })
    }
}

pub(crate) fn only_rule<'a>(
    queue: &QueueId,
    rules: &'a [Observed],
) -> Result<&'a Observed, AppError> {
    match rules {
        [rule] => Ok(rule),
        [] => Err(AppError::NoRule {
            queue: queue.clone(),
        }),
        rules => Err(AppError::SeveralRules {
            queue: queue.clone(),
            rules: rules.iter().map(|rule| rule.object.clone()).collect(),
        }),
    }
}

/// A prediction has to take some weight for skills that the rule does not name.
fn unnamed_warning(weights: &Weights, in_force: &Weights, skills: &[Skill]) -> Option<String> {
    let is_unnamed =
        |skill: &&Skill| weights.contains_key(&skill.id) && !in_force.contains_key(&skill.id);
    let unnamed: Vec<String> = skills
        .iter()
        .filter(is_unnamed)
        .map(|skill| format!("`{}`", skill.name))
        .collect();
    (!unnamed.is_empty()).then(|| {
        format!(
            "the rule has no weight that can be used for {}: what is predicted takes {UNNAMED} for it",
            unnamed.join(", ")
        )
    })
}

/// `lead` says how many minutes the second weight is worth more than the first.
fn head_start_warning(
    skills: &[Skill],
    weights: &Weights,
    lead: impl Fn(Weight, Weight) -> f64,
) -> Option<String> {
    let name = |wanted: Weight| {
        let of = |skill: &&Skill| weights.get(&skill.id) == Some(&wanted);
        skills.iter().find(of).map(|skill| skill.name.as_str())
    };
    let (lowest, highest) = (*weights.values().min()?, *weights.values().max()?);
    let minutes = lead(lowest, highest);
    (minutes >= HEAD_START_WARNING_MINUTES).then(|| {
        format!(
            "`{}` gets a head start of {minutes:.1} minutes over `{}`: whoever waits for the latter may wait that much longer",
            name(highest).unwrap_or_default(),
            name(lowest).unwrap_or_default(),
        )
    })
}
