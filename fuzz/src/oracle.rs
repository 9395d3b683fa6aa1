//! DynamoDB's typed JSON to plain JSON a second time, over a tree: slow and simple.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// How the text of an `N` becomes a plain value.
pub type FromText = fn(&str) -> Value;

/// As a JSON number. serde_json always spells its exponent with a lowercase e.
pub fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}

/// As a JSON string, byte for byte.
pub fn string(text: &str) -> Value {
    text.into()
}

/// A typed image as plain JSON; null stays null.
pub fn plain_image(image: &Value, numbers: FromText) -> Value {
    match image {
        Value::Object(attributes) => plain_members(attributes, numbers),
        _ => Value::Null,
    }
}

fn plain_members(members: &Map<String, Value>, numbers: FromText) -> Value {
    members.iter().map(|(name, typed)| (name.clone(), plain_value(typed, numbers))).collect()
}

fn plain_value(typed: &Value, numbers: FromText) -> Value {
    let (descriptor, value) =
        typed.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    match (descriptor.as_str(), value) {
        ("N", Value::String(text)) => numbers(text),
        ("NS", Value::Array(texts)) => {
            texts.iter().map(|text| numbers(text.as_str().expect("text"))).collect()
        }
        ("L", Value::Array(values)) => {
            values.iter().map(|value| plain_value(value, numbers)).collect()
        }
        ("M", Value::Object(members)) => plain_members(members, numbers),
        ("NULL", _) => Value::Null,
        _ => value.clone(),
    }
}

/// The value with each number as a string.
pub fn with_numbers_as_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(values) => values.into_iter().map(with_numbers_as_strings).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, with_numbers_as_strings(value)))
            .collect(),
        other => other,
    }
}

/// The value with each number as a string, and with each string that is a number in serde_json's
/// spelling.
pub fn spelled_alike(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Number(number)) => Value::String(number.to_string()),
            _ => Value::String(text),
        },
        Value::Array(values) => values.into_iter().map(spelled_alike).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, spelled_alike(value))).collect()
        }
        other => other,
    }
}

/// The content of a Kinesis record that is neither an aggregate nor a change; `None` when it has no
/// valid `data`.
pub fn appended(record: &Value) -> Option<Value> {
    let nested = record["kinesis"].is_object();
    let data =
        if nested { record["kinesis"]["data"].as_str()? } else { record["data"].as_str()? };
    let bytes = STANDARD.decode(data).ok()?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Some(serde_json::json!({ "data_base64": data }));
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Some(Value::Object(members)),
        _ => Some(serde_json::json!({ "data": text })),
    }
}
