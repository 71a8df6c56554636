//! A file of facts that somebody forged: its checksums are put right, as whoever forges one would, and it is read or refused.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use parquet::file::metadata::ParquetMetaDataReader;
use twox_hash::XxHash64;
use waitwise_history::facts::{Columns, Reader};

/// Between the row groups and the footer: `wwfacts2`, and a checksum of all that follows.
const GUARD_LEN: usize = 16;
/// The footer's length, and Parquet's mark.
const TAIL_LEN: usize = 8;
/// A checksum, as hexadecimal digits.
const DIGITS: usize = 16;

fuzz_target!(|data: &[u8]| {
    read(data.to_vec());
    let mut forged = data.to_vec();
    if put_right(&mut forged).is_some() {
        read(forged);
    }
});

fn read(bytes: Vec<u8>) {
    let Ok(mut reader) = Reader::open(Bytes::from(bytes)) else {
        return;
    };
    let claimed = reader.head().legs;
    let mut n_rows = 0;
    if reader.for_each(Columns::ALL, |_| n_rows += 1).is_ok() {
        assert_eq!(n_rows, claimed);
    }
}

/// Puts the checksum of each column right, where the footer has one and says where the column is, then the footer's.
/// `None`: there is no footer.
fn put_right(bytes: &mut [u8]) -> Option<()> {
    let tail_at = bytes.len().checked_sub(TAIL_LEN)?;
    let length = u32::from_le_bytes(bytes[tail_at..tail_at + 4].try_into().ok()?);
    let footer_at = tail_at.checked_sub(usize::try_from(length).ok()?)?;
    let guard_at = footer_at.checked_sub(GUARD_LEN)?;
    sum_columns(bytes, footer_at, tail_at);
    let sum = XxHash64::oneshot(0, &bytes[footer_at..]);
    bytes[guard_at..guard_at + 8].copy_from_slice(b"wwfacts2");
    bytes[guard_at + 8..footer_at].copy_from_slice(&sum.to_le_bytes());
    Some(())
}

fn sum_columns(bytes: &mut [u8], footer_at: usize, tail_at: usize) -> Option<()> {
    let footer = ParquetMetaDataReader::decode_metadata(&bytes[footer_at..tail_at]).ok()?;
    let mut at = footer_at + place(&bytes[footer_at..tail_at], b"\"checksums\":[\"")?;
    for group in footer.row_groups() {
        for column in group.columns() {
            let first_page = column.dictionary_page_offset();
            let start = usize::try_from(first_page.unwrap_or(column.data_page_offset())).ok()?;
            let length = usize::try_from(column.compressed_size()).ok()?;
            let of = bytes.get(start..start.checked_add(length)?)?;
            let digits = format!("{:016x}", XxHash64::oneshot(0, of));
            let room = bytes.get_mut(at..at + DIGITS)?;
            room.copy_from_slice(digits.as_bytes());
            at += DIGITS;
        }
        at += b"\",\"".len();
    }
    Some(())
}

/// Returns where what follows a text begins.
fn place(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let mut places = bytes.windows(text.len());
    Some(places.position(|place| place == text)? + text.len())
}
