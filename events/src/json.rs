//! Small pieces of JSON text.

use crate::block::{LENGTH, has_control, special};
use crate::token::number_length;

/// Appends a JSON string.
pub(crate) fn write_string(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        // A string always serializes.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

/// Whether a text needs no escapes.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.last_chunk::<LENGTH>() {
        // The last block overlaps the one before it.
        Some(last) => bytes.as_chunks().0.iter().chain([last]).all(|block| special(block) == 0),
        None => bytes.iter().all(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\'),
    }
}

/// Appends a JSON string, or `null`.
pub(crate) fn write_optional_string(text: Option<&str>, out: &mut String) {
    match text {
        Some(text) => write_string(text, out),
        None => out.push_str("null"),
    }
}

/// Appends a JSON text as one line: line breaks and indentation between its tokens are left out.
///
/// What AWS sends holds none and is copied as it is.
pub(crate) fn write_line(json: &str, out: &mut String) {
    if !has_line_break(json) {
        out.push_str(json);
        return;
    }
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if matches!(character, ' ' | '\n' | '\r' | '\t') {
            continue;
        } else {
            in_string = character == '"';
        }
        out.push(character);
    }
}

fn has_line_break(json: &str) -> bool {
    let (blocks, rest) = json.as_bytes().as_chunks();
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    blocks.iter().any(|block| has_control(block) && block.iter().any(is_break))
        || rest.iter().any(is_break)
}

/// Appends plain JSON with each of its numbers as a string, for readers that would round them.
pub(crate) fn write_numbers_as_strings(json: &str, out: &mut String) {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let length = match byte {
            b'"' => string_length(&bytes[at..]),
            b'-' | b'0'..=b'9' => number_length(&bytes[at..]).max(1),
            _ => 1,
        };
        let token = json.get(at..at + length).unwrap_or_default();
        if matches!(byte, b'-' | b'0'..=b'9') {
            write_string(token, out);
        } else {
            out.push_str(token);
        }
        at += length;
    }
}

/// The length of the JSON string that `bytes` starts with, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn one_line_keeps_what_is_inside_strings() {
        let json = "{\n  \"a b\" : [ 1,\r\n\t\"x\\\" \\\\\" ] }";
        assert_eq!(written(|out| write_line(json, out)), r#"{"a b":[1,"x\" \\"]}"#);
        let json = format!(r#"{{"a":"{}"{}}}"#, "b".repeat(40), "\n");
        assert_eq!(written(|out| write_line(&json, out)), json.replace('\n', ""));
        assert_eq!(written(|out| write_line("{ \t}", out)), "{ \t}");
    }

    #[test]
    fn only_numbers_become_strings() {
        let json = r#"{"1":-1.50E+3,"a":["2",3,true,null,{"b":"\"4"}],"é":0}"#;
        let expected = r#"{"1":"-1.50E+3","a":["2","3",true,null,{"b":"\"4"}],"é":"0"}"#;
        assert_eq!(written(|out| write_numbers_as_strings(json, out)), expected);
    }

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        assert_eq!(written(|out| write_string("a\"\n\\é", out)), r#""a\"\n\\é""#);
    }
}
