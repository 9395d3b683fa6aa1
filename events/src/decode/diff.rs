//! Which top-level attributes differ between two images.

use std::cmp::Ordering;

use changefan_json::{Cursor, JsonStr, Output, write_string};

use super::same::same_value;
use super::unmarshal::Attribute;

/// Appends the sorted names of the attributes that differ as a JSON array. `text` is what both
/// images were read from.
///
/// An attribute that only one image has differs. The order of a set's elements and of a map's
/// members does not count.
pub(crate) fn write_changed(text: &[u8], old: &[Attribute], new: &[Attribute], out: &mut Output) {
    let mut names =
        changed_in_place(text, old, new).unwrap_or_else(|| changed_by_name(text, old, new));
    names.sort_unstable_by(|left, right| left.resolve_bytes().cmp(&right.resolve_bytes()));
    out.push(b'[');
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_name(*name, out);
    }
    out.push(b']');
}

fn write_name(name: JsonStr<'_>, out: &mut Output) {
    if name.is_escaped() {
        write_string(&name.resolve(), out);
    } else {
        out.push(b'"');
        out.push_bytes(name.bytes());
        out.push(b'"');
    }
}

/// DynamoDB writes both images in the same order, so most updates need no search. `None` when the
/// names are not aligned.
fn changed_in_place<'a>(
    text: &'a [u8],
    old: &[Attribute],
    new: &[Attribute],
) -> Option<Vec<JsonStr<'a>>> {
    if old.len() != new.len() {
        return None;
    }
    let mut names = Vec::new();
    for (old, new) in old.iter().zip(new) {
        if old.value().start == new.value().start {
            continue; // copied from the other image
        }
        if text[old.name()] != text[new.name()] {
            return None;
        }
        if !same_value(typed(text, old), typed(text, new)) {
            names.push(name(text, old));
        }
    }
    Some(names)
}

fn changed_by_name<'a>(text: &'a [u8], old: &[Attribute], new: &[Attribute]) -> Vec<JsonStr<'a>> {
    let (old, new) = (sorted(text, old), sorted(text, new));
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut names = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((old, _)), Some((new, _))) => old.resolve_bytes().cmp(&new.resolve_bytes()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return names,
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        match (before, after) {
            (Some((_, before)), Some((_, after))) if same_value(before, after) => {}
            (Some((name, _)), _) | (None, Some((name, _))) => names.push(name),
            (None, None) => {}
        }
    }
}

fn sorted<'a>(text: &'a [u8], attributes: &[Attribute]) -> Vec<(JsonStr<'a>, &'a [u8])> {
    let mut sorted: Vec<_> =
        attributes.iter().map(|it| (name(text, it), typed(text, it))).collect();
    sorted.sort_unstable_by(|left, right| left.0.resolve_bytes().cmp(&right.0.resolve_bytes()));
    sorted
}

fn name<'a>(text: &'a [u8], attribute: &Attribute) -> JsonStr<'a> {
    let name = Cursor::new(&text[attribute.name().start..]).string();
    name.expect("an attribute starts with its name")
}

/// The typed value, such as `{"N":"1"}`.
fn typed<'a>(text: &'a [u8], attribute: &Attribute) -> &'a [u8] {
    &text[attribute.value()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::unmarshal::image;

    fn changed(old: &str, new: &str) -> String {
        let text = format!("{old}{new}");
        let (mut cursor, mut out) = (Cursor::new(&text), Output::new());
        let (mut old, mut new) = (Vec::new(), Vec::new());
        image(&mut cursor, &mut Output::new(), &[], &mut old).unwrap();
        image(&mut cursor, &mut Output::new(), &[], &mut new).unwrap();
        write_changed(text.as_bytes(), &old, &new, &mut out);
        out.into_text().unwrap()
    }

    #[test]
    fn changed_names_are_sorted() {
        let old = r#"{"z":{"S":"1"},"same":{"N":"1"},"gone":{"BOOL":true}}"#;
        let new = r#"{"added":{"S":"\n"},"same":{"N":"1"},"z":{"S":"2"}}"#;
        assert_eq!(changed(old, new), r#"["added","gone","z"]"#);
    }

    #[test]
    fn type_change_is_a_change() {
        assert_eq!(changed(r#"{"a":{"S":"1"}}"#, r#"{"a":{"N":"1"}}"#), r#"["a"]"#);
        assert_eq!(changed(r#"{"a":{"L":[{"S":"1"}]}}"#, r#"{"a":{"SS":["1"]}}"#), r#"["a"]"#);
    }

    #[test]
    fn list_order_is_a_change_and_set_order_is_not() {
        assert_eq!(changed(r#"{"a":{"NS":["1","2"]}}"#, r#"{"a":{"NS":["2","1"]}}"#), "[]");
        let old = r#"{"a":{"M":{"x":{"SS":["p","q"]},"y":{"N":"1"}}}}"#;
        let new = r#"{"a":{"M":{"y":{"N":"1"}, "x":{"SS":["q","p"]}}}}"#;
        assert_eq!(changed(old, new), "[]");
        assert_eq!(
            changed(r#"{"a":{"L":[{"N":"1"},{"N":"2"}]}}"#, r#"{"a":{"L":[{"N":"2"},{"N":"1"}]}}"#),
            r#"["a"]"#
        );
    }

    #[test]
    fn names_are_sorted_with_escapes_resolved() {
        assert_eq!(
            changed(r#"{"\u0062":{"N":"1"},"a":{"N":"1"}}"#, r#"{"a":{"N":"2"},"b":{"N":"2"}}"#),
            r#"["a","b"]"#
        );
        assert_eq!(changed(r#"{"q\"":{"N":"1"}}"#, "{}"), r#"["q\""]"#);
    }
}
