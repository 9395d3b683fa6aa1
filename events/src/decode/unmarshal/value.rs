//! One attribute value, `{type: value}`, to plain JSON.

use changefan_json::{Cursor, Output, SyntaxError, Wrapped, is_number};

use crate::attribute_type::AttributeType;

/// Attribute values nested deeper than this are refused. DynamoDB's own limit is 32 levels.
pub(crate) const MAX_DEPTH: u32 = 50;

/// Reads one typed value, `{type: value}`, and appends it as plain JSON.
#[inline(always)]
pub(super) fn value(
    cursor: &mut Cursor<'_>,
    out: &mut Output,
    depth: u32,
) -> Result<(), SyntaxError> {
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

/// The values that most attributes have.
pub(super) const WRAPPED: Wrapped = Wrapped { string: *br#"{"S":""#, number: *br#"{"N":""# };

/// Six bytes as a number, to compare them in one step.
const fn beginning(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b, c, d, e, f, ..] => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
        _ => 0,
    }
}

const STRING: u64 = beginning(&WRAPPED.string);
const NUMBER: u64 = beginning(&WRAPPED.number);
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
        if let Some(copied) = cursor.copy_member(&WRAPPED, out) {
            if copied.is_last {
                return Ok(());
            }
            continue;
        }
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
pub(super) fn next_or_close(
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
