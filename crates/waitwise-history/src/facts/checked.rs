//! Pages of numbers, looked at before the library unpacks them: it trusts what a page claims, and a forged one claims that
//! it has no numbers where it has some.

use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

use super::columns::{Column, Kind};
use super::pages::{Values, varint};

/// Hands on the pages of a column that are as this format has them.
pub(super) struct Checked {
    pages: Box<dyn PageReader>,
    column: Column,
}

impl Checked {
    pub(super) fn new(pages: Box<dyn PageReader>, column: Column) -> Checked {
        Checked { pages, column }
    }

    fn is_sound(&self, page: &Page) -> bool {
        match page {
            Page::DataPage {
                buf,
                num_values,
                encoding,
                ..
            } if *encoding == self.encoding() => {
                self.column.kind() == Kind::Flag || self.is_packed(buf, *num_values).is_some()
            }
            Page::DataPage { .. } | Page::DataPageV2 { .. } | Page::DictionaryPage { .. } => false,
        }
    }

    fn encoding(&self) -> Encoding {
        match self.column.kind() {
            Kind::Flag => Encoding::PLAIN,
            Kind::Instant | Kind::Long | Kind::Int => Encoding::DELTA_BINARY_PACKED,
            Kind::Key | Kind::Text | Kind::Texts => Encoding::RLE_DICTIONARY,
        }
    }

    /// Looks at what stands before packed numbers: their layout, which is always the same, and how many they are.
    fn is_packed(&self, page: &[u8], num_values: u32) -> Option<()> {
        /// Numbers of a block, and parts of it, as the library writes those of 32 and of 64 bits.
        const LAYOUTS: [(u64, u64); 2] = [(128, 4), (256, 4)];
        let mut values = Values(page);
        let n_rows = usize::try_from(num_values).ok()?;
        let mut levels = Vec::new();
        if self.column.is_optional() {
            values.levels(n_rows, &mut levels)?;
        }
        let n_there = match self.column.is_optional() {
            true => levels.iter().filter(|level| **level == 1).count(),
            false => n_rows,
        };
        let (block, rest) = varint(values.0)?;
        let (parts, rest) = varint(rest)?;
        let (n_numbers, _) = varint(rest)?;
        let is_sound = LAYOUTS.contains(&(block, parts)) && n_numbers == n_there as u64;
        is_sound.then_some(())
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        match page.as_ref().is_none_or(|page| self.is_sound(page)) {
            true => Ok(page),
            false => Err(ParquetError::General(
                "a page is not as this format has them".to_owned(),
            )),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}

impl Iterator for Checked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}
