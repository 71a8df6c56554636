//! Where people wait: the evidence by skill and by wrap-up code, the bottleneck first.

mod visits;

use std::collections::HashMap;
use std::sync::Arc;

use waitwise_model::{
    Pull, QueueId, RejectedGroup, SkillEvidence, SkillId, UnmappedGroup, Weight, Weights, Window,
    WrapUpCodeId, WrapUpGroup,
};
use waitwise_weights::{Attribution, attribute};
use waitwise_wire::routing_rule;

use crate::error::AppError;
use crate::gather::{Gathered, Question};
use crate::warnings::warnings;

pub use visits::{SkillVisits, Visits};

/// What the history says about a queue.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The host's base URL.
    pub tenant: String,
    /// The queue.
    pub queue: QueueId,
    /// The stretch of history.
    pub window: Window,
    /// The proof that it was read to its end.
    pub pull: Pull,
    /// Per skill, most waiting hours first.
    pub skills: Vec<SkillRow>,
    /// Per wrap-up code that has a skill, most waiting hours first.
    pub codes: Vec<CodeRow>,
    /// Groups that no skill was found for, most waiting hours first.
    pub unmapped: Vec<UnmappedGroup>,
    /// Codes of the mapping that the history doesn't have.
    pub unseen: Vec<WrapUpCodeId>,
    /// Groups whose numbers cannot be used.
    pub rejected: Vec<RejectedGroup>,
    /// How visits ended by the skill they asked for, per kind of contact; empty where only the answered are told of.
    pub visits: Vec<Visits>,
    /// What a person should know before acting on it.
    pub warnings: Vec<String>,
}

/// One skill's line.
#[derive(Clone, Debug)]
pub struct SkillRow {
    /// The evidence.
    pub evidence: SkillEvidence,
    /// The weight that stands in the rule now, as the host wrote it; `None` if there is none.
    pub present: Option<String>,
    /// Whether there are too few interactions to trust the mean.
    pub is_thin: bool,
}

/// One wrap-up code's line.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// The group as it was read.
    pub group: WrapUpGroup,
    /// Its part of all waiting hours, in 0.0..=1.0.
    pub waiting_share: f64,
    /// The skill it tells about.
    pub skill: SkillId,
    /// That skill's name.
    pub skill_name: Arc<str>,
    /// Whether there are too few interactions to trust the mean.
    pub is_thin: bool,
}

/// Answers where people wait.
///
/// # Errors
/// The queue's rule is there but cannot be read.
pub fn analyze(gathered: &Gathered, question: &Question) -> Result<Analysis, AppError> {
    let evidence = &gathered.evidence;
    let Attribution {
        skills,
        mut unmapped,
        unseen,
        skill_of,
    } = attribute(evidence, &question.mapping, &gathered.skills.items);
    if !gathered.visits.is_empty() {
        never_coded(&mut unmapped);
    }
    let present = present_weights(gathered)?;
    let codes = code_rows(gathered, &skills, &skill_of, question.min_volume);
    let skills: Vec<_> = skills
        .into_iter()
        .map(|evidence| SkillRow {
            present: present.get(&evidence.skill).cloned(),
            is_thin: evidence.conversations < question.min_volume,
            evidence,
        })
        .collect();
    let mut analysis = Analysis {
        tenant: gathered.tenant.clone(),
        queue: evidence.queue.clone(),
        window: evidence.window,
        pull: evidence.pull,
        skills,
        codes,
        unmapped,
        unseen,
        rejected: evidence.rejected.clone(),
        visits: visits::visits(&gathered.visits, &gathered.skills.items),
        warnings: Vec::new(),
    };
    analysis.warnings = warnings(&analysis, gathered, question.min_volume);
    Ok(analysis)
}

/// A pulled history tells who gave up, so nobody without a code did.
fn never_coded(unmapped: &mut [UnmappedGroup]) {
    for group in unmapped.iter_mut().filter(|group| group.code.is_none()) {
        "answered, and never coded".clone_into(&mut group.reason);
    }
}

/// The present weights as the host wrote them, if there is exactly one rule to read them from.
fn present_weights(gathered: &Gathered) -> Result<HashMap<SkillId, String>, AppError> {
    match gathered.rules.as_deref().unwrap_or_default() {
        [rule] => Ok(routing_rule::present_weights(&rule.document)?
            .into_iter()
            .collect()),
        _ => Ok(HashMap::new()),
    }
}

/// Returns all weights in the queue's rule that are weights.
pub(crate) fn weights_in_force(gathered: &Gathered) -> Result<Weights, AppError> {
    let present = present_weights(gathered)?.into_iter();
    Ok(present
        .filter_map(|(skill, token)| Some((skill, parse_weight(&token)?)))
        .collect())
}

impl Analysis {
    /// Returns the evidence per skill, most waiting hours first.
    pub fn evidence(&self) -> Vec<SkillEvidence> {
        self.skills.iter().map(|row| row.evidence.clone()).collect()
    }
}

/// Reads a weight as a host may write it: `50`, `50.0`, `5E1`.
fn parse_weight(token: &str) -> Option<Weight> {
    let value = token
        .parse::<f64>()
        .ok()
        .filter(|value| value.fract().abs() < f64::EPSILON)?;
    (1..=100)
        .find(|weight| (f64::from(*weight) - value).abs() < f64::EPSILON)
        .and_then(|weight| Weight::try_from(i64::from(weight)).ok())
}

fn code_rows(
    gathered: &Gathered,
    skills: &[SkillEvidence],
    skill_of: &[Option<SkillId>],
    min_volume: f64,
) -> Vec<CodeRow> {
    let hours_all: f64 = gathered
        .evidence
        .groups
        .iter()
        .map(WrapUpGroup::waiting_hours)
        .sum();
    let name = |skill: &SkillEvidence| (skill.skill.clone(), skill.name.as_str().into());
    let names: HashMap<SkillId, Arc<str>> = skills.iter().map(name).collect();
    let row = |(group, skill): (&WrapUpGroup, &Option<SkillId>)| {
        let skill = skill.as_ref()?;
        Some(CodeRow {
            waiting_share: if hours_all > 0.0 {
                group.waiting_hours() / hours_all
            } else {
                0.0
            },
            skill_name: names.get(skill)?.clone(),
            skill: skill.clone(),
            is_thin: group.conversations < min_volume,
            group: group.clone(),
        })
    };
    let groups = gathered.evidence.groups.iter().zip(skill_of);
    let mut rows: Vec<_> = groups.filter_map(row).collect();
    rows.sort_by(|a, b| b.waiting_share.total_cmp(&a.waiting_share));
    rows
}
