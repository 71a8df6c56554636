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
        self.quotes.clear();
        self.quotes.reserve(record.len() / BLOCK + 1);
        let mut seen = Seen::default();
        let mut escapes = Escapes::default();
        let (blocks, rest) = record.as_chunks::<BLOCK>();
        for block in blocks {
            let quotes = seen.block(block, &mut escapes);
            self.quotes.push(quotes);
        }
        let mut last = [b' '; BLOCK];
        if let Some(last) = last.get_mut(..rest.len()) {
            last.copy_from_slice(rest);
        }
        self.quotes.push(seen.block(&last, &mut escapes));
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

    /// Returns the place of the first quote at `from` or after it.
    #[inline]
    pub(super) fn next_quote(&self, from: usize) -> Option<usize> {
        let mut word_idx = from / BLOCK;
        let mut word = *self.quotes.get(word_idx)? & (u64::MAX << (from % BLOCK));
        while word == 0 {
            word_idx += 1;
            word = *self.quotes.get(word_idx)?;
        }
        Some(word_idx * BLOCK + word.trailing_zeros() as usize)
    }
}

/// What kinds of bytes there are.
#[derive(Debug, Default)]
struct Seen {
    backslash: bool,
    controls: bool,
    high: bool,
}

impl Seen {
    /// Returns the quotes of a block that are not escaped.
    #[inline]
    fn block(&mut self, block: &[u8; BLOCK], escapes: &mut Escapes) -> u64 {
        let quotes = bits(block, b'"');
        // Plain comparisons of bytes, which the compiler does sixteen at a time.
        let (mut backslash, mut control, mut high) = (0_u8, 0_u8, 0_u8);
        for byte in block {
            backslash |= u8::from(*byte == b'\\');
            control |= u8::from(*byte < b' ');
            high |= *byte;
        }
        self.controls |= control != 0;
        self.high |= high >= 0x80;
        if backslash == 0 && !escapes.goes_on {
            return quotes;
        }
        self.backslash = true;
        quotes & !escapes.escaped(bits(block, b'\\'))
    }
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
#[inline]
fn bits(block: &[u8; BLOCK], wanted: u8) -> u64 {
    let (words, _) = block.as_chunks::<8>();
    let mut bits = 0;
    for (place, word) in words.iter().enumerate() {
        bits |= byte_bits(u64::from_le_bytes(*word), wanted) << (place * 8);
    }
    bits
}

/// Returns a bit for each of eight bytes that is `wanted`, in the lowest eight bits.
#[inline]
fn byte_bits(word: u64, wanted: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    /// Moves the highest bit of each byte into the highest byte, in order.
    const GATHER: u64 = 0x0002_0408_1020_4081;
    let differs = word ^ (LOW * wanted as u64);
    // The highest bit of a byte is clear where the byte is zero, without a carry into its neighbour.
    let nonzero = ((differs & !HIGH) + !HIGH) | differs;
    (!nonzero & HIGH).wrapping_mul(GATHER) >> 56
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
        while let Some(place) = marks.next_quote(from) {
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
