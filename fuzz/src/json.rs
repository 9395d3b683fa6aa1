//! What must hold for the JSON machinery alone, checked against serde_json.

use changefan_json::{Cursor, Output, write_line, write_numbers_as_strings, write_string};
use serde_json::Value;

use crate::oracle::{spelled_alike, with_numbers_as_strings};

/// Skipping and reading agree with serde_json on what JSON is and what it means.
pub fn check_cursor(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let reference: Option<Value> = serde_json::from_str(text).ok();
    let mut cursor = Cursor::new(text);
    let skipped = cursor.skip().is_ok() && cursor.end().is_ok();
    let mut cursor = Cursor::new(text);
    let readable = cursor.skip_readable().is_ok() && cursor.end().is_ok();
    assert!(skipped || !readable, "readable JSON that is not JSON");
    assert!(reference.is_none() || skipped, "serde_json reads what was refused");
    if readable && !crate::is_beyond_the_oracle(data) {
        assert_eq!(reference, rebuilt(&mut Cursor::new(text)));
    }
}

/// The value at the cursor, by every way to read one.
fn rebuilt(cursor: &mut Cursor<'_>) -> Option<Value> {
    match cursor.peek()? {
        b'"' => copied_string(cursor).map(Value::String),
        b'{' => {
            let mut members = serde_json::Map::new();
            let read = cursor.object(|cursor, name| {
                let name = String::from_utf8(name.to_vec()).expect("a name is UTF-8");
                members.insert(name, rebuilt(cursor).expect("a value"));
                Ok(())
            });
            read.ok().map(|()| Value::Object(members))
        }
        b'[' => {
            let mut elements = Vec::new();
            let read = cursor.array(|cursor| {
                elements.push(rebuilt(cursor).expect("a value"));
                Ok(())
            });
            read.ok().map(|()| Value::Array(elements))
        }
        b't' | b'f' => cursor.boolean().ok().map(Value::Bool),
        b'n' => cursor.null().then_some(Value::Null),
        _ => serde_json::from_slice(cursor.number().ok()?).ok(),
    }
}

/// A string that is read and copied: both must end at the same byte and mean the same.
fn copied_string(cursor: &mut Cursor<'_>) -> Option<String> {
    let (mut copy, mut out) = (cursor.clone(), Output::new());
    let string = cursor.string().ok()?.resolve().into_owned();
    copy.copy_string(&mut out).expect("what is read can be copied");
    assert_eq!(copy.position(), cursor.position());
    let copied = out.into_text().expect("UTF-8");
    assert_eq!(serde_json::from_str::<String>(&copied).expect("a JSON string"), string);
    Some(string)
}

/// Rewritten text means the same.
pub fn check_rewrite(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut string = String::new();
    write_string(text, &mut string);
    assert_eq!(string, Value::String(text.to_owned()).to_string());
    let (Ok(value), false) =
        (serde_json::from_str::<Value>(text), crate::is_beyond_the_oracle(data))
    else {
        return;
    };
    let mut line = String::new();
    write_line(data, &mut line);
    assert!(!line.contains(['\n', '\r']));
    assert_eq!(serde_json::from_str::<Value>(&line).expect("one line of JSON"), value);
    let mut strings = String::new();
    write_numbers_as_strings(data, &mut strings);
    let strings: Value = serde_json::from_str(&strings).expect("JSON");
    assert_eq!(spelled_alike(strings), spelled_alike(with_numbers_as_strings(value)));
}
