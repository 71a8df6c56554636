//! The ways in which the platform writes texts, numbers, times and lists, read without complaint.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text, borrowed from the record unless it is written with escapes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

/// An integer, also as `3.0` or `1.2E7`; nothing if it is no number that fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Amount(pub(super) Option<i64>);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Amount, E> {
                Ok(Amount(Some(value)))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Amount, E> {
                Ok(Amount(i64::try_from(value).ok()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Amount, E> {
                Ok(Amount(whole(value)))
            }

            fn visit_unit<E: Error>(self) -> Result<Amount, E> {
                Ok(Amount(None))
            }
        }
        deserializer.deserialize_any(Whole)
    }
}

/// Rounds, as far as a float tells integers apart.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounded, and within the range in which floats are exact"
    )]
    (value.abs() <= EXACT).then_some(value.round() as i64)
}

/// Reads an instant: the platform's own spelling without a detour, since a record holds dozens.
pub(super) fn instant(text: &[u8]) -> Option<i64> {
    usual(text).or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        Some(text.parse::<Timestamp>().ok()?.as_millisecond())
    })
}

/// Reads `2026-03-02T09:00:12.400Z`, for years from 1970 on: eight bytes at a time.
fn usual(text: &[u8]) -> Option<i64> {
    let (words, []) = text.as_chunks::<8>() else {
        return None;
    };
    let [date, day_and_time, rest] = words else {
        return None;
    };
    let date = Digits::read(date, b"0000-00-")?;
    let day_and_time = Digits::read(day_and_time, b"00T00:00")?;
    let rest = Digits::read(rest, b":00.000Z")?;
    let (year, month, day) = (
        date.pair(0) * 100 + date.pair(2),
        date.pair(5),
        day_and_time.pair(0),
    );
    let (hour, minute, second) = (day_and_time.pair(3), day_and_time.pair(6), rest.pair(1));
    let sound = year >= 1970 && (1..=12).contains(&month) && (1..=30).contains(&day);
    // The ends of some months, leap seconds and nonsense are the library's business.
    if !sound || (day > 28 && month == 2) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((day_number(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + rest.pair(4) * 10 + rest.digit(6))
}

/// Eight bytes of which some are digits.
struct Digits {
    /// The digits' values, zeros elsewhere.
    values: u64,
    /// For each byte, ten times its value and once its neighbour's.
    pairs: u64,
}

impl Digits {
    /// `None` if something else than a digit stands where `form` has a zero, or another byte where it has one.
    fn read(bytes: &[u8; 8], form: &[u8; 8]) -> Option<Digits> {
        const HIGH: u64 = 0x8080_8080_8080_8080;
        /// Adding this carries a value above nine into the highest bit of its byte.
        const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
        let form = u64::from_le_bytes(*form);
        let values = u64::from_le_bytes(*bytes) ^ form;
        let zeros = u64::from_le_bytes([b'0'; 8]) ^ form;
        // Digits and their places in the form differ by the digit's value, and so do no other bytes.
        let is_digit = (values | values.wrapping_add(ABOVE_NINE)) & HIGH == 0;
        let is_in_form = values & mask_of_nonzero(zeros) == 0;
        (is_digit && is_in_form).then(|| Digits {
            values,
            pairs: values * 10 + (values >> 8),
        })
    }

    fn digit(&self, place: u32) -> i64 {
        (self.values >> (place * 8) & 0xff).cast_signed()
    }

    /// Returns the number that two digits make.
    fn pair(&self, place: u32) -> i64 {
        (self.pairs >> (place * 8) & 0xff).cast_signed()
    }
}

/// Returns 0xff for each byte that is not zero. No byte is above 0x7f.
fn mask_of_nonzero(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let nonzero = (word + LOW * 0x7f) >> 7 & LOW;
    nonzero * 0xff
}

/// Days since 1970-01-01 in the Gregorian calendar, counted by years that begin in March.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let before_month = (153 * month + 2) / 5;
    let before_year = year * 365 + year / 4 - year / 100 + year / 400;
    before_year + before_month + day - 1 - 719_468
}

/// A list; nothing in it if it is null, and nulls in it are left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element::<Option<T>>()? {
                    elements.extend(element);
                }
                Ok(List(elements))
            }

            fn visit_unit<E: Error>(self) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }

            /// An object where a list should be is a list of nothing that we know.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List(Vec::new()))
            }
        }
        deserializer.deserialize_any(Elements(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_usual_spelling_is_read_as_the_library_reads_it(ms in 0_i64..4_102_444_800_000) {
            let at = Timestamp::from_millisecond(ms).unwrap();
            let text = at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            prop_assert_eq!(instant(text.as_bytes()), Some(ms), "{}", text);
        }

        #[test]
        fn no_text_is_read_otherwise_than_by_the_library(text in "[0-9]{4}-[0-9]{2}-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9].[0-9]{3}Z") {
            let library = text.parse::<Timestamp>().ok().map(|at| at.as_millisecond());
            prop_assert_eq!(instant(text.as_bytes()), library);
        }
    }

    #[test]
    fn other_spellings_are_read_too() {
        for (text, expected) in [
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1970-01-01T01:00:01.5+01:00", Some(1_500)),
            ("yesterday", None),
            ("2026-02-30T00:00:00.000Z", None),
        ] {
            assert_eq!(instant(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn integers_come_in_many_spellings() {
        for (text, expected) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("1.2E7", Some(12_000_000)),
            ("-5", Some(-5)),
            ("null", None),
            ("1e300", None),
            ("18446744073709551615", None),
        ] {
            let read: Amount = serde_json::from_str(text).unwrap();
            assert_eq!(read.0, expected, "{text}");
        }
    }
}
