//! Values, as some writer writes them and in canonical form, by way of maps.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::labels::Label;

/// JSON whose arrays may be sets.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Literal(String),
    String(String),
    Array(Vec<Self>),
    /// Without two equal elements.
    Set(Vec<Self>),
    Object(Vec<(String, Self)>),
}

pub(super) const SET: u8 = 7;
pub(super) const OTHER: u8 = 8;

impl Value {
    /// As some writer writes it, with the labels of its sets, and of its strings that start with a
    /// digit.
    pub(super) fn write(
        &self,
        escape: bool,
        space: &str,
        out: &mut String,
        labels: &mut Vec<Label>,
    ) {
        let mut label = |kind, out: &String| labels.push(Label { at: out.len() as u32, kind });
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::String(text) => {
                if text.starts_with(|first: char| first.is_ascii_digit()) {
                    label(OTHER, out);
                }
                out.push_str(&quote(text, escape));
            }
            Self::Array(elements) | Self::Set(elements) => {
                if matches!(self, Self::Set(_)) {
                    label(SET, out);
                }
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(space);
                    element.write(escape, space, out, labels);
                    out.push_str(space);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(&format!("{space}{}{space}:{space}", quote(name, escape)));
                    value.write(escape, space, out, labels);
                    out.push_str(space);
                }
                out.push('}');
            }
        }
    }

    /// What it is sorted by in a set.
    fn text(&self) -> &str {
        match self {
            Self::Literal(text) | Self::String(text) => text,
            _ => "",
        }
    }

    /// The canonical text and the pointers to labelled values, by way of maps that are sorted.
    pub(super) fn canonical(&self, pointer: &str, pointers: &mut BTreeMap<String, u8>) -> String {
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        match self {
            Self::Literal(text) => text.clone(),
            Self::String(text) => {
                if text.starts_with(|first: char| first.is_ascii_digit()) {
                    pointers.insert(pointer.to_owned(), OTHER);
                }
                quote(text, false)
            }
            Self::Array(elements) => array(elements.iter().enumerate().map(|(index, element)| {
                element.canonical(&format!("{pointer}/{index}"), pointers)
            })),
            Self::Set(elements) => {
                pointers.insert(pointer.to_owned(), SET);
                let mut elements = elements.clone();
                elements.sort_by(|left, right| left.text().cmp(right.text()));
                array(elements.iter().map(|element| element.canonical("", &mut BTreeMap::new())))
            }
            Self::Object(members) => {
                let members: BTreeMap<&String, &Self> =
                    members.iter().map(|(name, value)| (name, value)).collect();
                let members = members.iter().map(|(name, value)| {
                    let value = value.canonical(&format!("{pointer}/{}", escaped(name)), pointers);
                    format!("{}:{value}", quote(name, false))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

pub(super) fn quote(text: &str, escape: bool) -> String {
    if !escape {
        return serde_json::to_string(text).unwrap();
    }
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
    format!("\"{units}\"")
}

/// Names and texts that fill windows, share beginnings, and need escapes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{0,3}",
        "prefix_[ab]{0,30}",
        "[a-z]{12,70}",
        "[~/\"\\\\\u{0}-\u{20}é😀]{0,5}",
        "[0-9]{1,3}"
    ]
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof!["(true|false|null)", "-?[1-9][0-9]{0,50}(E[-+][1-9])?"]
}

fn set() -> impl Strategy<Value = Value> {
    let numbers = btree_map("-?[1-9][0-9]{0,40}", Just(()), 1..5)
        .prop_map(|set| set.into_keys().map(Value::Literal).collect::<Vec<_>>());
    // A label of an element of a set is one of no type.
    let texts = btree_map("[^0-9].{0,40}", Just(()), 1..5)
        .prop_map(|set| set.into_keys().map(Value::String).collect::<Vec<_>>());
    prop_oneof![numbers, texts].prop_shuffle().prop_map(Value::Set)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![literal().prop_map(Value::Literal), text().prop_map(Value::String), set()];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            vec((text(), inner), 0..6).prop_map(Value::Object),
        ]
    })
}

/// An object. Several members can have one name.
fn object() -> impl Strategy<Value = Value> {
    vec((text(), value()), 0..9).prop_map(Value::Object)
}

/// An object and what became of it.
pub(super) fn objects() -> impl Strategy<Value = (Value, Value)> {
    (object(), object(), any::<u8>()).prop_map(|(old, other, same)| {
        let (Value::Object(members), Value::Object(others)) = (&old, &other) else {
            unreachable!("both are objects")
        };
        let mut new = members.clone();
        for (index, member) in others.iter().enumerate().filter(|(index, _)| same >> index & 1 == 0)
        {
            match new.get_mut(index) {
                Some(replaced) if same >> 7 == 0 => replaced.1 = member.1.clone(),
                Some(replaced) => *replaced = member.clone(),
                None => new.push(member.clone()),
            }
        }
        (old.clone(), Value::Object(new))
    })
}

/// Two versions of an item with objects inside. Its attributes are mostly the same ones.
pub(super) fn records() -> impl Strategy<Value = [Value; 2]> {
    let value = || prop_oneof![Just("1"), Just("22")].prop_map(|text| Value::Literal(text.into()));
    let inside = vec(("[a-e]", value()), 0..3).prop_map(Value::Object).boxed();
    let list = vec(inside.clone(), 0..3).prop_map(Value::Array).boxed();
    let member = move || prop_oneof![value(), list.clone(), inside.clone()];
    let item = move || ["m", "a", "z"].map(|name| (Just(name.to_owned()), member()));
    let item = move || item().prop_map(|members| Value::Object(members.to_vec()));
    [item(), item()]
}
