//! Input that is compressed.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Bytes per read.
const BUFFER: usize = 1 << 16;

/// Decompresses gzip and zstd, which it recognizes by their first bytes: JSON never begins with
/// these. Anything else is returned unchanged.
pub(super) fn decompressed<'a>(input: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut start = Vec::with_capacity(ZSTD.len());
    let mut input = input;
    // A pipe may return single bytes.
    input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut start)?;
    let (is_gzip, is_zstd) = (start.starts_with(GZIP), start == ZSTD);
    let input = BufReader::with_capacity(BUFFER, io::Cursor::new(start).chain(input));
    if is_gzip {
        Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(input))))
    } else if is_zstd {
        let decoder = zstd::Decoder::with_buffer(input)?;
        Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)))
    } else {
        Ok(Box::new(input))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(input: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        decompressed(input)?.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gzip_zstd_and_plain_text_are_recognized() {
        let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        for plain in ["", "{", "{\"Records\":[]}"] {
            assert_eq!(read(plain.as_bytes()).unwrap(), plain);
            assert_eq!(read(&gzip(plain)).unwrap(), plain);
            assert_eq!(read(&zstd(plain)).unwrap(), plain);
        }
        // Compressed files can be concatenated.
        assert_eq!(read(&[gzip("a"), gzip("b")].concat()).unwrap(), "ab");
        assert_eq!(read(&[zstd("a"), zstd("b")].concat()).unwrap(), "ab");
    }

    #[test]
    fn compressed_input_that_was_cut_short_is_an_error() {
        let text = "a".repeat(100);
        for whole in [gzip(&text), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
            assert!(read(&whole[..whole.len() - 4]).is_err());
        }
    }
}
