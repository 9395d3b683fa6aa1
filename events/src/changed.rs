//! Which top-level attributes differ between two images.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use crate::buffer::Buffer;
use crate::json::write_string;
use crate::plain::Attribute;
use crate::scanner::unescape;

/// Appends the sorted names of the attributes that differ as a JSON array.
///
/// An attribute that only one image has differs. The order of a set's elements and of a map's members does not count.
pub(crate) fn write_changed(old: &[Attribute<'_>], new: &[Attribute<'_>], out: &mut Buffer) {
    let mut names = changed_in_place(old, new).unwrap_or_else(|| changed_by_name(old, new));
    names.sort_unstable();
    let mut text = String::from("[");
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(name, &mut text);
    }
    text.push(']');
    out.push_str(&text);
}

/// DynamoDB writes both images in the same order, so most updates need no search. `None` when the names are not aligned.
fn changed_in_place<'a>(old: &[Attribute<'a>], new: &[Attribute<'a>]) -> Option<Vec<Cow<'a, str>>> {
    if old.len() != new.len() {
        return None;
    }
    let mut names = Vec::new();
    for (old, new) in old.iter().zip(new) {
        if std::ptr::eq(old.text, new.text) {
            continue; // found in the other image to the letter
        }
        if old.name != new.name {
            return None;
        }
        if !same_value(old.value, new.value) {
            names.push(unescape(old.name));
        }
    }
    Some(names)
}

fn changed_by_name<'a>(old: &[Attribute<'a>], new: &[Attribute<'a>]) -> Vec<Cow<'a, str>> {
    let (old, new) = (sorted(old), sorted(new));
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut names = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((old, _)), Some((new, _))) => old.cmp(new),
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

fn sorted<'a>(attributes: &[Attribute<'a>]) -> Vec<(Cow<'a, str>, &'a str)> {
    let mut sorted: Vec<_> = attributes.iter().map(|attribute| (unescape(attribute.name), attribute.value)).collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    sorted
}

/// Whether two typed values, such as `{"N":"1"}`, are the same.
fn same_value(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    // Scalars without escapes have one spelling.
    let spelled_once =
        |prefix| old.starts_with(prefix) && new.starts_with(prefix) && !old.contains('\\') && !new.contains('\\');
    if spelled_once(r#"{"S":""#) || spelled_once(r#"{"N":""#) {
        return false;
    }
    canonical(old).is_some_and(|value| canonical(new) == Some(value))
}

fn canonical(typed: &str) -> Option<Value> {
    let mut value = serde_json::from_str(typed).ok()?;
    sort_sets(&mut value);
    Some(value)
}

/// Sorts the elements of every set in a typed value.
fn sort_sets(typed: &mut Value) {
    let Value::Object(members) = typed else { return };
    for (descriptor, value) in members {
        match (descriptor.as_str(), value) {
            ("SS" | "NS" | "BS", Value::Array(elements)) => {
                elements.sort_unstable_by(|left, right| left.as_str().cmp(&right.as_str()));
            }
            ("L", Value::Array(elements)) => elements.iter_mut().for_each(sort_sets),
            ("M", Value::Object(members)) => members.values_mut().for_each(sort_sets),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::image;
    use crate::scanner::Scanner;

    fn changed(old: &str, new: &str) -> String {
        let mut out = Buffer::with_room(0);
        let old = image(&mut Scanner::new(old), &mut Buffer::with_room(0), &[]).unwrap();
        let new = image(&mut Scanner::new(new), &mut Buffer::with_room(0), &[]).unwrap();
        write_changed(&old, &new, &mut out);
        out.into_text().unwrap().to_string()
    }

    #[test]
    fn names_of_added_removed_and_updated_attributes_are_sorted() {
        let old = r#"{"z":{"S":"1"},"same":{"N":"1"},"gone":{"BOOL":true}}"#;
        let new = r#"{"added":{"S":"\n"},"same":{"N":"1"},"z":{"S":"2"}}"#;
        assert_eq!(changed(old, new), r#"["added","gone","z"]"#);
    }

    #[test]
    fn a_change_of_type_is_a_change() {
        assert_eq!(changed(r#"{"a":{"S":"1"}}"#, r#"{"a":{"N":"1"}}"#), r#"["a"]"#);
        assert_eq!(changed(r#"{"a":{"L":[{"S":"1"}]}}"#, r#"{"a":{"SS":["1"]}}"#), r#"["a"]"#);
    }

    #[test]
    fn order_in_sets_and_maps_is_no_change_but_in_lists_it_is() {
        assert_eq!(changed(r#"{"a":{"NS":["1","2"]}}"#, r#"{"a":{"NS":["2","1"]}}"#), "[]");
        let old = r#"{"a":{"M":{"x":{"SS":["p","q"]},"y":{"N":"1"}}}}"#;
        let new = r#"{"a":{"M":{"y":{"N":"1"}, "x":{"SS":["q","p"]}}}}"#;
        assert_eq!(changed(old, new), "[]");
        assert_eq!(changed(r#"{"a":{"L":[{"N":"1"},{"N":"2"}]}}"#, r#"{"a":{"L":[{"N":"2"},{"N":"1"}]}}"#), r#"["a"]"#);
    }

    #[test]
    fn escapes_in_names_are_resolved_before_sorting() {
        assert_eq!(
            changed(r#"{"\u0062":{"N":"1"},"a":{"N":"1"}}"#, r#"{"a":{"N":"2"},"b":{"N":"2"}}"#),
            r#"["a","b"]"#
        );
        assert_eq!(changed(r#"{"q\"":{"N":"1"}}"#, "{}"), r#"["q\""]"#);
    }
}
