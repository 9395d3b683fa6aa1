//! Strings, whose escapes are checked and left as they are.

use std::borrow::Cow;

use super::{Scanner, Stop};
use crate::block::{self, LENGTH};
use crate::token::{Escape, escape};

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
        if self.escaped {
            self.resolve().into_owned().into_bytes().into()
        } else {
            self.bytes.into()
        }
    }
}

impl<'a> Scanner<'a> {
    /// The inside of a string that ends within a block and has no escapes, if such a one comes next.
    #[inline]
    pub fn short_string(&mut self) -> Option<&'a [u8]> {
        let [b'"', inside @ ..] = self.rest else { return None };
        let block = inside.first_chunk::<LENGTH>()?;
        let found = block::special(block);
        let end = found.trailing_zeros() as usize;
        if found == 0 || inside.get(end) != Some(&b'"') {
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
        fn strings_are_read_as_serde_json_writes_them(text: String, behind: String) {
            let input = format!("{},{behind}", serde_json::to_string(&text).unwrap());
            prop_assert_eq!(Scanner::new(&input).string().unwrap().resolve(), text);
        }

        #[test]
        fn a_short_string_is_what_a_string_is(text in "[a-z\"\\\\é]{0,20}", behind in ".{0,20}") {
            let input = format!("{},{behind}", serde_json::to_string(&text).unwrap());
            if let Some(short) = Scanner::new(&input).short_string() {
                prop_assert_eq!(short, text.as_bytes());
            }
        }
    }
}
