//! CSV records out of bytes, in a bounded buffer: a line that never ends costs no more than any other.

use std::io::{self, Read};

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter};

/// A longer record is none of a call's. Beyond it, most likely, a quote was opened and never closed.
pub(super) const RECORD_BYTES_MAX: usize = 64 * 1024;
/// More columns than any switch writes.
const COLUMNS_MAX: usize = 1024;
/// How much is asked for at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Where a record begins, in the text as it is when unpacked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Byte, from 0.
    pub offset: u64,
}

/// What was found at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// A record, whose fields can be asked for.
    Record,
    /// A line that begins a record without end; reading goes on with the line after it.
    TooLong,
}

/// Reads records one after the other.
pub(super) struct Records<R> {
    bytes: R,
    parser: csv_core::Reader,
    /// What was read and is not used up: from `begin` to `filled`.
    buffer: Vec<u8>,
    begin: usize,
    filled: usize,
    is_at_end: bool,
    /// Where `begin` is.
    place: Place,
    /// The record's fields, one after the other, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    n_fields: usize,
}

impl<R: Read> Records<R> {
    pub(super) fn new(bytes: R) -> Records<R> {
        Records {
            bytes,
            parser: csv_core::Reader::new(),
            buffer: vec![0; RECORD_BYTES_MAX + CHUNK_BYTES],
            begin: 0,
            filled: 0,
            is_at_end: false,
            place: Place { line: 1, offset: 0 },
            fields: vec![0; RECORD_BYTES_MAX],
            ends: vec![0; COLUMNS_MAX],
            n_fields: 0,
        }
    }

    /// Returns the first line without using it up: it tells the delimiter.
    pub(super) fn peek_line(&mut self) -> io::Result<&[u8]> {
        while memchr(b'\n', &self.buffer[self.begin..self.filled]).is_none()
            && self.filled - self.begin < RECORD_BYTES_MAX
            && self.fill()?
        {}
        let held = &self.buffer[self.begin..self.filled];
        Ok(&held[..memchr(b'\n', held).unwrap_or(held.len())])
    }

    pub(super) fn split_at(&mut self, delimiter: u8) {
        self.parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    }

    /// Where the next record begins, blank lines aside.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Reads the next record; `None` at the end. An error cannot be gone on from.
    pub(super) fn next(&mut self) -> io::Result<Option<(Place, Found)>> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        let place = self.place;
        let (mut scanned, mut written) = (0, 0);
        self.n_fields = 0;
        loop {
            let input = &self.buffer[self.begin + scanned..self.filled];
            let (result, n_in, n_out, n_ends) = self.parser.read_record(
                input,
                &mut self.fields[written..],
                &mut self.ends[self.n_fields..],
            );
            scanned += n_in;
            written += n_out;
            self.n_fields += n_ends;
            match result {
                ReadRecordResult::Record => {
                    self.advance(scanned);
                    return Ok(Some((place, Found::Record)));
                }
                ReadRecordResult::InputEmpty if scanned < RECORD_BYTES_MAX => {
                    // At the end the parser is told so by an empty input, and closes the record.
                    self.fill()?;
                }
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::InputEmpty
                | ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull => {
                    self.parser.reset();
                    self.skip_line()?;
                    return Ok(Some((place, Found::TooLong)));
                }
            }
        }
    }

    pub(super) fn n_fields(&self) -> usize {
        self.n_fields
    }

    /// Returns a field of the record read last.
    pub(super) fn field(&self, idx: usize) -> Option<&[u8]> {
        let end = *self.ends[..self.n_fields].get(idx)?;
        let begin = idx.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.fields[begin..end])
    }

    /// Returns whether anything is left.
    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let held = &self.buffer[self.begin..self.filled];
            let n_blank = held
                .iter()
                .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                .count();
            let is_all = n_blank == held.len();
            self.advance(n_blank);
            if !is_all {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let held = &self.buffer[self.begin..self.filled];
            let found = memchr(b'\n', held);
            self.advance(found.map_or(held.len(), |end| end + 1));
            if found.is_some() || !self.fill()? {
                return Ok(());
            }
        }
    }

    fn advance(&mut self, n_bytes: usize) {
        let used = &self.buffer[self.begin..self.begin + n_bytes];
        self.place.line += memchr_iter(b'\n', used).count() as u64;
        self.place.offset += n_bytes as u64;
        self.begin += n_bytes;
    }

    /// Reads more behind what is held; returns whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.filled == self.buffer.len() {
            self.buffer.copy_within(self.begin..self.filled, 0);
            self.filled -= self.begin;
            self.begin = 0;
        }
        while !self.is_at_end {
            match self.bytes.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.is_at_end = true,
                Ok(n_bytes) => {
                    self.filled += n_bytes;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hands out a few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n_bytes = [self.1, self.0.len(), buffer.len()]
                .into_iter()
                .min()
                .unwrap();
            let (now, later) = self.0.split_at(n_bytes);
            buffer[..n_bytes].copy_from_slice(now);
            self.0 = later;
            Ok(n_bytes)
        }
    }

    /// Line, offset and fields; no fields where no record was found.
    type Seen = (u64, u64, Option<Vec<Vec<u8>>>);

    fn all(text: &[u8], at_once: usize) -> Vec<Seen> {
        let mut records = Records::new(Drops(text, at_once));
        let mut seen = Vec::new();
        while let Some((place, found)) = records.next().unwrap() {
            let fields = (0..records.n_fields()).map(|idx| records.field(idx).unwrap().to_vec());
            let fields = (found == Found::Record).then(|| fields.collect());
            seen.push((place.line, place.offset, fields));
        }
        seen
    }

    fn texts(seen: &[Seen]) -> Vec<(u64, u64, String)> {
        let shown = |fields: &Option<Vec<Vec<u8>>>| match fields {
            None => "too long".to_owned(),
            Some(fields) => fields
                .iter()
                .map(|field| String::from_utf8_lossy(field).into_owned())
                .collect::<Vec<_>>()
                .join("|"),
        };
        let seen = seen.iter();
        seen.map(|(line, offset, fields)| (*line, *offset, shown(fields)))
            .collect()
    }

    #[test]
    fn records_are_found_where_they_begin() {
        let text = b"a,b\r\n\r\n\"c\nd\",\"e\"\"f\"\n\n\ng,\n,h";
        let expected = [
            (1, 0, "a|b".to_owned()),
            (3, 7, "c\nd|e\"f".to_owned()),
            (7, 22, "g|".to_owned()),
            (8, 25, "|h".to_owned()),
        ];
        for at_once in [1, 2, 7, 1000] {
            assert_eq!(texts(&all(text, at_once)), expected, "{at_once}");
        }
        assert!(all(b"", 1).is_empty());
        assert!(all(b"\n\r\n\n", 1).is_empty());
    }

    #[test]
    fn a_line_without_end_costs_itself_only() {
        let mut text = b"a\n".to_vec();
        text.resize(3 * RECORD_BYTES_MAX, b'x');
        text.extend_from_slice(b"\nb\n");
        for at_once in [1000, usize::MAX] {
            let seen = texts(&all(&text, at_once));
            let next = 3 * RECORD_BYTES_MAX as u64 + 1;
            let expected = [(1, 0, "a"), (2, 2, "too long"), (3, next, "b")];
            assert_eq!(
                seen,
                expected.map(|(line, at, said)| (line, at, said.to_owned()))
            );
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_line_only() {
        let mut text = b"1\n2,\"open\n".to_vec();
        for line in 3..20_000 {
            text.extend_from_slice(format!("{line}\n").as_bytes());
        }
        let seen = texts(&all(&text, usize::MAX));
        assert_eq!(seen.len(), 19_999);
        assert_eq!(seen[1], (2, 2, "too long".to_owned()));
        assert!(
            seen[2..]
                .iter()
                .all(|(line, _, said)| line.to_string() == *said)
        );
    }

    #[test]
    fn more_columns_than_there_can_be_are_no_record() {
        let text = format!("{}\nb\n", ",".repeat(COLUMNS_MAX + 1));
        let seen = texts(&all(text.as_bytes(), usize::MAX));
        assert_eq!((seen.len(), &*seen[0].2, &*seen[1].2), (2, "too long", "b"));
    }

    proptest! {
        #[test]
        fn the_pieces_in_which_bytes_come_do_not_show(text in "[a,\"\r\n]{0,60}", at_once in 1..9_usize) {
            prop_assert_eq!(all(text.as_bytes(), at_once), all(text.as_bytes(), usize::MAX));
        }

        #[test]
        fn what_was_written_is_read(rows in prop::collection::vec(prop::collection::vec("[ -~\n\u{e9}]{1,9}", 1..5), 1..9)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text: String = rows.iter().map(|row| line(row) + "\r\n").collect();
            let read: Vec<_> = all(text.as_bytes(), 5).into_iter().map(|(_, _, fields)| fields.unwrap()).collect();
            let rows: Vec<Vec<Vec<u8>>> = rows.iter().map(|row| row.iter().map(|field| field.clone().into_bytes()).collect()).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
