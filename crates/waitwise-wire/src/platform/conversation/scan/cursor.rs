//! A place in a record that moves over JSON's tokens.
//!
//! `None` from any of these says that something is odd, not what: the typed parser finds out.

use std::ops::Range;

use super::super::parts::{Parts, Span};
use super::super::tolerant::Amount;
use super::marks::{Marks, next_quote};

/// A place in a marked record. `PLAIN`: no string in it has a backslash or a control character.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a, const PLAIN: bool> {
    record: &'a [u8],
    quotes: &'a [u8],
    at: usize,
}

/// Which wanted members of an object have come.
#[derive(Default)]
pub(super) struct Once(u8);

impl Once {
    /// Returns that these have come.
    #[inline(always)]
    pub(super) fn with<const N: usize>(numbers: [u8; N]) -> Once {
        Once(numbers.iter().fold(0, |all, number| all | 1 << number))
    }

    /// `None` if the member of this number comes for the second time.
    #[inline(always)]
    pub(super) fn first(&mut self, number: u8) -> Option<()> {
        let bit = 1 << number;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        is_first.then_some(())
    }
}

impl<'a, const PLAIN: bool> Cursor<'a, PLAIN> {
    /// `None`: places in the record do not fit into [`Span`]s.
    pub(super) fn new(record: &'a [u8], marks: &'a Marks) -> Option<Self> {
        debug_assert!(
            !PLAIN || marks.is_plain(),
            "what is plain has been marked so"
        );
        Span::fit(record.len()).then_some(Cursor {
            record,
            quotes: marks.quotes(),
            at: 0,
        })
    }

    /// Returns the place.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// Moves to a place.
    pub(super) fn go_to(&mut self, place: usize) {
        self.at = place;
    }

    /// Returns the next byte that is no blank, without moving past it.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        let byte = *self.record.get(self.at)?;
        if byte > b' ' {
            return Some(byte);
        }
        self.at = after_blanks(self.record, self.at);
        self.record.get(self.at).copied()
    }

    /// Moves past `byte`, which must be next.
    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Returns whether nothing but blanks is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek().is_none() && self.at == self.record.len()
    }

    /// Moves into an object and returns whether it has members.
    #[inline(always)]
    pub(super) fn object(&mut self) -> Option<bool> {
        self.expect(b'{')?;
        Some(!self.closes(b'}')?)
    }

    /// Moves past `literal`, which must be next as it is.
    #[inline(always)]
    pub(super) fn literal<const N: usize>(&mut self, literal: &[u8; N]) -> Option<()> {
        let next = self.record.get(self.at..)?.first_chunk::<N>()?;
        (next == literal).then(|| self.at += N)
    }

    /// Moves over the rest of a text without escapes whose opening quote has been passed.
    #[inline(always)]
    pub(super) fn rest_of_text(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let end = next_quote(self.quotes, start).filter(|_| PLAIN)?;
        self.at = end + 1;
        Some(start..end)
    }

    /// Returns the bytes of a place.
    #[inline(always)]
    pub(super) fn bytes(&self, range: Range<usize>) -> Option<&'a [u8]> {
        self.record.get(range)
    }

    /// Moves from a member's key to its value and returns the key.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Option<&'a [u8]> {
        let key = self.word_here()?;
        self.expect(b':')?;
        Some(key)
    }

    /// Moves past what is between two members, or past the end of the object; returns whether there is another member.
    #[inline(always)]
    pub(super) fn has_member(&mut self) -> Option<bool> {
        match self.peek()? {
            b',' => self.at += 1,
            b'}' => {
                self.at += 1;
                return Some(false);
            }
            _ => return None,
        }
        Some(true)
    }

    /// Moves into a list and returns whether it has elements. Null is a list of nothing, and so is an object.
    #[inline(always)]
    pub(super) fn list(&mut self) -> Option<bool> {
        if self.peek()? == b'[' {
            self.at += 1;
            return Some(!self.closes(b']')?);
        }
        self.at = self.after_no_list()?;
        Some(false)
    }

    #[cold]
    fn after_no_list(mut self) -> Option<usize> {
        match self.peek()? {
            b'{' => self.skip()?,
            _ => self.null()?,
        }
        Some(self.at)
    }

    /// Moves past what is between two elements, or past the end of the list; returns whether there is another element.
    #[inline(always)]
    pub(super) fn has_element(&mut self) -> Option<bool> {
        match self.peek()? {
            b',' => self.at += 1,
            b']' => {
                self.at += 1;
                return Some(false);
            }
            _ => return None,
        }
        Some(true)
    }

    /// Moves past null, and returns whether it was there.
    #[inline(always)]
    pub(super) fn is_null(&mut self) -> Option<bool> {
        if self.peek()? != b'n' {
            return Some(false);
        }
        self.null().map(|()| true)
    }

    /// Moves past a bracket, and returns whether it was there.
    #[inline(always)]
    fn closes(&mut self, bracket: u8) -> Option<bool> {
        let closes = self.peek()? == bracket;
        self.at += usize::from(closes);
        Some(closes)
    }

    /// Moves over a text and returns its place; the inner `None` is null.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn text(&mut self, parts: &mut Parts) -> Option<Option<Span>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        let range = self.string_here()?;
        if PLAIN {
            return Some(Some(Span::fitting(range)));
        }
        spelled_out(self.record, range, parts).map(Some)
    }

    /// Moves over a text without escapes and returns its bytes; the inner `None` is null.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn word(&mut self) -> Option<Option<&'a [u8]>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        self.word_here().map(Some)
    }

    /// Moves over a number and returns it as an integer; the inner `None` is null, or a number that does not fit.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn amount(&mut self) -> Option<Option<i64>> {
        self.peek()?;
        if let Some(number) = self.few_digits() {
            return Some(Some(number));
        }
        let start = self.at;
        let token = scalar(self.record, start);
        self.at += token.len();
        plain_integer(token).map(Some).or_else(|| odd_amount(token))
    }

    /// Moves over one to seven digits with a comma or a bracket behind them, and returns their number: nearly all are so.
    #[inline(always)]
    fn few_digits(&mut self) -> Option<i64> {
        const HIGH: u64 = 0x8080_8080_8080_8080;
        let bytes = self.record.get(self.at..)?.first_chunk::<8>()?;
        let values = u64::from_le_bytes(*bytes) ^ u64::from_le_bytes([b'0'; 8]);
        // The highest bit is set in the first byte that is no digit, and perhaps in some behind it.
        let others = (values | values.wrapping_add(0x7676_7676_7676_7676)) & HIGH;
        let n_digits = others.trailing_zeros() / 8;
        let ends = *bytes.get(n_digits as usize)?;
        let is_usual = n_digits == 1 || (n_digits > 1 && bytes[0] != b'0');
        if !is_usual || !matches!(ends, b',' | b'}') {
            return None;
        }
        self.at += n_digits as usize;
        Some(number_of(values << (64 - 8 * n_digits)).cast_signed())
    }

    /// Moves over any value.
    #[inline(always)]
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string_here(),
            b'{' | b'[' => {
                self.at = self.after_nested()?;
                Some(())
            }
            _ => self.skip_scalar(),
        }
    }

    /// Moves over a list or an object without recursion: how deep it may be nested must not depend on the stack.
    #[inline(never)]
    fn after_nested(mut self) -> Option<usize> {
        let mut open = Nesting::default();
        loop {
            match self.peek()? {
                b'{' => {
                    self.at += 1;
                    open.push(true)?;
                    if self.peek()? != b'}' {
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    open.push(false)?;
                    if self.peek()? != b']' {
                        continue;
                    }
                }
                b'"' => self.skip_string_here()?,
                _ => self.skip_scalar()?,
            }
            loop {
                match (self.peek()?, open.is_object()) {
                    (b',', is_object) => {
                        self.at += 1;
                        if is_object {
                            self.skip_key()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => self.at += 1,
                    _ => return None,
                }
                if open.pop() {
                    return Some(self.at);
                }
            }
        }
    }

    #[inline(always)]
    fn skip_key(&mut self) -> Option<()> {
        self.peek().filter(|byte| *byte == b'"')?;
        self.skip_string_here()?;
        self.expect(b':')
    }

    #[inline(always)]
    fn skip_string_here(&mut self) -> Option<()> {
        let range = self.string_here()?;
        if PLAIN {
            return Some(());
        }
        let text = self.record.get(range)?;
        has_sound_escapes(text).then_some(())
    }

    #[inline(always)]
    fn skip_scalar(&mut self) -> Option<()> {
        if self.skips_false() {
            return Some(());
        }
        self.at += sound_scalar(self.record, self.at)?.len();
        Some(())
    }

    /// Moves past `false` with a comma or a bracket behind it, and returns whether it was there: every segment has one.
    #[inline(always)]
    fn skips_false(&mut self) -> bool {
        const LEN: usize = b"false".len();
        let rest = self.record.get(self.at..).unwrap_or_default();
        let is_there = matches!(
            rest.first_chunk::<{ LEN + 1 }>(),
            Some(b"false," | b"false}" | b"false]")
        );
        self.at += if is_there { LEN } else { 0 };
        is_there
    }

    #[inline(always)]
    fn null(&mut self) -> Option<()> {
        let is_null = scalar(self.record, self.at) == b"null";
        self.at += b"null".len();
        is_null.then_some(())
    }

    /// Moves over the string whose opening quote is here, and returns the place of what is between its quotes.
    #[inline(always)]
    fn string_here(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let end = next_quote(self.quotes, start)?;
        self.at = end + 1;
        Some(start..end)
    }

    /// Moves over a string without escapes and returns it.
    #[inline(always)]
    fn word_here(&mut self) -> Option<&'a [u8]> {
        if self.peek()? != b'"' {
            return None;
        }
        let range = self.string_here()?;
        let text = self.record.get(range)?;
        (PLAIN || is_plain(text)).then_some(text)
    }
}

/// Returns what stands between here and the next comma, bracket or blank.
#[inline(never)]
fn scalar(record: &[u8], at: usize) -> &[u8] {
    let rest = record.get(at..).unwrap_or_default();
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
    let len = rest.iter().position(ends).unwrap_or(rest.len());
    rest.get(..len).unwrap_or_default()
}

/// Returns the number, truth or null that stands here.
#[inline(never)]
fn sound_scalar(record: &[u8], at: usize) -> Option<&[u8]> {
    let scalar = scalar(record, at);
    let is_sound = matches!(scalar, b"true" | b"false" | b"null")
        || plain_integer(scalar).is_some()
        || is_number(scalar);
    is_sound.then_some(scalar)
}

#[cold]
#[expect(clippy::option_option, reason = "odd and null are two things")]
fn odd_amount(token: &[u8]) -> Option<Option<i64>> {
    let amount: Amount = serde_json::from_slice(token).ok()?;
    Some(amount.0)
}

#[cold]
fn spelled_out(record: &[u8], range: Range<usize>, parts: &mut Parts) -> Option<Span> {
    let text = record.get(range.clone())?;
    if is_plain(text) {
        return Some(Span::fitting(range));
    }
    let quoted = record.get(range.start - 1..range.end + 1)?;
    let spelled_out: String = serde_json::from_slice(quoted).ok()?;
    parts.spell_out(&spelled_out)
}

#[cold]
fn is_plain(text: &[u8]) -> bool {
    !text.iter().any(|byte| *byte == b'\\' || *byte < b' ')
}

/// Returns the place of the first byte at `at` or behind it that is no blank.
#[cold]
fn after_blanks(record: &[u8], at: usize) -> usize {
    let rest = record.get(at..).unwrap_or_default();
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    at + blanks.count()
}

/// Which lists and objects are open, the innermost in the lowest bit: 1 for an object.
#[derive(Default)]
struct Nesting {
    kinds: u64,
    depth: u32,
}

impl Nesting {
    /// `None`: deeper than this can tell.
    fn push(&mut self, is_object: bool) -> Option<()> {
        self.kinds = self.kinds << 1 | u64::from(is_object);
        self.depth += 1;
        (self.depth <= u64::BITS).then_some(())
    }

    fn is_object(&self) -> bool {
        self.kinds & 1 == 1
    }

    /// Closes the innermost, and returns whether it was the last.
    fn pop(&mut self) -> bool {
        self.kinds >>= 1;
        self.depth -= 1;
        self.depth == 0
    }
}

/// Returns whether a string has no control character, and every backslash in it begins an escape that JSON knows. Whether two escapes make a character is
/// nobody's question where nobody asks for the text.
#[cold]
fn has_sound_escapes(text: &[u8]) -> bool {
    if text.iter().any(|byte| *byte < b' ') {
        return false;
    }
    let mut rest = text;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        let escape = rest.get(place + 1..).unwrap_or_default();
        rest = match escape {
            [
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                rest @ ..,
            ] => rest,
            [b'u', a, b, c, d, rest @ ..]
                if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                rest
            }
            _ => return false,
        };
    }
    true
}

/// Returns whether this is a number as JSON writes it.
fn is_number(token: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = token.strip_prefix(b"-").unwrap_or(token);
    let n_whole = digits(rest);
    if n_whole == 0 || (n_whole > 1 && rest.starts_with(b"0")) {
        return false;
    }
    rest = &rest[n_whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n_fraction = digits(fraction);
        if n_fraction == 0 {
            return false;
        }
        rest = &fraction[n_fraction..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            exponent => exponent,
        };
        let n_exponent = digits(exponent);
        return n_exponent > 0 && n_exponent == exponent.len();
    }
    rest.is_empty()
}

/// Returns the number of eight digits' values, the first in the lowest byte.
#[inline(always)]
fn number_of(digits: u64) -> u64 {
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// So many digits always fit into 64 bits.
const ALWAYS_FIT: usize = 18;

/// Reads digits alone; nearly every number is written so.
#[inline]
fn plain_integer(token: &[u8]) -> Option<i64> {
    if token.is_empty()
        || token.len() > ALWAYS_FIT
        || (token.len() > 1 && token.first() == Some(&b'0'))
    {
        return None;
    }
    token.iter().try_fold(0_i64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + i64::from(digit))
    })
}
