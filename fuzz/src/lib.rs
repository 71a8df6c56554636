//! What the targets share. Each target is a file of `targets/` and says what it feeds, and what must hold.

#![forbid(unsafe_code)]

use std::str;

use waitwise_wire::json::{Difference, Members, differences, elements};

/// Stands between the parts of an input that consists of several; no JSON, TOML or header can contain it.
const SEPARATOR: char = '\0';

/// Returns the input as text cut into `N` parts; what is missing is empty. `None` if it is no UTF-8: every reader
/// of ours refuses that first.
pub fn parts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut rest = str::from_utf8(data).ok()?.splitn(N, SEPARATOR);
    Some(std::array::from_fn(|_| rest.next().unwrap_or_default()))
}

/// Panics if `after` differs from `before` anywhere but in the weights of `skills`.
///
/// Knows nothing of how the edit was made: it compares the two documents member by member, untouched ones byte for
/// byte.
pub fn assert_only_weights_differ(before: &str, after: &str, skills: &[&str]) {
    for Difference { pointer, .. } in differences(before, after, &[]) {
        assert!(
            pointer == "/skills" || pointer.starts_with("/skills/"),
            "{pointer} differs"
        );
    }
    let (before, after) = (members(before), members(after));
    for (key, value) in &before.0 {
        let now = after.get(key).map(|raw| raw.get());
        assert!(key == "skills" || now == Some(value.get()), "{key} differs");
    }
    let added = after.0.iter().filter(|(key, _)| before.get(key).is_none());
    for (key, _) in added {
        assert_eq!(key, "skills", "a member was added");
    }
    let entries_before = entries(&before);
    for (idx, entry) in entries(&after).into_iter().enumerate() {
        let of = Members::of(entry)
            .ok()
            .and_then(|members| members.text("id"));
        let is_ours = of.is_some_and(|id| skills.contains(&id.as_str()));
        match entries_before.get(idx) {
            Some(old) if is_ours => assert_only_weight_differs(old, entry),
            Some(old) => assert_eq!(*old, entry, "somebody else's entry"),
            None => assert!(is_ours, "an entry was added that is not ours: {entry}"),
        }
    }
}

fn assert_only_weight_differs(before: &str, after: &str) {
    let others = |text| -> Vec<(String, String)> {
        let of = members(text).0.into_iter();
        let others = of.filter(|(key, _)| key != "weight");
        others
            .map(|(key, raw)| (key, raw.get().to_owned()))
            .collect()
    };
    assert_eq!(others(before), others(after));
}

fn members(text: &str) -> Members<'_> {
    Members::of(text).expect("a rule and its entries of ours are objects")
}

fn entries<'a>(rule: &Members<'a>) -> Vec<&'a str> {
    let array = rule.get("skills").map_or("null", |raw| raw.get());
    let entries = elements(array).unwrap_or_default();
    entries.into_iter().map(|raw| raw.get()).collect()
}
