//! A place in a record that moves over JSON's tokens.
//!
//! `None` from any of these says that something is odd, not what: the typed parser finds out.

use std::ops::Range;

use super::super::parts::{Parts, Span};
use super::super::tolerant::Amount;
use super::marks::{Marks, Quotes};

/// A place in a marked record.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    record: &'a [u8],
    quotes: Quotes<'a>,
    at: usize,
    /// Whether no string has a backslash or a control character.
    is_plain: bool,
}

/// An object whose members are being walked.
pub(super) struct Object {
    is_first: bool,
    /// A bit for each wanted member that has come.
    seen: u8,
}

/// A list whose elements are being walked.
pub(super) struct List {
    is_first: bool,
    /// There is no list, or none of elements.
    is_nothing: bool,
}

impl Object {
    /// Moves to the value of the next member and returns its key; the inner `None`: there are no more.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and at the end are two things")]
    pub(super) fn next<'a>(&mut self, at: &mut Cursor<'a>) -> Option<Option<&'a [u8]>> {
        let mut byte = at.peek()?;
        if byte == b'}' {
            at.at += 1;
            return Some(None);
        }
        if !self.is_first {
            if byte != b',' {
                return None;
            }
            at.at += 1;
            byte = at.peek()?;
        }
        self.is_first = false;
        if byte != b'"' {
            return None;
        }
        let key = at.plain_string()?;
        at.expect(b':')?;
        Some(Some(key))
    }

    /// `None` if the member of this number comes for the second time.
    #[inline(always)]
    pub(super) fn once(&mut self, number: u8) -> Option<()> {
        let bit = 1 << number;
        let is_first = self.seen & bit == 0;
        self.seen |= bit;
        is_first.then_some(())
    }
}

impl List {
    /// Moves to the next element that is not null and returns whether there is one.
    #[inline(always)]
    pub(super) fn next(&mut self, at: &mut Cursor<'_>) -> Option<bool> {
        if self.is_nothing {
            return Some(false);
        }
        loop {
            let mut byte = at.peek()?;
            if byte == b']' {
                at.at += 1;
                // A comma before it was seen to below.
                return Some(false);
            }
            if !self.is_first {
                if byte != b',' {
                    return None;
                }
                at.at += 1;
                byte = at.peek()?;
            }
            self.is_first = false;
            match byte {
                b'n' => at.null()?,
                b']' => return None,
                _ => return Some(true),
            }
        }
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(record: &'a [u8], marks: &'a Marks) -> Cursor<'a> {
        Cursor {
            record,
            quotes: marks.quotes(),
            at: 0,
            is_plain: !marks.has_backslash() && !marks.has_controls(),
        }
    }

    /// Returns the next byte that is no blank, without moving past it.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        let byte = *self.record.get(self.at)?;
        if byte > b' ' {
            return Some(byte);
        }
        self.peek_after_blanks()
    }

    #[cold]
    fn peek_after_blanks(&mut self) -> Option<u8> {
        loop {
            match *self.record.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
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

    /// Moves into an object.
    #[inline(always)]
    pub(super) fn object(&mut self) -> Option<Object> {
        self.expect(b'{')?;
        Some(Object {
            is_first: true,
            seen: 0,
        })
    }

    /// Moves into a list. Null is a list of nothing, and so is an object.
    #[inline(always)]
    pub(super) fn list(&mut self) -> Option<List> {
        let is_list = self.peek()? == b'[';
        if is_list {
            self.at += 1;
        } else {
            self.no_list()?;
        }
        Some(List {
            is_first: true,
            is_nothing: !is_list,
        })
    }

    #[cold]
    fn no_list(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.skip(),
            _ => self.null(),
        }
    }

    /// Moves over a text and returns its place; the inner `None` is null.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn text(&mut self, parts: &mut Parts) -> Option<Option<Span>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        let range = self.string()?;
        if self.is_plain {
            return Span::new(range).map(Some);
        }
        self.spelled_out(range, parts).map(Some)
    }

    #[cold]
    fn spelled_out(&self, range: Range<usize>, parts: &mut Parts) -> Option<Span> {
        let text = self.record.get(range.clone())?;
        if is_plain(text) {
            return Span::new(range);
        }
        let quoted = self.record.get(range.start - 1..range.end + 1)?;
        let spelled_out: String = serde_json::from_slice(quoted).ok()?;
        parts.spell_out(&spelled_out)
    }

    /// Moves over a text without escapes and returns its bytes; the inner `None` is null.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn word(&mut self) -> Option<Option<&'a [u8]>> {
        if self.peek()? != b'"' {
            return self.null().map(|()| None);
        }
        self.plain_string().map(Some)
    }

    /// Moves over a number and returns it as an integer; the inner `None` is null, or a number that does not fit.
    #[inline(always)]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    pub(super) fn amount(&mut self) -> Option<Option<i64>> {
        self.peek()?;
        let start = self.at;
        let mut number = 0_i64;
        let mut len = 0;
        while let Some(digit) = self
            .record
            .get(start + len)
            .map(|byte| byte.wrapping_sub(b'0'))
            && digit <= 9
            && len < ALWAYS_FIT
        {
            number = number * 10 + i64::from(digit);
            len += 1;
        }
        let is_first_zero = self.record.get(start) == Some(&b'0');
        let is_ended = matches!(self.record.get(start + len), Some(b',' | b'}'));
        if len > 0 && is_ended && (len == 1 || !is_first_zero) {
            self.at = start + len;
            return Some(Some(number));
        }
        self.odd_amount()
    }

    #[cold]
    #[expect(clippy::option_option, reason = "odd and null are two things")]
    fn odd_amount(&mut self) -> Option<Option<i64>> {
        let amount: Amount = serde_json::from_slice(self.scalar()?).ok()?;
        Some(amount.0)
    }

    /// Moves over any value.
    #[inline(always)]
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

    #[inline(always)]
    fn skip_string(&mut self) -> Option<()> {
        let range = self.string()?;
        if self.is_plain {
            return Some(());
        }
        let text = self.record.get(range)?;
        has_sound_escapes(text).then_some(())
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
    #[inline(always)]
    fn string(&mut self) -> Option<Range<usize>> {
        let opening = self.quotes.next()?;
        let closing = self.quotes.next()?;
        if opening != self.at {
            return None;
        }
        self.at = closing + 1;
        Some(opening + 1..closing)
    }

    /// Moves over a string without escapes.
    #[inline(always)]
    fn plain_string(&mut self) -> Option<&'a [u8]> {
        let range = self.string()?;
        let text = self.record.get(range)?;
        (self.is_plain || is_plain(text)).then_some(text)
    }
}

#[cold]
fn is_plain(text: &[u8]) -> bool {
    !text.iter().any(|byte| *byte == b'\\' || *byte < b' ')
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
