//! Where a record's strings begin and end, as one bit a byte.
//!
//! Most of a record is strings. Finding their ends one by one costs a search each, whose end nobody can predict; marking
//! all quotes in one pass over the bytes costs the same for each byte, and the next quote is then the next bit.

/// The marks of one record.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// A bit for each quote that is not escaped.
    quotes: Vec<u64>,
    has_backslash: bool,
    has_controls: bool,
    is_ascii: bool,
}

/// Bytes a word of marks stands for.
const BLOCK: usize = 64;

impl Marks {
    /// Marks a record.
    pub(super) fn mark(&mut self, record: &[u8]) {
        let (blocks, rest) = record.as_chunks::<BLOCK>();
        self.quotes.clear();
        self.quotes.resize(blocks.len(), 0);
        let mut seen = Seen::default();
        for (quotes, block) in self.quotes.iter_mut().zip(blocks) {
            *quotes = seen.block(block);
        }
        let mut last = [b' '; BLOCK];
        if let Some(last) = last.get_mut(..rest.len()) {
            last.copy_from_slice(rest);
        }
        self.quotes.push(seen.block(&last));
        self.has_backslash = seen.backslash;
        self.has_controls = seen.controls;
        self.is_ascii = !seen.high;
    }

    pub(super) fn has_backslash(&self) -> bool {
        self.has_backslash
    }

    /// Returns whether there is a byte below 0x20.
    pub(super) fn has_controls(&self) -> bool {
        self.has_controls
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// Returns the quotes in order.
    pub(super) fn quotes(&self) -> Quotes<'_> {
        Quotes {
            words: self.quotes.iter(),
            word: 0,
            next_block: 0,
        }
    }
}

/// The places of quotes that are still to come.
#[derive(Clone)]
pub(super) struct Quotes<'a> {
    words: std::slice::Iter<'a, u64>,
    word: u64,
    /// Where the block after the one of `word` begins.
    next_block: usize,
}

impl Iterator for Quotes<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.word = *self.words.next()?;
            self.next_block += BLOCK;
        }
        let place = self.next_block - BLOCK + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(place)
    }
}

/// What kinds of bytes there are.
#[derive(Debug, Default)]
struct Seen {
    backslash: bool,
    controls: bool,
    high: bool,
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

    /// Looks closer at a block, and returns its escaped bytes.
    #[cold]
    fn odd_block(&mut self, block: &[u8; BLOCK]) -> u64 {
        self.controls |= block.iter().any(|byte| *byte < b' ');
        self.high |= !block.is_ascii();
        let backslashes = bits(block, b'\\');
        self.backslash |= backslashes != 0;
        self.escapes.escaped(backslashes)
    }
}

/// Returns whether a block has a backslash, a control character, or a byte that is not ASCII.
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
    // Plain comparisons, which the compiler does sixteen at a time.
    let mut found = [0; BLOCK];
    for (found, (byte, bit)) in found.iter_mut().zip(block.iter().zip(&BIT_OF_WORD)) {
        *found = if *byte == wanted { *bit } else { 0 };
    }
    let (words, _) = found.as_chunks::<8>();
    let columns = words
        .iter()
        .fold(0, |all, word| all | u64::from_le_bytes(*word));
    transposed(columns)
}

/// For each byte of a block, the bit of the eight bytes that it belongs to.
const BIT_OF_WORD: [u8; BLOCK] = {
    let mut bits = [0; BLOCK];
    let mut place = 0;
    while place < BLOCK {
        bits[place] = 1 << (place / 8);
        place += 1;
    }
    bits
};

/// Turns eight rows of eight bits into columns (Hacker's Delight, 7-3).
#[inline(always)]
fn transposed(bits: u64) -> u64 {
    let swap = |bits: u64, distance: u32, mask: u64| {
        let moved = (bits ^ (bits >> distance)) & mask;
        bits ^ moved ^ (moved << distance)
    };
    let bits = swap(bits, 7, 0x00aa_00aa_00aa_00aa);
    let bits = swap(bits, 14, 0x0000_cccc_0000_cccc);
    swap(bits, 28, 0x0000_0000_f0f0_f0f0)
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
        (marks.quotes().collect(), marks)
    }

    proptest! {
        #[test]
        fn quotes_are_found_as_byte_by_byte(
            text in prop::collection::vec(prop::sample::select(b"\"\\\\a\xc3\x01\xa2 ".to_vec()), 0..300),
        ) {
            let (places, marks) = marked(&text);
            prop_assert_eq!(places, quotes_slowly(&text));
            prop_assert_eq!(marks.has_backslash(), text.contains(&b'\\'));
            prop_assert_eq!(marks.has_controls(), text.contains(&1));
            prop_assert_eq!(marks.is_ascii(), text.is_ascii());
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
