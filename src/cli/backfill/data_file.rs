//! The lines of a data file: gzip, read once, with the checksum of what is stored.

use std::io::{self, BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use md5::{Digest, Md5};

/// Bytes of lines that are decoded together: few enough to stay in the caches of a core.
const CHUNK: usize = 1 << 18;

/// The longest line. An item of 400 KB takes six times as much if it consists of control
/// characters.
const MAX_LINE: usize = 16 << 20;

/// A data file that is being read. Memory does not depend on its size.
pub(super) struct Lines<R: Read> {
    file: MultiGzDecoder<BufReader<Hashing<R>>>,
    /// The beginning of a line whose end is not yet read.
    rest: Vec<u8>,
    is_empty: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(file: R) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 17, Hashing { file, hash: Md5::new() });
        let is_empty = file.fill_buf()?.is_empty();
        Ok(Self { file: MultiGzDecoder::new(file), rest: Vec::new(), is_empty })
    }

    /// The next whole lines; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut chunk = std::mem::take(&mut self.rest);
        chunk.reserve_exact((CHUNK + CHUNK / 8).saturating_sub(chunk.len()));
        loop {
            let target = CHUNK.saturating_sub(chunk.len()).max(CHUNK / 8);
            let start = chunk.len();
            if !self.is_empty {
                self.file.by_ref().take(target as u64).read_to_end(&mut chunk)?;
            }
            if chunk.len() - start < target {
                return Ok((!chunk.is_empty()).then(|| chunk.into()));
            }
            if let Some(end) = chunk[start..].iter().rposition(|&byte| byte == b'\n') {
                self.rest = chunk[start + end + 1..].to_vec();
                chunk.truncate(start + end + 1);
                return Ok(Some(chunk.into()));
            }
            if chunk.len() > MAX_LINE {
                let text = format!("found a line of more than {MAX_LINE} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
    }

    /// The MD5 of the file as it is stored, in base64. Call it at the end.
    pub(super) fn md5(self) -> String {
        STANDARD.encode(self.file.into_inner().into_inner().hash.finalize())
    }
}

/// The number of line feeds.
pub(super) fn line_feeds(lines: &[u8]) -> usize {
    // The compiler adds up bytes sixteen at a time; a sum of 255 ones fits into one.
    let of_part = |part: &[u8]| part.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    lines.chunks(255).map(|part| usize::from(of_part(part))).sum()
}

struct Hashing<R> {
    file: R,
    hash: Md5,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(file: &[u8]) -> io::Result<(Vec<Bytes>, String)> {
        let mut lines = Lines::new(file)?;
        let mut chunks = Vec::new();
        while let Some(chunk) = lines.next()? {
            chunks.push(chunk);
        }
        Ok((chunks, lines.md5()))
    }

    #[test]
    fn chunks_end_with_a_line() {
        let line = format!("{{\"Item\":{{\"x\":{{\"S\":\"{}\"}}}}}}\n", "é".repeat(50_000));
        let text = line.repeat(40) + "{}";
        let file = gzip(text.as_bytes());
        let (chunks, md5) = read(&file).unwrap();
        assert_eq!(chunks.concat(), text.as_bytes());
        assert!(chunks.len() > 3 && chunks.iter().all(|chunk| chunk.len() <= CHUNK + CHUNK / 8));
        let (_, whole) = chunks.split_last().unwrap();
        assert!(whole.iter().all(|chunk| chunk.ends_with(b"\n")));
        assert_eq!(md5, STANDARD.encode(Md5::digest(&file)));
    }

    #[test]
    fn all_line_feeds_are_counted() {
        assert_eq!(
            [line_feeds(b""), line_feeds(&[b'\n'; 1000]), line_feeds(b"a\nb\n")],
            [0, 1000, 2]
        );
    }

    #[test]
    fn line_longer_than_a_chunk_is_whole() {
        let text = format!("{}\nb\n", "a".repeat(3 * CHUNK));
        let (chunks, _) = read(&gzip(text.as_bytes())).unwrap();
        assert_eq!(chunks.concat(), text.as_bytes());
        assert!(chunks[0].len() > 3 * CHUNK);
        let endless = gzip("a".repeat(MAX_LINE + CHUNK).as_bytes());
        assert_eq!(read(&endless).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn files_without_lines_are_read() {
        for file in [Vec::new(), gzip(b"")] {
            let (chunks, md5) = read(&file).unwrap();
            assert_eq!((chunks.len(), md5), (0, STANDARD.encode(Md5::digest(&file))));
        }
    }

    #[test]
    fn truncated_file_is_an_error() {
        let file = gzip("{}\n".repeat(1000).as_bytes());
        assert!(read(&file[..file.len() - 4]).is_err());
    }
}
