//! The lever's own encoding of a write: which skills' entries go from what to what.
//!
//! Entries are named by skill id, never by position, so that an undo still finds them after somebody else has
//! added or removed others.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_model::SkillId;

use super::Rule;
use super::splice;
use crate::json::{self, JsonError};
use crate::lever::Conflict;

/// A rule or an operation that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The text cannot be read.
    #[error("cannot read the routing rule")]
    Json(#[from] JsonError),
    /// No `id`, so it could not be written back.
    #[error("the routing rule has no text `id`")]
    NoId,
    /// Nobody can say which of the two entries counts.
    #[error("skill `{skill}` stands twice in routing rule `{rule}`")]
    SkillTwice {
        /// The rule.
        rule: String,
        /// The skill.
        skill: String,
    },
    /// The stored operation is damaged.
    #[error("cannot read the planned operation on the routing rule")]
    Operation(#[source] serde_json::Error),
    /// The stored operation has two edits of one skill, which no text can be spliced with.
    #[error("the planned operation edits skill `{skill}` twice")]
    EditedTwice {
        /// The skill.
        skill: String,
    },
    /// The operation belongs to another rule.
    #[error("the operation is for routing rule `{expected}`, not for `{found}`")]
    OtherRule {
        /// From the operation.
        expected: String,
        /// From the rule.
        found: String,
    },
    /// An entry is not as the operation expects it.
    #[error("skill `{}` in the routing rule is {}, where {} was expected", .0.skill, .0.found, .0.expected)]
    Conflict(Conflict),
    /// A splice would have changed more than was planned. Nothing was sent.
    #[error("writing `{skill}` would have changed more of the routing rule than its weight")]
    Residue {
        /// The first skill of the operation.
        skill: String,
    },
}

/// What a rule says about one skill.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EntryState {
    /// The skill is not in `skills`.
    NoEntry,
    /// It is, without a `weight`.
    NoWeight,
    /// It is, with this token as its weight.
    Weight(Box<RawValue>),
}

impl EntryState {
    /// `token` comes from JSON that was read, or is an integer.
    pub(super) fn written(token: &str) -> Self {
        RawValue::from_string(token.to_owned()).map_or(EntryState::NoWeight, EntryState::Weight)
    }

    pub(super) fn weight(&self) -> Option<&str> {
        match self {
            EntryState::NoEntry | EntryState::NoWeight => None,
            EntryState::Weight(token) => Some(token.get()),
        }
    }

    pub(super) fn is_same(&self, other: &EntryState) -> bool {
        match (self, other) {
            (EntryState::Weight(a), EntryState::Weight(b)) => json::same(a.get(), b.get()),
            (EntryState::NoEntry, EntryState::NoEntry)
            | (EntryState::NoWeight, EntryState::NoWeight) => true,
            (EntryState::NoEntry | EntryState::NoWeight | EntryState::Weight(_), _) => false,
        }
    }

    fn words(&self) -> String {
        match self {
            EntryState::NoEntry => "not in the rule".to_owned(),
            EntryState::NoWeight => "without weight".to_owned(),
            EntryState::Weight(token) => format!("weight {}", token.get()),
        }
    }
}

/// One skill's entry, from what to what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    pub(super) skill: String,
    pub(super) from: EntryState,
    pub(super) to: EntryState,
}

impl Edit {
    pub(super) fn new(skill: &str, from: EntryState, to: EntryState) -> Self {
        Edit {
            skill: skill.to_owned(),
            from,
            to,
        }
    }
}

/// What the member `skills` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SkillsMember {
    Absent,
    Null,
    Array,
}

/// A write to one rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleOperation {
    pub(super) rule: String,
    skills_from: SkillsMember,
    pub(super) skills_to: SkillsMember,
    pub(super) edits: Vec<Edit>,
}

impl RuleOperation {
    pub(super) fn new(
        rule: String,
        from: SkillsMember,
        to: SkillsMember,
        edits: Vec<Edit>,
    ) -> Self {
        RuleOperation {
            rule,
            skills_from: from,
            skills_to: to,
            edits,
        }
    }

    pub(super) fn decode(text: &str) -> Result<Self, RuleError> {
        let operation: Self = serde_json::from_str(text).map_err(RuleError::Operation)?;
        let mut seen = HashSet::new();
        match operation
            .edits
            .iter()
            .find(|edit| !seen.insert(&edit.skill))
        {
            None => Ok(operation),
            Some(twice) => Err(RuleError::EditedTwice {
                skill: twice.skill.clone(),
            }),
        }
    }

    pub(super) fn encode(&self) -> String {
        // Plain data with string keys: serialising it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What takes the rule back: last edit first.
    pub(super) fn inverse(&self) -> Self {
        let back = |edit: &Edit| Edit::new(&edit.skill, edit.to.clone(), edit.from.clone());
        let edits = self.edits.iter().rev().map(back).collect();
        RuleOperation::new(self.rule.clone(), self.skills_to, self.skills_from, edits)
    }

    pub(super) fn conflicts(&self, rule: &Rule<'_>) -> Result<Vec<Conflict>, RuleError> {
        if rule.id != self.rule {
            return Err(RuleError::OtherRule {
                expected: self.rule.clone(),
                found: rule.id.clone(),
            });
        }
        let places = rule.places();
        let conflict = |edit: &Edit| {
            let found = places
                .get(edit.skill.as_str())
                .map_or(EntryState::NoEntry, |idx| rule.entries[*idx].state());
            (!found.is_same(&edit.from)).then(|| Conflict {
                skill: SkillId::new(&edit.skill),
                expected: edit.from.words(),
                found: found.words(),
            })
        };
        Ok(self.edits.iter().filter_map(conflict).collect())
    }

    /// Returns the rule's text with the edits carried out and every other byte as it was.
    pub(super) fn apply(&self, current: &str, force: bool) -> Result<String, RuleError> {
        let rule = Rule::read(current)?;
        let conflicts = self.conflicts(&rule)?;
        if let Some(conflict) = conflicts.into_iter().next().filter(|_| !force) {
            return Err(RuleError::Conflict(conflict));
        }
        let written = splice::carry_out(self, current)?;
        self.check(current, &written)?;
        Ok(written)
    }

    /// Reads both texts again: the edits have happened, and nothing else has.
    fn check(&self, before: &str, after: &str) -> Result<(), RuleError> {
        let (old, new) = (Rule::read(before)?, Rule::read(after)?);
        let (there, still) = (old.places(), new.places());
        let stays = |skill: &str| there.contains_key(skill) && still.contains_key(skill);
        let done = self.inverse().conflicts(&new)?.is_empty();
        if done && splice::residue(self, before, stays)? == splice::residue(self, after, stays)? {
            return Ok(());
        }
        let skill = self
            .edits
            .first()
            .map(|edit| edit.skill.clone())
            .unwrap_or_default();
        Err(RuleError::Residue { skill })
    }
}
