//! A place in a record that moves over JSON's tokens.
//!
//! `None` from any of these says that something is odd, not what: the typed parser finds out.

use std::ops::Range;

use super::super::parts::{Parts, Span};
use super::super::tolerant::Amount;
use super::marks::Marks;

/// A place in a marked record.
pub(super) struct Cursor<'a> {
    record: &'a [u8],
    marks: &'a Marks,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(record: &'a [u8], marks: &'a Marks) -> Cursor<'a> {
        Cursor {
            record,
            marks,
            at: 0,
        }
    }

    /// Returns the next byte that is no blank, without moving past it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.record.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Moves past `byte`, which must be next.
    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Returns whether nothing but blanks is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek().is_none() && self.at == self.record.len()
    }

    /// Moves over an object; `member` is called at each value with its key and moves over the value.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.peek().filter(|byte| *byte == b'"')?;
            let key = self.string()?;
            let key = self.record.get(key).filter(|key| self.is_plain(key))?;
            self.expect(b':')?;
            member(self, key)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// Moves over a list; `element` is called at each value that is not null and moves over it. Null is a list of nothing,
    /// and so is an object.
    #[inline]
    pub(super) fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        match self.peek()? {
            b'[' => self.at += 1,
            b'{' => return self.skip(),
            _ => return self.null(),
        }
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            match self.peek()? {
                b'n' => self.null()?,
                _ => element(self)?,
            }
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// Moves over a text and returns its place; the inner `None` is null.
    #[inline]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn text(&mut self, parts: &mut Parts) -> Option<Option<Span>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        let range = self.string()?;
        let text = self.record.get(range.clone())?;
        if self.is_plain(text) {
            return Span::new(range).map(Some);
        }
        let quoted = self.record.get(range.start - 1..range.end + 1)?;
        let spelled_out: String = serde_json::from_slice(quoted).ok()?;
        parts.spell_out(&spelled_out).map(Some)
    }

    /// Moves over a text without escapes and returns its bytes; the inner `None` is null.
    #[inline]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn word(&mut self) -> Option<Option<&'a [u8]>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        let range = self.string()?;
        let word = self.record.get(range)?;
        self.is_plain(word).then_some(Some(word))
    }

    /// Moves over a number and returns it as an integer; the inner `None` is null, or a number that does not fit.
    #[inline]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn amount(&mut self) -> Option<Option<i64>> {
        self.peek()?;
        let token = self.scalar()?;
        if let Some(amount) = plain_integer(token) {
            return Some(Some(amount));
        }
        let amount: Amount = serde_json::from_slice(token).ok()?;
        Some(amount.0)
    }

    /// Moves over any value.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_scalar(),
        }
    }

    /// Moves over a list or an object without recursion: how deep it may be nested must not depend on the stack.
    fn skip_nested(&mut self) -> Option<()> {
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
                b'"' => self.skip_string()?,
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
                    return Some(());
                }
            }
        }
    }

    fn skip_key(&mut self) -> Option<()> {
        self.peek().filter(|byte| *byte == b'"')?;
        self.skip_string()?;
        self.expect(b':')
    }

    fn skip_string(&mut self) -> Option<()> {
        let range = self.string()?;
        let text = self.record.get(range)?;
        (self.is_plain(text) || has_sound_escapes(text)).then_some(())
    }

    fn skip_scalar(&mut self) -> Option<()> {
        let scalar = self.scalar()?;
        let is_sound = matches!(scalar, b"true" | b"false" | b"null")
            || plain_integer(scalar).is_some()
            || is_number(scalar);
        is_sound.then_some(())
    }

    fn null(&mut self) -> Option<()> {
        (self.scalar()? == b"null").then_some(())
    }

    /// Moves over what stands between here and the next comma, bracket or blank.
    #[inline]
    fn scalar(&mut self) -> Option<&'a [u8]> {
        let rest = self.record.get(self.at..)?;
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len)
    }

    /// Moves over the string that begins here and returns the place of what is between its quotes.
    #[inline]
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let end = self.marks.next_quote(start)?;
        self.at = end + 1;
        if self.marks.has_controls() && self.record.get(start..end)?.iter().any(|byte| *byte < b' ')
        {
            return None;
        }
        Some(start..end)
    }

    #[inline]
    fn is_plain(&self, text: &[u8]) -> bool {
        !self.marks.has_backslash() || !text.contains(&b'\\')
    }
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

/// Returns whether every backslash of a string begins an escape that JSON knows. Whether two escapes make a character is
/// nobody's question where nobody asks for the text.
fn has_sound_escapes(text: &[u8]) -> bool {
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

/// Reads digits alone, as many as always fit; nearly every number is written so.
#[inline]
fn plain_integer(token: &[u8]) -> Option<i64> {
    const ALWAYS_FIT: usize = 18;
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
