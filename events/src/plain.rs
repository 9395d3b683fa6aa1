//! DynamoDB's typed JSON to plain JSON, while it is read.

use std::ops::Range;

use crate::buffer::Buffer;
use crate::scanner::{Scanner, Stop};
use crate::token::number_length;

/// Attribute values nested deeper than this are refused. DynamoDB's own limit is 32 levels.
const MAX_DEPTH: u32 = 50;

/// A top-level attribute of an image, `"name":{…}`, by where it stands in the text that it was read from, with the white
/// space before it.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub start: usize,
    /// Where the typed value begins.
    pub value: usize,
    pub end: usize,
    /// Where name and value stand in the plain text.
    plain: Range<usize>,
}

/// Reads an image, `{name: typed value, …}`, appends it as a plain JSON object and its attributes to `attributes`.
///
/// An update changes few attributes, and DynamoDB writes both images in the same order: what stands in the `other` image
/// to the letter was read and written before, and is only copied.
pub(crate) fn image(
    scanner: &mut Scanner<'_>,
    out: &mut Buffer,
    other: &[Attribute],
    attributes: &mut Vec<Attribute>,
) -> Result<(), Stop> {
    attributes.clear();
    scanner.expect(b'{', "an object")?;
    out.push(b'{');
    if scanner.eat(b'}') {
        out.push(b'}');
        return Ok(());
    }
    loop {
        match other.get(attributes.len()).filter(|same| scanner.eat_again(same.start..same.end)) {
            Some(same) => {
                out.repeat(same.plain.clone());
                attributes.push(same.clone());
            }
            None => attributes.push(attribute(scanner, out)?),
        }
        if !goes_on(scanner, out, b'}', "`,` or `}`")? {
            return Ok(());
        }
    }
}

#[inline(always)]
fn attribute(scanner: &mut Scanner<'_>, out: &mut Buffer) -> Result<Attribute, Stop> {
    let (start, mark) = (scanner.position(), out.len());
    scanner.copy_name(out)?;
    let middle = scanner.position();
    value(scanner, out, 0)?;
    Ok(Attribute { start, value: middle, end: scanner.position(), plain: mark..out.len() })
}

/// Reads one typed value, `{type: value}`, and appends it as plain JSON.
#[inline(always)]
fn value(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<(), Stop> {
    if !compact_value(scanner, out, depth)? {
        any_value(scanner, out, depth)?;
    }
    scanner.expect(b'}', "`}` after the one value of an attribute")
}

/// A value up to its closing brace, if it is written as AWS writes it: without white space or escaped descriptors. False,
/// with nothing passed over, when it is not.
#[inline(always)]
fn compact_value(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<bool, Stop> {
    match scanner.word().map_or(0, |word| beginning(&word)) {
        STRING | BINARY => {
            scanner.advance(5);
            scanner.copy_string(out)?;
        }
        NUMBER => return Ok(scanner.copy_number_in_string(6, out)),
        MAP if depth < MAX_DEPTH => {
            scanner.advance(5);
            map(scanner, out, depth)?;
        }
        LIST if depth < MAX_DEPTH => {
            scanner.advance(5);
            list(scanner, out, |scanner, out| value(scanner, out, depth + 1))?;
        }
        _ => return compact_constant(scanner, out),
    }
    Ok(true)
}

/// Six bytes as a number, which is compared in one step.
const fn beginning(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b, c, d, e, f, ..] => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
        _ => 0,
    }
}

const STRING: u64 = beginning(br#"{"S":""#);
const BINARY: u64 = beginning(br#"{"B":""#);
const NUMBER: u64 = beginning(br#"{"N":""#);
const MAP: u64 = beginning(br#"{"M":{"#);
const LIST: u64 = beginning(br#"{"L":["#);

fn compact_constant(scanner: &mut Scanner<'_>, out: &mut Buffer) -> Result<bool, Stop> {
    if scanner.eat_text(br#"{"BOOL":true"#) {
        out.push_str("true");
    } else if scanner.eat_text(br#"{"BOOL":false"#) {
        out.push_str("false");
    } else if scanner.eat_text(br#"{"NULL":true"#) {
        out.push_str("null");
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Any value up to its closing brace.
fn any_value(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<(), Stop> {
    scanner.expect(b'{', "an attribute value such as {\"S\": …}")?;
    let descriptor = scanner.string()?;
    scanner.expect(b':', "`:`")?;
    match descriptor.resolve_bytes().as_ref() {
        b"S" | b"B" => scanner.copy_string(out),
        b"N" => number(scanner, out),
        b"BOOL" => {
            scanner.boolean().map(|value| out.push_str(if value { "true" } else { "false" }))
        }
        b"NULL" => scanner.boolean().map(|_| out.push_str("null")),
        b"M" | b"L" if depth == MAX_DEPTH => {
            scanner.stop("an attribute value nested at most 50 levels deep")
        }
        b"M" => map(scanner, out, depth),
        b"L" => list(scanner, out, |scanner, out| value(scanner, out, depth + 1)),
        b"SS" | b"BS" => list(scanner, out, Scanner::copy_string),
        b"NS" => list(scanner, out, number),
        _ => scanner.stop("an attribute type: S, N, B, BOOL, NULL, M, L, SS, NS or BS"),
    }
}

fn map(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<(), Stop> {
    scanner.expect(b'{', "an object")?;
    out.push(b'{');
    if scanner.eat(b'}') {
        out.push(b'}');
        return Ok(());
    }
    loop {
        scanner.copy_name(out)?;
        value(scanner, out, depth + 1)?;
        if !goes_on(scanner, out, b'}', "`,` or `}`")? {
            return Ok(());
        }
    }
}

fn list<'a>(
    scanner: &mut Scanner<'a>,
    out: &mut Buffer,
    mut element: impl FnMut(&mut Scanner<'a>, &mut Buffer) -> Result<(), Stop>,
) -> Result<(), Stop> {
    scanner.expect(b'[', "an array")?;
    out.push(b'[');
    if scanner.eat(b']') {
        out.push(b']');
        return Ok(());
    }
    loop {
        element(scanner, out)?;
        if !goes_on(scanner, out, b']', "`,` or `]`")? {
            return Ok(());
        }
    }
}

/// After an element: whether a comma follows, or what closes the collection, which is then passed over.
#[inline(always)]
fn goes_on(
    scanner: &mut Scanner<'_>,
    out: &mut Buffer,
    close: u8,
    expected: &'static str,
) -> Result<bool, Stop> {
    let goes_on = scanner.eat(b',');
    if !goes_on {
        scanner.expect(close, expected)?;
    }
    out.push(if goes_on { b',' } else { close });
    Ok(goes_on)
}

/// The text of an `N` becomes a JSON number, digit for digit.
fn number(scanner: &mut Scanner<'_>, out: &mut Buffer) -> Result<(), Stop> {
    let start = scanner.position();
    if scanner.peek() == Some(b'"') && scanner.copy_number_in_string(1, out) {
        return Ok(());
    }
    let text = scanner.string()?.resolve();
    if text.is_empty() || number_length(text.as_bytes()) != text.len() {
        scanner.seek(start);
        return scanner.stop("a decimal number as the text of N");
    }
    out.push_str(&text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(image_text: &str) -> Result<String, Stop> {
        let mut out = Buffer::with_room(0);
        image(&mut Scanner::new(image_text), &mut out, &[], &mut Vec::new())
            .map(|()| out.into_text().unwrap())
    }

    #[test]
    fn every_attribute_type() {
        let image = r#"{"s":{"S":"a\"\u00e9😀"},"n":{"N":"-1.50E+3"},"b":{"B":"AAEqQQ=="},"t":{"BOOL":true},"z":{"NULL":true},
            "m":{"M":{"x.y":{"N":"1"},"e":{"M":{}}}},"l":{"L":[{"S":""},{"L":[]}]},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2.0"]},"bs":{"BS":["AA=="]}}"#;
        let plain_image = r#"{"s":"a\"\u00e9😀","n":-1.50E+3,"b":"AAEqQQ==","t":true,"z":null,"m":{"x.y":1,"e":{}},"l":["",[]],"ss":["a","b"],"ns":[1,2.0],"bs":["AA=="]}"#;
        assert_eq!(plain(image).unwrap(), plain_image);
    }

    #[test]
    fn no_digit_is_lost() {
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
    fn what_is_no_attribute_value_is_refused() {
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
    fn escaped_descriptors_and_numbers_mean_the_same() {
        assert_eq!(plain(r#"{"a":{"\u004e":"\u0031"}}"#).unwrap(), r#"{"a":1}"#);
    }

    #[test]
    fn nesting_is_followed_beyond_dynamodbs_limit_and_then_refused() {
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
