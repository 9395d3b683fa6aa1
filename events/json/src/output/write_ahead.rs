//! Bytes that are written after the end of a text before it is known how many belong to it.

use std::ops::Range;

use super::{Output, SHORT};
use crate::simd::{Block, LENGTH};

impl Output {
    /// The next `N` bytes after the end, if that many are initialized.
    #[inline(always)]
    pub(crate) fn window<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.bytes.get_mut(self.length..)?.first_chunk_mut()
    }

    /// Appends a part of the text again, without labels.
    #[inline(always)]
    pub(crate) fn push_again(&mut self, part: Range<usize>) {
        let length = part.len();
        self.reserve(length.max(SHORT));
        if length <= SHORT {
            let mut chunk = [0; SHORT];
            chunk.copy_from_slice(&self.bytes[part.start..part.start + SHORT]);
            self.bytes[self.length..self.length + SHORT].copy_from_slice(&chunk);
        } else {
            self.bytes.copy_within(part, self.length);
        }
        self.length += length;
    }

    /// Appends a part of another output.
    #[inline(always)]
    pub(crate) fn push_from(&mut self, other: &Self, part: Range<usize>) {
        self.push_part(&other.bytes, part);
    }

    /// Appends a part of another text as a JSON string in a JSON string.
    #[inline(always)]
    pub(crate) fn push_quoted(&mut self, text: &[u8], part: Range<usize>) {
        const QUOTE: &[u8; 2] = br#"\""#;
        self.push_array(QUOTE);
        self.push_part(text, part);
        self.push_array(QUOTE);
    }

    /// Replaces an ASCII character of the text by another.
    pub(crate) fn replace(&mut self, at: usize, byte: u8) {
        self.bytes[at] = byte;
    }

    /// Removes a part of the text. Labels remain.
    #[inline]
    pub(crate) fn remove(&mut self, part: Range<usize>) {
        if !part.is_empty() {
            self.bytes.copy_within(part.end..self.length, part.start);
            self.length -= part.len();
        }
    }

    /// Ends the text here, which extends or shortens it. Its labels remain.
    pub(crate) fn truncate_text(&mut self, length: usize) {
        self.length = length;
    }

    /// Writes a block after the end. [`Output::commit`] adds a part of it to the text.
    #[inline]
    pub(crate) fn write_ahead(&mut self, block: &Block) {
        match self.window() {
            Some(slot) => *slot = *block,
            None => self.write_ahead_slowly(block),
        }
    }

    #[cold]
    fn write_ahead_slowly(&mut self, block: &Block) {
        self.push_bytes(block);
        self.length -= LENGTH;
    }

    /// Appends bytes that were written ahead.
    #[inline]
    pub(crate) fn commit(&mut self, bytes: usize) {
        self.length += bytes;
    }
}
