//! The paths to the values that plain JSON cannot express. `rows` writes each of them whole, so a
//! small item with many such values behind a long name would become a line of hundreds of
//! megabytes.

use changefan_json::{Cursor, Label, SyntaxError};

/// What the paths of an image may take in any case, in bytes.
const ALWAYS: usize = 256 * 1024;

/// How many times as long as the image they may be altogether.
const TIMES: usize = 8;

/// Whether the paths to the labelled values of an image are short enough. `image` is its plain
/// text, which starts at this byte of the text that the labels refer to.
pub(super) fn are_short(image: &[u8], start: usize, labels: &[Label]) -> bool {
    let most = ALWAYS.max(TIMES * image.len());
    // No path is longer than the image.
    labels.len() <= most / image.len() || {
        let mut paths = Paths { start, labels, total: 0 };
        paths.add(&mut Cursor::new(image), 0).is_ok() && paths.total <= most
    }
}

/// The labels that were not met yet, and the bytes of the paths to the others.
struct Paths<'a> {
    start: usize,
    labels: &'a [Label],
    total: usize,
}

impl Paths<'_> {
    /// Adds the paths to the value at the cursor, whose own path has this length, and to those in
    /// it. An image is nested at most 50 levels deep.
    fn add(&mut self, cursor: &mut Cursor<'_>, path: usize) -> Result<(), SyntaxError> {
        if let [label, rest @ ..] = self.labels
            && label.at as usize == self.start + cursor.position()
        {
            (self.labels, self.total) = (rest, self.total + path);
        }
        match cursor.peek() {
            Some(b'{') => cursor.object(|cursor, name| self.add(cursor, path + 1 + name.len())),
            Some(b'[') => {
                let mut index = 0_usize;
                cursor.array(|cursor| {
                    let digits = index.checked_ilog10().unwrap_or_default() as usize + 1;
                    index += 1;
                    self.add(cursor, path + 1 + digits)
                })
            }
            _ => cursor.skip().map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(at: usize) -> Label {
        Label { at: at as u32, kind: 1 }
    }

    #[test]
    fn paths_are_those_of_rfc_6901() {
        let image = br#"{"a":"AA==","list":[1,{"b":[2]},"AA=="]}"#;
        let at = |text: &str| {
            let found = image.windows(text.len()).rposition(|window| window == text.as_bytes());
            label(100 + found.unwrap() + text.len())
        };
        let labels = [label(105), at(r#""b":"#), at(r"},")];
        let mut paths = Paths { start: 100, labels: &labels, total: 0 };
        paths.add(&mut Cursor::new(image), 0).unwrap();
        assert_eq!((paths.labels.len(), paths.total), (0, "/a/list/1/b/list/2".len()));
    }

    #[test]
    fn many_values_behind_a_long_name_are_too_much() {
        let image = |name: usize, values: usize| {
            let start = format!(r#"{{"{}":["#, "n".repeat(name));
            let labels: Vec<_> = (0..values).map(|index| label(start.len() + 3 * index)).collect();
            (format!("{start}{}]}}", vec![r#""""#; values].join(",")), labels)
        };
        for (name, values, expected) in
            [(10, 50_000, true), (2_000, 100, true), (2_000, 200, false)]
        {
            let (text, labels) = image(name, values);
            assert_eq!(are_short(text.as_bytes(), 0, &labels), expected, "{name} {values}");
        }
    }
}
