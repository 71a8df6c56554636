//! Where a record's strings begin and end, as one bit a byte.
//!
//! Most of a record is strings. Finding their ends one by one costs a search each, whose end nobody can predict; marking
//! all quotes in one pass over the bytes costs the same for each byte, and the next quote is then the next bit.

use wide::u8x16;

/// The marks of one record.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// A bit for each quote that is not escaped, eight bytes for each block and eight behind the last.
    quotes: Vec<[u8; WORD]>,
    has_backslash: bool,
    has_controls: bool,
}

/// Bytes a word of marks stands for.
const BLOCK: usize = 64;
/// Bytes of a word of marks.
const WORD: usize = 8;

impl Marks {
    /// Marks a record.
    pub(super) fn mark(&mut self, record: &[u8]) {
        let (blocks, rest) = record.as_chunks::<BLOCK>();
        self.quotes.clear();
        let mut seen = Seen::default();
        let words = blocks.iter().map(|block| seen.block(block).to_le_bytes());
        self.quotes.extend(words);
        if !rest.is_empty() {
            self.quotes.push(seen.rest(record, rest).to_le_bytes());
        }
        self.quotes.push([0; WORD]);
        self.has_backslash = seen.backslash;
        self.has_controls = seen.controls;
    }

    /// Returns whether there is neither a backslash nor a byte below 0x20.
    pub(super) fn is_plain(&self) -> bool {
        !self.has_backslash && !self.has_controls
    }

    /// Returns the bits of all quotes, for [`next_quote`].
    pub(super) fn quotes(&self) -> &[u8] {
        self.quotes.as_flattened()
    }
}

/// Returns the place of the first quote at `from` or after it.
///
/// It looks at the eight bytes of marks that begin with that of `from`, wherever they lie: nearly every string ends within
/// the 57 places that they tell of at least. By whole words, every fourth string would end in another word than it begins
/// in, which no processor can foresee.
#[inline(always)]
pub(super) fn next_quote(quotes: &[u8], from: usize) -> Option<usize> {
    let word = word_at(quotes, from / 8)? >> (from % 8);
    if word != 0 {
        return Some(from + word.trailing_zeros() as usize);
    }
    next_quote_in_words(quotes, from / 8 + WORD)
}

/// Returns the place of the first quote that is marked at this byte of the marks or behind it.
#[inline(always)]
fn next_quote_in_words(quotes: &[u8], byte: usize) -> Option<usize> {
    let mut byte = byte;
    loop {
        let word = word_at(quotes, byte)?;
        if word != 0 {
            return Some(byte * 8 + word.trailing_zeros() as usize);
        }
        byte += WORD;
    }
}

/// Returns eight bytes of marks; `None`: fewer are left, none of which stands for a byte of the record.
#[inline(always)]
fn word_at(quotes: &[u8], byte: usize) -> Option<u64> {
    let bytes = quotes.get(byte..byte + WORD)?.first_chunk::<WORD>()?;
    Some(u64::from_le_bytes(*bytes))
}

/// What kinds of bytes there are.
#[derive(Debug, Default)]
struct Seen {
    backslash: bool,
    controls: bool,
    escapes: Escapes,
}

impl Seen {
    /// Returns the quotes of a block that are not escaped.
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK]) -> u64 {
        let quotes = bits(block, b'"');
        if !is_odd(block) && !self.escapes.goes_on {
            return quotes;
        }
        quotes & !self.odd_block(block)
    }

    /// Does the same for what is left of a record behind its blocks.
    fn rest(&mut self, record: &[u8], rest: &[u8]) -> u64 {
        // The last 64 bytes overlap with the block before: what is known of it is known already.
        if let Some(last) = record.last_chunk::<BLOCK>()
            && !is_odd(last)
            && !self.escapes.goes_on
        {
            return bits(last, b'"') >> (BLOCK - rest.len());
        }
        let mut filled = [b' '; BLOCK];
        for (place, byte) in filled.iter_mut().zip(rest) {
            *place = *byte;
        }
        self.block(&filled)
    }

    /// Looks closer at a block, and returns its escaped bytes.
    #[cold]
    fn odd_block(&mut self, block: &[u8; BLOCK]) -> u64 {
        self.controls |= block.iter().any(|byte| *byte < b' ');
        let backslashes = bits(block, b'\\');
        self.backslash |= backslashes != 0;
        self.escapes.escaped(backslashes)
    }
}

/// Returns whether a block has a backslash or a control character, or a byte that is not ASCII: to leave those out would cost
/// every block more.
#[inline(always)]
fn is_odd(block: &[u8; BLOCK]) -> bool {
    let mut is_odd = false;
    for byte in block {
        // As signed numbers, those above ASCII are below zero.
        is_odd |= byte.cast_signed() < 0x20 || *byte == b'\\';
    }
    is_odd
}

/// Which bytes a backslash before them escapes.
#[derive(Debug, Default)]
struct Escapes {
    /// The last block ended with a backslash that escapes the first byte of the next.
    goes_on: bool,
}

impl Escapes {
    /// Takes a block's backslashes, returns its escaped bytes.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        let mut escaped = 0;
        let mut at = 0;
        if self.goes_on {
            escaped = 1;
            at = 1;
        }
        self.goes_on = false;
        while at < 64 {
            let left = backslashes & (u64::MAX << at);
            if left == 0 {
                break;
            }
            let place = left.trailing_zeros();
            if place == 63 {
                self.goes_on = true;
                break;
            }
            escaped |= 1 << (place + 1);
            at = place + 2;
        }
        escaped
    }
}

/// Returns a bit for each byte of a block that is `wanted`.
#[inline(always)]
fn bits(block: &[u8; BLOCK], wanted: u8) -> u64 {
    let wanted = u8x16::splat(wanted);
    let (lanes, _) = block.as_chunks::<16>();
    let found = lanes.iter().map(|lane| {
        let lane = u8x16::new(*lane);
        u64::from(lane.simd_eq(wanted).to_bitmask())
    });
    // The last lane stands in the highest bits.
    found.rev().fold(0, |all, lane| all << 16 | lane)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One byte after the other, as JSON says it.
    fn quotes_slowly(text: &[u8]) -> Vec<usize> {
        let mut is_escaped = false;
        let mut places = Vec::new();
        for (place, byte) in text.iter().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => places.push(place),
                _ => {}
            }
        }
        places
    }

    fn marked(text: &[u8]) -> (Vec<usize>, Marks) {
        let mut marks = Marks::default();
        marks.mark(b"\"\\ left from before \x01\xff");
        marks.mark(text);
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(place) = next_quote(marks.quotes(), from) {
            places.push(place);
            from = place + 1;
        }
        (places, marks)
    }

    proptest! {
        #[test]
        fn quotes_are_found_as_byte_by_byte(
            text in prop::collection::vec(prop::sample::select(b"\"\\\\a\xc3\x01\xa2 ".to_vec()), 0..300),
        ) {
            let (places, marks) = marked(&text);
            prop_assert_eq!(places, quotes_slowly(&text));
            prop_assert_eq!(marks.has_backslash, text.contains(&b'\\'));
            prop_assert_eq!(marks.has_controls, text.contains(&1));
        }

        #[test]
        fn any_byte_is_found(block in any::<[u8; 32]>(), wanted in any::<u8>()) {
            let mut twice = [0; BLOCK];
            twice[..32].copy_from_slice(&block);
            twice[32..].copy_from_slice(&block);
            let expected = (0..64).filter(|place| twice[*place] == wanted).fold(0, |all, place| all | 1 << place);
            prop_assert_eq!(bits(&twice, wanted), expected);
        }
    }
}
