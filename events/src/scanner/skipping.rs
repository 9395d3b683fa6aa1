//! Passing over values that are of no interest, checking that they are JSON.

use super::{Scanner, Stop};
use crate::token::Escape;

/// JSON nested deeper than this is refused by common readers, serde_json's among them, or close to it.
const MAX_NESTING: usize = 100;

/// What is passed over.
#[derive(Clone, Copy)]
enum Extent {
    /// All that the JSON grammar allows. Nesting costs memory, not stack.
    Any,
    /// What every JSON reader takes: nested at most [`MAX_NESTING`] deep, no half surrogate pairs.
    Readable,
}

impl Extent {
    fn allows(self, escape: &Escape) -> bool {
        matches!(self, Extent::Any) || escape.is_text()
    }
}

impl<'a> Scanner<'a> {
    /// Passes over any value and returns its text.
    pub fn skip(&mut self) -> Result<&'a str, Stop> {
        self.skip_within(Extent::Any)
    }

    /// Passes over a value that every JSON reader takes.
    pub fn pass_readable(&mut self) -> Result<(), Stop> {
        if self.short_string().is_some() { Ok(()) } else { self.skip_readable().map(drop) }
    }

    /// The same, and returns its text.
    pub fn skip_readable(&mut self) -> Result<&'a str, Stop> {
        self.skip_within(Extent::Readable)
    }

    fn skip_within(&mut self, extent: Extent) -> Result<&'a str, Stop> {
        self.peek();
        let start = self.position();
        let mut open = Vec::new();
        loop {
            if let Some(close) = self.open_or_scalar(extent)? {
                open.push(close);
                if open.len() > MAX_NESTING && matches!(extent, Extent::Readable) {
                    return self.stop("JSON nested at most 100 levels deep");
                }
            } else if self.close(&mut open, extent)? {
                return Ok(self.slice(start..self.position()));
            }
        }
    }

    /// Enters an object or array that is not empty and returns what will close it, or passes over any other value.
    fn open_or_scalar(&mut self, extent: Extent) -> Result<Option<u8>, Stop> {
        match self.peek() {
            Some(b'"') => self.any_string(extent).map(|()| None),
            Some(b'{') => {
                self.advance(1);
                if self.eat(b'}') { Ok(None) } else { self.any_name(extent).map(|()| Some(b'}')) }
            }
            Some(b'[') => {
                self.advance(1);
                Ok(if self.eat(b']') { None } else { Some(b']') })
            }
            Some(b't' | b'f') => self.boolean().map(|_| None),
            Some(b'n') if self.null() => Ok(None),
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| None),
            _ => self.stop("a value"),
        }
    }

    /// After a value: closes what ends here. True when the outermost value has ended.
    fn close(&mut self, open: &mut Vec<u8>, extent: Extent) -> Result<bool, Stop> {
        while let Some(&close) = open.last() {
            if self.eat(b',') {
                if close == b'}' {
                    self.any_name(extent)?;
                }
                return Ok(false);
            }
            self.expect(close, if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })?;
            open.pop();
        }
        Ok(true)
    }

    fn any_name(&mut self, extent: Extent) -> Result<(), Stop> {
        self.any_string(extent)?;
        self.expect(b':', "`:`")
    }

    fn any_string(&mut self, extent: Extent) -> Result<(), Stop> {
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
            assert_eq!(Scanner::new(&text).skip(), Ok(value));
        }
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
    }
}
