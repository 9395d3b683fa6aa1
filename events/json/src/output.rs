//! Text that is written one block at a time.

mod write_ahead;

use std::ops::Range;
use std::str::Utf8Error;

use crate::labels::{Label, Labels};
use crate::simd::LENGTH;

/// A text under construction.
///
/// Whole blocks are written after its end, of which a part is then committed: most strings are
/// shorter than a block, and one store is cheaper than a call that copies.
///
/// Values of the text can have labels, which hold what the text itself does not express. They are
/// copied and removed with the text that they belong to.
#[derive(Debug, Default)]
pub struct Output {
    /// Bytes from `length` on do not belong to the text.
    bytes: Vec<u8>,
    length: usize,
    labels: Labels,
}

/// Shorter parts are copied as a block, including bytes that follow them.
const SHORT: usize = 4 * LENGTH;

/// The initialized part grows by at least this many bytes. Memory that is never written to is never
/// resident.
const STEP: usize = 1536;

impl Output {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty text that can grow to this many bytes without being copied.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// The length of the text in bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The bytes of the text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The labels of the text's values, in the order of the text.
    pub fn labels(&self) -> &[Label] {
        self.labels.as_slice()
    }

    /// Removes the text, but keeps its memory for another one.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Removes what was written after the text had this length.
    pub fn truncate(&mut self, length: usize) {
        self.length = length.min(self.length);
        self.labels.truncate(self.length);
    }

    /// Goes back to write the same value again: its label remains.
    pub(crate) fn rewind(&mut self, length: usize) {
        self.length = length.min(self.length);
    }

    /// Labels the value that is written next.
    ///
    /// # Panics
    ///
    /// The text is longer than 4 GiB.
    pub fn label(&mut self, kind: u8) {
        self.labels.push(self.length, kind);
    }

    /// Appends an ASCII character.
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

    /// Appends a text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    /// Appends a piece of valid UTF-8.
    #[inline]
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        let rest = self.bytes.get_mut(self.length..);
        match rest.and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(slot) => {
                slot.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.grow_and_push(bytes),
        }
    }

    #[cold]
    fn grow_and_push(&mut self, bytes: &[u8]) {
        self.grow(bytes.len());
        self.push_bytes(bytes);
    }

    /// Appends a text of fixed length.
    #[inline]
    pub fn push_array<const N: usize>(&mut self, text: &[u8; N]) {
        match self.window() {
            Some(slot) => {
                *slot = *text;
                self.length += N;
            }
            None => self.push_bytes(text),
        }
    }

    /// Appends a part of another text. Blocks are copied from the part's start, and may include
    /// what follows it in that text.
    ///
    /// # Panics
    ///
    /// The part does not lie within the other text.
    #[inline]
    pub fn push_part(&mut self, text: &[u8], part: Range<usize>) {
        if self.push_short_part(text, &part).is_none() {
            self.push_bytes(&text[part]);
        }
    }

    #[inline(always)]
    fn push_short_part(&mut self, text: &[u8], part: &Range<usize>) -> Option<()> {
        let chunk = text.get(part.start..)?.first_chunk::<SHORT>()?;
        if part.len() > SHORT {
            return None;
        }
        *self.window()? = *chunk;
        self.length += part.len();
        Some(())
    }

    /// Appends a part of the text again, with its labels.
    ///
    /// # Panics
    ///
    /// The part does not lie within the text.
    pub fn repeat(&mut self, part: Range<usize>) {
        assert!(part.end <= self.length, "the part ends beyond the text");
        self.labels.repeat(&part, self.length);
        let bytes = part.len();
        self.reserve(bytes);
        self.bytes.copy_within(part, self.length);
        self.length += bytes;
    }

    /// Prepares for a text of this many bytes in all.
    pub fn reserve_total(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes.saturating_sub(self.bytes.len()));
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// What was pushed is not UTF-8.
    pub fn into_text(self) -> Result<String, Utf8Error> {
        let (bytes, _) = self.into_labelled_bytes();
        String::from_utf8(bytes).map_err(|error| error.utf8_error())
    }

    /// The bytes of the text, and the labels of its values in the order of the text.
    pub fn into_labelled_bytes(mut self) -> (Vec<u8>, Vec<Label>) {
        self.bytes.truncate(self.length);
        (self.bytes, self.labels.into())
    }

    #[inline]
    fn reserve(&mut self, bytes: usize) {
        let rest = self.bytes.len() - self.length;
        if rest < bytes {
            self.grow(bytes - rest);
        }
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
    fn blocks_bytes_and_texts_are_concatenated() {
        let mut output = Output::new();
        for round in 0..20_000 {
            output.push(b'<');
            output.write_ahead(b"abcdefghijklmnop");
            output.commit(round % 17);
            output.push_str(">é");
        }
        let expected: String =
            (0..20_000).map(|round| format!("<{}>é", &"abcdefghijklmnop"[..round % 17])).collect();
        assert_eq!(output.len(), expected.len());
        assert_eq!(output.into_text().unwrap(), expected);
    }

    #[test]
    fn repeat_appends_a_part_again() {
        let mut output = Output::new();
        output.push_str("ab<repeat>");
        output.repeat(2..10);
        output.repeat(0..1);
        assert_eq!(output.into_text().unwrap(), "ab<repeat><repeat>a");
    }

    #[test]
    #[should_panic = "the part ends beyond the text"]
    fn repeat_beyond_the_text_panics() {
        let mut output = Output::new();
        output.push_str("ab");
        output.repeat(1..3);
    }

    #[test]
    fn labels_are_repeated_and_removed_with_their_text() {
        let mut output = Output::new();
        for kind in 1..4 {
            output.push_str("value:");
            output.label(kind);
            output.push_str("xy,");
        }
        output.repeat(9..27);
        output.repeat(0..9);
        output.repeat(18..27);
        output.repeat(2..6);
        let labels = |output: Output| {
            let (_, labels) = output.into_labelled_bytes();
            labels.iter().map(|label| (label.at, label.kind)).collect::<Vec<_>>()
        };
        let expected = [(6, 1), (15, 2), (24, 3), (33, 2), (42, 3), (51, 1), (60, 3)];
        assert_eq!(labels(output), expected);

        let mut output = Output::new();
        output.push_str("keep ");
        output.label(1);
        output.push_str("this, lose ");
        output.label(2);
        output.truncate(16);
        output.push_str("nothing");
        assert_eq!(labels(output), [(5, 1)]);
    }

    #[test]
    fn truncated_text_is_overwritten() {
        let mut output = Output::new();
        output.reserve_total(8);
        output.push_str("keep lose");
        output.truncate(5);
        output.push_str("on");
        assert_eq!(output.into_text().unwrap(), "keep on");
    }
}
