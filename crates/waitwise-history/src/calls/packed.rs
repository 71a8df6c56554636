//! Bytes as they are when unpacked. What they are packed by is told by their first bytes, not by a file's name.

use std::io::{self, BufReader, Cursor, Read};

/// More than `xz -9` or `zstd --ultra` ask for; whoever asks for more would have us run out of memory.
const XZ_MEMORY_KIB_MAX: u32 = 128 * 1024;

/// How bytes are packed.
#[derive(Clone, Copy)]
enum Packing {
    Gzip,
    Xz,
    Zstd,
}

/// So many first bytes tell how the others are packed.
const BEGIN: usize = 6;

impl Packing {
    /// Tells from the first bytes; `None`: in no way that is known.
    fn of(begin: &[u8]) -> Option<Packing> {
        let is = |magic: &[u8]| begin.starts_with(magic);
        // Zstandard may begin with a frame to be skipped, of which there are sixteen kinds.
        let is_skipped = begin.first().is_some_and(|byte| byte & 0xf0 == 0x50)
            && begin.get(1..4) == Some(b"\x2a\x4d\x18");
        if is(b"\x1f\x8b") {
            Some(Packing::Gzip)
        } else if is(b"\xfd7zXZ\0") {
            Some(Packing::Xz)
        } else if is(b"\x28\xb5\x2f\xfd") || is_skipped {
            Some(Packing::Zstd)
        } else {
            None
        }
    }
}

/// Returns whether bytes that begin so are packed in a way that [`unpacked`] knows.
pub fn is_packed(begin: &[u8]) -> bool {
    Packing::of(begin).is_some()
}

/// Returns a reader of the unpacked bytes: of gzip, xz or zstd, in any number of members, or of the bytes as they are.
///
/// # Errors
/// The first bytes cannot be read. What is cut off or damaged is told by the reader when it gets there.
pub fn unpacked<'a>(mut bytes: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut begin = Vec::new();
    bytes.by_ref().take(BEGIN as u64).read_to_end(&mut begin)?;
    let packing = Packing::of(&begin);
    let whole = Cursor::new(begin).chain(bytes);
    Ok(match packing {
        None => Box::new(whole),
        Some(Packing::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(whole))),
        Some(Packing::Xz) => Box::new(lzma_rust2::XzReader::new_mem_limit(
            buffered(whole),
            true,
            XZ_MEMORY_KIB_MAX,
        )),
        Some(Packing::Zstd) => Box::new(zstd::Decoder::with_buffer(buffered(whole))?),
    })
}

fn buffered<R: Read>(bytes: R) -> BufReader<R> {
    BufReader::with_capacity(256 * 1024, bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packings(text: &[u8]) -> [(&'static str, Vec<u8>); 4] {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(text).unwrap();
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        xz.write_all(text).unwrap();
        [
            ("plain", text.to_vec()),
            ("gzip", gz.finish().unwrap()),
            ("xz", xz.finish().unwrap()),
            ("zstd", zstd::encode_all(text, 1).unwrap()),
        ]
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        unpacked(bytes)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn packed_or_not_the_text_is_the_same() {
        let text = b"line\n".repeat(1000);
        for (name, packed) in packings(&text) {
            assert_eq!(read(&packed).unwrap(), text, "{name}");
            let twice = [packed.clone(), packed].concat();
            assert_eq!(
                read(&twice).unwrap(),
                text.repeat(2),
                "{name} in two members"
            );
        }
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        for (name, packed) in &packings(&b"line\n".repeat(1000))[1..] {
            assert!(read(&packed[..packed.len() - 3]).is_err(), "{name}");
        }
        assert_eq!(read(b"\xfd7").unwrap(), b"\xfd7");
        assert_eq!(read(b"").unwrap(), b"");
    }

    #[test]
    fn the_first_bytes_tell_whether_it_is_packed() {
        for (name, packed) in packings(b"line\n") {
            assert_eq!(
                is_packed(&packed[..std::cmp::min(BEGIN, packed.len())]),
                name != "plain",
                "{name}"
            );
        }
        let skipped = [
            b"\x53\x2a\x4d\x18\x02\0\0\0ab".to_vec(),
            zstd::encode_all(&b"line"[..], 1).unwrap(),
        ]
        .concat();
        assert_eq!(read(&skipped).unwrap(), b"line");
    }
}
