//! Packed files as the texts in them, unpacked by a thread of their own.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use waitwise_history::calls::{is_packed, unpacked};

use super::open::Peeked;

/// Returns the text of a file: as it is, or unpacked by a thread of its own.
pub(super) fn text_of(file: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let file = Peeked::new(file)?;
    Ok(match is_packed(&file.begin) {
        true => Box::new(Unpacked::start(file.whole())?),
        false => file.whole(),
    })
}

/// The thread hands over pieces of so many bytes.
const BLOCK: usize = 256 * 1024;

/// It is ahead by so many pieces at most: enough that nobody waits for a hand-over, and no more memory than that.
const AHEAD: usize = 3;

/// The text of a packed file.
struct Unpacked {
    pieces: Receiver<io::Result<Vec<u8>>>,
    used: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Unpacked {
    /// Begins to unpack. The thread ends with the text, or when this is dropped.
    fn start(file: Box<dyn Read + Send>) -> io::Result<Unpacked> {
        let (to_reader, pieces) = sync_channel(AHEAD);
        let (used, from_reader) = sync_channel(AHEAD + 1);
        std::thread::Builder::new()
            .name("unpack".to_owned())
            .spawn(move || unpack(file, &to_reader, &from_reader))?;
        Ok(Unpacked {
            pieces,
            used,
            piece: Vec::new(),
            at: 0,
        })
    }
}

impl Read for Unpacked {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            // An unpacking thread that has ended has sent all there is.
            let Ok(next) = self.pieces.recv() else {
                return Ok(0);
            };
            let used = std::mem::replace(&mut self.piece, next?);
            self.at = 0;
            // No more are given back than there is room for.
            let _ = self.used.try_send(used);
        }
        let piece = self.piece.get(self.at..).unwrap_or_default();
        let n = std::cmp::min(room.len(), piece.len());
        if let (Some(room), Some(piece)) = (room.get_mut(..n), piece.get(..n)) {
            room.copy_from_slice(piece);
        }
        self.at += n;
        Ok(n)
    }
}

/// Sends the text piece by piece, and at last why there is no more if that is not its end.
fn unpack(
    file: Box<dyn Read + Send>,
    to_reader: &SyncSender<io::Result<Vec<u8>>>,
    from_reader: &Receiver<Vec<u8>>,
) {
    let mut text = match unpacked(file) {
        Ok(text) => text,
        Err(error) => {
            let _ = to_reader.send(Err(error));
            return;
        }
    };
    loop {
        let mut piece = from_reader.try_recv().unwrap_or_default();
        piece.resize(BLOCK, 0);
        let (len, result) = fill(&mut *text, &mut piece);
        piece.truncate(len);
        // Nobody reads any more: nothing is left to do.
        if len > 0 && to_reader.send(Ok(piece)).is_err() {
            return;
        }
        match result {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let _ = to_reader.send(Err(error));
                return;
            }
        }
    }
}

/// Reads until the piece is full. Returns how far it is, and whether there may be more.
fn fill(text: &mut dyn Read, piece: &mut [u8]) -> (usize, io::Result<bool>) {
    let mut len = 0;
    while let Some(room) = piece.get_mut(len..).filter(|room| !room.is_empty()) {
        match text.read(room) {
            Ok(0) => return (len, Ok(false)),
            Ok(n) => len += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (len, Err(error)),
        }
    }
    (len, Ok(true))
}
