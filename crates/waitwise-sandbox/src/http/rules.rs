//! Replacing a routing rule: what is refused, and how the sent text is kept.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;
use waitwise_model::Skill;
use waitwise_wire::json::{self, JsonError, Members};
use waitwise_wire::tutorial::listing;

use super::reply::Refusal;

/// A rule that was sent and is fit to be stored.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// Which of the stored rules it replaces.
    pub(crate) index: usize,
    /// The sent text with `version` and `dateModified` of the server.
    pub(crate) text: String,
}

/// Checks the rule `body` sent for `id` against the stored ones and the tenant's skills.
///
/// The text is kept token for token, but for the outermost `version`, which becomes one more than the stored
/// rule's, and `dateModified`, which becomes `modified`; both are added where they are absent.
///
/// # Errors
/// 404 if no stored rule has the id; 400 naming what cannot be and where.
pub(crate) fn replace(
    stored: &[String],
    id: &str,
    body: &[u8],
    skills: &[Skill],
    modified: &str,
) -> Result<Replacement, Refusal> {
    let index = stored
        .iter()
        .position(|rule| listing::entity_id(rule).as_deref() == Some(id));
    let index = index.ok_or_else(|| {
        Refusal::new(404, "not.found", format!("There is no routing rule `{id}`"))
    })?;
    let before = Members::of(&stored[index]).expect("stored rules are checked to be objects");
    let sent = std::str::from_utf8(body).map_err(|_| not_an_object("it is not UTF-8"))?;
    let members = Members::of(sent).map_err(not_an_object)?;
    json::comparable(sent, &[]).map_err(refuse_json)?;
    unchanged(&before, &members, "id")?;
    unchanged(&before, &members, "queueId")?;
    check_skills(&members, skills)?;
    let version = format!("{}", version(&before) + 1);
    let text = splice(
        sent,
        &members,
        &[
            ("version", version),
            ("dateModified", json::quoted(modified)),
        ],
    );
    Ok(Replacement { index, text })
}

/// Returns the weights by skill id that a rule gives; what is no such weight is left out.
pub(crate) fn weights(rule: &str) -> BTreeMap<String, u8> {
    let weight = |entry: &&RawValue| {
        let members = Members::of(entry.get()).ok()?;
        Some((members.text("id")?, integer(members.get("weight")?.get())?))
    };
    let skills = Members::of(rule)
        .ok()
        .and_then(|members| members.get("skills"));
    let entries = skills
        .and_then(|skills| json::elements(skills.get()).ok())
        .unwrap_or_default();
    entries.iter().filter_map(weight).collect()
}

fn not_an_object(why: impl ToString) -> Refusal {
    Refusal::new(
        400,
        "bad.request",
        format!("The request body is not a JSON object: {}", why.to_string()),
    )
}

fn refuse_json(error: JsonError) -> Refusal {
    let message = format!("The routing rule cannot be read: {error}");
    if let JsonError::DuplicateMember { pointer, key } = &error {
        return Refusal::invalid(format!("{pointer}/{key}"), message);
    }
    Refusal::new(400, "bad.request", message)
}

fn unchanged(before: &Members<'_>, sent: &Members<'_>, key: &str) -> Result<(), Refusal> {
    let same = match (before.get(key), sent.get(key)) {
        (Some(before), Some(sent)) => json::same(before.get(), sent.get()),
        (None, None) => true,
        _ => false,
    };
    match same {
        true => Ok(()),
        false => Err(Refusal::invalid(
            format!("/{key}"),
            format!("{key} cannot be changed"),
        )),
    }
}

/// No skills at all (absent or null) is a rule without weights, and may be.
fn check_skills(sent: &Members<'_>, skills: &[Skill]) -> Result<(), Refusal> {
    let Some(entries) = sent.get("skills").filter(|value| value.get() != "null") else {
        return Ok(());
    };
    let entries = json::elements(entries.get())
        .map_err(|_| Refusal::invalid("/skills", "skills is not an array"))?;
    entries
        .iter()
        .enumerate()
        .try_for_each(|(idx, entry)| check_entry(entry.get(), &format!("/skills/{idx}"), skills))
}

fn check_entry(entry: &str, pointer: &str, skills: &[Skill]) -> Result<(), Refusal> {
    let members = Members::of(entry)
        .map_err(|_| Refusal::invalid(pointer, format!("{pointer} is not an object")))?;
    let at_id = format!("{pointer}/id");
    let id = members
        .text("id")
        .ok_or_else(|| Refusal::invalid(&at_id, format!("{at_id} is missing or not a text")))?;
    match skills.iter().find(|skill| skill.id.as_str() == id) {
        None => {
            return Err(Refusal::invalid(
                at_id,
                format!("skill `{id}` does not exist"),
            ));
        }
        Some(skill) if !skill.state.is_active() => {
            return Err(Refusal::invalid(
                at_id,
                format!("skill `{id}` ({}) is not active", skill.name),
            ));
        }
        Some(_) => {}
    }
    match members.get("weight") {
        Some(weight) if integer(weight.get()).is_none() => {
            let message = format!(
                "the weight of skill `{id}` must be an integer from 1 to 100, got {}",
                weight.get()
            );
            Err(Refusal::invalid(format!("{pointer}/weight"), message))
        }
        _ => Ok(()),
    }
}

/// A weight in any spelling of its number: 50, 50.0 and 5E1 are the same.
fn integer(token: &str) -> Option<u8> {
    (1..=100).find(|weight: &u8| {
        token.starts_with(|c: char| c.is_ascii_digit())
            && json::decimal(token) == json::decimal(&weight.to_string())
    })
}

/// Returns a rule's version; one that cannot be counted up is 0.
pub(crate) fn version(rule: &Members<'_>) -> u64 {
    rule.get("version")
        .and_then(|version| version.get().parse().ok())
        .unwrap_or(0)
}

/// Sets outermost members of an object's text in place, adding those that are absent at its end.
pub(crate) fn splice(text: &str, members: &Members<'_>, values: &[(&str, String)]) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut added = String::new();
    for (key, value) in values {
        match members.get(key) {
            Some(old) => edits.push((json::span(text, old), value.clone())),
            None => added.push_str(&format!(",{}:{value}", json::quoted(key))),
        }
    }
    let end = members.0.last().map_or_else(
        || text.find('{').map_or(0, |brace| brace + 1),
        |(_, last)| json::span(text, last).end,
    );
    edits.push((
        end..end,
        added
            .strip_prefix(',')
            .filter(|_| members.0.is_empty())
            .unwrap_or(&added)
            .to_owned(),
    ));
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = text.to_owned();
    for (range, value) in edits.into_iter().rev() {
        out.replace_range(range, &value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_spliced_in_place_or_added_at_the_end() {
        let check = |text: &str, expected: &str| {
            let members = Members::of(text).unwrap();
            assert_eq!(
                splice(
                    text,
                    &members,
                    &[("version", "8".to_owned()), ("m", "\"d\"".to_owned())]
                ),
                expected
            );
        };
        check(
            r#"{ "version" : 7.0 , "m":null,"x":1E2 }"#,
            r#"{ "version" : 8 , "m":"d","x":1E2 }"#,
        );
        check(
            r#"{"x":{"version":1}, "version":"odd"}"#,
            r#"{"x":{"version":1}, "version":8,"m":"d"}"#,
        );
        check("{ }", r#"{"version":8,"m":"d" }"#);
        check(r#"{"x":[] }"#, r#"{"x":[],"version":8,"m":"d" }"#);
    }

    #[test]
    fn weights_are_read_in_any_spelling() {
        for (token, weight) in [
            ("1", Some(1)),
            ("100", Some(100)),
            ("1.0", Some(1)),
            ("5E1", Some(50)),
            ("0", None),
            ("101", None),
        ] {
            assert_eq!(integer(token), weight, "{token}");
        }
        for token in ["1.5", "\"5\"", "null", "-1", "1e99999999999999999999", "[]"] {
            assert_eq!(integer(token), None, "{token}");
        }
        let rule = r#"{"skills":[{"id":"a","weight":2e1},{"id":"b"},{"weight":3},7,{"id":"c","weight":0}]}"#;
        assert_eq!(weights(rule), BTreeMap::from([("a".to_owned(), 20)]));
        assert_eq!(weights(r#"{"skills":null}"#), BTreeMap::new());
    }
}
