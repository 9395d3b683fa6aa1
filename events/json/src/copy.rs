//! Names, strings and numbers that are appended to an output while they are read.

use crate::output::Output;
use crate::simd::{self, LENGTH};
use crate::token::{number_length, short_number};
use crate::{Cursor, SyntaxError};

impl Cursor<'_> {
    /// Reads a member's name and its colon and appends both.
    ///
    /// # Errors
    ///
    /// No name with a colon comes next.
    #[inline(always)]
    pub fn copy_name(&mut self, out: &mut Output) -> Result<(), SyntaxError> {
        if let Some(block) = self.rest.first_chunk::<LENGTH>()
            && self.rest.first() == Some(&b'"')
        {
            // The opening quote is copied with the name.
            let end = (simd::special(block) & !1).trailing_zeros() as usize;
            if end + 2 <= LENGTH && self.rest.get(end..end + 2) == Some(b"\":") {
                out.write_ahead(block);
                out.commit(end + 2);
                self.advance(end + 2);
                return Ok(());
            }
        }
        self.copy_string(out)?;
        self.expect(b':', "`:`")?;
        out.push(b':');
        Ok(())
    }

    /// Reads a string and appends it as it is written, with its quotes.
    ///
    /// # Errors
    ///
    /// No string comes next.
    #[inline(always)]
    pub fn copy_string(&mut self, out: &mut Output) -> Result<(), SyntaxError> {
        let (start, mark) = (self.rest, out.len());
        if self.copy_plain_string(out) {
            return Ok(());
        }
        self.rest = start;
        out.rewind(mark);
        self.copy_any_string(out)
    }

    /// The same for a string without escapes that does not end close to the end of the text.
    /// Returns false for any other string, of which a part may have been read.
    #[inline(always)]
    fn copy_plain_string(&mut self, out: &mut Output) -> bool {
        if self.rest.first() != Some(&b'"') {
            return false;
        }
        // The opening quote is copied with the first block.
        let mut inside = !1;
        while let Some(block) = self.rest.first_chunk::<LENGTH>() {
            out.write_ahead(block);
            let found = simd::special(block) & inside;
            if found != 0 {
                let end = found.trailing_zeros() as usize;
                let quoted = self.rest.get(end) == Some(&b'"');
                self.advance(end + 1);
                out.commit(end + 1);
                return quoted;
            }
            inside = !0;
            self.advance(LENGTH);
            out.commit(LENGTH);
        }
        false
    }

    #[cold]
    fn copy_any_string(&mut self, out: &mut Output) -> Result<(), SyntaxError> {
        self.peek();
        let start = self.rest;
        self.string()?;
        out.push_bytes(&start[..start.len() - self.rest.len()]);
        Ok(())
    }

    /// Reads a string that holds a number, after `opening` bytes that the caller has looked at, and
    /// appends the number. Returns false, without moving, when the string holds something else or
    /// has escapes.
    #[inline(always)]
    pub fn copy_number_in_string(&mut self, opening: usize, out: &mut Output) -> bool {
        let Some(number) = self.rest.get(opening..) else { return false };
        if let Some(block) = number.first_chunk() {
            let length = short_number(block);
            if length > 0 {
                out.write_ahead(block);
                out.commit(length);
                self.rest = &number[length + 1..];
                return true;
            }
        }
        self.copy_any_number_in_string(opening, out)
    }

    fn copy_any_number_in_string(&mut self, opening: usize, out: &mut Output) -> bool {
        let number = &self.rest[opening..];
        let length = number_length(number);
        if length == 0 || number.get(length) != Some(&b'"') {
            return false;
        }
        out.push_bytes(&number[..length]);
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
            let mut out = Output::new();
            Cursor::new(&input).copy_string(&mut out).unwrap();
            prop_assert_eq!(out.into_text().unwrap(), json);
        }

        #[test]
        fn names_are_copied_with_their_colon(name in "[a-z\"\\\\é]{0,20}", behind in ".{0,20}") {
            let json = serde_json::to_string(&name).unwrap() + ":";
            let input = format!("{json}{behind}");
            let (mut cursor, mut out) = (Cursor::new(&input), Output::new());
            cursor.copy_name(&mut out).unwrap();
            prop_assert_eq!(cursor.position(), json.len());
            prop_assert_eq!(out.into_text().unwrap(), json);
        }
    }
}
