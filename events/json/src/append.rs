//! Texts that are appended to.

use crate::output::Output;

/// A text that JSON can be appended to.
pub trait Append {
    /// Appends a text.
    fn append(&mut self, text: &str);
}

impl Append for Output {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// The bytes of a text.
impl Append for Vec<u8> {
    #[inline]
    fn append(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

impl Append for String {
    #[inline]
    fn append(&mut self, text: &str) {
        self.push_str(text);
    }
}
