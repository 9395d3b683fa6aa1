//! Passing over names, strings and numbers while they are appended to a text.

use super::{Scanner, Stop};
use crate::block::{self, LENGTH};
use crate::buffer::Buffer;
use crate::token::{number_length, short_number};

impl Scanner<'_> {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strings_are_copied_as_serde_json_writes_them(text: String, behind: String) {
            let json = serde_json::to_string(&text).unwrap();
            let input = format!("{json},{behind}");
            let mut out = Buffer::with_room(0);
            Scanner::new(&input).copy_string(&mut out).unwrap();
            prop_assert_eq!(out.into_text().unwrap(), json);
        }

        #[test]
        fn names_are_copied_with_their_colon(name in "[a-z\"\\\\é]{0,20}", behind in ".{0,20}") {
            let json = serde_json::to_string(&name).unwrap() + ":";
            let input = format!("{json}{behind}");
            let (mut scanner, mut out) = (Scanner::new(&input), Buffer::with_room(0));
            scanner.copy_name(&mut out).unwrap();
            prop_assert_eq!(scanner.position(), json.len());
            prop_assert_eq!(out.into_text().unwrap(), json);
        }
    }
}
