//! A position in a JSON text that moves from left to right.
//!
//! Stream batches consist mostly of images that are copied from input to output. A tree of them
//! costs more than everything else that decoding does, so a decoder takes one token after the other
//! from the cursor and copies slices.

use std::ops::Range;

use crate::syntax_error::{Expectation, SyntaxError};
use crate::token::number_length;

/// A position in a JSON text.
///
/// Every method first skips white space. After a [`SyntaxError`] the position is where reading
/// stopped: [`Cursor::expectation`] returns the reason, and [`Cursor::seek`] goes back.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a [u8],
    /// The text from the position on: cutting a slice is cheaper than checking an index against it.
    pub(crate) rest: &'a [u8],
    expected: &'static str,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a text, which should be UTF-8: bytes of strings are not checked.
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        let text = text.as_ref();
        Cursor { text, rest: text, expected: "" }
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Bytes from the start of the text.
    #[inline]
    pub fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Moves to a position.
    ///
    /// # Panics
    ///
    /// The position is beyond the end of the text.
    pub fn seek(&mut self, position: usize) {
        self.rest = &self.text[position..];
    }

    /// The text between two positions of the cursor.
    ///
    /// # Panics
    ///
    /// The positions are not in order, or beyond the end.
    #[inline]
    pub fn slice(&self, part: Range<usize>) -> &'a [u8] {
        &self.text[part]
    }

    /// Stops here.
    #[cold]
    pub fn fail<T>(&mut self, expected: &'static str) -> Result<T, SyntaxError> {
        self.expected = expected;
        Err(SyntaxError)
    }

    /// Why and where reading stopped.
    pub fn expectation(&self) -> Expectation {
        Expectation { at: self.position(), expected: self.expected }
    }

    /// The next byte that is not white space, without moving past it.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        match self.rest.first() {
            // White space is rare.
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_space(),
        }
    }

    #[cold]
    fn peek_after_space(&mut self) -> Option<u8> {
        let space = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.advance(self.rest.iter().take_while(space).count());
        self.rest.first().copied()
    }

    /// Moves past `byte` if it comes next. Returns whether it did.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        match self.rest {
            [next, rest @ ..] if *next == byte => {
                self.rest = rest;
                true
            }
            [next, ..] if *next > b' ' => false,
            _ => self.eat_after_space(byte),
        }
    }

    #[cold]
    fn eat_after_space(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.advance(1);
        }
        found
    }

    /// Moves past `byte`.
    ///
    /// # Errors
    ///
    /// Something else comes next.
    #[inline]
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), SyntaxError> {
        if self.eat(byte) { Ok(()) } else { self.fail(expected) }
    }

    /// Moves past exactly this text if it comes next, without white space before it. Returns
    /// whether it did.
    #[inline]
    pub fn eat_text(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Moves past a copy of another part of the text if it comes next. Returns whether it did.
    ///
    /// # Panics
    ///
    /// The part does not lie within the text.
    #[inline]
    pub fn eat_again(&mut self, part: Range<usize>) -> bool {
        self.eat_text(&self.text[part])
    }

    /// Whether a digit comes next, without white space before it.
    #[inline]
    pub fn at_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    /// The next eight bytes, if present.
    #[inline]
    pub fn word(&self) -> Option<[u8; 8]> {
        self.rest.first_chunk().copied()
    }

    /// Moves past bytes that the caller has looked at.
    ///
    /// # Panics
    ///
    /// The text has fewer bytes left.
    #[inline]
    pub fn advance(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// Checks that only white space is left.
    ///
    /// # Errors
    ///
    /// Something else is left.
    pub fn end(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.fail("the end of the text"),
        }
    }

    /// Reads a number and returns its text, which is ASCII.
    ///
    /// # Errors
    ///
    /// No number comes next.
    pub fn number(&mut self) -> Result<&'a [u8], SyntaxError> {
        self.peek();
        let start = self.position();
        match number_length(self.rest) {
            0 => self.fail("a number"),
            length => {
                self.advance(length);
                Ok(self.slice(start..start + length))
            }
        }
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// Neither comes next.
    pub fn boolean(&mut self) -> Result<bool, SyntaxError> {
        if self.literal(b"true") {
            Ok(true)
        } else if self.literal(b"false") {
            Ok(false)
        } else {
            self.fail("true or false")
        }
    }

    /// Moves past `null` if it comes next. Returns whether it did.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.literal(b"null")
    }

    #[inline]
    fn literal(&mut self, literal: &[u8]) -> bool {
        self.peek();
        self.eat_text(literal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_names_position_and_expectation() {
        let mut cursor = Cursor::new(r"[1, x]");
        assert_eq!(cursor.array(|cursor| cursor.number().map(drop)), Err(SyntaxError));
        assert_eq!(cursor.expectation(), Expectation { at: 4, expected: "a number" });
    }
}
