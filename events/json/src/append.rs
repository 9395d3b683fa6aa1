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
    /// The part does not lie within the text, or starts or ends within a character.
    fn append_part(&mut self, text: &str, part: Range<usize>) {
        self.append(&text[part]);
    }
}

impl Append for Output {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }

    #[inline]
    fn append_part(&mut self, text: &str, part: Range<usize>) {
        self.push_part(text.as_bytes(), part);
    }
}

impl Append for String {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }
}
