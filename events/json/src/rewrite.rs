//! JSON strings that are written, and JSON text that is rewritten: as one line, or with its numbers
//! as strings.

use crate::append::Append;
use crate::cursor::Cursor;
use crate::simd::{LENGTH, has_control, special};
use crate::token::number_length;

/// The size of the pieces in which long strings are escaped, in bytes.
const PIECE: usize = 64 * 1024;

/// Appends a JSON string.
pub fn write_string(text: &str, out: &mut impl Append) {
    out.append("\"");
    write_escaped(text, out);
    out.append("\"");
}

/// Appends the content of a JSON string, without its quotes.
pub fn write_escaped(text: &str, out: &mut impl Append) {
    if is_plain(text) {
        out.append(text);
    } else {
        write_escapes(text, out);
    }
}

/// Escapes a piece at a time: control characters take six times their size.
#[cold]
fn write_escapes(mut text: &str, out: &mut impl Append) {
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PIECE.min(text.len())));
        let json = serde_json::to_string(piece).expect("a string always serializes");
        out.append(&json[1..json.len() - 1]);
        text = rest;
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
pub fn write_optional_string(text: Option<&str>, out: &mut impl Append) {
    match text {
        Some(text) => write_string(text, out),
        None => out.append("null"),
    }
}

/// Appends a JSON text as one line. If it has line breaks, all white space between its tokens is
/// left out; otherwise, as in all that AWS sends, it is copied unchanged.
pub fn write_line(json: &[u8], out: &mut impl Append) {
    if !has_line_break(json) {
        return out.append_part(json, 0..json.len());
    }
    for token in Tokens(json) {
        if !matches!(token, [b' ' | b'\n' | b'\r' | b'\t']) {
            out.append_part(token, 0..token.len());
        }
    }
}

fn has_line_break(json: &[u8]) -> bool {
    let (blocks, rest) = json.as_chunks();
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    blocks.iter().any(|block| has_control(block) && block.iter().any(is_break))
        || rest.iter().any(is_break)
}

/// Appends a JSON text with each of its numbers as a string, for readers that would round them.
pub fn write_numbers_as_strings(json: &[u8], out: &mut impl Append) {
    for token in Tokens(json) {
        let quote = if matches!(token, [b'-' | b'0'..=b'9', ..]) { "\"" } else { "" };
        out.append(quote);
        out.append_part(token, 0..token.len());
        out.append(quote);
    }
}

/// The strings and numbers of a valid JSON text, and each other character alone.
struct Tokens<'a>(&'a [u8]);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = match self.0.first()? {
            b'"' => string_length(self.0),
            b'-' | b'0'..=b'9' => number_length(self.0).max(1),
            _ => 1,
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// The length of the JSON string that `json` starts with, quotes included.
fn string_length(json: &[u8]) -> usize {
    let mut cursor = Cursor::new(json);
    cursor.skip().expect("the text is valid JSON");
    cursor.position()
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
        assert_eq!(written(|out| write_line(json.as_bytes(), out)), r#"{"a b":[1,"x\" \\"]}"#);
        let json = format!(r#"{{"a":"{}"{}}}"#, "b".repeat(40), "\n");
        assert_eq!(written(|out| write_line(json.as_bytes(), out)), json.replace('\n', ""));
        assert_eq!(written(|out| write_line(b"{ \t}", out)), "{ \t}");
    }

    #[test]
    fn only_numbers_become_strings() {
        let json = r#"{"1":-1.50E+3,"a":["2",3,true,null,{"b":"\"4"}],"é":0}"#;
        let expected = r#"{"1":"-1.50E+3","a":["2","3",true,null,{"b":"\"4"}],"é":"0"}"#;
        assert_eq!(written(|out| write_numbers_as_strings(json.as_bytes(), out)), expected);
    }

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        assert_eq!(written(|out| write_string("a\"\n\\é", out)), r#""a\"\n\\é""#);
        let long = "é\n".repeat(100_000);
        assert_eq!(written(|out| write_string(&long, out)), serde_json::to_string(&long).unwrap());
    }
}
