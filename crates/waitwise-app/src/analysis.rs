//! Where people wait: the evidence by skill and by wrap-up code, the bottleneck first.

use std::collections::{BTreeMap, HashMap};

use waitwise_model::{
    Pull, QueueId, RejectedGroup, SkillEvidence, SkillId, UnmappedGroup, Weight, Window,
    WrapUpCodeId, WrapUpGroup,
};
use waitwise_weights::{Attribution, attribute};
use waitwise_wire::routing_rule;

use crate::error::AppError;
use crate::gather::{Gathered, Question};

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
    pub skill_name: String,
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
        unmapped,
        unseen,
    } = attribute(evidence, &question.mapping, &gathered.skills.items);
    let present = present_weights(gathered)?;
    let codes = code_rows(gathered, &skills, question.min_volume);
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
        warnings: Vec::new(),
    };
    analysis.warnings = warnings(&analysis, gathered, question);
    Ok(analysis)
}

/// The present weights as the host wrote them, if there is exactly one rule to read them from.
fn present_weights(gathered: &Gathered) -> Result<HashMap<SkillId, String>, AppError> {
    match gathered.rules.as_slice() {
        [rule] => Ok(routing_rule::present_weights(&rule.document)?
            .into_iter()
            .collect()),
        _ => Ok(HashMap::new()),
    }
}

impl Analysis {
    /// Returns the present weights that are weights.
    pub fn present(&self) -> BTreeMap<SkillId, Weight> {
        let weight = |row: &SkillRow| {
            Some((
                row.evidence.skill.clone(),
                parse_weight(row.present.as_deref()?)?,
            ))
        };
        self.skills.iter().filter_map(weight).collect()
    }

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

fn code_rows(gathered: &Gathered, skills: &[SkillEvidence], min_volume: f64) -> Vec<CodeRow> {
    let hours_all: f64 = gathered
        .evidence
        .groups
        .iter()
        .map(WrapUpGroup::waiting_hours)
        .sum();
    let mut skill_of = HashMap::new();
    for skill in skills {
        skill_of.extend(skill.codes.iter().map(|code| (code, skill)));
    }
    let row = |group: &WrapUpGroup| {
        let skill = skill_of.get(group.code.as_ref()?)?;
        Some(CodeRow {
            waiting_share: if hours_all > 0.0 {
                group.waiting_hours() / hours_all
            } else {
                0.0
            },
            skill: skill.skill.clone(),
            skill_name: skill.name.clone(),
            is_thin: group.conversations < min_volume,
            group: group.clone(),
        })
    };
    let mut rows: Vec<_> = gathered.evidence.groups.iter().filter_map(row).collect();
    rows.sort_by(|a, b| b.waiting_share.total_cmp(&a.waiting_share));
    rows
}

fn warnings(analysis: &Analysis, gathered: &Gathered, question: &Question) -> Vec<String> {
    let mut warnings = Vec::new();
    for row in analysis.skills.iter().filter(|row| row.is_thin) {
        warnings.push(format!(
            "skill `{}` has fewer interactions ({}) than {}: its mean wait is not to be trusted",
            row.evidence.name, row.evidence.conversations, question.min_volume
        ));
    }
    let thin_codes = analysis.codes.iter().filter(|row| row.is_thin);
    let thin_codes: Vec<_> = thin_codes
        .filter_map(|row| row.group.code.as_ref())
        .collect();
    if !thin_codes.is_empty() {
        warnings.push(format!(
            "{} fewer than {} interactions: {}",
            counted(
                thin_codes.len(),
                "mapped wrap-up code has",
                "mapped wrap-up codes have"
            ),
            question.min_volume,
            some(&thin_codes)
        ));
    }
    let coded: Vec<_> = analysis
        .unmapped
        .iter()
        .filter_map(|group| group.code.as_ref())
        .collect();
    if !coded.is_empty() {
        warnings.push(format!(
            "{} no skill and left out: {}",
            counted(coded.len(), "wrap-up code has", "wrap-up codes have"),
            some(&coded)
        ));
    }
    if !analysis.unseen.is_empty() {
        let unseen: Vec<_> = analysis.unseen.iter().collect();
        warnings.push(format!(
            "{} not in this history: {}",
            counted(
                unseen.len(),
                "mapped wrap-up code is",
                "mapped wrap-up codes are"
            ),
            some(&unseen)
        ));
    }
    for group in analysis.rejected.iter().take(SHOWN) {
        let code = group
            .code
            .as_ref()
            .map_or("a group without a code".to_owned(), |code| {
                format!("wrap-up code `{code}`")
            });
        warnings.push(format!("{code} is left out: {}", group.reason));
    }
    if analysis.rejected.len() > SHOWN {
        warnings.push(format!(
            "{} more groups are left out for such reasons",
            analysis.rejected.len() - SHOWN
        ));
    }
    let missing = gathered
        .evidence
        .groups
        .iter()
        .filter(|group| !group.missing.is_empty())
        .count();
    if missing > 0 {
        warnings.push(format!(
            "{} without one of its numbers, counted as 0",
            counted(missing, "group came", "groups came")
        ));
    }
    warnings.extend(
        gathered
            .skills
            .rejected
            .iter()
            .take(SHOWN)
            .map(|entry| format!("an entry of the skills list was not read: {entry}")),
    );
    match gathered.rules.len() {
        1 => {}
        0 => warnings
            .push("the queue has no routing rule: there is nothing to write weights to".to_owned()),
        n_rules => warnings.push(format!(
            "the queue has {n_rules} routing rules: nobody can say which one counts"
        )),
    }
    warnings
}

/// How many names a warning lists; the rest is counted.
const SHOWN: usize = 8;

fn counted(n: usize, one: &str, several: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { several })
}

fn some(codes: &[&WrapUpCodeId]) -> String {
    let shown: Vec<_> = codes.iter().take(SHOWN).map(|code| code.as_str()).collect();
    match codes.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
