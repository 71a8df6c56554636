//! From an analysis to a plan, for either lever.

pub mod priority_table;
mod pulled;

use jiff::Timestamp;
use waitwise_model::{Clock, Observed, QueueId, Weight, Weights};
use waitwise_plan::{Intent, Plan, PriorityTable, Step, Strategy};
use waitwise_weights::{Bounded, Known, bound};
use waitwise_wire::routing_rule;

use crate::analysis::{Analysis, analyze};
use crate::error::AppError;
use crate::gather::{Gathered, Question};
use priority_table::PriorityRows;

pub use pulled::{TableWish, plan_pulled};

/// How many minutes of head start one point of weight is in routing.
pub const MINUTES_PER_POINT: f64 = 0.1;

/// A head start between two skills from which on a plan warns, in minutes.
const HEAD_START_WARNING_MINUTES: f64 = 5.0;

/// What planning came to.
#[derive(Debug)]
pub struct Planned {
    /// What the history says.
    pub analysis: Analysis,
    /// The plan, or why there is none.
    pub plan: Result<Plan, NoPlan>,
}

/// Why nothing is planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoPlan {
    /// The history gives no weights.
    NoWeights,
    /// The strategy is to keep what there is.
    Kept,
}

/// Finds weights and plans to write them into the queue's routing rule.
///
/// # Errors
/// The queue has no rule or several, a skill with evidence cannot be routed on, or the numbers give no weights.
pub fn plan(
    gathered: &Gathered,
    question: &Question,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    plan_with(gathered, question, clock, |analysis, wanted, _| {
        let rules = gathered.rules.as_deref().unwrap_or_default();
        let rule = only_rule(&gathered.evidence.queue, rules)?;
        let bounded = match question.max_step {
            Some(max_step) => bound(&wanted, &analysis.present(), max_step),
            None => Bounded {
                weights: wanted,
                held_back: Weights::new(),
            },
        };
        let write = routing_rule::write(rule, &bounded.weights)?;
        let lead = |lower: Weight, higher: Weight| {
            f64::from(higher.get() - lower.get()) * MINUTES_PER_POINT
        };
        Ok(Written {
            lever: "routing-rule",
            priority_table: None,
            steps: write
                .map(|write| Step::new(rule, write))
                .into_iter()
                .collect(),
            warnings: head_start_warning(analysis, &bounded.weights, lead)
                .into_iter()
                .collect(),
            bounded,
        })
    })
}

/// Finds weights and plans to write them, as whole minutes, into a data table's rows.
///
/// # Errors
/// A skill with evidence cannot be routed on, the numbers give no weights, a row cannot be used, or a guardrail refuses
/// what would be written.
pub fn plan_table(
    gathered: &Gathered,
    question: &Question,
    rows: &PriorityRows,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    let planned = plan_with(gathered, question, clock, |analysis, wanted, at| {
        let skills = &gathered.skills.items;
        let writes = rows.writes(&wanted, question.max_step, skills, at)?;
        let written = |weight| f64::from(writes.table.scale.head_start(weight).written_minutes());
        let lead = |lower, higher| written(higher) - written(lower);
        let mut warnings = writes.warnings.clone();
        warnings.extend(head_start_warning(analysis, &writes.bounded.weights, lead));
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

/// Finds weights, lets the lever plan its writes for them, at a time, and seals both into a plan.
fn plan_with(
    gathered: &Gathered,
    question: &Question,
    clock: &dyn Clock,
    write: impl FnOnce(&Analysis, Weights, Timestamp) -> Result<Written, AppError>,
) -> Result<Planned, AppError> {
    let analysis = analyze(gathered, question)?;
    let known = Known {
        evidence: &analysis.evidence(),
        twin: None,
    };
    let wanted = match question.strategy.propose(&known, &mut |_| ())?.weights {
        Some(weights) if !weights.is_empty() => weights,
        found => {
            let why = found.map_or(NoPlan::Kept, |_| NoPlan::NoWeights);
            return Ok(Planned {
                analysis,
                plan: Err(why),
            });
        }
    };
    for skill in wanted.keys() {
        waitwise_plan::check::check_skill(skill, &gathered.skills.items)?;
    }
    let created_at = clock.now();
    let written = write(&analysis, wanted, created_at)?;
    let mut warnings = analysis.warnings.clone();
    warnings.extend(written.warnings);
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
        evidence: analysis.evidence(),
        unmapped: analysis.unmapped.clone(),
        warnings,
    };
    Ok(Planned {
        analysis,
        plan: Ok(Plan::seal(intent, written.steps)),
    })
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

/// `lead` says how many minutes the second weight is worth more than the first.
fn head_start_warning(
    analysis: &Analysis,
    weights: &Weights,
    lead: impl Fn(Weight, Weight) -> f64,
) -> Option<String> {
    let name = |wanted: Weight| {
        let of =
            |row: &&crate::analysis::SkillRow| weights.get(&row.evidence.skill) == Some(&wanted);
        analysis
            .skills
            .iter()
            .find(of)
            .map(|row| row.evidence.name.as_str())
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
