//! The lever `routing-rule`: skill weights inside one routing rule, and nothing else of it.
//!
//! A rule is replaced whole by a PUT, so everything that is not ours must come back exactly as it was read: edits
//! are spliced into the host's own text (`splice`), and the result is read again and compared before it is used.
//!
//! | step | function |
//! |---|---|
//! | what the host gave → observed object | [`observe`] |
//! | what the weights are now | [`present_weights`] |
//! | observed + wanted weights → operation, its inverse, what it looks like afterwards | [`write()`] |
//! | operation + the rule as it is at that moment → body of the PUT | [`encode_put`] |
//! | operation + the rule as it is → which of its edits have happened | [`conflicts`] |

mod operation;
mod splice;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use waitwise_model::{ObjectId, Observed, QueueId, SkillId, WeightChange, Weights, Write};

pub use operation::RuleError;
use operation::{Edit, EntryState, RuleOperation, SkillsMember};

use crate::json::{self, JsonError, Members};
pub use crate::lever::Conflict;

/// What the host itself changes on every write: not compared, and not ours.
pub const SERVER_MANAGED: [&str; 6] = [
    "version",
    "dateModified",
    "modifiedBy",
    "dateCreated",
    "createdBy",
    "selfUri",
];

/// Reads one rule as the host gave it.
///
/// # Errors
/// The rule has no text `id`, one key twice in some object, or one skill twice.
pub fn observe(document: &str) -> Result<Observed, RuleError> {
    let rule = Rule::read(document)?;
    Ok(Observed {
        object: ObjectId::new(format!("routing-rule/{}", rule.id)),
        document: document.to_owned(),
        comparable: json::comparable(document, &SERVER_MANAGED)?,
    })
}

/// Returns which queue a rule belongs to; `None` if it doesn't say so in a text.
pub fn queue_of(document: &str) -> Option<QueueId> {
    Members::of(document)
        .ok()?
        .text("queueId")
        .map(QueueId::new)
}

/// Returns the weights that stand in a rule, in its order, each as the host wrote it.
///
/// # Errors
/// As [`observe`].
pub fn present_weights(document: &str) -> Result<Vec<(SkillId, String)>, RuleError> {
    let entries = Rule::read(document)?.entries;
    let weight = |entry: Entry<'_>| Some((SkillId::new(entry.skill?), entry.weight?.to_owned()));
    Ok(entries.into_iter().filter_map(weight).collect())
}

/// Plans to write `weights` into an observed rule: other skills and members stay untouched.
///
/// Returns `None` if the rule says all of it already.
///
/// # Errors
/// As [`observe`].
pub fn write(observed: &Observed, weights: &Weights) -> Result<Option<Write>, RuleError> {
    let rule = Rule::read(&observed.document)?;
    let places = rule.places();
    let mut edits = Vec::new();
    let mut changes = Vec::new();
    let mut appended = rule.entries.len();
    for (skill, weight) in weights {
        let before = places
            .get(skill.as_str())
            .map_or(EntryState::NoEntry, |idx| rule.entries[*idx].state());
        let after = weight.to_string();
        if before
            .weight()
            .is_some_and(|token| json::same(token, &after))
        {
            continue;
        }
        let entry_idx = places.get(skill.as_str()).copied().unwrap_or_else(|| {
            appended += 1;
            appended - 1
        });
        changes.push(WeightChange {
            skill: skill.clone(),
            before: before.weight().map(str::to_owned),
            after: *weight,
            pointer: format!("/skills/{entry_idx}/weight"),
        });
        edits.push(Edit::new(
            skill.as_str(),
            before,
            EntryState::written(&after),
        ));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let forward = RuleOperation::new(
        rule.id.clone(),
        rule.skills_member,
        SkillsMember::Array,
        edits,
    );
    let document = forward.apply(&observed.document, false)?;
    Ok(Some(Write {
        object: observed.object.clone(),
        inverse: forward.inverse().encode(),
        forward: forward.encode(),
        changes,
        comparable_after: json::comparable(&document, &SERVER_MANAGED)?,
    }))
}

/// The body of a PUT, and where it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PutRule {
    /// The rule's id, for the path.
    pub rule_id: String,
    /// The whole rule.
    pub body: String,
}

/// Carries out `operation` on the rule as it is now.
///
/// With `force`, an edit is carried out whatever its skill's entry says now.
///
/// # Errors
/// The operation cannot be read, the rule is another one, or (without `force`) an entry is not as the operation
/// expects it.
pub fn encode_put(operation: &str, current: &str, force: bool) -> Result<PutRule, RuleError> {
    let operation = RuleOperation::decode(operation)?;
    let body = operation.apply(current, force)?;
    Ok(PutRule {
        rule_id: operation.rule,
        body,
    })
}

/// Returns each edit of `operation` whose skill's entry is not now as the operation expects to find it.
///
/// Empty: the operation can be carried out, whatever else changed in the rule.
///
/// # Errors
/// The operation or the rule cannot be read.
pub fn conflicts(operation: &str, current: &str) -> Result<Vec<Conflict>, RuleError> {
    RuleOperation::decode(operation)?.conflicts(&Rule::read(current)?)
}

/// A rule's text, taken apart as far as the lever needs it.
struct Rule<'a> {
    id: String,
    skills_member: SkillsMember,
    entries: Vec<Entry<'a>>,
}

/// One element of `skills`.
struct Entry<'a> {
    /// The skill's id; `None` if the element has no text `id`: never touched then.
    skill: Option<String>,
    /// The token of `weight`, if the element has one.
    weight: Option<&'a str>,
}

impl Entry<'_> {
    fn state(&self) -> EntryState {
        self.weight
            .map_or(EntryState::NoWeight, EntryState::written)
    }
}

impl<'a> Rule<'a> {
    fn read(document: &'a str) -> Result<Self, RuleError> {
        // Finds duplicate keys and too deep nesting anywhere in the rule.
        json::comparable(document, &[])?;
        let members = Members::of(document)?;
        let id = members.text("id").ok_or(RuleError::NoId)?;
        let (skills_member, entries) = match members.get("skills").map(|raw| raw.get()) {
            None => (SkillsMember::Absent, Vec::new()),
            Some("null") => (SkillsMember::Null, Vec::new()),
            Some(array) => (SkillsMember::Array, read_entries(array)?),
        };
        let rule = Rule {
            id,
            skills_member,
            entries,
        };
        rule.check_skills_once()?;
        Ok(rule)
    }

    fn check_skills_once(&self) -> Result<(), RuleError> {
        let with_id = self
            .entries
            .iter()
            .filter(|entry| entry.skill.is_some())
            .count();
        if self.places().len() == with_id {
            return Ok(());
        }
        let mut seen = std::collections::HashSet::new();
        let twice = self
            .entries
            .iter()
            .filter_map(|entry| entry.skill.clone())
            .find(|skill| !seen.insert(skill.clone()));
        Err(RuleError::SkillTwice {
            rule: self.id.clone(),
            skill: twice.unwrap_or_default(),
        })
    }

    /// Where each skill's entry stands.
    fn places(&self) -> HashMap<&str, usize> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(idx, entry)| Some((entry.skill.as_deref()?, idx)))
            .collect()
    }
}

fn read_entries(array: &str) -> Result<Vec<Entry<'_>>, JsonError> {
    let entry = |text| match Members::of(text) {
        Ok(members) => Entry {
            skill: members.text("id"),
            weight: members.get("weight").map(|raw| raw.get()),
        },
        Err(_) => Entry {
            skill: None,
            weight: None,
        },
    };
    Ok(json::elements(array)?
        .into_iter()
        .map(|raw| entry(raw.get()))
        .collect())
}
