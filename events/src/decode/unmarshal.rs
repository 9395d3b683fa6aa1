//! DynamoDB's typed JSON to plain JSON, while it is read.

mod paths;
mod value;

use std::ops::Range;

use changefan_json::{Cursor, Output, SyntaxError};

pub(crate) use self::value::MAX_DEPTH;
use self::value::{WRAPPED, next_or_close, value};

/// Where a top-level attribute of an image, `"name":{…}`, is in the text that it was read from,
/// with the white space before it. An image of 6 MB can have hundreds of thousands, so offsets are
/// kept small; spans of the same texts, which are checked, have no larger ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    start: u32,
    value: u32,
    end: u32,
    /// Where name and value are in the plain text.
    plain_start: u32,
    plain_end: u32,
}

impl Attribute {
    /// The name with its colon, and the value.
    #[inline]
    fn text(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The name with its colon.
    pub(crate) fn name(&self) -> Range<usize> {
        self.start as usize..self.value as usize
    }

    /// The typed value.
    pub(crate) fn value(&self) -> Range<usize> {
        self.value as usize..self.end as usize
    }

    /// The name with its colon and the plain value, in the text that was written.
    #[inline]
    pub(crate) fn plain(&self) -> Range<usize> {
        self.plain_start as usize..self.plain_end as usize
    }
}

/// Reads an image, `{name: typed value, …}`, appends it as a plain JSON object and its attributes
/// to `attributes`.
///
/// An update changes few attributes, and DynamoDB writes both images in the same order: an
/// attribute that the `other` image has byte for byte was read and written before, and is only
/// copied.
pub(crate) fn image(
    cursor: &mut Cursor<'_>,
    out: &mut Output,
    other: &[Attribute],
    attributes: &mut Vec<Attribute>,
) -> Result<(), SyntaxError> {
    let (start, labels) = (out.len(), out.labels().len());
    read_image(cursor, out, other, attributes)?;
    let labels = &out.labels()[labels..];
    if labels.is_empty() || paths::are_short(&out.as_bytes()[start..], start, labels) {
        Ok(())
    } else {
        cursor.fail("an item with shorter paths to its sets and binary values")
    }
}

#[inline(always)]
fn read_image(
    cursor: &mut Cursor<'_>,
    out: &mut Output,
    other: &[Attribute],
    attributes: &mut Vec<Attribute>,
) -> Result<(), SyntaxError> {
    attributes.clear();
    cursor.expect(b'{', "an object")?;
    out.push(b'{');
    if cursor.eat(b'}') {
        out.push(b'}');
        return Ok(());
    }
    loop {
        match other.get(attributes.len()).filter(|same| cursor.eat_again(same.text())) {
            Some(same) => {
                out.repeat(same.plain());
                attributes.push(*same);
            }
            None => match short_attribute(cursor, out) {
                Some((attribute, is_last)) => {
                    attributes.push(attribute);
                    if is_last {
                        return Ok(());
                    }
                    continue;
                }
                None => attributes.push(attribute(cursor, out)?),
            },
        }
        if !next_or_close(cursor, out, b'}', "`,` or `}`")? {
            return Ok(());
        }
    }
}

/// Reads an attribute with what follows it, as [`Cursor::copy_member`] does. Returns whether it is
/// the last one.
#[inline(always)]
fn short_attribute(cursor: &mut Cursor<'_>, out: &mut Output) -> Option<(Attribute, bool)> {
    let (start, plain_start) = (cursor.position(), out.len());
    let copied = cursor.copy_member(&WRAPPED, out)?;
    let attribute = Attribute {
        start: start as u32,
        value: (start + copied.name) as u32,
        end: cursor.position() as u32 - 1,
        plain_start: plain_start as u32,
        plain_end: out.len() as u32 - 1,
    };
    Some((attribute, copied.is_last))
}

fn attribute(cursor: &mut Cursor<'_>, out: &mut Output) -> Result<Attribute, SyntaxError> {
    let (start, mark) = (cursor.position(), out.len());
    cursor.copy_name(out)?;
    let middle = cursor.position();
    value(cursor, out, 0)?;
    Ok(Attribute {
        start: start as u32,
        value: middle as u32,
        end: cursor.position() as u32,
        plain_start: mark as u32,
        plain_end: out.len() as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(image_text: &str) -> Result<String, SyntaxError> {
        let mut out = Output::new();
        image(&mut Cursor::new(image_text), &mut out, &[], &mut Vec::new())
            .map(|()| out.into_text().unwrap())
    }

    #[test]
    fn attribute_types_become_json() {
        for (typed, expected) in [
            (r#"{"S":"a\"\u00e9😀"}"#, r#""a\"\u00e9😀""#),
            (r#"{"N":"-1.50E+3"}"#, "-1.50E+3"),
            (r#"{"B":"AAEqQQ=="}"#, r#""AAEqQQ==""#),
            (r#"{"BOOL":true}"#, "true"),
            (r#"{"NULL":true}"#, "null"),
            (r#"{"M":{"x.y":{"N":"1"},"e":{"M":{}}}}"#, r#"{"x.y":1,"e":{}}"#),
            (r#"{"L":[{"S":""},{"L":[]}]}"#, r#"["",[]]"#),
            (r#"{"SS":["a","b"]}"#, r#"["a","b"]"#),
            (r#"{"NS":["1","2.0"]}"#, "[1,2.0]"),
            (r#"{"BS":["AA=="]}"#, r#"["AA=="]"#),
        ] {
            let image = format!("{{\"first\":{typed},\n \"second\":{typed}}}");
            let expected = format!(r#"{{"first":{expected},"second":{expected}}}"#);
            assert_eq!(plain(&image).unwrap(), expected);
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        let digits = "12345678901234567890123456789012345678";
        for number in [
            digits,
            "1E-130",
            "9.9999999999999999999999999999999999999E+125",
            "0.1",
            "-0",
            "100.00",
        ] {
            assert_eq!(
                plain(&format!(r#"{{"n":{{"N":"{number}"}}}}"#)).unwrap(),
                format!(r#"{{"n":{number}}}"#)
            );
        }
    }

    #[test]
    fn other_values_are_refused() {
        for value in [
            "null",
            "1",
            "{}",
            r#"{"S":1}"#,
            r#"{"N":1}"#,
            r#"{"N":""}"#,
            r#"{"N":"1 "}"#,
            r#"{"N":"NaN"}"#,
            r#"{"N":"01"}"#,
            r#"{"X":"1"}"#,
            r#"{"S":"a","S":"b"}"#,
            r#"{"BOOL":"true"}"#,
            r#"{"NS":["a"]}"#,
            r#"{"L":[1]}"#,
            r#"{"M":{"a":1}}"#,
        ] {
            assert!(plain(&format!(r#"{{"a":{value}}}"#)).is_err(), "{value}");
        }
    }

    #[test]
    fn escaped_descriptors_and_numbers_are_resolved() {
        assert_eq!(plain(r#"{"a":{"\u004e":"\u0031"}}"#).unwrap(), r#"{"a":1}"#);
    }

    #[test]
    fn nesting_beyond_50_levels_is_refused() {
        let nested = |levels| {
            format!(r#"{{"a":{}{{"N":"1"}}{}}}"#, r#"{"L":["#.repeat(levels), "]}".repeat(levels))
        };
        assert_eq!(
            plain(&nested(32)).unwrap(),
            format!(r#"{{"a":{}1{}}}"#, "[".repeat(32), "]".repeat(32))
        );
        assert!(plain(&nested(50)).is_ok());
        assert!(plain(&nested(51)).is_err());
    }
}
