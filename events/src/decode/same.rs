//! Whether two typed values are the same, without a tree of them.

use changefan_json::{Cursor, JsonStr, SyntaxError};

/// Whether two typed values, such as `{"N":"1"}`, are the same. The order of a set's elements and
/// of a map's members does not count. Both were read as attribute values before, so that they are
/// nested at most 50 levels deep.
pub(super) fn same_value(old: &[u8], new: &[u8]) -> bool {
    if old == new {
        return true;
    }
    if are_spelled_once(old, new, br#"{"S":""#) || are_spelled_once(old, new, br#"{"N":""#) {
        return false;
    }
    let same = same_typed(&mut Cursor::new(old), &mut Cursor::new(new));
    same.expect("values were read before they are compared")
}

/// Whether both values are scalars of one type without escapes, which have one spelling.
fn are_spelled_once(old: &[u8], new: &[u8], prefix: &[u8]) -> bool {
    let is_plain = |text: &[u8]| text.starts_with(prefix) && !text.contains(&b'\\');
    is_plain(old) && is_plain(new)
}

/// Reads a typed value from each cursor. The cursors are past their values only if these are the
/// same.
fn same_typed(old: &mut Cursor<'_>, new: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    let descriptor = open(old)?;
    if descriptor.resolve_bytes() != open(new)?.resolve_bytes() {
        return Ok(false);
    }
    let same = match descriptor.resolve_bytes().as_ref() {
        b"M" => same_maps(old, new)?,
        b"L" => same_lists(old, new)?,
        b"SS" | b"NS" | b"BS" => same_sets(old, new)?,
        b"BOOL" | b"NULL" => old.boolean()? == new.boolean()?,
        _ => old.string()?.resolve_bytes() == new.string()?.resolve_bytes(),
    };
    Ok(same && close(old)? && close(new)?)
}

fn open<'a>(cursor: &mut Cursor<'a>) -> Result<JsonStr<'a>, SyntaxError> {
    cursor.expect(b'{', "an attribute value")?;
    let descriptor = cursor.string()?;
    cursor.expect(b':', "`:`")?;
    Ok(descriptor)
}

fn close(cursor: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    cursor.expect(b'}', "`}`").map(|()| true)
}

/// The members are sorted before any value is compared: a second comparison at each level would
/// take exponential time.
fn same_maps(old: &mut Cursor<'_>, new: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    let (old, new) = (members(old)?, members(new)?);
    if old.len() != new.len() {
        return Ok(false);
    }
    for ((old_name, old), (new_name, new)) in old.into_iter().zip(new) {
        if old_name.resolve_bytes() != new_name.resolve_bytes() {
            return Ok(false);
        }
        if old != new && !same_typed(&mut Cursor::new(old), &mut Cursor::new(new))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Names and values of a map, by name.
fn members<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<(JsonStr<'a>, &'a [u8])>, SyntaxError> {
    let mut members = Vec::new();
    cursor.expect(b'{', "an object")?;
    if cursor.eat(b'}') {
        return Ok(members);
    }
    loop {
        let name = cursor.string()?;
        cursor.expect(b':', "`:`")?;
        members.push((name, cursor.skip()?));
        if !cursor.eat(b',') {
            cursor.expect(b'}', "`,` or `}`")?;
            members.sort_unstable_by(|(left, _), (right, _)| compare(*left, *right));
            return Ok(members);
        }
    }
}

fn same_lists(old: &mut Cursor<'_>, new: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    old.expect(b'[', "an array")?;
    new.expect(b'[', "an array")?;
    loop {
        match (old.eat(b']'), new.eat(b']')) {
            (true, true) => return Ok(true),
            (false, false) => {}
            _ => return Ok(false),
        }
        if !same_typed(old, new)? {
            return Ok(false);
        }
        old.eat(b',');
        new.eat(b',');
    }
}

fn same_sets(old: &mut Cursor<'_>, new: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    let (old, new) = (elements(old)?, elements(new)?);
    let mut pairs = old.iter().zip(&new);
    Ok(old.len() == new.len() && pairs.all(|(old, new)| compare(*old, *new).is_eq()))
}

/// The elements of a set, sorted.
fn elements<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<JsonStr<'a>>, SyntaxError> {
    let mut elements = Vec::new();
    cursor.array(|cursor| cursor.string().map(|element| elements.push(element)))?;
    elements.sort_unstable_by(|left, right| compare(*left, *right));
    Ok(elements)
}

fn compare(left: JsonStr<'_>, right: JsonStr<'_>) -> std::cmp::Ordering {
    left.resolve_bytes().cmp(&right.resolve_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(old: &str, new: &str) -> bool {
        same_value(old.as_bytes(), new.as_bytes())
    }

    #[test]
    fn equal_values_are_equal_in_any_notation() {
        for (old, new) in [
            (r#"{"S":"\u0061"}"#, r#"{ "S" : "a" }"#),
            (r#"{"NS":["1","2","2.0"]}"#, r#"{"NS":["2.0","1","2"]}"#),
            (r#"{"M":{"a":{"L":[]},"b":{"M":{}}}}"#, r#"{"M":{"\u0062":{"M":{}},"a":{"L":[ ]}}}"#),
            (
                r#"{"L":[{"SS":["p","q"]},{"NULL":true}]}"#,
                r#"{"L":[{"SS":["q","p"]}, {"NULL":true}]}"#,
            ),
        ] {
            assert!(same(old, new), "{old} {new}");
        }
    }

    #[test]
    fn different_values_differ_at_every_level() {
        for (old, new) in [
            (r#"{"S":"1"}"#, r#"{"N":"1"}"#),
            (r#"{"B":"AA=="}"#, r#"{"B":"AQ=="}"#),
            (r#"{"BOOL":true}"#, r#"{"BOOL":false}"#),
            (r#"{"NS":["1","1"]}"#, r#"{"NS":["1","2"]}"#),
            (r#"{"NS":["1"]}"#, r#"{"NS":["1","2"]}"#),
            (r#"{"L":[{"N":"1"}]}"#, r#"{"L":[{"N":"1"},{"N":"2"}]}"#),
            (r#"{"L":[{"N":"1"},{"N":"2"}]}"#, r#"{"L":[{"N":"2"},{"N":"1"}]}"#),
            (r#"{"M":{"a":{"N":"1"}}}"#, r#"{"M":{"b":{"N":"1"}}}"#),
            (r#"{"M":{"a":{"N":"1"}}}"#, r#"{"M":{"a":{"N":"2"}}}"#),
            (r#"{"M":{"a":{"N":"1"}}}"#, r#"{"M":{}}"#),
            (r#"{"L":[{"L":[{"S":"a"}]},{"N":"1"}]}"#, r#"{"L":[{"L":[{"S":"b"}]},{"N":"1"}]}"#),
        ] {
            assert!(!same(old, new), "{old} {new}");
        }
    }

    #[test]
    fn deeply_nested_maps_are_compared_in_linear_time() {
        let nested = |leaf: &str, swap: bool| {
            (0..48).fold(leaf.to_owned(), |inner, _| {
                let (a, z) = (format!(r#""a":{inner}"#), r#""z":{"N":"1"}"#);
                let members = if swap { format!("{z},{a}") } else { format!("{a},{z}") };
                format!(r#"{{"M":{{{members}}}}}"#)
            })
        };
        let (one, two) = (r#"{"N":"1"}"#, r#"{"N":"2"}"#);
        assert!(same(&nested(one, false), &nested(one, true)));
        assert!(!same(&nested(one, false), &nested(two, true)));
    }
}
