//! Canonical text beside that of maps and of serde_json.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

/// JSON whose arrays may be sets.
#[derive(Clone, Debug)]
enum Value {
    Literal(String),
    String(String),
    Array(Vec<Self>),
    /// Without two equal elements.
    Set(Vec<Self>),
    Object(Vec<(String, Self)>),
}

const SET: u8 = 7;
const OTHER: u8 = 8;

impl Value {
    /// As some writer writes it, with the labels of its sets, and of its strings that start with a
    /// digit.
    fn write(&self, escape: bool, space: &str, out: &mut String, labels: &mut Vec<Label>) {
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
    fn canonical(&self, pointer: &str, pointers: &mut BTreeMap<String, u8>) -> String {
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

fn quote(text: &str, escape: bool) -> String {
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
fn objects() -> impl Strategy<Value = (Value, Value)> {
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

fn describe(kind: u8) -> &'static str {
    if kind == SET { "set" } else { "other" }
}

/// What is written of objects in one text, and of their labels.
fn written(
    text: &str,
    labels: &[Label],
    starts: &[usize],
    scratch: &mut Scratch,
) -> Vec<[String; 2]> {
    let mut canonical = Canonical::new(text, labels, |kind| kind == SET, scratch);
    let mut out = Output::new();
    let mut ends = Vec::new();
    let mut labelled = Vec::new();
    for (&start, version) in starts.iter().zip([Version::Old, Version::New, Version::Only]) {
        labelled.push(canonical.write_in_string(start, version, &mut out));
        ends.push(out.len());
    }
    for labelled in &labelled {
        canonical.write_labels_in_string(labelled, describe, &mut out);
        ends.push(out.len());
    }
    let out = out.into_text().unwrap();
    let part = |index: usize| {
        let start = if index == 0 { 0 } else { ends[index - 1] };
        serde_json::from_str::<String>(&format!("\"{}\"", &out[start..ends[index]])).unwrap()
    };
    (0..starts.len()).map(|index| [part(index), part(starts.len() + index)]).collect()
}

fn expected(object: &Value) -> [String; 2] {
    let mut pointers = BTreeMap::new();
    let text = object.canonical("", &mut pointers);
    let pointers: Vec<String> = pointers
        .iter()
        .map(|(pointer, kind)| format!("{}:\"{}\"", quote(pointer, false), describe(*kind)))
        .collect();
    [text, pointers.join(",")]
}

proptest! {
    #[test]
    fn objects_are_canonical(
        (old, new) in objects(),
        escape: bool,
        space in prop_oneof![Just(""), Just(" "), Just("\n\t ")],
        ending in prop_oneof![Just(0_usize), Just(100)],
    ) {
        let (mut text, mut labels) = (String::new(), Vec::new());
        let mut starts = Vec::new();
        for object in [&old, &new, &old] {
            starts.push(text.len());
            object.write(escape, space, &mut text, &mut labels);
        }
        text.push_str(&"x".repeat(ending));
        let mut scratch = Scratch::default();
        for order in [[0, 1, 2], [1, 0, 0]] {
            let found = written(&text, &labels, &order.map(|at| starts[at]), &mut scratch);
            let objects = order.map(|at| expected([&old, &new, &old][at]));
            prop_assert_eq!(found, objects.to_vec());
        }
    }
}

/// The new version is the same as the old one, and begins as an object of another shape does.
#[test]
fn new_version_has_the_order_of_its_own_names() {
    let [old, other] = [r#"{"id":"a","n":1}"#, r#"{"id":"a","b":1}"#];
    let text = [old, other, old].concat() + &" ".repeat(64);
    let [first, second, third] = [0, old.len(), old.len() + other.len()];
    let mut scratch = Scratch::default();
    for new in [second, second, third] {
        let found = written(&text, &[], &[first, new], &mut scratch);
        let expected = if new == third { old } else { r#"{"b":1,"id":"a"}"# };
        assert_eq!([&found[0][0], &found[1][0]], [old, expected]);
    }
}

/// The text of the new version is the same, but an array of the old one is a set now, and a string
/// has lost its label.
#[test]
fn new_version_has_its_own_labels() {
    let object = r#"{"a":1,"s":"7","l":["c","b"],"z":"end"}"#;
    let text = object.repeat(3) + &" ".repeat(64);
    let at = |object_at: usize, value: &str| (object_at + object.find(value).unwrap()) as u32;
    let [old, new] = [object.len(), 2 * object.len()];
    let labels =
        [Label { at: at(old, "\"7"), kind: OTHER }, Label { at: at(new, "[\"c"), kind: SET }];
    let mut scratch = Scratch::default();
    // The first one teaches the shape.
    written(&text, &labels, &[0], &mut scratch);
    let found = written(&text, &labels, &[old, new], &mut scratch);
    let expected = [
        [r#"{"a":1,"l":["c","b"],"s":"7","z":"end"}"#, r#""/s":"other""#],
        [r#"{"a":1,"l":["b","c"],"s":"7","z":"end"}"#, r#""/l":"set""#],
    ];
    assert_eq!(found, expected);
}

/// Each object of this one is tried with the shape of another. Without a limit the innermost one
/// would be read two to the power of their number times.
#[test]
fn nested_objects_of_other_shapes_are_read_a_few_times() {
    let like = r#"{"a":1,"b":2}"#;
    let nested = format!("{}1{}", r#"{"a":"#.repeat(60), r#","c":2}"#.repeat(60));
    let text = format!("{like}{nested}");
    let mut scratch = Scratch::default();
    let [[like_written, _], [nested_written, _]] =
        &written(&text, &[], &[0, like.len()], &mut scratch)[..]
    else {
        panic!("two objects are written")
    };
    assert_eq!([like_written, nested_written], [like, &nested]);
}
