//! The format `rows` a second time, over trees.

use changefan_events::{ChangeEvent, Operation};
use serde_json::{Map, Value, json};

use crate::oracle::{appended, number, plain_image};

/// Keys and images are canonical text, and the typed images can be rebuilt from it.
pub fn check_row(line: &Value, event: &ChangeEvent, record: &Value) {
    let text = |name: &str| line[name].as_str();
    if event.operation() == Operation::Append {
        assert_eq!((text("keys"), text("old"), text("types")), (Some("{}"), None, None));
        if let Some(content) = appended(record) {
            assert_eq!(respelled(text("new").expect("a text")), content.to_string());
        }
        return;
    }
    let types: Value = serde_json::from_str(text("types").unwrap_or("null")).expect("JSON");
    for (name, member) in [("keys", "Keys"), ("old", "OldImage"), ("new", "NewImage")] {
        let Some(typed) = normal_image(&record["dynamodb"][member]) else {
            assert_eq!(text(name), if name == "keys" { Some("{}") } else { None });
            continue;
        };
        let found = text(name).expect("a text");
        // serde_json sorts members and escapes as little as JSON allows.
        assert_eq!(respelled(found), plain_image(&typed, number).to_string());
        let plain: Value = serde_json::from_str(found).expect("JSON");
        assert_eq!(rebuilt_members(&plain, "", &types[name]), typed);
    }
}

/// A JSON text whose numbers are spelled as serde_json spells them.
fn respelled(json: &str) -> String {
    let (mut out, mut rest) = (String::new(), json);
    while let Some(first) = rest.chars().next() {
        let is_number = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => rest.bytes().take_while(|byte| is_number(byte)).count(),
            other => other.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        match first {
            '-' | '0'..='9' => out.push_str(&number(token).to_string()),
            _ => out.push_str(token),
        }
        rest = behind;
    }
    out
}

/// The length of the string that the text starts with.
fn string_length(json: &str) -> usize {
    let mut is_escape = false;
    let end = json.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !is_escape;
        is_escape = byte == b'\\' && !is_escape;
        ends
    });
    end.expect("a closing quote") + 2
}

/// A typed image whose sets are sorted and whose numbers are spelled as serde_json spells them.
fn normal_image(image: &Value) -> Option<Value> {
    image.as_object().map(|members| normal_members(members).into())
}

fn normal_members(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().map(|(name, typed)| (name.clone(), normal_value(typed))).collect()
}

fn normal_value(typed: &Value) -> Value {
    let (descriptor, value) =
        typed.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    let value = match (descriptor.as_str(), value) {
        ("N", Value::String(text)) => number(text).to_string().into(),
        ("NULL", _) => true.into(),
        ("SS" | "NS" | "BS", Value::Array(elements)) => {
            let mut elements = elements.clone();
            elements.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
            elements.iter().map(|element| normal_element(descriptor, element)).collect()
        }
        ("L", Value::Array(elements)) => elements.iter().map(normal_value).collect(),
        ("M", Value::Object(members)) => normal_members(members).into(),
        _ => value.clone(),
    };
    json!({ descriptor: value })
}

fn normal_element(descriptor: &str, element: &Value) -> Value {
    match element.as_str() {
        Some(text) if descriptor == "NS" => number(text).to_string().into(),
        _ => element.clone(),
    }
}

fn rebuilt_members(plain: &Value, pointer: &str, types: &Value) -> Value {
    let members = plain.as_object().expect("an object").iter();
    let rebuilt = members.map(|(name, value)| {
        let token = name.replace('~', "~0").replace('/', "~1");
        (name.clone(), rebuilt(value, &format!("{pointer}/{token}"), types))
    });
    rebuilt.collect()
}

fn rebuilt(plain: &Value, pointer: &str, types: &Value) -> Value {
    let descriptor = types.get(pointer).and_then(Value::as_str);
    match (plain, descriptor) {
        (Value::Array(elements), Some("NS")) => {
            json!({ "NS": elements.iter().map(Value::to_string).collect::<Vec<_>>() })
        }
        (_, Some(descriptor)) => json!({ descriptor: plain }),
        (Value::Null, None) => json!({ "NULL": true }),
        (Value::Bool(_), None) => json!({ "BOOL": plain }),
        (Value::Number(number), None) => json!({ "N": number.to_string() }),
        (Value::String(_), None) => json!({ "S": plain }),
        (Value::Array(elements), None) => {
            let elements = elements.iter().enumerate();
            let elements = elements
                .map(|(index, element)| rebuilt(element, &format!("{pointer}/{index}"), types));
            json!({ "L": elements.collect::<Vec<_>>() })
        }
        (Value::Object(_), None) => json!({ "M": rebuilt_members(plain, pointer, types) }),
    }
}
