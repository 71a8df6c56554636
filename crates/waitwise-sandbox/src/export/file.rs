//! Where an export's bytes go: beside the file first, compressed as its name says.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use tempfile::TempPath;

/// A file in the making.
pub(super) struct Sink {
    encoder: Encoder,
    /// Removed, unless it becomes `path`.
    beside: TempPath,
    path: PathBuf,
}

/// The compression, by the file's ending. Each writes through a buffer: what it hands on comes in pieces of any size.
enum Encoder {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
    Xz(Box<XzWriter<BufWriter<File>>>),
}

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;
/// The quickest: records repeat themselves so much that more effort saves little.
const XZ_PRESET: u32 = 0;

impl Sink {
    /// Begins a file that will stand at `path`.
    pub(super) fn create(path: &Path) -> io::Result<Sink> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut part = name.to_owned();
        part.push(".part");
        let beside = path.with_file_name(part);
        let file = BufWriter::new(File::create(&beside)?);
        let ending = path.extension().and_then(|ending| ending.to_str());
        let encoder = match ending {
            Some("gz") => Encoder::Gzip(GzEncoder::new(file, Compression::default())),
            Some("zst") => Encoder::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL)?),
            Some("xz") => Encoder::Xz(Box::new(XzWriter::new(
                file,
                XzOptions::with_preset(XZ_PRESET),
            )?)),
            Some(_) | None => Encoder::Plain(file),
        };
        Ok(Sink {
            encoder,
            beside: TempPath::try_from_path(beside)?,
            path: path.to_owned(),
        })
    }

    /// Makes the file whole, durable and known by its name.
    pub(super) fn finish(self) -> io::Result<()> {
        let file = match self.encoder {
            Encoder::Plain(file) => file,
            Encoder::Gzip(encoder) => encoder.finish()?,
            Encoder::Zstd(encoder) => encoder.finish()?,
            Encoder::Xz(encoder) => encoder.finish()?,
        };
        file.into_inner()?.sync_all()?;
        Ok(self.beside.persist(&self.path)?)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Encoder::Plain(file) => file.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::Zstd(encoder) => encoder.write(bytes),
            Encoder::Xz(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.encoder {
            Encoder::Plain(file) => file.flush(),
            Encoder::Gzip(encoder) => encoder.flush(),
            Encoder::Zstd(encoder) => encoder.flush(),
            Encoder::Xz(encoder) => encoder.flush(),
        }
    }
}
