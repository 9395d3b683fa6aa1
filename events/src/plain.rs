//! DynamoDB's typed JSON to plain JSON, while it is read.

use std::ops::Range;

use crate::buffer::Buffer;
use crate::scanner::{Scanner, Stop, unescape};
use crate::token::number_length;

/// Attribute values nested deeper than this are refused. DynamoDB's own limit is 32 levels.
const MAX_DEPTH: u32 = 50;

/// A top-level attribute of an image, as it stands in the record.
#[derive(Clone)]
pub(crate) struct Attribute<'a> {
    /// With its escapes unresolved.
    pub name: &'a str,
    /// The typed value, such as `{"N":"1"}`.
    pub value: &'a str,
    /// Name and value as they stand in the record.
    pub text: &'a str,
    /// Where name and value stand in the plain text.
    plain: Range<usize>,
}

/// Reads an image, `{name: typed value, …}`, appends it as a plain JSON object and returns its attributes.
///
/// An update changes few attributes, and DynamoDB writes both images in the same order: what stands in the `other` image
/// to the letter was read and written before, and is only copied.
pub(crate) fn image<'a>(
    scanner: &mut Scanner<'a>,
    out: &mut Buffer,
    other: &[Attribute<'a>],
) -> Result<Vec<Attribute<'a>>, Stop> {
    let mut attributes = Vec::with_capacity(other.len().max(16));
    scanner.expect(b'{', "an object")?;
    out.push(b'{');
    if scanner.eat(b'}') {
        out.push(b'}');
        return Ok(attributes);
    }
    loop {
        scanner.peek();
        match other.get(attributes.len()).filter(|same| scanner.eat_text(same.text.as_bytes())) {
            Some(same) => {
                out.repeat(same.plain.clone());
                attributes.push(same.clone());
            }
            None => attributes.push(attribute(scanner, out)?),
        }
        if !goes_on(scanner, out, b'}', "`,` or `}`")? {
            return Ok(attributes);
        }
    }
}

fn attribute<'a>(scanner: &mut Scanner<'a>, out: &mut Buffer) -> Result<Attribute<'a>, Stop> {
    let (start, mark) = (scanner.position(), out.len());
    let name = copy_name(scanner, out)?;
    scanner.peek();
    let middle = scanner.position();
    value(scanner, out, 0)?;
    let end = scanner.position();
    let (value, text) = (scanner.slice(middle, end), scanner.slice(start, end));
    Ok(Attribute { name, value, text, plain: mark..out.len() })
}

/// Reads one typed value, `{type: value}`, and appends it as plain JSON.
fn value(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<(), Stop> {
    if !compact_value(scanner, out, depth)? {
        any_value(scanner, out, depth)?;
    }
    scanner.expect(b'}', "`}` after the one value of an attribute")
}

/// A value up to its closing brace, if it is written as AWS writes it: without white space or escaped descriptors. False,
/// with nothing passed over, when it is not.
#[inline]
fn compact_value(scanner: &mut Scanner<'_>, out: &mut Buffer, depth: u32) -> Result<bool, Stop> {
    let start = scanner.position();
    if scanner.eat_text(br#"{"S":""#) {
        out.push(b'"');
        scanner.copy_rest_of_string(out)?;
    } else if scanner.eat_text(br#"{"N":""#) {
        if !scanner.copy_number_from_string(out) {
            scanner.seek(start);
            return Ok(false);
        }
    } else if depth < MAX_DEPTH && scanner.eat_text(br#"{"M":"#) {
        map(scanner, out, depth)?;
    } else if depth < MAX_DEPTH && scanner.eat_text(br#"{"L":"#) {
        list(scanner, out, |scanner, out| value(scanner, out, depth + 1))?;
    } else if scanner.eat_text(br#"{"BOOL":true"#) {
        out.push_str("true");
    } else if scanner.eat_text(br#"{"BOOL":false"#) {
        out.push_str("false");
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
    match unescape(descriptor).as_ref() {
        "S" | "B" => scanner.copy_string(out),
        "N" => number(scanner, out),
        "BOOL" => scanner.boolean().map(|value| out.push_str(if value { "true" } else { "false" })),
        "NULL" => scanner.boolean().map(|_| out.push_str("null")),
        "M" | "L" if depth == MAX_DEPTH => scanner.stop("an attribute value nested at most 50 levels deep"),
        "M" => map(scanner, out, depth),
        "L" => list(scanner, out, |scanner, out| value(scanner, out, depth + 1)),
        "SS" | "BS" => list(scanner, out, Scanner::copy_string),
        "NS" => list(scanner, out, number),
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
        copy_name(scanner, out)?;
        scanner.peek();
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
        scanner.peek();
        element(scanner, out)?;
        if !goes_on(scanner, out, b']', "`,` or `]`")? {
            return Ok(());
        }
    }
}

/// A member's name with its quotes and colon. Returns it with its escapes unresolved.
#[inline]
fn copy_name<'a>(scanner: &mut Scanner<'a>, out: &mut Buffer) -> Result<&'a str, Stop> {
    scanner.peek();
    let start = scanner.position();
    scanner.copy_string(out)?;
    let end = scanner.position();
    scanner.expect(b':', "`:`")?;
    out.push(b':');
    Ok(scanner.slice(start + 1, end - 1))
}

/// After an element: whether a comma follows, or what closes the collection, which is then passed over.
#[inline]
fn goes_on(scanner: &mut Scanner<'_>, out: &mut Buffer, close: u8, expected: &'static str) -> Result<bool, Stop> {
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
    if scanner.eat(b'"') && scanner.copy_number_from_string(out) {
        return Ok(());
    }
    scanner.seek(start);
    let text = unescape(scanner.string()?);
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
        image(&mut Scanner::new(image_text), &mut out, &[]).map(|_| out.into_text().unwrap().to_string())
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
        for number in [digits, "1E-130", "9.9999999999999999999999999999999999999E+125", "0.1", "-0", "100.00"] {
            assert_eq!(plain(&format!(r#"{{"n":{{"N":"{number}"}}}}"#)).unwrap(), format!(r#"{{"n":{number}}}"#));
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
        let nested = |levels| format!(r#"{{"a":{}{{"N":"1"}}{}}}"#, r#"{"L":["#.repeat(levels), "]}".repeat(levels));
        assert_eq!(plain(&nested(32)).unwrap(), format!(r#"{{"a":{}1{}}}"#, "[".repeat(32), "]".repeat(32)));
        assert!(plain(&nested(50)).is_ok());
        assert!(plain(&nested(51)).is_err());
    }
}
