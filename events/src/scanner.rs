//! Reads a JSON text once, from left to right, without building a tree.
//!
//! Stream batches are mostly images that are copied from input to output. A tree of them costs more than everything
//! else that changefan does, so the decoder asks this scanner for one token after the other and copies slices.

use std::borrow::Cow;

use crate::buffer::Buffer;
use crate::token::{Escape, escape, number_length, special};

/// A position in a JSON text and the right to move forward in it.
///
/// Every method first passes over white space. After a [`Stop`] the position is where reading stopped: ask
/// [`Scanner::failure`] why, and go back with [`Scanner::seek`].
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether the last string has escapes.
    escaped: bool,
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

/// JSON nested deeper than this is refused by common readers, serde_json's among them, or close to it.
const MAX_NESTING: usize = 100;

/// The string that is meant by the inside of a JSON string, which the scanner has checked.
pub(crate) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.as_bytes().contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    serde_json::from_str(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0, escaped: false, expected: "" }
    }

    /// Bytes from the start of the text.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn seek(&mut self, position: usize) {
        self.at = position;
    }

    /// The text between two positions that the scanner has been at.
    #[inline]
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Stops here.
    #[cold]
    pub fn stop<T>(&mut self, expected: &'static str) -> Result<T, Stop> {
        self.expected = expected;
        Err(Stop)
    }

    /// Why and where reading stopped.
    pub fn failure(&self) -> ScanError {
        ScanError { at: self.at, expected: self.expected }
    }

    /// The next byte that is not white space; it is not passed over.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Passes over `byte` if it comes next, and tells whether it did.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let next = self.text.as_bytes().get(self.at).copied().unwrap_or_default();
        // Mostly there is no white space.
        let found = if next > b' ' { next == byte } else { self.peek() == Some(byte) };
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.eat(byte) { Ok(()) } else { self.stop(expected) }
    }

    /// Passes over this very text if it comes next without white space, and tells whether it did.
    #[inline]
    pub fn eat_text(&mut self, text: &[u8]) -> bool {
        let found = self.text.as_bytes().get(self.at..self.at + text.len()).is_some_and(|next| next == text);
        self.at += if found { text.len() } else { 0 };
        found
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
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Result<(), Stop>) -> Result<(), Stop> {
        self.expect(b'{', "an object")?;
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            let name = self.string()?;
            let name = if self.escaped { unescape(name) } else { Cow::Borrowed(name) };
            self.expect(b':', "`:`")?;
            member(self, &name)?;
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

    /// The inside of a string, escapes unresolved. They stand for Unicode text: half a surrogate pair is refused.
    #[inline]
    pub fn string(&mut self) -> Result<&'a str, Stop> {
        self.expect(b'"', "a string")?;
        self.rest_of_string(Escape::is_text)
    }

    /// The inside of a string whose opening quote has been passed over.
    #[inline]
    fn rest_of_string(&mut self, allowed: impl Fn(&Escape) -> bool) -> Result<&'a str, Stop> {
        let start = self.at;
        self.escaped = false;
        loop {
            self.pass_plain_characters();
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => break,
                _ => self.pass_escape(&allowed)?,
            }
        }
        self.at += 1;
        Ok(self.slice(start, self.at - 1))
    }

    /// Moves to the next quote, backslash or control character, or to the end. Eight bytes at a time: most strings are
    /// shorter.
    #[inline]
    fn pass_plain_characters(&mut self) {
        while let Some(word) = self.word() {
            match special(word) {
                8 => self.at += 8,
                plain => {
                    self.at += plain;
                    return;
                }
            }
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let plain = |&byte: &u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
        self.at += rest.iter().position(|byte| !plain(byte)).unwrap_or(rest.len());
    }

    #[inline]
    fn word(&self) -> Option<u64> {
        let bytes = self.text.as_bytes().get(self.at..self.at + 8)?;
        bytes.try_into().ok().map(u64::from_le_bytes)
    }

    #[cold]
    fn pass_escape(&mut self, allowed: impl Fn(&Escape) -> bool) -> Result<(), Stop> {
        match self.text.as_bytes().get(self.at) {
            Some(b'\\') => match escape(self.text.as_bytes().get(self.at..).unwrap_or_default()) {
                Some(escape) if allowed(&escape) => {
                    self.escaped = true;
                    self.at += escape.length();
                    Ok(())
                }
                Some(_) => self.stop("a string without half a surrogate pair"),
                None => self.stop("a valid escape"),
            },
            Some(_) => self.stop("an escaped control character"),
            None => self.stop("the closing quote of a string"),
        }
    }

    /// Passes over a string and appends it as it is written, with its quotes.
    #[inline]
    pub fn copy_string(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        self.expect(b'"', "a string")?;
        out.push(b'"');
        self.copy_rest_of_string(out)
    }

    /// The same when the opening quote has been passed over and appended.
    #[inline]
    pub fn copy_rest_of_string(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        loop {
            let Some(word) = self.word() else { return self.copy_slowly(out) };
            out.write_ahead(word);
            let plain = special(word);
            if plain == 8 {
                self.at += 8;
                out.count_in(8);
            } else if word.to_le_bytes()[plain] == b'"' {
                self.at += plain + 1;
                out.count_in(plain + 1);
                return Ok(());
            } else {
                return self.copy_slowly(out);
            }
        }
    }

    /// The rest of a string that has escapes, or that ends close to the end of the text.
    #[cold]
    fn copy_slowly(&mut self, out: &mut Buffer) -> Result<(), Stop> {
        // Not as a slice of text: a word may have ended inside of a character.
        let start = self.at;
        self.rest_of_string(Escape::is_text)?;
        out.push_bytes(self.text.as_bytes().get(start..self.at).unwrap_or_default());
        Ok(())
    }

    /// A number, as it is written.
    pub fn number(&mut self) -> Result<&'a str, Stop> {
        self.peek();
        let start = self.at;
        match number_length(self.text.as_bytes().get(start..).unwrap_or_default()) {
            0 => self.stop("a number"),
            length => {
                self.at += length;
                Ok(self.slice(start, self.at))
            }
        }
    }

    /// Passes over a string that holds a number, its opening quote passed over before, and appends the number. False,
    /// with nothing passed over, when the string holds something else or is escaped.
    #[inline]
    pub fn copy_number_from_string(&mut self, out: &mut Buffer) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = number_length(rest);
        if length == 0 || rest.get(length) != Some(&b'"') {
            return false;
        }
        let end = self.at + length;
        while let Some(word) = self.word().filter(|_| self.at < end) {
            let digits = (end - self.at).min(8);
            out.write_ahead(word);
            out.count_in(digits);
            self.at += digits;
        }
        out.push_str(self.slice(self.at, end));
        self.at = end + 1;
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

    /// Passes over any value and returns its text. Nesting costs memory, not stack.
    pub fn skip(&mut self) -> Result<&'a str, Stop> {
        self.skip_within(usize::MAX)
    }

    /// Passes over a value that every JSON reader takes: nested at most [`MAX_NESTING`] deep, no half surrogate pairs.
    pub fn skip_readable(&mut self) -> Result<&'a str, Stop> {
        let start = self.at;
        let value = self.skip_within(MAX_NESTING)?;
        if value.contains("\\u") && serde_json::from_str::<serde_json::Value>(value).is_err() {
            self.at = start;
            return self.stop("text without half a surrogate pair");
        }
        Ok(value)
    }

    fn skip_within(&mut self, limit: usize) -> Result<&'a str, Stop> {
        self.peek();
        let start = self.at;
        let mut open = Vec::new();
        loop {
            if let Some(close) = self.open_or_scalar()? {
                open.push(close);
                if open.len() > limit {
                    return self.stop("JSON nested at most 100 levels deep");
                }
            } else if self.close(&mut open)? {
                return Ok(self.slice(start, self.at));
            }
        }
    }

    /// Enters an object or array that is not empty and returns what will close it, or passes over any other value.
    fn open_or_scalar(&mut self) -> Result<Option<u8>, Stop> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                if self.eat(b'}') { Ok(None) } else { self.any_name().map(|()| Some(b'}')) }
            }
            Some(b'[') => {
                self.at += 1;
                Ok(if self.eat(b']') { None } else { Some(b']') })
            }
            Some(b'"') => self.any_string().map(|()| None),
            Some(b't' | b'f') => self.boolean().map(|_| None),
            Some(b'n') if self.null() => Ok(None),
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| None),
            _ => self.stop("a value"),
        }
    }

    /// After a value: closes what ends here. True when the outermost value has ended.
    fn close(&mut self, open: &mut Vec<u8>) -> Result<bool, Stop> {
        while let Some(&close) = open.last() {
            if self.eat(b',') {
                if close == b'}' {
                    self.any_name()?;
                }
                return Ok(false);
            }
            self.expect(close, if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })?;
            open.pop();
        }
        Ok(true)
    }

    fn any_name(&mut self) -> Result<(), Stop> {
        self.any_string()?;
        self.expect(b':', "`:`")
    }

    /// A string that the JSON grammar allows, half surrogate pairs included.
    fn any_string(&mut self) -> Result<(), Stop> {
        self.expect(b'"', "a string")?;
        self.rest_of_string(|_| true).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn skip_returns_exactly_the_value() {
        for value in ["{}", "[]", "null", "-0.5e+10", r#""a\"b""#, r#"{"a":[1,{"b":[]},"]}"],"c":{}}"#] {
            let text = format!(" {value} , 1");
            assert_eq!(Scanner::new(&text).skip(), Ok(value));
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_passed_over_but_not_read() {
        let text = r#""\ud83d""#;
        assert_eq!(Scanner::new(text).skip(), Ok(text));
        assert!(Scanner::new(text).string().is_err());
        assert_eq!(unescape(Scanner::new(r#""\ud83d\ude00""#).string().unwrap()), "😀");
    }

    #[test]
    fn nesting_does_not_use_the_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(Scanner::new(&deep).skip().map(str::len), Ok(400_000));
    }

    proptest! {
        #[test]
        fn skip_agrees_with_serde_json(text in r#"[\[\]{},:"\\a10.eE+\- ntrue]{0,24}"#) {
            let mut scanner = Scanner::new(&text);
            let ours = scanner.skip().is_ok() && scanner.end().is_ok();
            prop_assert_eq!(ours, serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }

        #[test]
        fn strings_are_read_and_copied_as_serde_json_writes_them(text: String, behind: String) {
            let json = serde_json::to_string(&text).unwrap();
            let input = format!("{json},{behind}");
            prop_assert_eq!(unescape(Scanner::new(&input).string().unwrap()), text);
            let mut out = Buffer::with_room(0);
            Scanner::new(&input).copy_string(&mut out).unwrap();
            prop_assert_eq!(out.into_text().unwrap(), json);
        }
    }
}
