//! Lines streamed into a compressor.

use std::io::{self, Write};

use changefan_events::{ChangeEvent, Encoder, Output};
use flate2::GzBuilder;
use flate2::write::GzEncoder;
use zstd::zstd_safe::CParameter;

/// How objects are compressed. Readers recognize it by the suffix of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    None,
}

impl Compression {
    /// The compression that an option names. The option is validated.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            _ => Self::None,
        }
    }

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => "jsonl.gz",
            Self::Zstd => "jsonl.zst",
            Self::None => "jsonl",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Gzip => "application/gzip",
            Self::Zstd => "application/zstd",
            Self::None => "application/x-ndjson",
        }
    }
}

/// Bytes of lines that are compressed at once: the lines of a whole batch would use memory for
/// nothing.
const PIECE: usize = 64 * 1024;

/// zstd looks for repetitions in the last 256 KiB, whose logarithm this is. Lines repeat what is in
/// those just before them: twice as much, the default, makes objects no smaller and takes longer.
const WINDOW_LOG: u32 = 18;

/// The logarithm of the number of positions that zstd remembers. They fit into a core's level 1
/// cache. Twice as many, the default, take 5 % more time and make objects up to 0.7 % smaller.
const HASH_LOG: u32 = 13;

/// One line per event, compressed as it is written. The same lines always make the same bytes.
pub(super) struct Lines {
    piece: Output,
    /// Bytes of text that were compressed.
    flushed: usize,
    out: Out,
}

enum Out {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    None(Vec<u8>),
}

impl Lines {
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        let out = match compression {
            Compression::Gzip => {
                let fast = flate2::Compression::fast();
                Out::Gzip(GzBuilder::new().mtime(0).write(Vec::new(), fast))
            }
            Compression::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1)?;
                encoder.window_log(WINDOW_LOG)?;
                encoder.set_parameter(CParameter::HashLog(HASH_LOG))?;
                Out::Zstd(encoder)
            }
            Compression::None => Out::None(Vec::new()),
        };
        Ok(Self { piece: Output::with_capacity(2 * PIECE), flushed: 0, out })
    }

    pub(super) fn write(&mut self, event: &ChangeEvent, encoder: Encoder) -> io::Result<()> {
        encoder.append(event, &mut self.piece);
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    /// Bytes of text that were written.
    #[cfg(feature = "exports")]
    pub(super) fn text_size(&self) -> usize {
        self.flushed + self.piece.len()
    }

    /// Bytes that the compressor has returned so far.
    #[cfg(feature = "exports")]
    pub(super) fn compressed_size(&self) -> usize {
        match &self.out {
            Out::Gzip(encoder) => encoder.get_ref().len(),
            Out::Zstd(encoder) => encoder.get_ref().len(),
            Out::None(bytes) => bytes.len(),
        }
    }

    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.flush()?;
        match self.out {
            Out::Gzip(encoder) => encoder.finish(),
            Out::Zstd(encoder) => encoder.finish(),
            Out::None(bytes) => Ok(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = self.piece.as_bytes();
        match &mut self.out {
            Out::Gzip(encoder) => encoder.write_all(piece)?,
            Out::Zstd(encoder) => encoder.write_all(piece)?,
            Out::None(bytes) => bytes.extend_from_slice(piece),
        }
        self.flushed += piece.len();
        self.piece.clear();
        Ok(())
    }
}
