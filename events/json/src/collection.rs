//! Objects and arrays, read member by member and element by element.

use crate::{Cursor, SyntaxError};

impl Cursor<'_> {
    /// Reads an object and calls `member` with each name, its escapes resolved. `member` must move
    /// past the value.
    ///
    /// # Errors
    ///
    /// No object comes next, it is malformed, or `member` returned an error.
    #[inline]
    pub fn object(
        &mut self,
        member: impl FnMut(&mut Self, &[u8]) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        self.expect(b'{', "an object")?;
        if self.eat(b'}') { Ok(()) } else { self.members(member) }
    }

    /// Reads the members of an object from a name to the closing brace.
    ///
    /// # Errors
    ///
    /// As for [`Cursor::object`].
    #[inline]
    pub fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
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

    /// Reads an array and calls `element` at the start of each value. `element` must move past it.
    ///
    /// # Errors
    ///
    /// No array comes next, it is malformed, or `element` returned an error.
    #[inline]
    pub fn array(
        &mut self,
        element: impl FnMut(&mut Self) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        self.expect(b'[', "an array")?;
        if self.eat(b']') { Ok(()) } else { self.elements(element) }
    }

    /// Reads the elements of an array from the start of one to the closing bracket.
    ///
    /// # Errors
    ///
    /// As for [`Cursor::array`].
    #[inline]
    pub fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        loop {
            element(self)?;
            if !self.eat(b',') {
                return self.expect(b']', "`,` or `]`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_reach_the_caller_with_escapes_resolved() {
        let mut names = Vec::new();
        let text = r#"{"a":1, "\u0062" : [2], "a name that is longer than one block":null}"#;
        let read = Cursor::new(text).object(|cursor, name| {
            names.push(String::from_utf8(name.to_vec()).unwrap());
            cursor.skip().map(drop)
        });
        assert_eq!(read, Ok(()));
        assert_eq!(names, ["a", "b", "a name that is longer than one block"]);
    }

    #[test]
    fn reading_resumes_at_an_element() {
        let mut cursor = Cursor::new("[1,2,3] ");
        cursor.seek(3);
        let mut numbers = Vec::new();
        let read = cursor.elements(|cursor| cursor.number().map(|number| numbers.push(number)));
        assert_eq!((read, numbers, cursor.end()), (Ok(()), vec![b"2".as_slice(), b"3"], Ok(())));
    }
}
