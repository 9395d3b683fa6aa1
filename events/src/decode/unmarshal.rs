//! DynamoDB's typed JSON to plain JSON, while it is read.

use std::ops::Range;

use crate::attribute_type::AttributeType;
use changefan_json::Output;
use changefan_json::is_number;
use changefan_json::{Cursor, SyntaxError};

/// Attribute values nested deeper than this are refused. DynamoDB's own limit is 32 levels.
pub(crate) const MAX_DEPTH: u32 = 50;

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
            None => attributes.push(attribute(cursor, out)?),
        }
        if !next_or_close(cursor, out, b'}', "`,` or `}`")? {
            return Ok(());
        }
    }
}

#[inline(always)]
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

/// Reads one typed value, `{type: value}`, and appends it as plain JSON.
#[inline(always)]
fn value(cursor: &mut Cursor<'_>, out: &mut Output, depth: u32) -> Result<(), SyntaxError> {
    if !compact_value(cursor, out, depth)? {
        any_value(cursor, out, depth)?;
    }
    cursor.expect(b'}', "`}` after the one value of an attribute")
}

/// Reads a value up to its closing brace, if it is written as AWS writes it: without white space or
/// escaped descriptors. Returns false, without moving, if it is not.
#[inline(always)]
fn compact_value(
    cursor: &mut Cursor<'_>,
    out: &mut Output,
    depth: u32,
) -> Result<bool, SyntaxError> {
    match cursor.word().map_or(0, |word| beginning(&word)) {
        STRING => {
            cursor.advance(5);
            cursor.copy_string(out)?;
        }
        NUMBER => return Ok(cursor.copy_number_in_string(6, out)),
        MAP if depth < MAX_DEPTH => {
            cursor.advance(5);
            map(cursor, out, depth)?;
        }
        LIST if depth < MAX_DEPTH => {
            cursor.advance(5);
            list(cursor, out, |cursor, out| value(cursor, out, depth + 1))?;
        }
        _ => return Ok(compact_constant(cursor, out) || compact_labelled(cursor, out)?),
    }
    Ok(true)
}

/// Six bytes as a number, to compare them in one step.
const fn beginning(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b, c, d, e, f, ..] => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
        _ => 0,
    }
}

const STRING: u64 = beginning(br#"{"S":""#);
const NUMBER: u64 = beginning(br#"{"N":""#);
const MAP: u64 = beginning(br#"{"M":{"#);
const LIST: u64 = beginning(br#"{"L":["#);

fn compact_constant(cursor: &mut Cursor<'_>, out: &mut Output) -> bool {
    if cursor.eat_text(br#"{"BOOL":true"#) {
        out.push_str("true");
    } else if cursor.eat_text(br#"{"BOOL":false"#) {
        out.push_str("false");
    } else if cursor.eat_text(br#"{"NULL":true"#) {
        out.push_str("null");
    } else {
        return false;
    }
    true
}

/// A value of a type that plain JSON cannot express.
fn compact_labelled(cursor: &mut Cursor<'_>, out: &mut Output) -> Result<bool, SyntaxError> {
    if cursor.eat_text(br#"{"SS":"#) {
        set(cursor, out, AttributeType::StringSet, Cursor::copy_string)?;
    } else if cursor.eat_text(br#"{"NS":"#) {
        set(cursor, out, AttributeType::NumberSet, number)?;
    } else if cursor.eat_text(br#"{"B":"#) {
        out.label(AttributeType::Binary as u8);
        cursor.copy_string(out)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Any value up to its closing brace.
fn any_value(cursor: &mut Cursor<'_>, out: &mut Output, depth: u32) -> Result<(), SyntaxError> {
    cursor.expect(b'{', "an attribute value such as {\"S\": …}")?;
    let descriptor = cursor.string()?;
    cursor.expect(b':', "`:`")?;
    match descriptor.resolve_bytes().as_ref() {
        b"S" => cursor.copy_string(out),
        b"B" => {
            out.label(AttributeType::Binary as u8);
            cursor.copy_string(out)
        }
        b"N" => number(cursor, out),
        b"BOOL" => cursor.boolean().map(|value| out.push_str(if value { "true" } else { "false" })),
        b"NULL" => cursor.boolean().map(|_| out.push_str("null")),
        b"M" | b"L" if depth == MAX_DEPTH => {
            cursor.fail("an attribute value nested at most 50 levels deep")
        }
        b"M" => map(cursor, out, depth),
        b"L" => list(cursor, out, |cursor, out| value(cursor, out, depth + 1)),
        b"SS" => set(cursor, out, AttributeType::StringSet, Cursor::copy_string),
        b"NS" => set(cursor, out, AttributeType::NumberSet, number),
        b"BS" => set(cursor, out, AttributeType::BinarySet, Cursor::copy_string),
        _ => cursor.fail("an attribute type: S, N, B, BOOL, NULL, M, L, SS, NS or BS"),
    }
}

fn map(cursor: &mut Cursor<'_>, out: &mut Output, depth: u32) -> Result<(), SyntaxError> {
    cursor.expect(b'{', "an object")?;
    out.push(b'{');
    if cursor.eat(b'}') {
        out.push(b'}');
        return Ok(());
    }
    loop {
        cursor.copy_name(out)?;
        value(cursor, out, depth + 1)?;
        if !next_or_close(cursor, out, b'}', "`,` or `}`")? {
            return Ok(());
        }
    }
}

fn set<'a>(
    cursor: &mut Cursor<'a>,
    out: &mut Output,
    kind: AttributeType,
    element: impl FnMut(&mut Cursor<'a>, &mut Output) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    out.label(kind as u8);
    list(cursor, out, element)
}

fn list<'a>(
    cursor: &mut Cursor<'a>,
    out: &mut Output,
    mut element: impl FnMut(&mut Cursor<'a>, &mut Output) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    cursor.expect(b'[', "an array")?;
    out.push(b'[');
    if cursor.eat(b']') {
        out.push(b']');
        return Ok(());
    }
    loop {
        element(cursor, out)?;
        if !next_or_close(cursor, out, b']', "`,` or `]`")? {
            return Ok(());
        }
    }
}

/// Moves past the comma after an element and returns true, or past the end of the collection and
/// returns false.
#[inline(always)]
fn next_or_close(
    cursor: &mut Cursor<'_>,
    out: &mut Output,
    close: u8,
    expected: &'static str,
) -> Result<bool, SyntaxError> {
    let next = cursor.eat(b',');
    if !next {
        cursor.expect(close, expected)?;
    }
    out.push(if next { b',' } else { close });
    Ok(next)
}

/// The text of an `N` becomes a JSON number, digit for digit.
fn number(cursor: &mut Cursor<'_>, out: &mut Output) -> Result<(), SyntaxError> {
    let start = cursor.position();
    if cursor.peek() == Some(b'"') && cursor.copy_number_in_string(1, out) {
        return Ok(());
    }
    let text = cursor.string()?.resolve();
    if !is_number(&text) {
        cursor.seek(start);
        return cursor.fail("a decimal number as the text of N");
    }
    out.push_str(&text);
    Ok(())
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
