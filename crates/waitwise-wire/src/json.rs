//! JSON read without losing how it was written: members and elements as spans of the original text.
//!
//! `serde_json::Value` would reorder members, round large numbers, rewrite escapes and drop duplicate keys. Here
//! each value stays a [`RawValue`] that points into the text it came from, so that a change can be spliced in and
//! every other byte kept.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Objects and arrays nested deeper than this are refused: no vendor object comes near, and recursion stays bounded.
pub const DEPTH_MAX: usize = 128;

/// A text that cannot be read as the JSON we need.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is not JSON, or not of the wanted kind.
    #[error("not the JSON that was expected")]
    Syntax(#[from] serde_json::Error),
    /// An object has one key twice, so that readers may disagree about what it says.
    #[error("the member `{key}` stands twice in {}", place(pointer))]
    DuplicateMember {
        /// JSON pointer to the object; empty for the whole document.
        pointer: String,
        /// The key.
        key: String,
    },
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() {
        "the outermost object".to_owned()
    } else {
        format!("the object at `{pointer}`")
    }
}

/// The members of an object, in their order, duplicates included.
#[derive(Debug)]
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads the members of the object that `text` is.
    ///
    /// # Errors
    /// `text` is not one JSON object.
    pub fn of(text: &'a str) -> Result<Self, JsonError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Returns the value of `key`; of the first one if it stands twice.
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| *value)
    }

    /// Returns the value of `key` as a text; `None` if it is absent or not a string.
    pub fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// Reads the elements of the array that `text` is.
///
/// # Errors
/// `text` is not one JSON array.
pub fn elements(text: &str) -> Result<Vec<&RawValue>, JsonError> {
    Ok(serde_json::from_str(text)?)
}

/// Returns where `part` lies in `whole`, of which it must be a part.
pub fn span(whole: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.get().len()
}

/// Returns `text` in a form in which equal means the same content: no white space, members sorted by key, numbers
/// by value (any size), strings by what they say. Members of the outermost object named in `except` are left out.
///
/// # Errors
/// Not JSON, one key twice in an object, or nested too deeply.
pub fn comparable(text: &str, except: &[&str]) -> Result<String, JsonError> {
    let mut out = String::with_capacity(text.len());
    let whole: &RawValue = serde_json::from_str(text)?;
    write_comparable(whole.get(), except, "", 0, &mut out)?;
    Ok(out)
}

fn write_comparable(
    text: &str,
    except: &[&str],
    pointer: &str,
    depth: usize,
    out: &mut String,
) -> Result<(), JsonError> {
    if depth > DEPTH_MAX {
        return Err(JsonError::TooDeep);
    }
    match text.as_bytes().first() {
        Some(b'{') => write_object(text, except, pointer, depth, out),
        Some(b'[') => write_array(text, pointer, depth, out),
        Some(b'"') => {
            write_string(text, out);
            Ok(())
        }
        Some(b'-' | b'0'..=b'9') => {
            out.push_str(&decimal(text));
            Ok(())
        }
        _ => {
            out.push_str(text);
            Ok(())
        }
    }
}

fn write_object(
    text: &str,
    except: &[&str],
    pointer: &str,
    depth: usize,
    out: &mut String,
) -> Result<(), JsonError> {
    let mut members = Members::of(text)?.0;
    let mut seen = HashSet::new();
    for (key, _) in &members {
        if !seen.insert(key.as_str()) {
            let pointer = pointer.to_owned();
            return Err(JsonError::DuplicateMember {
                pointer,
                key: key.clone(),
            });
        }
    }
    members.retain(|(key, _)| !except.contains(&key.as_str()));
    members.sort_by(|a, b| a.0.cmp(&b.0));
    out.push('{');
    for (idx, (key, value)) in members.iter().enumerate() {
        if idx > 0 {
            out.push(',');
        }
        out.push_str(&quoted(key));
        out.push(':');
        let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        write_comparable(value.get(), &[], &inner, depth + 1, out)?;
    }
    out.push('}');
    Ok(())
}

fn write_array(text: &str, pointer: &str, depth: usize, out: &mut String) -> Result<(), JsonError> {
    out.push('[');
    for (idx, value) in elements(text)?.into_iter().enumerate() {
        if idx > 0 {
            out.push(',');
        }
        write_comparable(
            value.get(),
            &[],
            &format!("{pointer}/{idx}"),
            depth + 1,
            out,
        )?;
    }
    out.push(']');
    Ok(())
}

/// A string that is no Unicode text (a lone surrogate) has no decoded form: its own token stands for it.
fn write_string(text: &str, out: &mut String) {
    match serde_json::from_str::<String>(text) {
        Ok(decoded) => out.push_str(&quoted(&decoded)),
        Err(_) => out.push_str(text),
    }
}

/// Returns `text` as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Returns a JSON number's value in one spelling, `±digits` `e` `exponent`, whatever its size.
///
/// An exponent beyond 64 bits keeps its own spelling: two of those are equal only if written alike.
pub fn decimal(token: &str) -> String {
    let (sign, rest) = token
        .strip_prefix('-')
        .map_or(("", token), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let shift = i64::try_from(trailing)
        .ok()
        .zip(i64::try_from(fraction.len()).ok());
    let exponent = exponent
        .parse::<i64>()
        .ok()
        .zip(shift)
        .and_then(|(exponent, (zeros, places))| exponent.checked_add(zeros)?.checked_sub(places));
    match exponent {
        Some(exponent) => format!("{sign}{significant}e{exponent}"),
        None => token.to_owned(),
    }
}

/// One place where two documents differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What the first document says there; `None`: nothing.
    pub before: Option<String>,
    /// What the second document says there; `None`: nothing.
    pub after: Option<String>,
}

/// Returns where two JSON texts say something different, members by key and elements by position, leaving out
/// members of the outermost object named in `except`. What is no JSON differs as a whole.
pub fn differences(before: &str, after: &str, except: &[&str]) -> Vec<Difference> {
    let mut found = Vec::new();
    collect_differences(
        Some(before.trim()),
        Some(after.trim()),
        except,
        String::new(),
        &mut found,
    );
    found
}

fn collect_differences(
    before: Option<&str>,
    after: Option<&str>,
    except: &[&str],
    pointer: String,
    found: &mut Vec<Difference>,
) {
    if let (Some(before), Some(after)) = (before, after) {
        if same(before, after) {
            return;
        }
        if let (Ok(old), Ok(new)) = (Members::of(before), Members::of(after)) {
            let added = new.0.iter().filter(|(key, _)| old.get(key).is_none());
            let keys = old.0.iter().chain(added).map(|(key, _)| key.as_str());
            for key in keys.filter(|key| !except.contains(key)) {
                let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                let (old, new) = (
                    old.get(key).map(RawValue::get),
                    new.get(key).map(RawValue::get),
                );
                collect_differences(old, new, &[], inner, found);
            }
            return;
        }
        if let (Ok(old), Ok(new)) = (elements(before), elements(after)) {
            for idx in 0..std::cmp::max(old.len(), new.len()) {
                let at = |list: &[&RawValue]| list.get(idx).map(|raw| raw.get().to_owned());
                let (old, new) = (at(&old), at(&new));
                collect_differences(
                    old.as_deref(),
                    new.as_deref(),
                    &[],
                    format!("{pointer}/{idx}"),
                    found,
                );
            }
            return;
        }
    }
    let owned = |text: Option<&str>| text.map(str::to_owned);
    found.push(Difference {
        pointer,
        before: owned(before),
        after: owned(after),
    });
}

/// Returns whether two JSON tokens say the same, numbers by value.
pub fn same(a: &str, b: &str) -> bool {
    match (comparable(a, &[]), comparable(b, &[])) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_at_any_size() {
        for (a, b) in [
            ("50", "50.0"),
            ("50", "5E1"),
            ("1.10e+02", "110"),
            ("0.001", "1e-3"),
            ("-0.0", "0"),
            (
                "123456789012345678901234567890",
                "12345678901234567890123456789e1",
            ),
        ] {
            assert_eq!(decimal(a), decimal(b), "{a} = {b}");
        }
        for (a, b) in [
            ("1", "-1"),
            ("1", "10"),
            ("0.1", "0.10000000000000000000001"),
            ("1e400", "1e401"),
        ] {
            assert_ne!(decimal(a), decimal(b), "{a} != {b}");
        }
        assert_eq!(decimal("1e99999999999999999999"), "1e99999999999999999999");
    }

    #[test]
    fn order_white_space_and_escapes_do_not_count() {
        let a = r#"{ "b" : [1.0, "\u00e9"], "a": {"y":null,"x":true}, "version": 1 }"#;
        let b = r#"{"a":{"x":true,"y":null},"version":2,"b":[1,"é"]}"#;
        assert_eq!(
            comparable(a, &["version"]).unwrap(),
            comparable(b, &["version"]).unwrap()
        );
        assert_ne!(comparable(a, &[]).unwrap(), comparable(b, &[]).unwrap());
    }

    #[test]
    fn only_the_outermost_members_are_left_out() {
        let text = r#"{"version":1,"inner":{"version":2}}"#;
        assert_eq!(
            comparable(text, &["version"]).unwrap(),
            r#"{"inner":{"version":2e0}}"#
        );
    }

    #[test]
    fn duplicate_keys_are_refused_with_their_place() {
        let error = comparable(r#"{"a/b":[{"k":1,"\u006b":2}]}"#, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the member `k` stands twice in the object at `/a~1b/0`"
        );
    }

    #[test]
    fn differences_are_placed_and_oddities_of_spelling_are_none() {
        let before = r#"{"version":1,"a":[{"w":50},{"w":1.0}],"gone":true}"#;
        let after = r#"{"version":2,"a":[{"w":60},{"w":1},{"w":7}],"new/er":null}"#;
        let found: Vec<_> = differences(before, after, &["version"])
            .into_iter()
            .map(|d| (d.pointer, d.before, d.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("/a/0/w".to_owned(), text("50"), text("60")),
                ("/a/2".to_owned(), None, text(r#"{"w":7}"#)),
                ("/gone".to_owned(), text("true"), None),
                ("/new~1er".to_owned(), None, text("null")),
            ]
        );
        assert_eq!(differences(before, before, &[]), []);
    }

    #[test]
    fn deep_nesting_is_refused_not_a_crash() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert!(matches!(
            comparable(&deep, &[]),
            Err(JsonError::TooDeep | JsonError::Syntax(_))
        ));
    }

    #[test]
    fn strings_without_a_text_are_kept_as_written() {
        assert_eq!(comparable(r#"["\ud800"]"#, &[]).unwrap(), r#"["\ud800"]"#);
    }
}
