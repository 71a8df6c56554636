//! Where records are less tidy than one would like: each oddity that real ones have, in a small share, by the contact's
//! number.

use crate::centre::draw::Stream;

/// What is odd about one conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// How the customer got in touch.
    pub(crate) media: Media,
    /// The wait is first `delay`, then `interact`.
    pub(crate) delayed: bool,
    /// The agents' segments do not say which skills were asked for.
    pub(crate) no_skills: bool,
    /// How whole numbers are spelled.
    pub(crate) spelling: Spelling,
    /// The record has members and values that no published package knows.
    pub(crate) tomorrow: bool,
    /// The agent wrote a note.
    pub(crate) noted: bool,
}

/// How a customer got in touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Media {
    Voice,
    Callback,
    Message,
}

/// How a whole number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `12000`
    Plain,
    /// `12000.0`
    Point,
    /// `1.2E4`
    Exponent,
}

impl Media {
    /// The vendor's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Media::Voice => "voice",
            Media::Callback => "callback",
            Media::Message => "message",
        }
    }
}

impl Quirks {
    /// Those of a contact.
    pub(crate) fn of(seed: u64, number: usize) -> Quirks {
        let mut stream = Stream::new(seed, "quirks", &[number as u64]);
        let media = match stream.unit() {
            share if share < 0.04 => Media::Callback,
            share if share < 0.07 => Media::Message,
            _ => Media::Voice,
        };
        let spelling = match stream.unit() {
            share if share < 0.03 => Spelling::Point,
            share if share < 0.05 => Spelling::Exponent,
            _ => Spelling::Plain,
        };
        Quirks {
            media,
            delayed: stream.chance(0.04),
            no_skills: stream.chance(0.02),
            spelling,
            tomorrow: stream.chance(0.02),
            noted: stream.chance(0.10),
        }
    }
}

/// Whether a conversation also belongs to the second division.
pub(crate) fn is_outsourced(seed: u64, number: usize) -> bool {
    Stream::new(seed, "division", &[number as u64]).chance(0.05)
}

/// Writes a whole number so. All spellings are the same number.
pub(crate) fn spell(value: i64, spelling: Spelling) -> String {
    match spelling {
        Spelling::Plain => value.to_string(),
        Spelling::Point => format!("{value}.0"),
        Spelling::Exponent => exponent(value),
    }
}

fn exponent(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let (first, rest) = digits.split_at(1);
    let sign = if value < 0 { "-" } else { "" };
    let rest = match rest.trim_end_matches('0') {
        "" => "0",
        rest => rest,
    };
    format!("{sign}{first}.{rest}E{}", digits.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_the_same_number() {
        for value in [0, 7, -7, 10, 12_000, 123_456, 12_000_000, 1_234_567_891_234] {
            for spelling in [Spelling::Plain, Spelling::Point, Spelling::Exponent] {
                let text = spell(value, spelling);
                let read: f64 = serde_json::from_str(&text).unwrap();
                assert_eq!(read.to_bits(), (value as f64).to_bits(), "{text}");
            }
        }
        assert_eq!(spell(12_000_000, Spelling::Exponent), "1.2E7");
        assert_eq!(spell(3, Spelling::Point), "3.0");
    }
}
