//! Splicing a rule's edits into its text.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::operation::{Edit, EntryState, RuleError, RuleOperation, SkillsMember};
use crate::json::{self, Members, quoted};
use crate::splice::{Splice, append_member, applied, without_member};

/// Returns `current` with the operation's edits carried out. Whether they fit is not looked at here.
pub(super) fn carry_out(operation: &RuleOperation, current: &str) -> Result<String, RuleError> {
    let members = Members::of(current)?;
    let splices = match members.get("skills") {
        Some(array) if array.get() != "null" => in_array(operation, current, &members, array)?,
        null_or_absent => with_array(operation, current, &members, null_or_absent),
    };
    Ok(applied(current, splices))
}

/// The rule has no array yet: one is made of the entries to add.
fn with_array(
    operation: &RuleOperation,
    current: &str,
    members: &Members<'_>,
    null: Option<&RawValue>,
) -> Vec<Splice> {
    let array = format!(
        "[{}]",
        new_entries(&operation.edits.iter().collect::<Vec<_>>())
    );
    match null {
        Some(null) => vec![(json::span(current, null), array)],
        None => vec![append_member(current, 0, members, "skills", &array)],
    }
}

fn in_array(
    operation: &RuleOperation,
    current: &str,
    members: &Members<'_>,
    array: &RawValue,
) -> Result<Vec<Splice>, RuleError> {
    let elements = json::elements(array.get()).map_err(RuleError::Json)?;
    let mut place = HashMap::new();
    for (idx, element) in elements.iter().enumerate() {
        if let Some(skill) = Members::of(element.get())
            .ok()
            .and_then(|members| members.text("id"))
        {
            place.insert(skill, idx);
        }
    }
    let spans: Vec<Range<usize>> = elements
        .iter()
        .map(|element| json::span(current, element))
        .collect();
    let mut splices = Vec::new();
    let mut removed = vec![false; elements.len()];
    let mut added = Vec::new();
    for edit in &operation.edits {
        match (place.get(&edit.skill), &edit.to) {
            (None, EntryState::NoEntry) => {}
            (None, EntryState::NoWeight | EntryState::Weight(_)) => added.push(edit),
            (Some(idx), EntryState::NoEntry) => removed[*idx] = true,
            (Some(idx), to) => splices.extend(set_weight(current, &spans[*idx], to)?),
        }
    }
    let emptied = added.is_empty() && removed.iter().all(|gone| *gone);
    match operation.skills_to {
        SkillsMember::Null if emptied => {
            return Ok(vec![(json::span(current, array), "null".to_owned())]);
        }
        SkillsMember::Absent if emptied => {
            return Ok(vec![(
                without_member(current, members, "skills"),
                String::new(),
            )]);
        }
        SkillsMember::Null | SkillsMember::Absent | SkillsMember::Array => {}
    }
    splices.extend(
        without(&spans, &removed)
            .into_iter()
            .map(|range| (range, String::new())),
    );
    if !added.is_empty() {
        let entries = new_entries(&added);
        // After the last element that stays; a removed one has taken the comma before it along.
        splices.push(
            match spans.iter().zip(&removed).rev().find(|(_, gone)| !**gone) {
                Some((last, _)) => (last.end..last.end, format!(",{entries}")),
                None => {
                    let end = json::span(current, array).end - 1;
                    (end..end, entries)
                }
            },
        );
    }
    Ok(splices)
}

fn new_entries(edits: &[&Edit]) -> String {
    let entry = |edit: &&Edit| match edit.to.weight() {
        Some(weight) => format!(r#"{{"id":{},"weight":{weight}}}"#, quoted(&edit.skill)),
        None => format!(r#"{{"id":{}}}"#, quoted(&edit.skill)),
    };
    edits.iter().map(entry).collect::<Vec<_>>().join(",")
}

fn set_weight(
    current: &str,
    entry: &Range<usize>,
    to: &EntryState,
) -> Result<Option<Splice>, RuleError> {
    let text = &current[entry.clone()];
    let members = Members::of(text)?;
    let at = |range: Range<usize>| range.start + entry.start..range.end + entry.start;
    Ok(match (members.get("weight"), to.weight()) {
        (Some(old), Some(new)) => Some((at(json::span(text, old)), new.to_owned())),
        (Some(_), None) => Some((at(without_member(text, &members, "weight")), String::new())),
        (None, Some(new)) => Some(append_member(text, entry.start, &members, "weight", new)),
        (None, None) => None,
    })
}

/// Returns the stretches that take the removed elements, with one comma each, out of an array.
fn without(spans: &[Range<usize>], removed: &[bool]) -> Vec<Range<usize>> {
    let first_kept = removed.iter().position(|gone| !gone);
    let mut ranges = Vec::new();
    for (idx, span) in spans.iter().enumerate().filter(|(idx, _)| removed[*idx]) {
        ranges.push(match first_kept {
            Some(kept) if idx < kept => span.start..spans[idx + 1].start,
            Some(_) => spans[idx - 1].end..span.end,
            None if idx == 0 => span.clone(),
            None => spans[idx - 1].end..span.end,
        });
    }
    ranges
}

/// Returns everything of a rule that `operation` does not touch, token for token: two texts with the same residue
/// differ at most in the operation's own weights, and in the edited entries that do not stay.
pub(super) fn residue(
    operation: &RuleOperation,
    text: &str,
    stays: impl Fn(&str) -> bool,
) -> Result<Vec<String>, RuleError> {
    let members = Members::of(text)?;
    let others = members.0.iter().filter(|(key, _)| key != "skills");
    let mut parts: Vec<String> = others
        .map(|(key, value)| format!("{}:{}", quoted(key), value.get()))
        .collect();
    let Some(array) = members.get("skills").filter(|raw| raw.get() != "null") else {
        return Ok(parts);
    };
    for element in json::elements(array.get())? {
        parts.extend(element_residue(operation, element.get(), &stays));
    }
    Ok(parts)
}

fn element_residue(
    operation: &RuleOperation,
    element: &str,
    stays: impl Fn(&str) -> bool,
) -> Option<String> {
    let Ok(members) = Members::of(element) else {
        return Some(element.to_owned());
    };
    let edited = |skill: &String| operation.edits.iter().any(|edit| edit.skill == *skill);
    match members.text("id").filter(edited) {
        None => Some(element.to_owned()),
        Some(skill) if !stays(&skill) => None,
        Some(_) => {
            let others = members.0.iter().filter(|(key, _)| key != "weight");
            Some(
                others
                    .map(|(key, value)| format!("{}:{}", quoted(key), value.get()))
                    .collect::<Vec<_>>()
                    .join(","),
            )
        }
    }
}
