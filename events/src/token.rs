//! The smallest pieces of JSON: characters that need attention, escapes, numbers.

/// How many of a word's bytes, in little-endian order, come before the first quote, backslash or control character.
/// 8 when it has none.
#[inline]
pub(crate) fn special(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each byte below `limit` is set; a false positive can only follow a true one, and the first counts.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let found = (equal(b'"') | equal(b'\\') | below(word, 0x20)) & HIGH;
    found.trailing_zeros() as usize / 8
}

/// An escape in a string.
pub(crate) enum Escape {
    /// It stands for a character; its length in bytes.
    Text(usize),
    /// It is half a surrogate pair, which the grammar allows and Unicode text does not.
    HalfPair,
}

impl Escape {
    /// In bytes.
    pub fn length(&self) -> usize {
        match self {
            Escape::Text(length) => *length,
            Escape::HalfPair => 6,
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Escape::Text(_))
    }
}

/// The escape that `bytes` starts with, if it is one.
pub(crate) fn escape(bytes: &[u8]) -> Option<Escape> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(Escape::Text(2)),
        b'u' => {
            let low = || bytes.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(code_unit);
            Some(match code_unit(bytes)? {
                0xD800..0xDC00 if low().is_some_and(|low| (0xDC00..0xE000).contains(&low)) => Escape::Text(12),
                0xD800..0xE000 => Escape::HalfPair,
                _ => Escape::Text(6),
            })
        }
        _ => None,
    }
}

/// The number in `\uXXXX`.
fn code_unit(bytes: &[u8]) -> Option<u32> {
    let hex = bytes.get(2..6)?;
    hex.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

/// The length of the JSON number that `bytes` starts with; 0 when it starts with none.
#[inline]
pub(crate) fn number_length(bytes: &[u8]) -> usize {
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

#[inline]
fn digits(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at - from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_what_json_calls_one() {
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

    #[test]
    fn an_escape_is_a_character_or_half_a_pair() {
        let read = |text: &str| escape(text.as_bytes()).map(|escape| (escape.length(), escape.is_text()));
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

    proptest! {
        #[test]
        fn special_finds_the_first_special_byte(bytes: [u8; 8]) {
            let first = bytes.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(special(u64::from_le_bytes(bytes)), first.unwrap_or(8));
        }

        #[test]
        fn special_finds_it_among_letters(index in 0..8_usize, byte in prop::sample::select(vec![b'"', b'\\', 0, 0x1f])) {
            let mut bytes = *b"~ !#\x7f\xff\x80z";
            bytes[index] = byte;
            prop_assert_eq!(special(u64::from_le_bytes(bytes)), index);
        }
    }
}
