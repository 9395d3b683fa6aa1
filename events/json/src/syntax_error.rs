//! Why reading stopped.

use std::error::Error;
use std::fmt;

/// The text is not the JSON that was expected. It carries nothing, so that results stay as small as
/// their values: [`Cursor::expectation`](crate::Cursor::expectation) has the details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError;

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not the JSON that was expected")
    }
}

impl Error for SyntaxError {}

/// What the text should have held, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What the grammar, or the caller, expected there.
    pub expected: &'static str,
}
