//! Texts with one record a line, cut at line ends.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

use super::chunk::{Chunk, RECORD_MAX, TOO_LONG};

/// A text of lines.
pub(super) struct Lines {
    text: Box<dyn Read + Send>,
    /// What was read behind the last chunk's end, and where it stands in the text.
    rest: Vec<u8>,
    offset: u64,
}

impl Lines {
    pub(super) fn new(text: Box<dyn Read + Send>) -> Lines {
        Lines {
            text,
            rest: Vec::new(),
            offset: 0,
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Fills a chunk. Returns whether anything was left of the text.
    pub(super) fn fill(&mut self, file: usize, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.begin(file, self.offset, &self.rest);
        self.rest.clear();
        loop {
            let has_ended = chunk.read_from(&mut *self.text)?;
            let text = chunk.text();
            let cut = match has_ended {
                true => Some(text.len()),
                false => memrchr(b'\n', text).map(|newline| newline + 1),
            };
            if let Some(cut) = cut {
                self.rest
                    .extend_from_slice(text.get(cut..).unwrap_or_default());
                chunk.cut(cut);
                self.offset += cut as u64;
                return Ok(cut > 0);
            }
            if text.len() >= RECORD_MAX {
                return self.pass_over(chunk).map(|()| true);
            }
            let double = std::cmp::min(text.len() * 2, RECORD_MAX);
            chunk.make_room(double);
        }
    }

    /// Passes over a line that is too long to be kept.
    fn pass_over(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        chunk.refused = Some(TOO_LONG);
        loop {
            self.offset += chunk.text().len() as u64;
            chunk.cut(0);
            let has_ended = chunk.read_from(&mut *self.text)?;
            let text = chunk.text();
            if let Some(newline) = memchr(b'\n', text) {
                let behind = text.get(newline + 1..).unwrap_or_default();
                self.rest.extend_from_slice(behind);
                self.offset += newline as u64 + 1;
                chunk.lines_passed = 1;
                chunk.cut(0);
                return Ok(());
            }
            if has_ended {
                self.offset += text.len() as u64;
                chunk.cut(0);
                return Ok(());
            }
        }
    }
}
