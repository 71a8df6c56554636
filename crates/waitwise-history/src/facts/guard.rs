//! What stands between the last row group and the footer: a checksum of the footer, to be looked at before the footer is.
//!
//! Parquet finds row groups by their offsets and the footer from the end, so no reader minds the sixteen bytes.

use bytes::Bytes;
use parquet::file::reader::ChunkReader;
use twox_hash::XxHash64;

use super::{FORMAT, FactsError};

/// The guard's first half.
const MARK: &[u8; 8] = b"wwfacts2";

/// The guard's length in bytes.
pub(super) const GUARD_LEN: u64 = 16;

/// What follows the footer: its length and Parquet's own mark.
const TAIL_LEN: u64 = 8;
const PARQUET_MARK: &[u8; 4] = b"PAR1";

/// A footer of more bytes is none of ours: a row group needs some four thousand.
const FOOTER_LEN_MAX: u64 = 256 << 20;

/// Returns a checksum of bytes: xxHash64.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

/// Returns the guard of a footer, its tail included.
pub(super) fn guard(footer_and_tail: &[u8]) -> [u8; 16] {
    let mut guard = [0; 16];
    guard[..8].copy_from_slice(MARK);
    guard[8..].copy_from_slice(&checksum(footer_and_tail).to_le_bytes());
    guard
}

/// A footer that is as it was written.
pub(super) struct Footer {
    /// The footer's bytes, without its tail.
    pub(super) bytes: Bytes,
    /// Where the guard begins, and the row groups end.
    pub(super) guard_at: u64,
}

/// Reads the footer, and says whether it is what was written.
///
/// # Errors
/// It cannot be read, is of another format, or is damaged.
pub(super) fn footer<F: ChunkReader>(file: &F) -> Result<Footer, FactsError> {
    let foreign = FactsError::Format { expected: FORMAT };
    let cut_off = FactsError::Damaged {
        what: "its end is missing",
    };
    let len = file.len();
    let start = file.get_bytes(0, usize::try_from(std::cmp::min(len, 4)).unwrap_or(0))?;
    if start.as_ref() != PARQUET_MARK {
        return Err(foreign);
    }
    let Some(tail_at) = len.checked_sub(TAIL_LEN).filter(|at| *at >= 4) else {
        return Err(cut_off);
    };
    let tail = file.get_bytes(tail_at, 8)?;
    let (length, mark) = tail.split_at(4);
    if mark != PARQUET_MARK {
        return Err(cut_off);
    }
    let mut footer_len = [0; 4];
    footer_len.copy_from_slice(length);
    let footer_len = u64::from(u32::from_le_bytes(footer_len));
    let guard_at = tail_at.checked_sub(footer_len + GUARD_LEN);
    let Some(guard_at) = guard_at.filter(|_| footer_len <= FOOTER_LEN_MAX) else {
        return Err(FactsError::Damaged {
            what: "the length of its footer",
        });
    };
    let whole = usize::try_from(len - guard_at).unwrap_or(usize::MAX);
    let mut bytes = file.get_bytes(guard_at, whole)?;
    let found = bytes.split_to(16);
    if &found[..8] != MARK {
        return Err(foreign);
    }
    if found.as_ref() != guard(&bytes) {
        return Err(FactsError::Damaged { what: "its footer" });
    }
    bytes.truncate(bytes.len().saturating_sub(8));
    Ok(Footer { bytes, guard_at })
}
