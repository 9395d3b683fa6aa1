//! Texts that are appended to.

use std::ops::Range;

use crate::output::Output;

/// A text that JSON can be appended to.
pub trait Append {
    /// Appends a text.
    fn append(&mut self, text: &str);

    /// Appends a part of a text, which can cost less.
    ///
    /// # Panics
    ///
    /// The part does not lie within the text, or is not UTF-8 although this text must be.
    fn append_part(&mut self, text: &[u8], part: Range<usize>);
}

impl Append for Output {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }

    #[inline]
    fn append_part(&mut self, text: &[u8], part: Range<usize>) {
        self.push_part(text, part);
    }
}

impl Append for String {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }

    fn append_part(&mut self, text: &[u8], part: Range<usize>) {
        self.push_str(std::str::from_utf8(&text[part]).expect("a part of a text is UTF-8"));
    }
}
