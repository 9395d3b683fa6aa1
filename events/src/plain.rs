//! DynamoDB's typed JSON to plain JSON, while it is read.

use crate::scanner::{ScanError, Scanner, Text, number_length};

/// Attribute values nested deeper than this are refused. DynamoDB's own limit is 32 levels.
const MAX_DEPTH: u32 = 50;

/// A top-level attribute of an image, as it stands in the record.
pub(crate) struct Attribute<'a> {
    pub name: Text<'a>,
    /// The typed value, such as `{"N":"1"}`.
    pub value: &'a str,
}

/// Reads an image, `{name: typed value, …}`, appends it as a plain JSON object and returns its attributes.
pub(crate) fn image<'a>(scanner: &mut Scanner<'a>, out: &mut String) -> Result<Vec<Attribute<'a>>, ScanError> {
    let mut attributes = Vec::with_capacity(16);
    out.push('{');
    scanner.object(|scanner, name| {
        member_name(name, attributes.is_empty(), out);
        scanner.peek();
        let start = scanner.position();
        value(scanner, out, 0)?;
        attributes.push(Attribute { name, value: scanner.slice(start, scanner.position()) });
        Ok(())
    })?;
    out.push('}');
    Ok(attributes)
}

/// Reads one typed value, `{type: value}`, and appends it as plain JSON.
fn value(scanner: &mut Scanner<'_>, out: &mut String, depth: u32) -> Result<(), ScanError> {
    if depth > MAX_DEPTH {
        return Err(scanner.error("an attribute value nested at most 50 levels deep"));
    }
    scanner.expect(b'{', "an attribute value such as {\"S\": …}")?;
    let descriptor = scanner.name()?;
    match descriptor.unescape().as_ref() {
        "S" | "B" => string(scanner, out)?,
        "N" => number(scanner, out)?,
        "BOOL" => out.push_str(if scanner.boolean()? { "true" } else { "false" }),
        "NULL" => {
            scanner.boolean()?;
            out.push_str("null");
        }
        "M" => map(scanner, out, depth)?,
        "L" => list(scanner, out, |scanner, out| value(scanner, out, depth + 1))?,
        "SS" | "BS" => list(scanner, out, string)?,
        "NS" => list(scanner, out, number)?,
        _ => return Err(scanner.error("an attribute type: S, N, B, BOOL, NULL, M, L, SS, NS or BS")),
    }
    scanner.expect(b'}', "`}` after the one value of an attribute")
}

fn map(scanner: &mut Scanner<'_>, out: &mut String, depth: u32) -> Result<(), ScanError> {
    let mut first = true;
    out.push('{');
    scanner.object(|scanner, name| {
        member_name(name, std::mem::take(&mut first), out);
        value(scanner, out, depth + 1)
    })?;
    out.push('}');
    Ok(())
}

fn list(
    scanner: &mut Scanner<'_>,
    out: &mut String,
    mut element: impl FnMut(&mut Scanner<'_>, &mut String) -> Result<(), ScanError>,
) -> Result<(), ScanError> {
    let mut first = true;
    out.push('[');
    scanner.array(|scanner| {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        element(scanner, out)
    })?;
    out.push(']');
    Ok(())
}

fn member_name(name: Text<'_>, first: bool, out: &mut String) {
    if !first {
        out.push(',');
    }
    quoted(name.raw, out);
    out.push(':');
}

/// A string of DynamoDB's JSON is a string of plain JSON, escapes included.
fn string(scanner: &mut Scanner<'_>, out: &mut String) -> Result<(), ScanError> {
    quoted(scanner.string()?.raw, out);
    Ok(())
}

/// The text of an `N` becomes a JSON number, digit for digit.
fn number(scanner: &mut Scanner<'_>, out: &mut String) -> Result<(), ScanError> {
    let text = scanner.string()?.unescape();
    if text.is_empty() || number_length(text.as_bytes()) != text.len() {
        return Err(scanner.error("a decimal number as the text of N"));
    }
    out.push_str(&text);
    Ok(())
}

fn quoted(raw: &str, out: &mut String) {
    out.push('"');
    out.push_str(raw);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(image_text: &str) -> Result<String, ScanError> {
        let mut out = String::new();
        image(&mut Scanner::new(image_text), &mut out).map(|_| out)
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
