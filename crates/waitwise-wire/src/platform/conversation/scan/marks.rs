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
        let mut seen = Seen::default();
        self.quotes
            .extend(blocks.iter().map(|block| seen.block(block)));
        if !rest.is_empty() {
            self.quotes.push(seen.rest(record, rest));
        }
        self.has_backslash = seen.backslash;
        self.has_controls = seen.controls;
        self.is_ascii = !seen.high;
    }

    /// Returns whether there is neither a backslash nor a byte below 0x20.
    pub(super) fn is_plain(&self) -> bool {
        !self.has_backslash && !self.has_controls
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// Returns the bits of all quotes, for [`next_quote`].
    pub(super) fn quotes(&self) -> &[u64] {
        &self.quotes
    }
}

/// Returns the place of the first quote at `from` or after it.
#[inline(always)]
pub(super) fn next_quote(quotes: &[u64], from: usize) -> Option<usize> {
    let word = *quotes.get(from / BLOCK)? >> (from % BLOCK);
    if word != 0 {
        return Some(from + word.trailing_zeros() as usize);
    }
    next_quote_in_blocks(quotes, from / BLOCK + 1)
}

/// Returns the place of the first quote in a block or one behind it.
#[inline(always)]
fn next_quote_in_blocks(quotes: &[u64], block: usize) -> Option<usize> {
    let mut block = block;
    loop {
        let word = *quotes.get(block)?;
        if word != 0 {
            return Some(block * BLOCK + word.trailing_zeros() as usize);
        }
        block += 1;
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
