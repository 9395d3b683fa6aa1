//! Bytes that are written after the end of a text before it is known how many belong to it.

use super::Output;
use crate::simd::{Block, LENGTH};

impl Output {
    /// What follows the end, to write ahead.
    #[inline(always)]
    pub(crate) fn window<const N: usize>(&mut self) -> &mut [u8; N] {
        if self.bytes.len() - self.length < N {
            self.grow(N);
        }
        self.bytes[self.length..].first_chunk_mut().expect("the text has grown")
    }

    /// The text, followed by room for this many bytes to write ahead.
    pub(crate) fn with_room(&mut self, bytes: usize) -> &mut [u8] {
        self.reserve(bytes);
        &mut self.bytes
    }

    /// Ends the text here, which extends or shortens it. Its labels remain.
    pub(crate) fn truncate_text(&mut self, length: usize) {
        self.length = length;
    }

    /// Writes a block after the end. [`Output::commit`] adds a part of it to the text.
    #[inline]
    pub(crate) fn write_ahead(&mut self, block: &Block) {
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

    /// Appends bytes that were written ahead.
    #[inline]
    pub(crate) fn commit(&mut self, bytes: usize) {
        self.length += bytes;
    }
}
