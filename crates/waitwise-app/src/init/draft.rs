//! The mapping that is proposed for a queue: each code with its skill and the history behind it, or why it has none.

use std::collections::BTreeMap;

use waitwise_history::QueueEvidence;
use waitwise_model::{Skill, SkillId, SkillName, Window, WrapUpCodeId};

use super::proposal::{CONVERSATIONS_MIN, Proposal, Proposed, SHARE_MIN};
use super::tenant::Surveyed;

/// A mapping as it is proposed.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// The history behind it.
    pub window: Window,
    /// Every code of the history and of the queue, most conversations first.
    pub codes: Vec<DraftCode>,
    /// Coded conversations that asked for a skill.
    pub conversations: u64,
    /// Those of them whose code has a skill here.
    pub mapped: u64,
    /// Answered visits without a code.
    pub uncoded: u64,
}

/// One code.
#[derive(Clone, PartialEq, Debug)]
pub struct DraftCode {
    /// The code.
    pub code: WrapUpCodeId,
    /// Its name; `None` if the queue does not list it, so that it is another queue's or was removed.
    pub name: Option<String>,
    /// The name of the skill proposed; `None` without one.
    pub skill: Option<String>,
    /// Coded conversations behind it; one that asked for two skills counts twice.
    pub conversations: u64,
    /// Which part of them asked for the skill that most asked for, in 0.0..=1.0; `None` without any.
    pub share: Option<f64>,
    /// Why it has no skill, as a fragment; `None` if it has one.
    pub reason: Option<String>,
}

impl Draft {
    /// Proposes a mapping from the evidence about the queue, over all kinds of contact.
    pub fn new(surveyed: &Surveyed, window: Window, evidence: &[QueueEvidence]) -> Draft {
        let mut counts: BTreeMap<(WrapUpCodeId, SkillId), u64> = BTreeMap::new();
        for one in evidence {
            for (pair, count) in &one.code_and_skill {
                *counts.entry(pair.clone()).or_default() += count;
            }
        }
        let proposed = Proposed::new(&counts);
        let mut codes: Vec<DraftCode> = proposed
            .codes
            .iter()
            .map(|proposal| of_history(surveyed, proposal))
            .collect();
        codes.extend(unseen(surveyed, &codes));
        let sum = |codes: &mut dyn Iterator<Item = &DraftCode>| {
            codes.map(|code| code.conversations).sum()
        };
        Draft {
            window,
            conversations: sum(&mut codes.iter()),
            mapped: sum(&mut codes.iter().filter(|code| code.skill.is_some())),
            uncoded: evidence.iter().flat_map(|one| one.uncoded.values()).sum(),
            codes,
        }
    }

    /// Returns the part of the coded conversations whose code has a skill, in 0.0..=1.0; `None` without any.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn coverage(&self) -> Option<f64> {
        (self.conversations > 0).then(|| self.mapped as f64 / self.conversations as f64)
    }
}

fn of_history(surveyed: &Surveyed, proposal: &Proposal) -> DraftCode {
    let own = surveyed.codes.iter().find(|code| code.id == proposal.code);
    let skill = usable(&surveyed.skills, proposal);
    DraftCode {
        code: proposal.code.clone(),
        name: own.map(|code| code.name.clone()),
        skill: skill.as_ref().ok().cloned(),
        conversations: proposal.conversations,
        share: Some(proposal.share),
        reason: skill.err(),
    }
}

/// Returns the name of the skill to write, or why there is none.
fn usable(skills: &[Skill], proposal: &Proposal) -> Result<String, String> {
    let most = skills.iter().find(|skill| skill.id == proposal.most);
    let most_name = most.map_or(proposal.most.as_str(), |skill| skill.name.as_str());
    if proposal.conversations < CONVERSATIONS_MIN {
        let seen = proposal.conversations;
        return Err(format!(
            "only {seen} conversations, {CONVERSATIONS_MIN} are needed"
        ));
    }
    if proposal.skill.is_none() {
        let (share, least) = (100.0 * proposal.share, 100.0 * SHARE_MIN);
        return Err(format!(
            "it tells about no one skill: at most {share:.0}% asked for `{most_name}`, {least:.0}% are needed"
        ));
    }
    let Some(skill) = most else {
        return Err(format!("the tenant does not list skill `{most_name}`"));
    };
    if !skill.state.is_active() {
        return Err(format!("skill `{most_name}` is {}", skill.state));
    }
    let name = SkillName::new(&skill.name);
    let namesakes = skills
        .iter()
        .filter(|other| SkillName::new(&other.name) == name);
    match namesakes.count() {
        1 => Ok(skill.name.clone()),
        several => Err(format!("{several} skills are called `{most_name}`")),
    }
}

/// The queue's codes that the history does not have.
fn unseen(surveyed: &Surveyed, seen: &[DraftCode]) -> Vec<DraftCode> {
    let is_unseen = |code: &&waitwise_model::WrapUpCode| seen.iter().all(|row| row.code != code.id);
    let codes = surveyed.codes.iter().filter(is_unseen);
    codes
        .map(|code| DraftCode {
            code: code.id.clone(),
            name: Some(code.name.clone()),
            skill: None,
            conversations: 0,
            share: None,
            reason: Some("not in this history".to_owned()),
        })
        .collect()
}
