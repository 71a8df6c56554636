//! Where all threads get their next chunk.

use std::io::{self, Read};

use super::chunk::Chunk;
use super::elements::Elements;
use super::lines::Lines;

/// How records stand in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// One a line; empty lines are nothing.
    Lines,
    /// JSON values one after the other, each over any number of lines.
    Values,
    /// The elements of a JSON array.
    Array,
    /// The elements of an array that is this member of a JSON object, or of several objects.
    Member(&'static str),
}

/// A text that was opened.
pub struct Opened {
    /// The text, decompressed.
    pub text: Box<dyn Read + Send>,
    /// How records stand in it.
    pub layout: Layout,
}

/// Opens one text after the other; `None`: there are no more.
pub trait Opener: Send {
    /// Opens the next text.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open_next(&mut self) -> Option<io::Result<Opened>>;
}

/// A text that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("reading stopped at byte {offset}")]
pub struct ReadError {
    /// The text's number.
    pub file: usize,
    /// How far it was read, in bytes of the text as it is when unpacked.
    pub offset: u64,
    /// Why.
    pub source: io::Error,
}

/// Cuts texts into chunks.
pub(super) struct Intake<O> {
    opener: O,
    open: Option<Cut>,
    n_opened: usize,
}

/// An open text.
enum Cut {
    Lines(Lines),
    Elements(Elements),
}

impl<O: Opener> Intake<O> {
    pub(super) fn new(opener: O) -> Intake<O> {
        Intake {
            opener,
            open: None,
            n_opened: 0,
        }
    }

    /// Fills a chunk. Returns whether there was something left to read.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> Result<bool, ReadError> {
        loop {
            let Some(open) = &mut self.open else {
                match self.open_next()? {
                    true => continue,
                    false => return Ok(false),
                }
            };
            let file = self.n_opened - 1;
            let filled = match open {
                Cut::Lines(lines) => lines.fill(file, chunk),
                Cut::Elements(elements) => elements.fill(file, chunk),
            };
            let is_filled = filled.map_err(|source| ReadError {
                file,
                // What was read of the chunk lies behind it.
                offset: open.offset() + chunk.text().len() as u64,
                source,
            })?;
            if is_filled {
                return Ok(true);
            }
            self.open = None;
        }
    }

    fn open_next(&mut self) -> Result<bool, ReadError> {
        let Some(opened) = self.opener.open_next() else {
            return Ok(false);
        };
        let file = self.n_opened;
        self.n_opened += 1;
        let Opened { text, layout } = opened.map_err(|source| ReadError {
            file,
            offset: 0,
            source,
        })?;
        self.open = Some(match layout {
            Layout::Lines => Cut::Lines(Lines::new(text)),
            Layout::Values => Cut::Elements(Elements::values(text)),
            Layout::Array => Cut::Elements(Elements::array(text)),
            Layout::Member(name) => Cut::Elements(Elements::member(text, name)),
        });
        Ok(true)
    }
}

impl Cut {
    /// How far the text was cut, in bytes.
    fn offset(&self) -> u64 {
        match self {
            Cut::Lines(lines) => lines.offset(),
            Cut::Elements(elements) => elements.offset(),
        }
    }
}
