//! Changing a JSON object's text in place, so that every byte outside the change stays.

use std::ops::Range;

use crate::json::{self, JsonError, Members, quoted};

/// A stretch of the text and what stands there afterwards.
pub(crate) type Splice = (Range<usize>, String);

/// Returns the object `text` in which member `key` says `to`, or is absent for `None`.
///
/// # Errors
/// `text` is not one JSON object.
pub(crate) fn set_member(text: &str, key: &str, to: Option<&str>) -> Result<String, JsonError> {
    let members = Members::of(text)?;
    let splice = match (members.get(key), to) {
        (Some(old), Some(new)) => (json::span(text, old), new.to_owned()),
        (Some(_), None) => (without_member(text, &members, key), String::new()),
        (None, Some(new)) => append_member(text, 0, &members, key, new),
        (None, None) => return Ok(text.to_owned()),
    };
    Ok(applied(text, vec![splice]))
}

/// Appends a member to the object `text` that begins at `offset`.
pub(crate) fn append_member(
    text: &str,
    offset: usize,
    members: &Members<'_>,
    key: &str,
    value: &str,
) -> Splice {
    let member = format!("{}:{value}", quoted(key));
    let (end, member) = match members.0.last() {
        Some((_, last)) => (json::span(text, last).end, format!(",{member}")),
        // The only object that has no members here is `{}`: the text goes right behind its brace.
        None => (text.find('{').map_or(0, |brace| brace + 1), member),
    };
    (end + offset..end + offset, member)
}

/// Returns the stretch that takes member `key`, its comma included, out of the object `text`.
pub(crate) fn without_member(text: &str, members: &Members<'_>, key: &str) -> Range<usize> {
    let ends: Vec<usize> = members
        .0
        .iter()
        .map(|(_, value)| json::span(text, value).end)
        .collect();
    let open = text.find('{').map_or(0, |brace| brace + 1);
    let Some(idx) = members.0.iter().position(|(k, _)| k == key) else {
        return open..open;
    };
    match idx {
        // The first member takes the comma behind it along.
        0 if ends.len() > 1 => {
            open..text[ends[0]..]
                .find(',')
                .map_or(ends[0], |comma| ends[0] + comma + 1)
        }
        0 => open..ends[0],
        _ => ends[idx - 1]..ends[idx],
    }
}

/// Returns `text` with all stretches replaced; they must not overlap.
pub(crate) fn applied(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (range, new) in splices {
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}
