//! Strings and literals, a block at a time.

use super::order::prefix;
use super::write::Writer;
use crate::output::Output;
use crate::simd::{self, Block, LENGTH};
use crate::string::JsonStr;
use crate::token::{code_point, escape};

/// The content of a string as it stands in the text.
pub(super) struct Content<'a> {
    bytes: &'a [u8],
    is_escaped: bool,
}

impl Content<'_> {
    pub(super) fn prefix(&self) -> u64 {
        prefix(&JsonStr::new(self.bytes, self.is_escaped).resolve_bytes())
    }
}

impl<'a> Writer<'_, 'a> {
    /// Writes a string up to its closing quote, and `closing` instead of that.
    pub(super) fn string(&mut self, closing: &[u8]) -> Content<'a> {
        self.out.push_array(br#"\""#);
        self.rest = &self.rest[1..];
        let (content, mut is_escaped) = (self.rest, false);
        loop {
            self.copy_until(simd::quotes);
            match self.rest {
                [b'"', behind @ ..] => {
                    self.out.push_bytes(closing);
                    let bytes = &content[..content.len() - self.rest.len()];
                    self.rest = behind;
                    return Content { bytes, is_escaped };
                }
                _ => self.escape(),
            }
            is_escaped = true;
        }
    }

    fn escape(&mut self) {
        write_character(code_point(self.rest), self.out);
        let length = escape(self.rest).expect("escapes were checked before").length();
        self.rest = &self.rest[length..];
    }

    /// Writes a number, a Boolean or null.
    pub(super) fn literal(&mut self) -> &'a [u8] {
        let start = self.rest;
        self.copy_until(simd::delimiters);
        while let [b'+', behind @ ..] = self.rest {
            self.out.push(b'+');
            self.rest = behind;
            self.copy_until(simd::delimiters);
        }
        &start[..start.len() - self.rest.len()]
    }

    /// Writes up to the first byte that `find` has a bit for.
    #[inline(always)]
    fn copy_until(&mut self, find: impl Fn(&Block) -> u32) {
        loop {
            // A part of a block ends the text.
            let mut block = [b'"'; LENGTH];
            let length = self.rest.len().min(LENGTH);
            match self.rest.first_chunk() {
                Some(whole) => block = *whole,
                None => block[..length].copy_from_slice(self.rest),
            }
            self.out.write_ahead(&block);
            let found = (find(&block).trailing_zeros() as usize).min(length);
            self.out.commit(found);
            self.rest = &self.rest[found..];
            if found < LENGTH {
                return;
            }
        }
    }
}

/// Appends a character to a string in a string: what JSON requires to be escaped is escaped twice.
pub(super) fn write_character(character: char, out: &mut Output) {
    match character {
        '"' => out.push_array(br#"\\\""#),
        '\\' => out.push_array(br"\\\\"),
        '\u{8}' => out.push_array(br"\\b"),
        '\u{c}' => out.push_array(br"\\f"),
        '\n' => out.push_array(br"\\n"),
        '\r' => out.push_array(br"\\r"),
        '\t' => out.push_array(br"\\t"),
        '\0'..'\u{20}' => out.push_str(&format!(r"\\u{:04x}", u32::from(character))),
        _ => out.push_str(character.encode_utf8(&mut [0; 4])),
    }
}
