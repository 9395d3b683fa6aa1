//! Text for a terminal.

/// Replaces control characters, which a terminal would interpret, by their escapes. Errors can
/// quote what a record or a variable holds.
pub(super) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            printable.extend(character.escape_unicode());
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let text = "a\u{1b}[31mred\u{9b}0m\r\tb\nc";
        assert_eq!(printable(text), "a\\u{1b}[31mred\\u{9b}0m\\u{d}\\u{9}b\nc");
    }
}
