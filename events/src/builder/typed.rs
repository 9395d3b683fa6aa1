//! Plain JSON to DynamoDB's typed JSON.

use changefan_json::{Cursor, SyntaxError};

use super::BuildError;

/// Attribute values nested deeper than this are refused, as they are in records.
const MAX_DEPTH: u32 = crate::decode::unmarshal::MAX_DEPTH;

/// A plain object as a typed image. `image` names it in an error.
pub(super) fn write_typed(json: &str, image: &'static str) -> Result<String, BuildError> {
    let (mut cursor, mut out) = (Cursor::new(json), String::with_capacity(json.len() * 2));
    match members(&mut cursor, &mut out, 0).and_then(|()| cursor.end()) {
        Ok(()) => Ok(out),
        Err(SyntaxError) => Err(BuildError::at(&cursor, image)),
    }
}

fn members(cursor: &mut Cursor<'_>, out: &mut String, depth: u32) -> Result<(), SyntaxError> {
    out.push('{');
    let empty = out.len();
    cursor.object(|cursor, name| {
        if out.len() > empty {
            out.push(',');
        }
        let name = std::str::from_utf8(name).expect("a name is UTF-8");
        changefan_json::write_string(name, out);
        out.push(':');
        value(cursor, out, depth)
    })?;
    out.push('}');
    Ok(())
}

fn value(cursor: &mut Cursor<'_>, out: &mut String, depth: u32) -> Result<(), SyntaxError> {
    if depth > MAX_DEPTH {
        return cursor.fail("JSON nested at most 50 levels deep");
    }
    match cursor.peek() {
        Some(b'"') => wrap(out, "S", text(cursor.skip_readable()?)),
        Some(b't' | b'f') => wrap(out, "BOOL", text(cursor.skip_readable()?)),
        Some(b'n') => {
            cursor.skip_readable()?;
            wrap(out, "NULL", "true");
        }
        Some(b'{') => {
            out.push_str(r#"{"M":"#);
            members(cursor, out, depth + 1)?;
            out.push('}');
        }
        Some(b'[') => list(cursor, out, depth)?,
        _ => {
            let number = text(cursor.number()?);
            wrap(out, "N", &format!("\"{number}\""));
        }
    }
    Ok(())
}

fn text(part: &[u8]) -> &str {
    std::str::from_utf8(part).expect("a token of a text is UTF-8")
}

fn list(cursor: &mut Cursor<'_>, out: &mut String, depth: u32) -> Result<(), SyntaxError> {
    out.push_str(r#"{"L":["#);
    let empty = out.len();
    cursor.array(|cursor| {
        if out.len() > empty {
            out.push(',');
        }
        value(cursor, out, depth + 1)
    })?;
    out.push_str("]}");
    Ok(())
}

fn wrap(out: &mut String, descriptor: &str, value: &str) {
    out.push_str("{\"");
    out.push_str(descriptor);
    out.push_str("\":");
    out.push_str(value);
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_value_has_a_type() {
        for (plain, typed) in [
            (r#""a\"é""#, r#"{"S":"a\"é"}"#),
            ("-1.50E+3", r#"{"N":"-1.50E+3"}"#),
            ("true", r#"{"BOOL":true}"#),
            ("null", r#"{"NULL":true}"#),
            (r#"{"x":1,"e":{}}"#, r#"{"M":{"x":{"N":"1"},"e":{"M":{}}}}"#),
            (r#"["",[]]"#, r#"{"L":[{"S":""},{"L":[]}]}"#),
        ] {
            let (plain, typed) = (format!(r#"{{"a":{plain}}}"#), format!(r#"{{"a":{typed}}}"#));
            assert_eq!(write_typed(&plain, "keys").unwrap(), typed);
        }
    }

    #[test]
    fn errors_name_the_image_and_the_byte() {
        for (json, at) in [("[]", 0), (r#"{"a":x}"#, 5), ("{} 1", 3), (r#"{"a":tru}"#, 5)] {
            let error = write_typed(json, "keys").unwrap_err();
            assert!(
                matches!(error, BuildError::Image { image: "keys", at: found, .. } if found == at),
                "{json}: {error}"
            );
        }
        assert!(write_typed(&format!("{{\"a\":{}", "[".repeat(1_000_000)), "keys").is_err());
    }
}
