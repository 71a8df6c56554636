//! A piece of a text that ends where a record ends.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::Refused;

/// A piece of a text, with room to be filled again.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The text's number.
    pub(super) file: usize,
    /// Where in its text it begins, in bytes.
    pub(super) offset: u64,
    /// Room for text; what counts is its first `len` bytes.
    room: Vec<u8>,
    len: usize,
    /// Where the records are; `None`: one a line.
    pub(super) records: Option<Vec<Range<usize>>>,
    /// The text could not be kept: one record that is refused stands in its place.
    pub(super) refused: Option<Refused>,
    /// How many lines end in what is not kept.
    pub(super) lines_passed: u64,
}

/// Text is read in pieces of so many bytes: a piece stays in a core's own cache while it is looked at, and costs one call of
/// the system.
pub(super) const CHUNK: usize = 256 * 1024;

/// Longer records are refused, so that memory stays bounded. The longest that were seen have some hundred kilobytes.
pub(super) const RECORD_MAX: usize = 8 * 1024 * 1024;

pub(super) const TOO_LONG: Refused = Refused {
    offset: 0,
    reason: "it is longer than 8 MiB",
};

impl Chunk {
    /// Empties it, for text that begins with `text`.
    pub(super) fn begin(&mut self, file: usize, offset: u64, text: &[u8]) {
        self.file = file;
        self.offset = offset;
        self.records = None;
        self.refused = None;
        self.lines_passed = 0;
        self.len = text.len();
        self.make_room(std::cmp::max(CHUNK, self.len));
        if let Some(room) = self.room.get_mut(..text.len()) {
            room.copy_from_slice(text);
        }
    }

    pub(super) fn text(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }

    /// Drops the text from `at` on.
    pub(super) fn cut(&mut self, at: usize) {
        self.len = std::cmp::min(self.len, at);
    }

    /// Makes it take up to so many bytes.
    pub(super) fn make_room(&mut self, n_bytes: usize) {
        if self.room.len() < n_bytes {
            self.room.resize(n_bytes, 0);
        }
    }

    /// Reads until there is no room. Returns whether the text has ended.
    pub(super) fn read_from(&mut self, text: &mut dyn Read) -> io::Result<bool> {
        while let Some(room) = self
            .room
            .get_mut(self.len..)
            .filter(|room| !room.is_empty())
        {
            match text.read(room) {
                Ok(0) => return Ok(true),
                Ok(n) => self.len += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
