//! Pages → texts by their number in the dictionary, lists of them, and keys.
//!
//! The library makes a value of each text. Rows repeat a few texts, so the number is all that evidence needs, and
//! unpacking numbers is an order of magnitude faster.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};

use super::FactsError;

/// A column of texts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct TextColumn {
    dictionary: Dictionary,
    /// For each row or list element its place in the dictionary, [`NOTHING`] where there is none.
    pub(super) ids: Vec<u32>,
}

/// Stands in the place of a text's number where a row has none.
pub(super) const NOTHING: u32 = u32::MAX;

/// The texts of a dictionary, one after the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Dictionary {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

/// No list of a row is longer.
pub(crate) const LIST_LEN_MAX: usize = 100;

/// A column of lists of texts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ListColumn {
    /// All elements of all rows.
    pub(super) elements: TextColumn,
    /// Where each row's elements end.
    pub(super) ends: Vec<u32>,
}

impl TextColumn {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.dictionary.text.clear();
        self.dictionary.ends.clear();
        self.ids.clear();
    }

    /// Returns the dictionary's texts, by number.
    pub(super) fn dictionary(&self) -> Vec<&str> {
        let Dictionary { text, ends } = &self.dictionary;
        let mut start = 0;
        let mut texts = Vec::with_capacity(ends.len());
        for end in ends {
            texts.push(&text[start..*end]);
            start = *end;
        }
        texts
    }
}

impl Dictionary {
    /// Reads a dictionary's page: for each text its length in four bytes, and its bytes.
    fn read(&mut self, page: &[u8], n_texts: usize) -> Option<()> {
        let mut rest = page;
        for _ in 0..n_texts {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (text, after) = after.split_at_checked(length)?;
            self.text.push_str(std::str::from_utf8(text).ok()?);
            self.ends.push(self.text.len());
            rest = after;
        }
        rest.is_empty().then_some(())
    }
}

/// What is wrong with a page that is not as we write them.
const STRANGE: FactsError = FactsError::Damaged {
    what: "a page is not as this format has them",
};

/// Reads a column of texts of `n_rows` rows.
pub(super) fn texts(
    pages: &mut dyn PageReader,
    is_optional: bool,
    n_rows: usize,
    into: &mut TextColumn,
) -> Result<(), FactsError> {
    into.clear();
    let mut levels = Vec::new();
    while let Some(page) = pages.get_next_page()? {
        let Some(page) = of_texts(page, &mut into.dictionary)? else {
            continue;
        };
        page.fits(into.ids.len(), n_rows)?;
        let mut values = Values(&page.bytes);
        levels.clear();
        let n_texts = match is_optional {
            true => {
                values.levels(page.n_values, &mut levels).ok_or(STRANGE)?;
                levels.iter().filter(|level| **level == 1).count()
            }
            false => page.n_values,
        };
        let start = into.ids.len();
        let n_known = into.dictionary.ends.len();
        values.ids(n_texts, n_known, &mut into.ids).ok_or(STRANGE)?;
        if n_texts < page.n_values {
            spread(&mut into.ids, start, &levels);
        }
    }
    whole(into.ids.len(), n_rows)
}

/// Reads a column of lists of texts of `n_rows` rows.
pub(super) fn lists(
    pages: &mut dyn PageReader,
    n_rows: usize,
    into: &mut ListColumn,
) -> Result<(), FactsError> {
    into.elements.clear();
    into.ends.clear();
    let (mut repetition, mut levels) = (Vec::new(), Vec::new());
    while let Some(page) = pages.get_next_page()? {
        let Some(page) = of_texts(page, &mut into.elements.dictionary)? else {
            continue;
        };
        page.fits(into.elements.ids.len(), n_rows * LIST_LEN_MAX)?;
        let mut values = Values(&page.bytes);
        repetition.clear();
        levels.clear();
        let read = values.levels(page.n_values, &mut repetition);
        read.and_then(|()| values.levels(page.n_values, &mut levels))
            .ok_or(STRANGE)?;
        // A level of 0 is an empty list, which has no text.
        let n_texts = levels.iter().filter(|level| **level == 1).count();
        let mut end = into.elements.ids.len();
        let n_known = into.elements.dictionary.ends.len();
        let ids = values.ids(n_texts, n_known, &mut into.elements.ids);
        ids.ok_or(STRANGE)?;
        for (repeats, level) in repetition.iter().zip(&levels) {
            end += usize::from(*level == 1);
            let end = u32::try_from(end).map_err(|_| STRANGE)?;
            match (repeats, into.ends.last_mut()) {
                (0, _) => into.ends.push(end),
                (_, Some(last)) => *last = end,
                (_, None) => return Err(STRANGE),
            }
        }
    }
    whole(into.ends.len(), n_rows)
}

/// Reads a column of keys of `n_rows` rows.
pub(super) fn keys(
    pages: &mut dyn PageReader,
    n_rows: usize,
    into: &mut Vec<[u8; 16]>,
) -> Result<(), FactsError> {
    into.clear();
    while let Some(page) = pages.get_next_page()? {
        let page = data(page, Encoding::PLAIN)?;
        let (keys, rest) = page.bytes.as_chunks::<16>();
        if keys.len() != page.n_values || !rest.is_empty() {
            return Err(STRANGE);
        }
        into.extend_from_slice(keys);
    }
    whole(into.len(), n_rows)
}

fn whole(found: usize, n_rows: usize) -> Result<(), FactsError> {
    match found == n_rows {
        true => Ok(()),
        false => Err(FactsError::Damaged {
            what: "the number of rows of a column",
        }),
    }
}

/// A page of data: its levels and values.
struct Data {
    bytes: Bytes,
    n_values: usize,
}

impl Data {
    /// Fails if there are more values than there can be, before room is made for them.
    fn fits(&self, n_before: usize, n_most: usize) -> Result<(), FactsError> {
        match self.n_values <= n_most.saturating_sub(n_before) {
            true => Ok(()),
            false => Err(STRANGE),
        }
    }
}

/// Takes a dictionary's page in; returns any other.
fn of_texts(page: Page, dictionary: &mut Dictionary) -> Result<Option<Data>, FactsError> {
    match page {
        Page::DictionaryPage {
            buf, num_values, ..
        } if dictionary.ends.is_empty() => {
            let n_texts = usize::try_from(num_values).map_err(|_| STRANGE)?;
            dictionary.read(&buf, n_texts).ok_or(STRANGE)?;
            Ok(None)
        }
        page @ (Page::DataPage { .. } | Page::DataPageV2 { .. } | Page::DictionaryPage { .. }) => {
            data(page, Encoding::RLE_DICTIONARY).map(Some)
        }
    }
}

fn data(page: Page, expected: Encoding) -> Result<Data, FactsError> {
    match page {
        Page::DataPage {
            buf,
            num_values,
            encoding,
            ..
        } if encoding == expected => Ok(Data {
            bytes: buf,
            n_values: usize::try_from(num_values).map_err(|_| STRANGE)?,
        }),
        Page::DataPage { .. } | Page::DataPageV2 { .. } | Page::DictionaryPage { .. } => {
            Err(STRANGE)
        }
    }
}

/// What is left of a page.
pub(super) struct Values<'a>(pub(super) &'a [u8]);

impl Values<'_> {
    /// Reads levels of one bit: four bytes with the length, and as many bytes of them.
    pub(super) fn levels(&mut self, n: usize, into: &mut Vec<u32>) -> Option<()> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (levels, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        numbers(levels, 1, n, into)
    }

    /// Reads places in a dictionary of `n_known` texts: one byte with their width, and they themselves.
    fn ids(&mut self, n: usize, n_known: usize, into: &mut Vec<u32>) -> Option<()> {
        if n == 0 {
            return Some(());
        }
        let (width, rest) = self.0.split_first()?;
        let start = into.len();
        numbers(rest, *width, n, into)?;
        let greatest = into.get(start..)?.iter().copied().reduce(std::cmp::max)?;
        (usize::try_from(greatest).ok()? < n_known).then_some(())
    }
}

/// Unpacks `n` numbers of `width` bits: runs of one number, and groups of eight packed ones.
fn numbers(bytes: &[u8], width: u8, n: usize, into: &mut Vec<u32>) -> Option<()> {
    if width > 32 {
        return None;
    }
    let end = into.len().checked_add(n)?;
    let mut rest = bytes;
    while into.len() < end {
        let wanted = end - into.len();
        let (header, after) = varint(rest)?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 0 {
            let (value, after) = after.split_at_checked(usize::from(width).div_ceil(8))?;
            let mut number = [0; 4];
            number[..value.len()].copy_from_slice(value);
            let number = u32::from_le_bytes(number);
            into.resize(into.len() + std::cmp::min(count, wanted), number);
            rest = after;
            // A run of nothing would be read for ever.
            if count == 0 {
                return None;
            }
        } else {
            let length = count.checked_mul(usize::from(width))?;
            let (packed, after) = after.split_at_checked(length)?;
            unpack(
                packed,
                width,
                std::cmp::min(count.checked_mul(8)?, wanted),
                into,
            );
            rest = after;
            if count == 0 {
                return None;
            }
        }
    }
    Some(())
}

/// Unpacks `n` numbers of `width` bits each, the lowest bits first. There are enough bytes.
fn unpack(packed: &[u8], width: u8, n: usize, into: &mut Vec<u32>) {
    if width == 0 {
        into.resize(into.len() + n, 0);
        return;
    }
    let width = u32::from(width);
    let mask = (1_u64 << width) - 1;
    let (mut window, mut n_bits) = (0_u64, 0);
    let mut bytes = packed.iter();
    for _ in 0..n {
        while n_bits < width {
            window |= u64::from(bytes.next().copied().unwrap_or_default()) << n_bits;
            n_bits += 8;
        }
        // Masked to at most 32 bits.
        into.push(u32::try_from(window & mask).unwrap_or_default());
        window >>= width;
        n_bits -= width;
    }
}

/// Reads a number of seven bits a byte.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (idx, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * idx);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(idx + 1..)?));
        }
    }
    None
}

/// Moves the values from `start` on to the rows that have one.
fn spread(values: &mut Vec<u32>, start: usize, levels: &[u32]) {
    let mut from = values.len();
    values.resize(start + levels.len(), NOTHING);
    // From behind, so that no value is overwritten before it has moved.
    for (idx, level) in levels.iter().enumerate().rev() {
        let to = start + idx;
        if *level == 1 {
            from -= 1;
            values[to] = values[from];
        } else {
            values[to] = NOTHING;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packs as the format has it: eight at a time.
    fn packed(numbers: &[u32], width: u8) -> Vec<u8> {
        let n_groups = numbers.len().div_ceil(8);
        let mut bytes = vec![u8::try_from(n_groups << 1 | 1).unwrap()];
        let mut bits = Vec::new();
        for idx in 0..n_groups * 8 {
            let number = numbers.get(idx).copied().unwrap_or_default();
            bits.extend((0..width).map(|bit| number >> bit & 1 == 1));
        }
        let byte = |bits: &[bool]| {
            bits.iter()
                .rev()
                .fold(0, |byte, bit| byte << 1 | u8::from(*bit))
        };
        bytes.extend(bits.chunks(8).map(byte));
        bytes
    }

    proptest! {
        #[test]
        fn packed_numbers_come_back(width in 1_u8..=32, seed in prop::collection::vec(any::<u32>(), 0..200)) {
            let mask = u32::MAX >> (32 - width);
            let expected: Vec<_> = seed.iter().map(|number| number & mask).collect();
            let mut found = Vec::new();
            numbers(&packed(&expected, width), width, expected.len(), &mut found).unwrap();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60), width in 0_u8..40, n in 0_usize..1000) {
            let mut found = Vec::new();
            if numbers(&bytes, width, n, &mut found).is_some() {
                prop_assert_eq!(found.len(), n);
            }
        }
    }

    #[test]
    fn runs_and_packed_groups_follow_each_other() {
        // Five times 3, then 1 and 2 packed.
        let bytes = [5 << 1, 3, 1 << 1 | 1, 0b1001, 0];
        let mut found = Vec::new();
        numbers(&bytes, 2, 7, &mut found).unwrap();
        assert_eq!(found, [3, 3, 3, 3, 3, 1, 2]);
    }

    #[test]
    fn rows_without_a_value_are_kept_apart() {
        let mut values = vec![9, 1, 2, 3];
        spread(&mut values, 1, &[0, 1, 0, 0, 1, 1, 0]);
        let n = NOTHING;
        assert_eq!(values, [9, n, 1, n, n, 2, 3, n]);
    }
}
