//! Reading what hosts write in more than one way: a missing member or null, `3` or `3.0` or `1.2E7`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use crate::json::{JsonError, Members};

/// Reads the object that `text` is into `T`.
///
/// A derived reader takes an array too, member by member: `[]` would pass for a list without entities.
///
/// # Errors
/// `text` is not one JSON object, or not of `T`'s shape.
pub fn read_object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    if !text.trim_start().starts_with('{') {
        Members::of(text)?;
    }
    Ok(serde_json::from_str(text)?)
}

/// Reads null as nothing at all; with `#[serde(default)]` a missing member too.
///
/// # Errors
/// Neither null nor a `T`.
pub fn or_nothing<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a whole number however it is written, or null as `None`; one with a fraction, or too large, is an error.
///
/// # Errors
/// Not a whole number that a `T` can hold.
pub fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let Some(number) = Option::<Whole>::deserialize(deserializer)? else {
        return Ok(None);
    };
    T::try_from(number.0)
        .map(Some)
        .map_err(|_| D::Error::custom("a whole number out of its range"))
}

/// A whole number, written as `3`, `3.0` or `1.2E7`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Whole, E> {
                Ok(Whole(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Whole, E> {
                i64::try_from(value)
                    .map(Whole)
                    .map_err(|_| E::custom("a whole number beyond 64 bits"))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Whole, E> {
                whole_of(value)
                    .map(Whole)
                    .ok_or_else(|| E::custom("a number with a fraction, or beyond 53 bits"))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// Beyond 2^53 a floating number no longer says which whole number was meant.
fn whole_of(value: f64) -> Option<i64> {
    const MAX: f64 = 9_007_199_254_740_992.0;
    let is_whole = value.fract().abs() < f64::MIN_POSITIVE && value.abs() <= MAX;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and fits"
    )]
    is_whole.then_some(value as i64)
}

/// An object whose members are asked for one by one. What is absent, null, or of another kind is `None`: a member
/// that nobody needs cannot spoil the object.
#[derive(Debug)]
pub struct Object<'a>(Members<'a>);

impl<'a> Object<'a> {
    /// Reads the object that `text` is.
    ///
    /// # Errors
    /// "is not an object": a fragment that quotes nothing.
    pub fn read(text: &'a str) -> Result<Self, String> {
        Members::of(text)
            .map(Object)
            .map_err(|_| "is not an object".to_owned())
    }

    /// Returns the text `key`.
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.text(key)
    }

    /// Returns the text `key`, without which the object is of no use.
    ///
    /// # Errors
    /// "has no text `key`".
    pub fn need(&self, key: &str) -> Result<String, String> {
        self.text(key).ok_or_else(|| format!("has no text `{key}`"))
    }

    /// Returns the whole number `key`, if a `T` can hold it.
    pub fn whole<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        T::try_from(self.get::<Whole>(key)?.0).ok()
    }

    /// Returns the number `key`, if it is finite.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.get::<f64>(key).filter(|value| value.is_finite())
    }

    /// Returns whether `key` is true.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)
    }

    /// Returns the object `key`.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        self.get(key).map(Object)
    }

    /// Returns the elements of the array `key`; none if there is no such array.
    pub fn list(&self, key: &str) -> Vec<&'a RawValue> {
        self.get(key).unwrap_or_default()
    }

    /// Returns the texts in the array `key`, leaving out what is no text.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let read = |raw: &&RawValue| serde_json::from_str(raw.get()).ok();
        self.list(key).iter().filter_map(read).collect()
    }

    /// Returns all members, in their order.
    pub fn members(&self) -> &[(String, &'a RawValue)] {
        &self.0.0
    }

    fn get<T: Deserialize<'a>>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.0.get(key)?.get()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_however_it_is_written() {
        for (text, expected) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("1.2E7", Some(12_000_000)),
            ("-0.0", Some(0)),
            ("-5e0", Some(-5)),
            ("9223372036854775807", Some(i64::MAX)),
            ("3.5", None),
            ("9223372036854775808", None),
            ("1e300", None),
            ("\"3\"", None),
            ("null", None),
        ] {
            let read = serde_json::from_str::<Whole>(text).ok();
            assert_eq!(read.map(|whole| whole.0), expected, "{text}");
        }
    }

    #[test]
    fn what_is_missing_null_or_of_another_kind_is_nothing() {
        let text = r#"{"a":null,"n":3.0,"f":1.5,"t":"x","l":["a",7,"b"],"o":{"n":1}}"#;
        let object = Object::read(text).unwrap();
        assert_eq!(object.whole::<u32>("n"), Some(3));
        assert_eq!(object.whole::<u32>("f"), None);
        assert_eq!(object.number("f"), Some(1.5));
        assert_eq!((object.text("a"), object.text("n")), (None, None));
        assert_eq!(object.texts("l"), ["a", "b"]);
        assert_eq!(object.list("t").len() + object.list("gone").len(), 0);
        assert_eq!(object.object("o").unwrap().whole::<u8>("n"), Some(1));
        assert_eq!(object.need("a"), Err("has no text `a`".to_owned()));
        assert_eq!(
            Object::read("[]").unwrap_err(),
            "is not an object".to_owned()
        );
    }
}
