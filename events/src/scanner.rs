//! Reads a JSON text once, from left to right, without building a tree.
//!
//! Stream batches are mostly images that are copied from input to output. A tree of them costs more than everything
//! else that changefan does, so the decoder asks this scanner for one token after the other and copies slices.

use std::borrow::Cow;
use std::ops::Range;

use crate::block::{self, LENGTH};
use crate::buffer::Buffer;
use crate::token::{Escape, escape, number_length, short_number};

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

/// The inside of a JSON string as it is written, its escapes checked but not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    /// UTF-8: a piece of a text between two quotes.
    pub bytes: &'a [u8],
    pub escaped: bool,
}

impl<'a> Raw<'a> {
    /// The string that is meant.
    pub fn resolve(self) -> Cow<'a, str> {
        let text = std::str::from_utf8(self.bytes).unwrap_or_default();
        if !self.escaped {
            return Cow::Borrowed(text);
        }
        serde_json::from_str(&format!("\"{text}\"")).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Its bytes, to compare them.
    pub fn resolve_bytes(self) -> Cow<'a, [u8]> {
        if self.escaped { self.resolve().into_owned().into_bytes().into() } else { self.bytes.into() }
    }
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
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), Stop>) -> Result<(), Stop> {
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
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
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

    /// The inside of a string that ends within a block and has no escapes, if such a one comes next.
    #[inline]
    pub fn short_string(&mut self) -> Option<&'a [u8]> {
        let [b'"', inside @ ..] = self.rest else { return None };
        let block = inside.first_chunk::<LENGTH>()?;
        let end = block::special(block).trailing_zeros() as usize;
        if end == LENGTH * 2 || inside.get(end) != Some(&b'"') {
            return None;
        }
        self.rest = inside.get(end + 1..)?;
        inside.get(..end)
    }

    /// The inside of a string, escapes unresolved. They stand for Unicode text: half a surrogate pair is refused.
    #[inline]
    pub fn string(&mut self) -> Result<Raw<'a>, Stop> {
        self.string_with(Escape::is_text)
    }

    /// The inside of a string whose escapes are allowed.
    #[inline]
    pub fn string_with(&mut self, allowed: impl Fn(&Escape) -> bool) -> Result<Raw<'a>, Stop> {
        if let Some(bytes) = self.short_string() {
            return Ok(Raw { bytes, escaped: false });
        }
        self.expect(b'"', "a string")?;
        let start = self.rest;
        let mut escaped = false;
        loop {
            self.pass_plain_characters();
            match self.rest.first() {
                Some(b'"') => break,
                _ => self.pass_escape(&allowed)?,
            }
            escaped = true;
        }
        let bytes = start.get(..start.len() - self.rest.len()).unwrap_or_default();
        self.advance(1);
        Ok(Raw { bytes, escaped })
    }

    /// Moves to the next quote, backslash or control character, or to the end.
    #[inline]
    fn pass_plain_characters(&mut self) {
        while let Some(block) = self.rest.first_chunk::<LENGTH>() {
            match block::special(block) {
                0 => self.advance(LENGTH),
                found => return self.advance(found.trailing_zeros() as usize),
            }
        }
        let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        self.advance(self.rest.iter().position(special).unwrap_or(self.rest.len()));
    }

    #[cold]
    fn pass_escape(&mut self, allowed: impl Fn(&Escape) -> bool) -> Result<(), Stop> {
        match self.rest.first() {
            Some(b'\\') => match escape(self.rest) {
                Some(escape) if allowed(&escape) => {
                    self.advance(escape.length());
                    Ok(())
                }
                Some(_) => self.stop("a string without half a surrogate pair"),
                None => self.stop("a valid escape"),
            },
            Some(_) => self.stop("an escaped control character"),
            None => self.stop("the closing quote of a string"),
        }
    }

    /// Passes over a member's name and its colon and appends both.
    #[inline(always)]
    pub fn copy_name(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        if let Some(block) = self.rest.first_chunk::<LENGTH>()
            && self.rest.first() == Some(&b'"')
        {
            // The opening quote is copied with the name.
            let end = (block::special(block) & !1).trailing_zeros() as usize;
            if end + 2 <= LENGTH && self.rest.get(end..end + 2) == Some(b"\":") {
                out.write_ahead(block);
                out.count_in(end + 2);
                self.advance(end + 2);
                return Ok(());
            }
        }
        self.copy_string(out)?;
        self.expect(b':', "`:`")?;
        out.push(b':');
        Ok(())
    }

    /// Passes over a string and appends it as it is written, with its quotes.
    #[inline(always)]
    pub fn copy_string(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        let (start, mark) = (self.rest, out.len());
        if self.copy_plain_string(out) {
            return Ok(());
        }
        self.rest = start;
        out.truncate(mark);
        self.copy_any_string(out)
    }

    /// The same for a string without escapes that does not end close to the end of the text. False when it is another,
    /// with some of it passed over.
    #[inline(always)]
    fn copy_plain_string(&mut self, out: &mut Buffer) -> bool {
        if self.rest.first() != Some(&b'"') {
            return false;
        }
        // The opening quote is copied with the first block.
        let mut inside = !1;
        while let Some(block) = self.rest.first_chunk::<LENGTH>() {
            out.write_ahead(block);
            let found = block::special(block) & inside;
            if found != 0 {
                let end = found.trailing_zeros() as usize;
                let quoted = self.rest.get(end) == Some(&b'"');
                self.advance(end + 1);
                out.count_in(end + 1);
                return quoted;
            }
            inside = !0;
            self.advance(LENGTH);
            out.count_in(LENGTH);
        }
        false
    }

    #[cold]
    fn copy_any_string(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        self.peek();
        let start = self.rest;
        self.string()?;
        out.push_bytes(start.get(..start.len() - self.rest.len()).unwrap_or_default());
        Ok(())
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

    /// Passes over what opens a string, so many bytes, and over the string, and appends the number that it holds. False,
    /// with nothing passed over, when it holds something else or is escaped.
    #[inline(always)]
    pub fn copy_number_in_string(&mut self, opening: usize, out: &mut Buffer) -> bool {
        let Some(number) = self.rest.get(opening..) else { return false };
        if let Some(block) = number.first_chunk() {
            let length = short_number(block);
            if length > 0 {
                out.write_ahead(block);
                out.count_in(length);
                self.rest = number.get(length + 1..).unwrap_or_default();
                return true;
            }
        }
        self.copy_any_number_in_string(opening, out)
    }

    fn copy_any_number_in_string(&mut self, opening: usize, out: &mut Buffer) -> bool {
        let number = self.rest.get(opening..).unwrap_or_default();
        let length = number_length(number);
        if length == 0 || number.get(length) != Some(&b'"') {
            return false;
        }
        out.push_bytes(number.get(..length).unwrap_or_default());
        self.advance(opening + length + 1);
        true
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_surrogate_pair_is_passed_over_but_not_read() {
        let text = r#""\ud83d""#;
        assert_eq!(Scanner::new(text).skip(), Ok(text));
        assert!(Scanner::new(text).string().is_err());
        assert_eq!(Scanner::new(r#""\ud83d\ude00""#).string().unwrap().resolve(), "😀");
    }

    proptest! {
        #[test]
        fn strings_are_read_and_copied_as_serde_json_writes_them(text: String, behind: String) {
            let json = serde_json::to_string(&text).unwrap();
            let input = format!("{json},{behind}");
            prop_assert_eq!(Scanner::new(&input).string().unwrap().resolve(), text);
            let mut out = Buffer::with_room(0);
            Scanner::new(&input).copy_string(&mut out).unwrap();
            prop_assert_eq!(out.into_text().unwrap(), json);
        }
    }
}
