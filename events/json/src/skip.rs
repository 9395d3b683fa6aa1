//! Values that are checked and skipped.

use crate::token::Escape;
use crate::{Cursor, SyntaxError};

/// JSON nested deeper than this is refused by common readers, among them serde_json.
const MAX_NESTING: usize = 100;

/// Which values are skipped.
#[derive(Clone, Copy)]
enum Extent {
    /// All that the JSON grammar allows. Nesting costs memory, not stack.
    Any,
    /// What every JSON reader accepts: nested at most [`MAX_NESTING`] deep, no unpaired surrogates.
    Readable,
}

impl Extent {
    fn allows(self, escape: &Escape) -> bool {
        matches!(self, Self::Any) || escape.is_text()
    }
}

impl<'a> Cursor<'a> {
    /// Skips any value and returns its text.
    ///
    /// # Errors
    ///
    /// No JSON value comes next.
    pub fn skip(&mut self) -> Result<&'a [u8], SyntaxError> {
        self.skip_within(Extent::Any)
    }

    /// Skips a value that every JSON reader accepts, nested at most 100 levels deep and without
    /// unpaired surrogates, and returns its text.
    ///
    /// # Errors
    ///
    /// No such value comes next.
    #[inline]
    pub fn skip_readable(&mut self) -> Result<&'a [u8], SyntaxError> {
        let start = self.position();
        match self.short_string() {
            Some(_) => Ok(self.slice(start..self.position())),
            None => self.skip_within(Extent::Readable),
        }
    }

    fn skip_within(&mut self, extent: Extent) -> Result<&'a [u8], SyntaxError> {
        self.peek();
        let start = self.position();
        let mut open = Vec::new();
        loop {
            if let Some(close) = self.open_or_scalar(extent)? {
                open.push(close);
                if open.len() > MAX_NESTING && matches!(extent, Extent::Readable) {
                    return self.fail("JSON nested at most 100 levels deep");
                }
            } else if self.close(&mut open, extent)? {
                return Ok(self.slice(start..self.position()));
            }
        }
    }

    /// Enters an object or array that is not empty and returns the byte that closes it, or skips
    /// any other value.
    fn open_or_scalar(&mut self, extent: Extent) -> Result<Option<u8>, SyntaxError> {
        match self.peek() {
            Some(b'"') => self.skip_string(extent).map(|()| None),
            Some(b'{') => {
                self.advance(1);
                if self.eat(b'}') { Ok(None) } else { self.skip_name(extent).map(|()| Some(b'}')) }
            }
            Some(b'[') => {
                self.advance(1);
                Ok(if self.eat(b']') { None } else { Some(b']') })
            }
            Some(b't' | b'f') => self.boolean().map(|_| None),
            Some(b'n') if self.null() => Ok(None),
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| None),
            _ => self.fail("a value"),
        }
    }

    /// Closes the collections that end after a value. Returns true when the outermost value has
    /// ended.
    fn close(&mut self, open: &mut Vec<u8>, extent: Extent) -> Result<bool, SyntaxError> {
        while let Some(&close) = open.last() {
            if self.eat(b',') {
                if close == b'}' {
                    self.skip_name(extent)?;
                }
                return Ok(false);
            }
            self.expect(close, if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })?;
            open.pop();
        }
        Ok(true)
    }

    fn skip_name(&mut self, extent: Extent) -> Result<(), SyntaxError> {
        self.skip_string(extent)?;
        self.expect(b':', "`:`")
    }

    fn skip_string(&mut self, extent: Extent) -> Result<(), SyntaxError> {
        self.string_with(|escape| extent.allows(escape)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn skip_returns_exactly_the_value() {
        for value in
            ["{}", "[]", "null", "-0.5e+10", r#""a\"b""#, r#"{"a":[1,{"b":[]},"]}"],"c":{}}"#]
        {
            let text = format!(" {value} , 1");
            assert_eq!(Cursor::new(&text).skip(), Ok(value.as_bytes()));
            assert_eq!(Cursor::new(&text).skip_readable(), Ok(value.as_bytes()));
        }
    }

    #[test]
    fn nesting_does_not_use_the_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(Cursor::new(&deep).skip().map(<[u8]>::len), Ok(400_000));
    }

    #[test]
    fn readable_values_are_nested_at_most_100_deep() {
        let nested = |levels| "[".repeat(levels) + "1" + &"]".repeat(levels);
        assert!(Cursor::new(&nested(100)).skip_readable().is_ok());
        assert!(Cursor::new(&nested(101)).skip_readable().is_err());
    }

    proptest! {
        #[test]
        fn skip_agrees_with_serde_json(text in r#"[\[\]{},:"\\a10.eE+\- ntrue]{0,24}"#) {
            let mut cursor = Cursor::new(&text);
            let ours = cursor.skip().is_ok() && cursor.end().is_ok();
            prop_assert_eq!(ours, serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }
    }
}
