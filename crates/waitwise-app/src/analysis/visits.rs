//! How visits ended by the skill that they asked for: those of whoever gave up are among them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use waitwise_history::QueueEvidence;
use waitwise_history::evidence::Outcomes;
use waitwise_model::{MediaType, Skill, SkillId};

/// All visits of one kind of contact.
#[derive(Clone, PartialEq, Debug)]
pub struct Visits {
    /// The kind of contact.
    pub media: MediaType,
    /// All of them.
    pub all: Outcomes,
    /// By the skill they asked for, most given up first. A visit that asked for two skills counts under both, so these
    /// must not be added up.
    pub by_skill: Vec<SkillVisits>,
    /// Answered visits without a wrap-up code, by the reserved text in the code's place; `None`: nothing stood there.
    pub uncoded: BTreeMap<Option<Arc<str>>, u64>,
}

/// The visits that asked for one skill.
#[derive(Clone, PartialEq, Debug)]
pub struct SkillVisits {
    /// The skill; `None`: they asked for none.
    pub skill: Option<SkillId>,
    /// Its name, if the tenant lists it.
    pub name: Option<String>,
    /// How they ended.
    pub outcomes: Outcomes,
}

impl SkillVisits {
    /// Returns the part of the offered that gave up, the short ones left out, in 0.0..=1.0; `None` if nobody came.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn abandoned_share(&self) -> Option<f64> {
        let Outcomes {
            offered, abandoned, ..
        } = self.outcomes;
        (offered > 0).then(|| abandoned.count as f64 / offered as f64)
    }
}

/// Returns the visits of each kind of contact, with the skills' names.
pub(super) fn visits(evidence: &[QueueEvidence], skills: &[Skill]) -> Vec<Visits> {
    let name = |skill: &Skill| (skill.id.clone(), skill.name.clone());
    let names: HashMap<SkillId, String> = skills.iter().map(name).collect();
    let of_skill = |(skill, outcomes): (&Option<SkillId>, &Outcomes)| SkillVisits {
        skill: skill.clone(),
        name: skill.as_ref().and_then(|skill| names.get(skill)).cloned(),
        outcomes: *outcomes,
    };
    let of_media = |one: &QueueEvidence| {
        let mut by_skill: Vec<_> = one.by_skill.iter().map(of_skill).collect();
        by_skill.sort_by_key(|row| Reverse((row.outcomes.abandoned.count, row.outcomes.offered)));
        Visits {
            media: one.media.clone(),
            all: one.all,
            by_skill,
            uncoded: one.uncoded.clone(),
        }
    };
    evidence.iter().map(of_media).collect()
}
