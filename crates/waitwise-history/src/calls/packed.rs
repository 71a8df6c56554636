//! Bytes as they are when unpacked. What they are packed by is told by their first bytes, not by a file's name.

use std::io::{self, BufReader, Cursor, Read};

/// More than `xz -9` or `zstd --ultra` ask for; whoever asks for more would have us run out of memory.
const XZ_MEMORY_KIB_MAX: u32 = 128 * 1024;

/// The first bytes of what gzip, xz and zstd write.
const GZIP: &[u8] = b"\x1f\x8b";
const XZ: &[u8] = b"\xfd7zXZ\0";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Returns a reader of the unpacked bytes: of gzip, xz or zstd, in any number of members, or of the bytes as they are.
///
/// # Errors
/// The first bytes cannot be read. What is cut off or damaged is told by the reader when it gets there.
pub fn unpacked<'a>(mut bytes: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut first = Vec::new();
    let longest = XZ.len() as u64;
    bytes.by_ref().take(longest).read_to_end(&mut first)?;
    let is = |magic: &[u8]| first.starts_with(magic);
    let (gzip, xz, zstd) = (is(GZIP), is(XZ), is(ZSTD));
    let whole = Cursor::new(first).chain(bytes);
    Ok(if gzip {
        Box::new(flate2::read::MultiGzDecoder::new(whole))
    } else if xz {
        let buffered = BufReader::new(whole);
        Box::new(lzma_rust2::XzReader::new_mem_limit(
            buffered,
            true,
            XZ_MEMORY_KIB_MAX,
        ))
    } else if zstd {
        Box::new(zstd::stream::read::Decoder::new(whole)?)
    } else {
        Box::new(whole)
    })
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
}
