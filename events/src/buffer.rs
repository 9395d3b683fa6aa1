//! Text that is written a block at a time.

use std::ops::Range;
use std::str::Utf8Error;

use crate::block::{Block, LENGTH};

/// A text under construction.
///
/// Whole blocks are written ahead of its end and as much of them as is wanted is then counted in: most strings are
/// shorter than a block, and a store is cheaper than a call that copies.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// What lies beyond `length` is not part of the text.
    bytes: Vec<u8>,
    length: usize,
}

/// By how much a buffer grows that has room left: memory that is never written to is never taken.
const STEP: usize = 1024;

impl Buffer {
    /// A buffer with room for so many bytes. It grows if they are not enough.
    pub fn with_room(bytes: usize) -> Self {
        Buffer { bytes: Vec::with_capacity(bytes), length: 0 }
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
        match self.bytes.get_mut(self.length) {
            Some(slot) => {
                *slot = byte;
                self.length += 1;
            }
            None => self.push_bytes(&[byte]),
        }
    }

    /// Writes a block behind the end; [`Buffer::count_in`] makes some of it part of the text.
    #[inline]
    pub fn write_ahead(&mut self, block: &Block) {
        match self.bytes.get_mut(self.length..).and_then(|rest| rest.first_chunk_mut()) {
            Some(slot) => *slot = *block,
            None => self.write_ahead_slowly(block),
        }
    }

    #[cold]
    fn write_ahead_slowly(&mut self, block: &Block) {
        self.push_bytes(block);
        self.length -= LENGTH;
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
        if self.bytes.len() - self.length < bytes.len() {
            self.grow(bytes.len());
        }
        if let Some(slot) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            slot.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// Appends a part of the text once more.
    pub fn repeat(&mut self, part: Range<usize>) {
        if self.bytes.len() - self.length < part.len() {
            self.grow(part.len());
        }
        if part.start <= part.end && part.end <= self.length {
            self.bytes.copy_within(part.clone(), self.length);
            self.length += part.len();
        }
    }

    /// The text, which is made of pieces of valid UTF-8.
    pub fn into_text(mut self) -> Result<String, Utf8Error> {
        self.bytes.truncate(self.length);
        String::from_utf8(self.bytes).map_err(|error| error.utf8_error())
    }

    /// Makes room for so many bytes in all.
    pub fn make_room(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes.saturating_sub(self.bytes.len()));
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        self.bytes.resize(self.bytes.len() + bytes.max(STEP), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_bytes_and_texts_follow_one_another() {
        let mut buffer = Buffer::with_room(0);
        for round in 0..20_000 {
            buffer.push(b'<');
            buffer.write_ahead(b"abcdefghijklmnop");
            buffer.count_in(round % 17);
            buffer.push_str(">é");
        }
        let expected: String =
            (0..20_000).map(|round| format!("<{}>é", &"abcdefghijklmnop"[..round % 17])).collect();
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
        buffer.make_room(8);
        buffer.push_str("keep lose");
        buffer.truncate(5);
        buffer.push_str("on");
        assert_eq!(buffer.into_text().unwrap(), "keep on");
    }
}
