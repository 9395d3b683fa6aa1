//! Strings, whose escapes are checked and left as they are.

use std::borrow::Cow;
use std::ops::Range;

use crate::simd::{self, LENGTH};
use crate::token::{Escape, escape};
use crate::{Cursor, SyntaxError};

/// The content of a JSON string as it is written, its escapes checked but not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonStr<'a> {
    /// A piece of a text between two quotes.
    bytes: &'a [u8],
    escaped: bool,
}

impl<'a> JsonStr<'a> {
    /// The content of a string that was read before.
    pub(crate) fn new(bytes: &'a [u8], escaped: bool) -> Self {
        JsonStr { bytes, escaped }
    }

    /// The content as it is written, escapes unresolved: UTF-8 if the text is.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Whether the content has escapes.
    #[inline]
    pub fn is_escaped(self) -> bool {
        self.escaped
    }

    /// The string that is meant, escapes resolved. Bytes that are not UTF-8 are replaced.
    pub fn resolve(self) -> Cow<'a, str> {
        let text = match std::str::from_utf8(self.bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(self.bytes),
        };
        if !self.escaped {
            return text;
        }
        let string = serde_json::from_str(&format!("\"{text}\""));
        Cow::Owned(string.expect("escapes were checked when the string was read"))
    }

    /// The bytes of the string that is meant, to compare them.
    pub fn resolve_bytes(self) -> Cow<'a, [u8]> {
        if self.escaped {
            self.resolve().into_owned().into_bytes().into()
        } else {
            self.bytes.into()
        }
    }
}

impl<'a> Cursor<'a> {
    /// Reads a string and returns its content, escapes unresolved. An unpaired surrogate is
    /// refused, because no text has it.
    ///
    /// # Errors
    ///
    /// No such string comes next.
    #[inline]
    pub fn string(&mut self) -> Result<JsonStr<'a>, SyntaxError> {
        self.string_with(Escape::is_text)
    }

    /// The content of a string without escapes, of which the caller knows where it is.
    ///
    /// # Panics
    ///
    /// The position is behind the end of the text.
    #[inline]
    pub fn plain_string(&self, content: Range<usize>) -> JsonStr<'a> {
        JsonStr { bytes: &self.text()[content], escaped: false }
    }

    /// The content of a string without escapes that ends within three blocks, if such a string
    /// comes next.
    #[inline]
    pub(crate) fn short_string(&mut self) -> Option<&'a [u8]> {
        let [b'"', inside @ ..] = self.rest else { return None };
        for before in [0, LENGTH, 2 * LENGTH] {
            let found = simd::special(inside.get(before..)?.first_chunk()?);
            if found != 0 {
                let (content, behind) = inside.split_at(before + found.trailing_zeros() as usize);
                let [b'"', rest @ ..] = behind else { return None };
                self.rest = rest;
                return Some(content);
            }
        }
        None
    }

    /// Reads a string whose escapes are all allowed.
    #[inline]
    pub(crate) fn string_with(
        &mut self,
        allowed: impl Fn(&Escape) -> bool,
    ) -> Result<JsonStr<'a>, SyntaxError> {
        if let Some(bytes) = self.short_string() {
            return Ok(JsonStr { bytes, escaped: false });
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
        let bytes = &start[..start.len() - self.rest.len()];
        self.advance(1);
        Ok(JsonStr { bytes, escaped })
    }

    /// Moves to the next quote, backslash or control character, or to the end.
    #[inline]
    fn pass_plain_characters(&mut self) {
        while let Some(block) = self.rest.first_chunk::<LENGTH>() {
            match simd::special(block) {
                0 => self.advance(LENGTH),
                found => return self.advance(found.trailing_zeros() as usize),
            }
        }
        let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        self.advance(self.rest.iter().position(special).unwrap_or(self.rest.len()));
    }

    #[cold]
    fn pass_escape(&mut self, allowed: impl Fn(&Escape) -> bool) -> Result<(), SyntaxError> {
        match self.rest.first() {
            Some(b'\\') => match escape(self.rest) {
                Some(escape) if allowed(&escape) => {
                    self.advance(escape.length());
                    Ok(())
                }
                Some(_) => self.fail("a string without unpaired surrogates"),
                None => self.fail("a valid escape"),
            },
            Some(_) => self.fail("an escaped control character"),
            None => self.fail("the closing quote of a string"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unpaired_surrogates_are_skipped_but_not_read() {
        let text = r#""\ud83d""#;
        assert_eq!(Cursor::new(text).skip(), Ok(text.as_bytes()));
        assert!(Cursor::new(text).string().is_err());
        assert_eq!(Cursor::new(r#""\ud83d\ude00""#).string().unwrap().resolve(), "😀");
    }

    proptest! {
        #[test]
        fn strings_are_read_as_serde_json_writes_them(text: String, behind: String) {
            let input = format!("{},{behind}", serde_json::to_string(&text).unwrap());
            prop_assert_eq!(Cursor::new(&input).string().unwrap().resolve(), text);
        }

        #[test]
        fn short_strings_are_strings(text in "[a-z\"\\\\é]{0,60}", behind in ".{0,20}") {
            let input = format!("{},{behind}", serde_json::to_string(&text).unwrap());
            if let Some(short) = Cursor::new(&input).short_string() {
                prop_assert_eq!(short, text.as_bytes());
            }
        }
    }
}
