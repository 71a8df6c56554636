//! A piece of a file that ends where a record ends.

use super::Refused;

/// A piece of a file, with room to be filled again.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The file's number.
    pub(super) file: usize,
    /// Where in the file's text it begins, in bytes.
    pub(super) offset: u64,
    /// Room for text; what counts is its first `len` bytes.
    pub(super) room: Vec<u8>,
    pub(super) len: usize,
    /// The text could not be kept: one record that is refused stands in its place.
    pub(super) refused: Option<Refused>,
}

impl Chunk {
    pub(super) fn text(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }
}
