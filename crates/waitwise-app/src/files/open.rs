//! Files as texts.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use waitwise_history::calls::unpacked;
use waitwise_history::records::{Layout, Opened, Opener};

/// Where records come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
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

    /// Returns how many bytes there are to read; `None` if nobody can tell.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Input::File(path) => {
                let metadata = std::fs::metadata(path).ok()?;
                metadata.is_file().then_some(metadata.len())
            }
            Input::Stdin => None,
        }
    }

    /// Opens it; `progress` is told of every byte.
    pub(crate) fn open(&self, progress: &Progress) -> io::Result<Box<dyn Read + Send>> {
        let bytes: Box<dyn Read + Send> = match self {
            Input::File(path) => Box::new(File::open(path)?),
            Input::Stdin => Box::new(io::stdin()),
        };
        Ok(Box::new(Counted {
            bytes,
            told: Arc::clone(progress),
        }))
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
        let text = input.open(self.progress).and_then(unpacked);
        Some(text.map(|text| Opened {
            text,
            layout: Layout::Lines,
        }))
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
