//! The routing rule before and after a run: old, new, and nothing in between.

use std::collections::{BTreeMap, BTreeSet};

use waitwise_app::model::Weights;
use waitwise_sandbox::EditedPart;
use waitwise_wire::json::{self, Members};

/// What a run left of the rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    /// Every planned place is as it was, and not as planned.
    Old,
    /// Every planned place is as planned.
    New,
    /// Nothing can tell: no planned place differs from what was there, or the second writer set them all.
    Either,
}

/// Compares the rule after a run with what it was, edits of the second writer apart.
///
/// # Errors
/// Says what is neither old nor new, or half of each.
pub(crate) fn compare<'a>(
    before: &str,
    after: &str,
    planned: &Weights,
    edits: impl Iterator<Item = &'a EditedPart>,
) -> Result<Left, String> {
    let mut theirs = Theirs::default();
    edits.for_each(|edit| theirs.add(edit));
    let (old, now) = (Places::of(before), Places::of(after));
    let members: BTreeSet<&String> = old.members.keys().chain(now.members.keys()).collect();
    let untouched = |member: &&String| !theirs.members.contains(*member);
    for member in members.into_iter().filter(untouched) {
        if old.members.get(member) != now.members.get(member) {
            return Err(format!("the member `{member}` was touched"));
        }
    }
    let skills: BTreeSet<&String> = old.weights.keys().chain(now.weights.keys()).collect();
    let (mut olds, mut news) = (0, 0);
    for skill in skills {
        let (was, is) = (old.weights.get(skill), now.weights.get(skill));
        let wanted = planned.iter().find(|(id, _)| id.as_str() == skill);
        let wanted = wanted.map(|(_, weight)| weight.get().to_string());
        let goal = wanted.as_ref().or(was);
        if theirs.weights.contains_key(skill) {
            let others = theirs.weights[skill].iter();
            if ![was, goal].contains(&is) && !others.map(Some).any(|other| other == is) {
                return Err(format!("`{skill}` has a weight of nobody's: {is:?}"));
            }
        } else if is == goal && is != was {
            news += 1;
        } else if is == was && is != goal {
            olds += 1;
        } else if is != was {
            return Err(format!("`{skill}` is neither old nor as planned: {is:?}"));
        }
    }
    match (olds, news) {
        (0, 0) => Ok(Left::Either),
        (_, 0) => Ok(Left::Old),
        (0, _) => Ok(Left::New),
        _ => Err(format!(
            "half-applied: {olds} old weights and {news} new ones"
        )),
    }
}

/// What the second writer set.
#[derive(Default)]
struct Theirs {
    members: BTreeSet<String>,
    weights: BTreeMap<String, Vec<String>>,
}

impl Theirs {
    fn add(&mut self, edit: &EditedPart) {
        match edit {
            EditedPart::Member { name, .. } => {
                self.members.insert(name.clone());
            }
            EditedPart::Weight { skill, weight } => {
                let weights = self.weights.entry(skill.clone()).or_default();
                weights.push(weight.to_string());
            }
            EditedPart::Row { .. } | EditedPart::Cell { .. } => {
                unreachable!("this storm's second writer knows the rule only")
            }
        }
    }
}

/// The rule's members and weights, token for token, without those that the host counts up.
struct Places {
    members: BTreeMap<String, String>,
    weights: BTreeMap<String, String>,
}

impl Places {
    fn of(rule: &str) -> Places {
        let mut members: BTreeMap<String, String> = Members::of(rule)
            .unwrap()
            .0
            .into_iter()
            .map(|(name, value)| (name, value.get().to_owned()))
            .collect();
        members.remove("version");
        members.remove("dateModified");
        let skills = members.remove("skills").unwrap_or_default();
        let weight = |entry: &str| {
            let entry = Members::of(entry).unwrap();
            let weight = entry.get("weight").map(|weight| weight.get().to_owned());
            (entry.text("id").unwrap(), weight.unwrap_or_default())
        };
        let weights = json::elements(&skills).unwrap();
        Places {
            members,
            weights: weights.iter().map(|entry| weight(entry.get())).collect(),
        }
    }
}
