//! The smallest pieces of JSON: escapes and numbers.

use crate::simd::{self, Block, LENGTH};

/// An escape in a string.
pub(crate) enum Escape {
    /// An escape of a character, and its length in bytes.
    Text(usize),
    /// An unpaired surrogate, which the grammar allows and Unicode text does not.
    Unpaired,
}

impl Escape {
    /// In bytes.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Text(length) => *length,
            Self::Unpaired => 6,
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }
}

/// The escape that `bytes` starts with, if it is one.
pub(crate) fn escape(bytes: &[u8]) -> Option<Escape> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(Escape::Text(2)),
        b'u' => {
            let low = || bytes.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(code_unit);
            Some(match code_unit(bytes)? {
                0xD800..0xDC00 if low().is_some_and(|low| (0xDC00..0xE000).contains(&low)) => {
                    Escape::Text(12)
                }
                0xD800..0xE000 => Escape::Unpaired,
                _ => Escape::Text(6),
            })
        }
        _ => None,
    }
}

/// The character that the escape at the start of `bytes` encodes; U+FFFD if it is not an escape
/// of a character.
pub(crate) fn code_point(bytes: &[u8]) -> char {
    match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let units = [Some(bytes), bytes.get(6..)].map(|bytes| bytes.and_then(code_unit));
            let units = units.into_iter().flatten().map(|unit| unit as u16);
            let character = char::decode_utf16(units).next();
            character.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(&byte) => char::from(byte),
        None => char::REPLACEMENT_CHARACTER,
    }
}

/// The number in `\uXXXX`.
fn code_unit(bytes: &[u8]) -> Option<u32> {
    let hex = bytes.get(2..6)?;
    hex.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

/// Whether a text is exactly one JSON number.
pub fn is_number(text: &str) -> bool {
    !text.is_empty() && number_length(text.as_bytes()) == text.len()
}

/// The length of the JSON number that `bytes` starts with; 0 when it starts with none.
#[inline]
pub(crate) fn number_length(bytes: &[u8]) -> usize {
    match bytes.first_chunk().map_or(0, short_whole_number) {
        0 => any_number_length(bytes),
        length => length,
    }
}

/// The length of the number that a block starts with, if it has neither sign, fraction nor exponent
/// and ends within the block; otherwise 0.
#[inline]
fn short_whole_number(block: &Block) -> usize {
    let length = simd::digits(block).trailing_ones() as usize;
    match block.get(length) {
        None | Some(b'.' | b'e' | b'E') => 0,
        Some(_) if block[0] == b'0' => 0,
        Some(_) => length,
    }
}

fn any_number_length(bytes: &[u8]) -> usize {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(bytes, at);
    match bytes.get(at) {
        Some(b'0') => at += 1,
        _ if whole == 0 => return 0,
        _ => at += whole,
    }
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(bytes, at + 1);
        if fraction == 0 {
            return 0;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(bytes, at + 1 + sign);
        if exponent == 0 {
            return 0;
        }
        at += 1 + sign + exponent;
    }
    at
}

/// The length of the number that a block starts with, if it has no exponent and a quote follows it
/// within the block; otherwise 0.
#[inline]
pub(crate) fn short_number(block: &Block) -> usize {
    let mask = simd::digits(block);
    let byte = |at: u32| block[at as usize % LENGTH];
    let start = u32::from(block[0] == b'-');
    let whole = simd::digits_from(mask, start);
    let mut end = start + whole;
    if whole == 0 || (whole > 1 && byte(start) == b'0') {
        return 0;
    }
    if byte(end) == b'.' {
        let fraction = simd::digits_from(mask, end + 1);
        if fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    }
    // Beyond the block, `byte` would wrap around.
    if (end as usize) < LENGTH && byte(end) == b'"' { end as usize } else { 0 }
}

/// The number of consecutive digits from a byte on.
#[inline]
fn digits(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_follow_the_json_grammar() {
        for (text, length) in [
            ("0", 1),
            ("-0.10", 5),
            ("1E-130", 6),
            ("01", 1),
            ("1.", 0),
            (".5", 0),
            ("+5", 0),
            ("1e", 0),
            ("-", 0),
            ("", 0),
        ] {
            assert_eq!(number_length(text.as_bytes()), length, "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_whole_numbers_are_numbers(text in "-?[0-9]{0,17}[.eE,]?[0-9]{0,3}.{16}") {
            prop_assert_eq!(number_length(text.as_bytes()), any_number_length(text.as_bytes()));
        }

        #[test]
        fn short_numbers_end_at_a_quote(text in "-?[0-9]{0,9}[.]?[0-9]{0,9}[\"e]?.{16}") {
            let block = text.as_bytes().first_chunk().unwrap();
            let length = number_length(block);
            let quoted = length > 0 && block.get(length) == Some(&b'"');
            let plain = quoted && !block[..length].contains(&b'e');
            prop_assert_eq!(short_number(block), if plain { length } else { 0 });
        }
    }

    #[test]
    fn escapes_are_characters_or_unpaired_surrogates() {
        let read =
            |text: &str| escape(text.as_bytes()).map(|escape| (escape.length(), escape.is_text()));
        for (text, escape) in [
            (r"\n", Some((2, true))),
            (r"\u00e9", Some((6, true))),
            (r"\ud83d\ude00", Some((12, true))),
            (r"\ud83d\u0041", Some((6, false))),
            (r"\ude00\ud83d", Some((6, false))),
            (r"\ud83d", Some((6, false))),
            (r"\u00e", None),
            (r"\u+0e9", None),
            (r"\x", None),
            (r"\", None),
        ] {
            assert_eq!(read(text), escape, "{text}");
        }
    }
}
