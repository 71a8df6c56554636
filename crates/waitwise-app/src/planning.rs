//! From an analysis to a plan.

use waitwise_model::{Clock, Observed, QueueId, Weight, Weights};
use waitwise_plan::{Intent, Plan, Step, Strategy};
use waitwise_weights::{Bounded, VolumeWait, bound};
use waitwise_wire::routing_rule;

use crate::analysis::{Analysis, analyze};
use crate::error::AppError;
use crate::gather::{Gathered, Question};

/// How many minutes of head start one point of weight is in routing.
pub const MINUTES_PER_POINT: f64 = 0.1;

/// A head start between two skills from which on a plan warns, in minutes.
const HEAD_START_WARNING_MINUTES: f64 = 5.0;

/// What planning came to.
#[derive(Debug)]
pub struct Planned {
    /// What the history says.
    pub analysis: Analysis,
    /// The plan; `None` if there are no weights to write.
    pub plan: Option<Plan>,
}

/// Finds weights and plans to write them.
///
/// # Errors
/// The queue has no rule or several, a skill with evidence cannot be routed on, or the numbers give no weights.
pub fn plan(
    gathered: &Gathered,
    question: &Question,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    let analysis = analyze(gathered, question)?;
    let wanted = question.strategy.weights(&analysis.evidence())?;
    if wanted.is_empty() {
        return Ok(Planned {
            analysis,
            plan: None,
        });
    }
    let rule = only_rule(&gathered.evidence.queue, &gathered.rules)?;
    for skill in wanted.keys() {
        waitwise_plan::check::check_skill(skill, &gathered.skills.items)?;
    }
    let Bounded { weights, held_back } = match question.max_step {
        Some(max_step) => bound(&wanted, &analysis.present(), max_step),
        None => Bounded {
            weights: wanted,
            held_back: Weights::new(),
        },
    };
    let steps = routing_rule::write(rule, &weights)?.map(|write| Step::new(rule, write));
    let mut warnings = analysis.warnings.clone();
    warnings.extend(head_start_warning(&analysis, &weights));
    let intent = Intent {
        created_at: clock.now(),
        tenant: gathered.tenant.clone(),
        queue: question.queue.clone(),
        lever: "routing-rule".to_owned(),
        priority_table: None,
        strategy: Strategy {
            name: VolumeWait::NAME.to_owned(),
            settings: question.strategy.settings(),
        },
        window: analysis.window,
        pull: analysis.pull,
        weights,
        held_back,
        max_step: question.max_step,
        evidence: analysis.evidence(),
        unmapped: analysis.unmapped.clone(),
        warnings,
    };
    Ok(Planned {
        analysis,
        plan: Some(Plan::seal(intent, steps.into_iter().collect())),
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

fn head_start_warning(analysis: &Analysis, weights: &Weights) -> Option<String> {
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
    let minutes = f64::from(highest.get() - lowest.get()) * MINUTES_PER_POINT;
    (minutes >= HEAD_START_WARNING_MINUTES).then(|| {
        format!(
            "`{}` gets a head start of {minutes:.1} minutes over `{}`: whoever waits for the latter may wait that much longer",
            name(highest).unwrap_or_default(),
            name(lowest).unwrap_or_default(),
        )
    })
}
