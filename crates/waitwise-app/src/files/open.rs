//! Files as texts of records.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use waitwise_history::records::{Layout, Opened, Opener};
use waitwise_wire::platform::conversation;

use super::unpack::text_of;

/// Where records come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A file: plain or packed by gzip, zstd or xz, which its first bytes tell.
    File(PathBuf),
    /// Standard input, of which the same is true.
    Stdin,
}

impl Input {
    /// Returns its name for messages.
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "standard input".to_owned(),
        }
    }

    /// Returns how many bytes there are to read, as they lie on the disk; `None` if nobody can tell.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Input::File(path) => {
                let metadata = std::fs::metadata(path).ok()?;
                metadata.is_file().then_some(metadata.len())
            }
            Input::Stdin => None,
        }
    }

    /// Opens its text, unpacked; `progress` is told of every byte on the disk.
    pub(crate) fn open(&self, progress: &Progress) -> io::Result<Box<dyn Read + Send>> {
        let bytes: Box<dyn Read + Send> = match self {
            Input::File(path) => Box::new(File::open(path)?),
            Input::Stdin => Box::new(io::stdin()),
        };
        text_of(Box::new(Counted {
            bytes,
            told: Arc::clone(progress),
        }))
    }

    /// Opens its text, and tells how conversation records stand in it.
    fn records(&self, progress: &Progress) -> io::Result<Opened> {
        let text = Peeked::new(self.open(progress)?)?;
        Ok(Opened {
            layout: layout(&text.begin),
            text: text.whole(),
        })
    }
}

fn layout(begin: &[u8]) -> Layout {
    match conversation::layout(begin) {
        conversation::Layout::Lines => Layout::Lines,
        conversation::Layout::Values => Layout::Values,
        conversation::Layout::Array => Layout::Array,
        conversation::Layout::Pages => Layout::Member(conversation::PAGE_MEMBER),
    }
}

/// Is told how many more bytes of the files have been read, as they lie on the disk.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Opens the inputs one after the other.
pub(crate) struct Queue<'a> {
    inputs: std::slice::Iter<'a, Input>,
    progress: &'a Progress,
}

impl<'a> Queue<'a> {
    pub(crate) fn new(inputs: &'a [Input], progress: &'a Progress) -> Queue<'a> {
        Queue {
            inputs: inputs.iter(),
            progress,
        }
    }
}

impl Opener for Queue<'_> {
    fn open_next(&mut self) -> Option<io::Result<Opened>> {
        let input = self.inputs.next()?;
        Some(input.records(self.progress))
    }
}

/// Something to read whose begin has been looked at.
pub(super) struct Peeked {
    pub(super) begin: Vec<u8>,
    rest: Box<dyn Read + Send>,
}

impl Peeked {
    pub(super) fn new(mut rest: Box<dyn Read + Send>) -> io::Result<Peeked> {
        /// Enough to tell a layout by, if blanks come first.
        const BEGIN: u64 = 4096;
        let mut begin = Vec::new();
        (&mut rest).take(BEGIN).read_to_end(&mut begin)?;
        Ok(Peeked { begin, rest })
    }

    /// Returns all of it, the begin included.
    pub(super) fn whole(self) -> Box<dyn Read + Send> {
        Box::new(io::Cursor::new(self.begin).chain(self.rest))
    }
}

/// Counts what is read.
struct Counted<R> {
    bytes: R,
    told: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read(room)?;
        (self.told)(n as u64);
        Ok(n)
    }
}
