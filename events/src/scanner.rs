//! Reads a JSON text once, from left to right, without building a tree.
//!
//! Stream batches are mostly images that are copied from input to output. A tree of them costs more than everything
//! else that changefan does, so the decoder asks this scanner for one token after the other and copies slices.

use std::borrow::Cow;

/// A position in a JSON text and the right to move forward in it.
///
/// Every method first passes over white space. After an error the position is unspecified: go back with [`Scanner::seek`].
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// JSON nested deeper than this is refused by common readers, serde_json's among them, or close to it.
const MAX_NESTING: usize = 100;

/// What was wrong with the text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanError {
    /// Bytes from the start of the text.
    pub at: usize,
    pub expected: &'static str,
}

/// The inside of a JSON string, as it is written in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// Without the quotes, escapes not resolved.
    pub raw: &'a str,
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// The string that is meant.
    pub fn unescape(self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        // The scanner has checked the escapes, so the other branch is never taken.
        serde_json::from_str(&format!("\"{}\"", self.raw)).map_or(Cow::Borrowed(self.raw), Cow::Owned)
    }
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// Bytes from the start of the text.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn seek(&mut self, position: usize) {
        self.at = position;
    }

    /// The text between two positions that the scanner has been at.
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub fn error(&self, expected: &'static str) -> ScanError {
        ScanError { at: self.at, expected }
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
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), ScanError> {
        if self.eat(byte) { Ok(()) } else { Err(self.error(expected)) }
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), ScanError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("the end of the text")),
        }
    }

    /// Passes over an object and calls `member` with each name; `member` must pass over the value.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Text<'a>) -> Result<(), ScanError>,
    ) -> Result<(), ScanError> {
        self.expect(b'{', "an object")?;
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            member(self, name)?;
            if !self.eat(b',') {
                return self.expect(b'}', "`,` or `}`");
            }
        }
    }

    /// Passes over an array and calls `element` at the start of each value; `element` must pass over it.
    #[inline]
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), ScanError>) -> Result<(), ScanError> {
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

    /// A member's name and the colon after it.
    #[inline]
    pub fn name(&mut self) -> Result<Text<'a>, ScanError> {
        let name = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(name)
    }

    /// A string whose escapes stand for Unicode text: half a surrogate pair is refused.
    #[inline]
    pub fn string(&mut self) -> Result<Text<'a>, ScanError> {
        let text = self.any_string()?;
        if text.escaped && serde_json::from_str::<String>(&format!("\"{}\"", text.raw)).is_err() {
            return Err(self.error("a string without half a surrogate pair"));
        }
        Ok(text)
    }

    /// A string that the JSON grammar allows.
    fn any_string(&mut self) -> Result<Text<'a>, ScanError> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(&self.text.as_bytes()[self.at..]);
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("an escaped control character")),
                None => return Err(self.error("the closing quote of a string")),
            }
        }
        let raw = self.slice(start, self.at);
        self.at += 1;
        Ok(Text { raw, escaped })
    }

    fn escape(&mut self) -> Result<(), ScanError> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.get(2..6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => 6,
            _ => return Err(self.error("a valid escape")),
        };
        self.at += length;
        Ok(())
    }

    /// A number, as it is written.
    pub fn number(&mut self) -> Result<&'a str, ScanError> {
        self.peek();
        let start = self.at;
        match number_length(&self.text.as_bytes()[start..]) {
            0 => Err(self.error("a number")),
            length => {
                self.at += length;
                Ok(self.slice(start, self.at))
            }
        }
    }

    pub fn boolean(&mut self) -> Result<bool, ScanError> {
        if self.literal("true") {
            Ok(true)
        } else if self.literal("false") {
            Ok(false)
        } else {
            Err(self.error("true or false"))
        }
    }

    /// Passes over `null` if it comes next, and tells whether it did.
    pub fn null(&mut self) -> bool {
        self.literal("null")
    }

    fn literal(&mut self, literal: &str) -> bool {
        self.peek();
        let found = self.text.as_bytes()[self.at..].starts_with(literal.as_bytes());
        self.at += if found { literal.len() } else { 0 };
        found
    }

    /// Passes over any value and returns its text. Nesting costs memory, not stack.
    pub fn skip(&mut self) -> Result<&'a str, ScanError> {
        self.skip_within(usize::MAX)
    }

    /// Passes over a value that every JSON reader takes: nested at most [`MAX_NESTING`] deep, no half surrogate pairs.
    pub fn skip_readable(&mut self) -> Result<&'a str, ScanError> {
        let start = self.position();
        let value = self.skip_within(MAX_NESTING)?;
        if value.contains("\\u") && serde_json::from_str::<serde_json::Value>(value).is_err() {
            self.at = start;
            return Err(self.error("text without half a surrogate pair"));
        }
        Ok(value)
    }

    fn skip_within(&mut self, limit: usize) -> Result<&'a str, ScanError> {
        self.peek();
        let start = self.at;
        let mut open = Vec::new();
        loop {
            if let Some(close) = self.open_or_scalar()? {
                open.push(close);
                if open.len() > limit {
                    return Err(self.error("JSON nested at most 100 levels deep"));
                }
            } else if self.close(&mut open)? {
                return Ok(self.slice(start, self.at));
            }
        }
    }

    /// Enters an object or array that is not empty and returns what will close it, or passes over any other value.
    fn open_or_scalar(&mut self) -> Result<Option<u8>, ScanError> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                if self.eat(b'}') { Ok(None) } else { self.any_name().map(|()| Some(b'}')) }
            }
            Some(b'[') => {
                self.at += 1;
                Ok(if self.eat(b']') { None } else { Some(b']') })
            }
            Some(b'"') => self.any_string().map(|_| None),
            Some(b't' | b'f') => self.boolean().map(|_| None),
            Some(b'n') if self.null() => Ok(None),
            _ => self.number().map(|_| None).map_err(|error| ScanError { expected: "a value", ..error }),
        }
    }

    /// After a value: closes what ends here. True when the outermost value has ended.
    fn close(&mut self, open: &mut Vec<u8>) -> Result<bool, ScanError> {
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

    fn any_name(&mut self) -> Result<(), ScanError> {
        self.any_string()?;
        self.expect(b':', "`:`")
    }
}

/// How many bytes come before the first quote, backslash or control character. Eight at a time: most strings are short.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each zero byte is set; a false positive can only follow a true one, and the first counts.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut length = 0;
    for chunk in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let special = zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\'))) | control;
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = &bytes[length..];
    length + rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// The length of the JSON number that `bytes` starts with; 0 when it starts with none.
pub(crate) fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = if bytes.get(sign) == Some(&b'0') { 1 } else { digits(sign) };
    if whole == 0 {
        return 0;
    }
    let mut length = sign + whole;
    if bytes.get(length) == Some(&b'.') {
        match digits(length + 1) {
            0 => return 0,
            fraction => length += 1 + fraction,
        }
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        match digits(length + 1 + sign) {
            0 => return 0,
            exponent => length += 1 + sign + exponent,
        }
    }
    length
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
    fn a_number_is_what_json_calls_one() {
        for (text, length) in [
            ("0", 1),
            ("-0.10", 5),
            ("1E-130", 6),
            ("01", 1),
            ("1.", 0),
            (".5", 0),
            ("+5", 0),
            ("1e", 0),
            ("-", 0),
            ("", 0),
        ] {
            assert_eq!(number_length(text.as_bytes()), length, "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_passed_over_but_not_read() {
        let text = r#""\ud83d""#;
        assert_eq!(Scanner::new(text).skip(), Ok(text));
        assert!(Scanner::new(text).string().is_err());
        assert_eq!(Scanner::new(r#""\ud83d\ude00""#).string().unwrap().unescape(), "😀");
    }

    #[test]
    fn nesting_does_not_use_the_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(Scanner::new(&deep).skip().map(str::len), Ok(400_000));
    }

    proptest! {
        #[test]
        fn plain_length_stops_at_the_first_special_byte(bytes: Vec<u8>) {
            let expected = bytes.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(bytes.len());
            prop_assert_eq!(plain_length(&bytes), expected);
        }

        #[test]
        fn skip_agrees_with_serde_json(text in r#"[\[\]{},:"\\a10.eE+\- ntrue]{0,24}"#) {
            let mut scanner = Scanner::new(&text);
            let ours = scanner.skip().is_ok() && scanner.end().is_ok();
            prop_assert_eq!(ours, serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }
    }
}
