//! Reads a JSON text once, from left to right, without building a tree.
//!
//! Stream batches are mostly images that are copied from input to output. A tree of them costs more than everything
//! else that changefan does, so the decoder asks this scanner for one token after the other and copies slices.

mod copying;
mod skipping;
mod strings;

use std::ops::Range;

use crate::token::number_length;

pub(crate) use strings::Raw;

/// A position in a JSON text and the right to move forward in it.
///
/// Every method first passes over white space. After a [`Stop`] the position is where reading stopped: ask
/// [`Scanner::failure`] why, and go back with [`Scanner::seek`].
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// What is still to be read: to cut from a slice is cheaper than to check an index against it.
    rest: &'a [u8],
    expected: &'static str,
}

/// The text does not go on as it must. It holds nothing, so that results stay as small as their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop;

/// What was wrong with the text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanError {
    /// Bytes from the start of the text.
    pub at: usize,
    pub expected: &'static str,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { text, rest: text.as_bytes(), expected: "" }
    }

    /// All of the text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Bytes from the start of the text.
    #[inline]
    pub fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    pub fn seek(&mut self, position: usize) {
        self.rest = self.text.as_bytes().get(position..).unwrap_or_default();
    }

    /// The text between two positions that the scanner has been at.
    #[inline]
    pub fn slice(&self, part: Range<usize>) -> &'a str {
        self.text.get(part).unwrap_or_default()
    }

    /// Stops here.
    #[cold]
    pub fn stop<T>(&mut self, expected: &'static str) -> Result<T, Stop> {
        self.expected = expected;
        Err(Stop)
    }

    /// Why and where reading stopped.
    pub fn failure(&self) -> ScanError {
        ScanError { at: self.position(), expected: self.expected }
    }

    /// The next byte that is not white space; it is not passed over.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        match self.rest.first() {
            // Mostly there is no white space.
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

    /// Passes over `byte` if it comes next, and tells whether it did.
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

    #[inline]
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.eat(byte) { Ok(()) } else { self.stop(expected) }
    }

    /// Passes over this very text if it comes next without white space, and tells whether it did.
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

    /// Passes over the same text as stands in another place, if it comes next.
    #[inline]
    pub fn eat_again(&mut self, part: Range<usize>) -> bool {
        self.text.as_bytes().get(part).is_some_and(|text| self.eat_text(text))
    }

    /// The next eight bytes, if there are so many.
    #[inline]
    pub fn word(&self) -> Option<[u8; 8]> {
        self.rest.first_chunk().copied()
    }

    #[inline]
    pub fn advance(&mut self, bytes: usize) {
        if let Some(rest) = self.rest.get(bytes..) {
            self.rest = rest;
        }
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), Stop> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.stop("the end of the text"),
        }
    }

    /// Passes over an object and calls `member` with each name; `member` must pass over the value.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.expect(b'{', "an object")?;
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            match self.short_string() {
                Some(name) => {
                    self.expect(b':', "`:`")?;
                    member(self, name)?;
                }
                None => {
                    let name = self.string()?.resolve();
                    self.expect(b':', "`:`")?;
                    member(self, name.as_bytes())?;
                }
            }
            if !self.eat(b',') {
                return self.expect(b'}', "`,` or `}`");
            }
        }
    }

    /// Passes over an array and calls `element` at the start of each value; `element` must pass over it.
    #[inline]
    pub fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.expect(b'[', "an array")?;
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.eat(b',') {
                return self.expect(b']', "`,` or `]`");
            }
        }
    }

    /// A number, as it is written.
    pub fn number(&mut self) -> Result<&'a str, Stop> {
        self.peek();
        let start = self.position();
        match number_length(self.rest) {
            0 => self.stop("a number"),
            length => {
                self.advance(length);
                Ok(self.slice(start..start + length))
            }
        }
    }

    pub fn boolean(&mut self) -> Result<bool, Stop> {
        if self.literal(b"true") {
            Ok(true)
        } else if self.literal(b"false") {
            Ok(false)
        } else {
            self.stop("true or false")
        }
    }

    /// Passes over `null` if it comes next, and tells whether it did.
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
