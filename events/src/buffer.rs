//! Text that is written eight bytes at a time.

use std::ops::Range;
use std::str::Utf8Error;

use bytestring::ByteString;

/// A text under construction.
///
/// Bytes are written ahead of its end in whole words and then counted in: most strings are shorter than a word, and a
/// store is cheaper than a call that copies.
pub(crate) struct Buffer {
    /// What lies beyond `length` is not part of the text.
    bytes: Vec<u8>,
    length: usize,
}

impl Buffer {
    /// A buffer with room for so many bytes. It grows if they are not enough.
    pub fn with_room(bytes: usize) -> Self {
        Buffer { bytes: vec![0; bytes], length: 0 }
    }

    pub fn len(&self) -> usize {
        self.length
    }

    /// Takes back what was written after the text had this length.
    pub fn truncate(&mut self, length: usize) {
        self.length = length.min(self.length);
    }

    #[inline]
    pub fn push(&mut self, byte: u8) {
        if self.length == self.bytes.len() {
            self.grow();
        }
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    /// Writes a word behind the end; [`Buffer::count_in`] makes some of it part of the text.
    #[inline]
    pub fn write_ahead(&mut self, word: u64) {
        if self.bytes.len() - self.length < 8 {
            self.grow();
        }
        if let Some(slot) = self.bytes.get_mut(self.length..self.length + 8) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
    }

    /// Makes bytes that were written ahead part of the text.
    #[inline]
    pub fn count_in(&mut self, bytes: usize) {
        self.length += bytes;
    }

    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    pub fn push_bytes(&mut self, bytes: &[u8]) {
        while self.bytes.len() - self.length < bytes.len() {
            self.grow();
        }
        if let Some(slot) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            slot.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// Appends a part of the text once more.
    pub fn repeat(&mut self, part: Range<usize>) {
        while self.bytes.len() - self.length < part.len() {
            self.grow();
        }
        if part.start <= part.end && part.end <= self.length {
            self.bytes.copy_within(part.clone(), self.length);
            self.length += part.len();
        }
    }

    /// The text, which is made of pieces of valid UTF-8.
    pub fn into_text(mut self) -> Result<ByteString, Utf8Error> {
        self.bytes.truncate(self.length);
        String::from_utf8(self.bytes).map(ByteString::from).map_err(|error| error.utf8_error())
    }

    #[cold]
    fn grow(&mut self) {
        self.bytes.resize(self.bytes.len() * 2 + 64, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_bytes_and_texts_follow_one_another() {
        let mut buffer = Buffer::with_room(0);
        for round in 0..20 {
            buffer.push(b'<');
            buffer.write_ahead(u64::from_le_bytes(*b"abcdefgh"));
            buffer.count_in(round % 9);
            buffer.push_str(">é");
        }
        let expected: String = (0..20).map(|round| format!("<{}>é", &"abcdefgh"[..round % 9])).collect();
        assert_eq!(buffer.len(), expected.len());
        assert_eq!(buffer.into_text().unwrap(), expected);
    }

    #[test]
    fn a_part_can_be_repeated() {
        let mut buffer = Buffer::with_room(0);
        buffer.push_str("ab<repeat>");
        buffer.repeat(2..10);
        buffer.repeat(0..1);
        assert_eq!(buffer.into_text().unwrap(), "ab<repeat><repeat>a");
    }

    #[test]
    fn what_was_taken_back_is_written_over() {
        let mut buffer = Buffer::with_room(4);
        buffer.push_str("keep lose");
        buffer.truncate(5);
        buffer.push_str("on");
        assert_eq!(buffer.into_text().unwrap(), "keep on");
    }
}
