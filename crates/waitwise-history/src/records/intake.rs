//! Where all threads get their next chunk.

use std::io::{self, ErrorKind, Read};

use memchr::memrchr;

use super::Refused;
use super::chunk::Chunk;

/// How records stand in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// One a line; empty lines are nothing.
    Lines,
}

/// A file that was opened: its text, decompressed.
pub struct Opened {
    /// The text.
    pub text: Box<dyn Read + Send>,
    /// How records stand in it.
    pub layout: Layout,
}

/// Opens one file after the other; `None`: there are no more.
pub trait Opener: Send {
    /// Opens the next file.
    ///
    /// # Errors
    /// It cannot be opened, or is no file of records.
    fn open_next(&mut self) -> Option<io::Result<Opened>>;
}

/// A file that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("reading stopped at byte {offset}")]
pub struct ReadError {
    /// The file's number.
    pub file: usize,
    /// How far it was read, in bytes of its text.
    pub offset: u64,
    /// Why.
    pub source: io::Error,
}

/// Text is read in pieces of so many bytes: a piece stays in a core's own cache while it is looked at.
const CHUNK: usize = 256 * 1024;

/// Longer records are refused, so that memory stays bounded. The longest that were seen have some hundred kilobytes.
const RECORD_MAX: usize = 8 * 1024 * 1024;

/// Cuts files into chunks.
pub(super) struct Intake<O> {
    opener: O,
    open: Option<Opened>,
    /// The number of the open file.
    file: usize,
    n_opened: usize,
    /// What was read beyond the last chunk's end, and where it stands in the file.
    rest: Vec<u8>,
    offset: u64,
}

impl<O: Opener> Intake<O> {
    pub(super) fn new(opener: O) -> Intake<O> {
        Intake {
            opener,
            open: None,
            file: 0,
            n_opened: 0,
            rest: Vec::new(),
            offset: 0,
        }
    }

    /// Fills a chunk. Returns whether there was something left to read.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> Result<bool, ReadError> {
        loop {
            if self.open.is_none() && !self.open_next()? {
                return Ok(false);
            }
            chunk.file = self.file;
            chunk.offset = self.offset;
            chunk.refused = None;
            let is_filled = self.fill(chunk).map_err(|source| ReadError {
                file: self.file,
                offset: self.offset,
                source,
            })?;
            if is_filled {
                return Ok(true);
            }
            self.open = None;
        }
    }

    fn open_next(&mut self) -> Result<bool, ReadError> {
        self.file = self.n_opened;
        self.offset = 0;
        self.rest.clear();
        let Some(opened) = self.opener.open_next() else {
            return Ok(false);
        };
        self.n_opened += 1;
        let failed = |source| ReadError {
            file: self.file,
            offset: 0,
            source,
        };
        self.open = Some(opened.map_err(failed)?);
        Ok(true)
    }

    /// Returns whether anything was left of the open file.
    fn fill(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        chunk.len = self.rest.len();
        ensure_room(chunk, std::cmp::max(CHUNK, chunk.len));
        chunk.room[..chunk.len].copy_from_slice(&self.rest);
        self.rest.clear();
        loop {
            let is_at_end = read_full(&mut *open.text, chunk)?;
            let cut = if is_at_end {
                Some(chunk.len)
            } else {
                memrchr(b'\n', chunk.text()).map(|newline| newline + 1)
            };
            match cut {
                Some(cut) => {
                    self.rest.extend_from_slice(&chunk.text()[cut..]);
                    chunk.len = cut;
                    self.offset += cut as u64;
                    return Ok(cut > 0);
                }
                None if chunk.len < RECORD_MAX => {
                    let double = std::cmp::min(chunk.len * 2, RECORD_MAX);
                    ensure_room(chunk, double);
                }
                None => return self.pass_over(chunk).map(|()| true),
            }
        }
    }

    /// Passes over a line that is too long to be kept.
    fn pass_over(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        chunk.refused = Some(Refused {
            offset: 0,
            reason: "it is longer than 8 MiB",
        });
        loop {
            self.offset += chunk.len as u64;
            chunk.len = 0;
            let is_at_end = read_full(&mut *open.text, chunk)?;
            if let Some(newline) = memchr::memchr(b'\n', chunk.text()) {
                self.offset += newline as u64 + 1;
                self.rest.extend_from_slice(&chunk.text()[newline + 1..]);
                chunk.len = 0;
                return Ok(());
            }
            if is_at_end {
                self.offset += chunk.len as u64;
                chunk.len = 0;
                return Ok(());
            }
        }
    }
}

fn ensure_room(chunk: &mut Chunk, n_bytes: usize) {
    if chunk.room.len() < n_bytes {
        chunk.room.resize(n_bytes, 0);
    }
}

/// Reads until the chunk's room is full. Returns whether the text has ended.
fn read_full(text: &mut dyn Read, chunk: &mut Chunk) -> io::Result<bool> {
    while chunk.len < chunk.room.len() {
        match text.read(&mut chunk.room[chunk.len..]) {
            Ok(0) => return Ok(true),
            Ok(n) => chunk.len += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
